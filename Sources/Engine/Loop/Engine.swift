import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// The engine thread: gives the machine what happened and does what it wants. It makes no call that can block.
final class Engine<K: SystemCalls> {
    let kernel: K
    let link: EngineLink<K>
    let logger: LoggerLink<K>
    let pool: WorkerPool
    /// Whose one thread starts the programs that end with it, and stays; `nil`: programs outlive us, any thread will do.
    let births: WorkerPool?
    /// What a daemon after us would find should we be killed; `nil` where nobody keeps it.
    let store: DescriptorStore<K>?
    /// The number of the ferry that output crosses.
    let ferry: UInt64?
    /// Who starts programs.
    var nursery: WorkerPool { births ?? pool }
    let source: any PlanSource
    let port: any ControlPort
    var loop: EventLoop<K>

    var machine = Machine()
    var publisher: SnapshotPublisher
    var configuration: Configuration
    /// What the next life begins with, once a restart is under way.
    var next: Plan?
    /// The sockets that were bound at the start.
    let boundListeners: [ListenerSettings]
    /// Held while one of them is made again.
    let remakesSockets = Monitor(true)
    let manners: Manners
    var spawner: Spawner<K>

    var programs: [ProgramID: ProgramRecord] = [:]
    var programIDs: [ProgramName: ProgramID] = [:]
    var runs: [RunID: RunRecord] = [:]
    /// Where they are written down, should a daemon after us have to end them.
    var ledger: RunLedger<K>?
    /// Of event listeners, beside what is in `runs`.
    var listenerRuns: [RunID: ListenerRun] = [:]
    /// Of FastCGI groups, by name.
    var sharedSockets: [String: SharedSocket] = [:]
    var socketHolders = SocketHolders()
    /// Runs that are over and still count as holders of their group's socket.
    var leavingHolders: [(run: RunID, spec: LaunchSpec)] = []
    /// Requests that the machine has not answered.
    var parked: [RequestID: Answer] = [:]
    /// Those among them that are from clients who can be handed over.
    var tickets: [RequestID: UInt64] = [:]
    /// Clients whose connections are ours and no port's.
    var travellers: [RequestID: WaitingClient] = [:]
    /// Holds back answers to clients while it is not known whose their connections are.
    let farewell = FarewellDesk()
    var lastRequest: UInt64 = 0
    /// Answers to be given after the snapshot that goes with them is published.
    var answers: [(answer: Answer, content: ControlAnswer)] = []
    /// The machine's answers of this turn.
    var machineAnswers: [(answer: Answer, content: ControlAnswer)] = []
    /// What has ended since the logger was last asked about ended programs.
    var endedPrograms: Set<ProgramID> = []
    var disclosure = Disclosure()
    private(set) var end: DaemonEnd?
    /// Processes may have ended that are nobody's; the timer is set.
    private var mayHaveOrphans = false
    /// Runs that the poller could not watch: their end is looked for when any child has ended.
    private var unwatched: Set<RunID> = []
    private var mustLookAtUnwatched = false
    /// The pool's mark of when jobs were seen to wait for a worker; set until it is looked at again.
    private var starvation: UInt64?
    /// The same of the nursery, where that is another.
    private var birthStarvation: UInt64?
    /// The birth that others were seen to wait for; set until it is looked at again.
    private var stalledBirth: UInt64?
    /// What is handled asks for programs whose order matters: not a restart, which each does for itself.
    private(set) var keepsBirthsInOrder = false
    private var loggerIsDone = false
    /// Births whose outcome is not known yet.
    var birthsUnderWay = 0

    /// What event listeners are to be told.
    var desk: EventDesk
    var tickTimer: TimerID?
    /// What waits for the logger, by the number of its question.
    var settlings: [UInt64: Settling] = [:]
    var lastSettling: UInt64 = 0

    /// Where the service manager listens that started us.
    let notifySocket: String?
    /// How long stopping may take altogether, where nobody can be asked for more.
    let shutdownTimeout: TimeSpan?
    var toldStatus = ""
    var statusTimer: TimerID?

    /// Who keeps our descriptors and would start us again; its end is watched.
    var watchedHolder: SpawnedProcess?

    /// What another program needs that takes our place; `nil` where none can.
    let succession: Succession?
    /// How far that has come.
    var successionPhase: SuccessionPhase?

    /// How long the code of a start stays in memory after it.
    private static var afterglow: Int64 { 300_000_000 }
    /// How long jobs wait before another worker is added for them.
    private static var patience: Int64 { 20_000_000 }
    /// How long births wait for one before them: on a busy machine each takes its time, and their order is to be seen.
    private static var birthPatience: Int64 { 500_000_000 }
    /// How long our ears wait for the first of them.
    private static var attendance: Int64 { 2_000_000 }
    /// How long births wait before they are started by a thread that will not be the last.
    private static var nurseryPatience: Int64 { 100_000_000 }

    /// How long orphans wait for their burial. The kernel looks at every child for one, and holds up births meanwhile: not
    /// for each of a thousand that end, and not while one that has ended is about to be started again.
    private static var orphanPatience: Int64 { 20_000_000 }

    /// Signals that the engine takes as events. USR1 and those behind it would end us, which nobody wants of them.
    static var signals: [Signal] {
        [.terminate, .interrupt, .quit, .hangUp]
            + ["USR2", "CHLD", "USR1", "ALRM", "VTALRM", "PROF", "IO", "PWR", "XCPU"].compactMap {
                Signal(named: $0)
            }
    }

    /// Those that ask for the end.
    static var endingSignals: Set<Signal> { [.terminate, .interrupt, .quit] }
    /// Stands for our holder among the processes whose ends are watched; no run has that number.
    static var holderToken: UInt64 { 1 << 62 - 1 }

    init(
        kernel: K, loop: EventLoop<K>, link: EngineLink<K>, logger: LoggerLink<K>, pool: WorkerPool,
        source: any PlanSource, port: any ControlPort, configuration: Configuration, snapshot: Snapshot,
        boundListeners: [ListenerSettings], serial: EventSerial, manners: Manners = .own,
        shutdownTimeout: TimeSpan? = nil, succession: Succession? = nil,
        births: WorkerPool? = nil, store: DescriptorStore<K>? = nil, ferry: UInt64? = nil
    ) {
        self.births = births
        self.ferry = ferry
        self.store = store
        self.succession = succession
        self.manners = manners
        self.shutdownTimeout = shutdownTimeout
        notifySocket = kernel.notifySocket
        self.kernel = kernel
        self.loop = loop
        self.link = link
        self.logger = logger
        self.pool = pool
        self.source = source
        self.port = port
        self.configuration = configuration
        self.boundListeners = boundListeners
        publisher = SnapshotPublisher(snapshot)
        desk = EventDesk(serial)
        spawner = Spawner(
            kernel: kernel, logger: logger, outputs: link.outputs,
            readsEverything: configuration.settings.logLevel <= LogLevel.debug, manners: manners,
            environments: ChildEnvironment(daemon: configuration.settings, ours: kernel.environment),
            store: store, deathSignal: births == nil ? nil : .kill)
    }

    // MARK: The loop

    /// Takes the plan's groups into service and publishes them: whoever asks first is told of all programs.
    /// `keeping`: runs of the daemon before us, whose programs keep the logs that it named.
    func prepare(keeping runs: [StoredRun] = []) {
        for run in runs { if let logs = run.logs { configuration.keep(logs, of: run.name) } }
        for group in configuration.lastRead.groups { activate(group, answer: { _ in }) }
        settle(awaitingLogger: false)
    }

    /// Asks for the start of what starts by itself, and publishes that: nothing of it is in the logs yet.
    func begin() {
        handle(.started)
        settle(awaitingLogger: false)
    }

    /// Leaves the processors to the first programs until they are born; not for long.
    func attendBirths() throws(SystemError) {
        let end = kernel.now().monotonic + Self.attendance
        while birthsUnderWay > 0, kernel.now().monotonic < end { try turn(until: end) }
    }

    /// Runs until everything has stopped.
    func run() throws(SystemError) -> DaemonEnd {
        var isSettled = false
        var settlesAt: Int64?
        while true {
            if let end { return end }
            var deadline = machine.nextDeadline
            if !isSettled, birthsUnderWay == 0, deadline == nil {
                // Everything has started or failed: what only the start needed is not needed any more, but by the client
                // who has waited for it.
                let now = kernel.now().monotonic
                let due = settlesAt ?? now + Self.afterglow
                (settlesAt, isSettled) = (due, now >= due)
                if isSettled { kernel.giveBackMemory() } else { deadline = due }
            }
            try turn(until: deadline)
        }
    }

    /// Waits, at most until `deadline`, for the logger to have written everything; it goes on for another life, or ends.
    func awaitLogger(ending: Bool, until deadline: Int64) throws(SystemError) {
        let done: @Sendable () -> Void = { [link] in link.report(.loggerDone) }
        logger.send(ending ? .stop(done: done) : .settle([], isEnd: false, done: done))
        while !loggerIsDone, kernel.now().monotonic < deadline { try turn(until: deadline) }
    }

    private func turn(until deadline: Int64?) throws(SystemError) {
        let now = try loop.turn(until: deadline)
        for event in loop.events { step { take(event) } }
        for message in link.results.takeAll() { step { take(message) } }
        takeOutputs()
        for message in link.requests.takeAll() { step { take(message) } }
        if let due = machine.nextDeadline, due <= now.monotonic { step { handle(.deadline) } }
        if mustLookAtUnwatched { step { lookAtUnwatched() } }
        for token in loop.expired { step { rang(TimerToken(number: token)) } }
        step { lookAtClock(now) }
        settle()
    }

    /// Does one thing; then listeners are told of it.
    private func step(_ body: () -> Void) {
        body()
        deliverEvents()
    }

    private func rang(_ token: TimerToken) {
        switch token {
        case .starvation:
            if let mark = starvation { pool.relieve(since: mark) }
            starvation = nil
        case .birthStarvation:
            if let mark = birthStarvation { births?.relieve(since: mark) }
            birthStarvation = nil
        case .stalledBirth:
            if let mark = stalledBirth { nursery.overtake(Lane.births, since: mark) }
            stalledBirth = nil
        case .ticks: setTickTimer(kernel.now())
        case .settling(let number): settled(number)
        case .status: statusIsDue()
        case .watchdog: keepWatchdogQuiet()
        case .hurry: handle(.hurried)
        case .overdue: handle(.overdue)
        case .succession: lookForSuccession()
        case .orphans: reapOrphans()
        }
    }

    private func take(_ event: PollEvent) {
        switch event {
        case .exited(Self.holderToken): holderEnded()
        case .exited(let token): processEnded(RunID(number: token))
        case .ready(let token, _, _):
            if let run = listener(of: token) { hearListener(run) } else { flushInput(RunID(number: token)) }
        case .signal(let signal): received(signal)
        case .woken: break
        }
    }

    func take(_ message: EngineMessage) {
        switch message {
        case .control(let request, 0, let answer): take(request, answer)
        case .control(.supervise(let request), let ticket, let answer) where request != .restart:
            let id = ask(request) { [farewell] in if !farewell.takes($0, for: ticket) { answer($0) } }
            if parked[id] != nil { tickets[id] = ticket }
        case .control(let request, _, let answer): take(request, answer)
        case .worker(.loggerDone): loggerIsDone = true
        case .worker(let result): take(result)
        }
    }

    /// Publishes what has changed, then gives the answers that tell of it.
    func settle(awaitingLogger: Bool = true) {
        let isNew = publisher.update(from: &machine) { id in
            (programs[id]?.spec.logPath(.output), programs[id]?.spec.logPath(.error))
        }
        if isNew { tellStatus() }
        if isNew { holdBack(awaitingLogger) }
        disclose()
        answerWhenLogged()
        if starvation == nil, let mark = pool.starvation {
            starvation = mark
            setTimer(.starvation, after: Self.patience)
        }
        if birthStarvation == nil, let mark = births?.starvation {
            birthStarvation = mark
            setTimer(.birthStarvation, after: Self.nurseryPatience)
        }
        if stalledBirth == nil, let mark = nursery.stall(of: Lane.births) {
            stalledBirth = mark
            setTimer(.stalledBirth, after: Self.birthPatience)
        }
    }

    func setTimer(_ token: TimerToken, after span: Int64) {
        _ = loop.timers.set(at: kernel.now().monotonic + span, token: token.number)
    }

    // MARK: The machine

    /// Tells the machine and does what it wants.
    func handle(_ event: Event) {
        let before = keepsBirthsInOrder
        defer { keepsBirthsInOrder = before }
        keepsBirthsInOrder = event.startsPrograms
        for action in machine.handle(event, at: kernel.now()) { perform(action) }
    }

    /// Hands a request to the machine; `answer` gets its reply.
    @discardableResult
    func ask(_ request: Request, _ answer: @escaping Answer) -> RequestID {
        lastRequest += 1
        let id = RequestID(number: lastRequest)
        parked[id] = answer
        handle(.request(id, request))
        return id
    }

    /// Gives an answer at the end of this turn.
    func reply(_ answer: @escaping @Sendable (ControlAnswer) -> Void, _ content: ControlAnswer) {
        answers.append((answer, content))
    }

    func log(_ level: LogLevel, _ message: String) {
        logger.log(level, message, wall: kernel.now().wall)
    }

    func finish(_ end: DaemonEnd) {
        self.end = end
        answerAtOnce()
    }

    // MARK: Exits

    /// The end of a run was seen: record it, see to its group while its number is ours, reap it.
    private func processEnded(_ run: RunID) {
        guard let record = runs[run], let peeked = kernel.peekExit(record.process) else { return }
        loop.poller.unwatchExit(of: record.process)
        if let signal = machine.stragglerSignal(of: run) {
            try? kernel.signalGroup(record.process, signal)
        }
        let termination = kernel.reap(record.process) ?? peeked
        writeDown(ended: run)
        closeInput(run)
        hearLastWords(of: run)
        let unanswered = listenerRuns[run]?.event
        runs[run] = nil
        unwatched.remove(run)
        listenerRuns[run] = nil
        if programs[record.program]?.run == run { programs[record.program]?.run = nil }
        childrenChanged()
        holdEvents(for: record.program)
        if manners.closesOutputsAtReaping { logger.send(.closeOutputs(record.program)) }
        letGo(of: run, record.program)
        endedPrograms.insert(record.program)
        let pool = programs[record.program]?.spec.group
        if let spec = programs[record.program]?.spec { leavingHolders.append((run, spec)) }
        handle(.exited(run, termination))
        giveBackSockets()
        if let unanswered, let pool { write(desk.takeBack(unanswered, into: pool)) }
    }

    private func reapOrphans() {
        mayHaveOrphans = false
        while let orphan = kernel.reapAnyOrphan() {
            log(.info, "reaped unknown pid \(orphan.pid) (\(LogLine.describe(orphan.termination)))")
        }
    }

    private func lookAtUnwatched() {
        mustLookAtUnwatched = false
        for run in unwatched.sorted() { processEnded(run) }
    }

    private func expectOrphans() {
        if mayHaveOrphans { return }
        mayHaveOrphans = true
        setTimer(.orphans, after: Self.orphanPatience)
    }

    /// A child of ours, or one that became ours, has ended.
    func childrenChanged() {
        mustLookAtUnwatched = !unwatched.isEmpty
        expectOrphans()
    }

    /// Its end is not told.
    func cannotWatch(_ run: RunID) {
        unwatched.insert(run)
        childrenChanged()
    }
}
