import Kernel

/// The threads that make the calls that can block, so that the engine thread makes none.
///
/// Jobs of one lane run one after another, in order; a program is a lane, so its log files exist before it is spawned
/// and one that hangs holds up only itself. There are `base` threads, started when first needed. A thread that hangs
/// in a call (a dead network path) is replaced, up to `limit` threads in all; beyond that, jobs wait. Replacements end
/// when they find nothing to do, but for those that started a program: its death signal would take their end for ours
/// (prctl(2), `PR_SET_PDEATHSIG`).
final class WorkerPool: Sendable {
    typealias Lane = UInt64
    /// What is left to do of a job when others of its lane may begin.
    typealias Rest = @Sendable () -> Void

    private struct Job: Sendable {
        var number: UInt64 = 0
        var lane: Lane?
        var isBirth = false
        var work: @Sendable () -> Rest?
    }

    /// Jobs that wait, oldest first; those before `next` are taken. A start of thousands of programs is one line, so
    /// nothing is moved or copied for each.
    private struct Line {
        var jobs: [Job] = []
        var next = 0

        var isEmpty: Bool { next == jobs.count }
        var count: Int { jobs.count - next }

        mutating func take() -> Job? {
            guard !isEmpty else { return nil }
            let job = jobs[next]
            next += 1
            if isEmpty {
                jobs.removeAll(keepingCapacity: jobs.count <= 64)
                next = 0
            } else if next >= 1024 {
                jobs.removeFirst(next)
                next = 0
            }
            return job
        }
    }

    private struct State {
        /// Jobs whose lane is free.
        var ready = Line()
        /// Rests of jobs that were begun.
        var begun = Line()
        /// Jobs behind one of the same lane, by lane. A lane with a key here is in use.
        var waiting: [Lane: Line] = [:]
        /// The job that holds a lane.
        var holders: [Lane: UInt64] = [:]
        var submitted: UInt64 = 0
        var threads = 0
        var idle = 0
        /// Jobs taken so far: tells whether anybody makes progress.
        var taken: UInt64 = 0
        var isStopping = false
        var lentThreadWorks = false

        var hasReadyJobs: Bool { !ready.isEmpty || !begun.isEmpty }

        mutating func push(_ job: Job) { ready.jobs.append(job) }

        /// Counts a thread that is to be started for the newest ready job.
        mutating func need(base: Int) -> Need {
            if idle >= ready.count { return .call }
            guard threads < base else { return .nothing }
            threads += 1
            return .thread
        }

        /// First jobs are begun, as far as they may; then the oldest of them is ended.
        mutating func take() -> Job? {
            let isFull = begun.count >= max(threads, 1) * WorkerPool.ahead
            guard let job = isFull ? begun.take() : ready.take() ?? begun.take() else { return nil }
            taken &+= 1
            return job
        }

        /// The job `holder` of `lane` has ended, or is overtaken: the next one may run. Does nothing for one that was
        /// overtaken before.
        mutating func free(_ lane: Lane, of holder: UInt64) {
            guard holders[lane] == holder else { return }
            if let next = waiting[lane]?.take() {
                holders[lane] = next.number
                push(next)
            } else {
                waiting[lane] = nil
                holders[lane] = nil
            }
        }
    }

    /// So many jobs of a thread are under way at once. What others do when one of them has ended does not hold up the next
    /// few meanwhile.
    private static let ahead = 8

    /// Threads kept.
    let base: Int
    /// Threads at most, hanging ones included.
    let limit: Int
    /// The thread that somebody lends to the pool (`HostThread.current`).
    let lentThread: UInt?
    private let state = Monitor(State())

    /// `isLent`: one of the `base` threads is this one, which will call `serve`.
    init(base: Int = 3, limit: Int = 64, isLent: Bool = false) {
        self.base = base
        self.limit = limit
        lentThread = isLent ? HostThread.current : nil
        if isLent { state.withLock { $0.threads = 1 } }
    }

    /// Lends the calling thread, which made the pool, until that is stopped.
    func serve() {
        work(isParent: true, isLent: true)
    }

    /// Whether the thread that was lent is at a job, which may hang.
    var lentThreadWorks: Bool { state.withLock { $0.lentThreadWorks } }

    /// Queues a job. Never blocks.
    func submit(lane: Lane? = nil, _ work: @escaping @Sendable () -> Void) {
        submit(lane: lane, isBirth: false) {
            work()
            return nil
        }
    }

    /// The same for a job whose rest may be done while others are begun, on any thread. `isBirth`: it makes its own the
    /// parent of a program.
    func submit(lane: Lane?, isBirth: Bool, _ work: @escaping @Sendable () -> Rest?) {
        let need = state.withLock { state -> Need in
            state.submitted &+= 1
            let job = Job(number: state.submitted, lane: lane, isBirth: isBirth, work: work)
            if let lane {
                if state.waiting[lane] != nil {
                    state.waiting[lane]?.jobs.append(job)
                    return .nothing
                }
                state.waiting[lane] = Line()
                state.holders[lane] = job.number
            }
            state.push(job)
            return state.need(base: base)
        }
        meet(need)
    }

    /// The job that holds `lane` while others wait behind it; `nil` when none waits.
    func stall(of lane: Lane) -> UInt64? {
        state.withLock { $0.waiting[lane]?.isEmpty == false ? $0.holders[lane] : nil }
    }

    /// Lets the next job of `lane` run although `holder` has not ended, if it is still the one that holds the lane.
    func overtake(_ lane: Lane, since holder: UInt64) {
        let need = state.withLock { state -> Need in
            guard state.holders[lane] == holder, state.waiting[lane]?.isEmpty == false else { return .nothing }
            state.free(lane, of: holder)
            return state.need(base: base)
        }
        meet(need)
    }

    /// What a job that has become ready needs to be run.
    private enum Need { case nothing, call, thread }

    private func meet(_ need: Need) {
        switch need {
        case .nothing: break
        case .call: state.callOne()
        case .thread: startThread()
        }
    }

    /// A mark of progress for `relieve`; `nil` when no job waits for a thread.
    var starvation: UInt64? {
        state.withLock { $0.hasReadyJobs && $0.idle == 0 ? $0.taken : nil }
    }

    /// Adds a thread when jobs still wait and none was taken since `mark`: every thread hangs. To be called some time
    /// after `starvation` gave the mark.
    func relieve(since mark: UInt64) {
        let adds = state.withLock { state in
            guard state.hasReadyJobs, state.idle == 0, state.taken == mark, state.threads < limit else { return false }
            state.threads += 1
            return true
        }
        if adds { startThread() }
    }

    /// Ends the threads as they become free; queued jobs are dropped. Those that hang are left behind.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.ready = Line()
            state.waiting = [:]
            state.holders = [:]
        }
        state.callAll()
    }

    /// Whether nothing is done or waits to be.
    var isQuiet: Bool { state.withLock { !$0.hasReadyJobs && $0.holders.isEmpty && $0.idle == $0.threads } }

    /// How many threads there are now.
    var threadCount: Int { state.withLock { $0.threads } }

    private func startThread() {
        guard HostThread.start({ [self] in work() }) != nil else { return }
        // No thread to be had: those that are there will come to the job. Without any, do it here rather than never.
        state.withLock { $0.threads -= 1 }
        while let orphan = state.withLock({ $0.threads == 0 ? $0.take() : nil }) { run(orphan) }
    }

    private func work(isParent begins: Bool = false, isLent: Bool = false) {
        var isParent = begins
        while let job = next(isParent) {
            isParent = isParent || job.isBirth
            if isLent { state.withLock { $0.lentThreadWorks = true } }
            run(job)
            if isLent { state.withLock { $0.lentThreadWorks = false } }
        }
    }

    private func run(_ job: Job) {
        let rest = job.work()
        guard rest != nil || job.lane != nil else { return }
        state.withLock { state in
            if let lane = job.lane { state.free(lane, of: job.number) }
            guard let rest else { return }
            state.begun.jobs.append(
                Job {
                    rest()
                    return nil
                })
        }
    }

    /// The next job; `nil` when the thread is to end.
    private func next(_ isParent: Bool) -> Job? {
        var isCounted = false
        return state.sleep { state -> Job?? in
            if isCounted { state.idle -= 1 }
            isCounted = false
            // What was begun is ended in any case.
            if let job = state.isStopping ? state.begun.take() : state.take() { return .some(job) }
            if state.isStopping || (state.threads > base && !isParent) {
                state.threads -= 1
                return .some(nil)
            }
            state.idle += 1
            isCounted = true
            return nil
        }
    }
}
