import Kernel

/// The threads that make the calls that can block, so that the engine thread makes none.
///
/// Jobs of one lane run one after another, in order; a program is a lane, so its log files exist before it is spawned
/// and one that hangs holds up only itself. There are `base` threads, started when first needed. A thread that hangs
/// in a call (a dead network path) is replaced, up to `limit` threads in all; beyond that, jobs wait. Replacements end
/// when they find nothing to do.
final class WorkerPool: Sendable {
    typealias Lane = UInt64

    private struct Job: Sendable {
        var lane: Lane?
        var work: @Sendable () -> Void
    }

    private struct State {
        /// Jobs whose lane is free, oldest first; those before `next` are taken.
        var ready: [Job] = []
        var next = 0
        /// Jobs behind one of the same lane, by lane. A lane with a key here is in use.
        var waiting: [Lane: [Job]] = [:]
        var threads = 0
        var idle = 0
        /// Jobs taken so far: tells whether anybody makes progress.
        var taken: UInt64 = 0
        var isStopping = false

        var hasReadyJobs: Bool { next < ready.count }

        mutating func push(_ job: Job) { ready.append(job) }

        mutating func take() -> Job? {
            guard hasReadyJobs else { return nil }
            let job = ready[next]
            next += 1
            taken &+= 1
            if next == ready.count {
                ready.removeAll(keepingCapacity: ready.count <= 64)
                next = 0
            } else if next >= 1024 {
                ready.removeFirst(next)
                next = 0
            }
            return job
        }

        /// A job of `lane` has ended: the next one of it may run.
        mutating func free(_ lane: Lane) {
            guard var queue = waiting[lane] else { return }
            if queue.isEmpty {
                waiting[lane] = nil
            } else {
                push(queue.removeFirst())
                waiting[lane] = queue
            }
        }
    }

    /// Threads kept.
    let base: Int
    /// Threads at most, hanging ones included.
    let limit: Int
    private let state = Monitor(State())

    init(base: Int = 3, limit: Int = 64) {
        self.base = base
        self.limit = limit
    }

    /// Queues a job. Never blocks.
    func submit(lane: Lane? = nil, _ work: @escaping @Sendable () -> Void) {
        let job = Job(lane: lane, work: work)
        enum Need { case nothing, call, thread }
        let need = state.withLock { state -> Need in
            if let lane {
                if state.waiting[lane] != nil {
                    state.waiting[lane]?.append(job)
                    return .nothing
                }
                state.waiting[lane] = []
            }
            state.push(job)
            if state.idle >= state.ready.count - state.next { return .call }
            guard state.threads < base else { return .nothing }
            state.threads += 1
            return .thread
        }
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
            state.ready = []
            state.next = 0
            state.waiting = [:]
        }
        state.callAll()
    }

    /// How many threads there are now.
    var threadCount: Int { state.withLock { $0.threads } }

    private func startThread() {
        guard HostThread.start({ [self] in work() }) != nil else { return }
        // No thread to be had: those that are there will come to the job. Without any, do it here rather than never.
        let orphan = state.withLock { state -> Job? in
            state.threads -= 1
            return state.threads == 0 ? state.take() : nil
        }
        if let orphan { run(orphan) }
    }

    private func work() {
        while let job = next() { run(job) }
    }

    private func run(_ job: Job) {
        job.work()
        guard let lane = job.lane else { return }
        state.withLock { $0.free(lane) }
    }

    /// The next job; `nil` when the thread is to end.
    private func next() -> Job? {
        var isCounted = false
        return state.sleep { state -> Job?? in
            if isCounted { state.idle -= 1 }
            isCounted = false
            if !state.isStopping, let job = state.take() { return .some(job) }
            if state.isStopping || state.threads > base {
                state.threads -= 1
                return .some(nil)
            }
            state.idle += 1
            isCounted = true
            return nil
        }
    }
}
