import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision
import Synchronization

/// What reaches the engine thread from others.
enum EngineMessage: Sendable {
    /// `ticket`: 0 for a client that cannot be handed over.
    case control(ControlRequest, ticket: UInt64, answer: @Sendable (ControlAnswer) -> Void)
    case worker(WorkerResult)
}

/// What a worker found out.
enum WorkerResult: Sendable {
    case checked(CheckID, CommandProblem?)
    /// `thread`: whose child it is (`HostThread.current`).
    case spawned(RunID, SpawnOutcome, thread: UInt)
    /// A reading of the configuration, with what to do with it.
    case read(ConfigurationReading, purpose: ReadingPurpose)
    /// The answer to a request that a worker worked out alone.
    case answered(ControlAnswer, @Sendable (ControlAnswer) -> Void)
    /// Whether a group that is to be added can be: the socket of a FastCGI group can be made.
    case groupPrepared(ServiceGroup, Result<Void, SharedSocket.Problem>, Answer)
    /// Whether the program that is to take our place can; the reason when it cannot.
    case successorTried(String?, Answer)
    /// The control port has closed; these clients still wait.
    case earsClosed([WaitingClient])
    /// The private socket's file was gone and is there again.
    case listenerRemade(BoundListener)
    /// The logger has written everything.
    case loggerDone
    case note(message: String, isError: Bool)
}

/// The engine, seen from the daemon's ears.
final class EngineLink<K: SystemCalls>: EngineControl {
    /// Requests that may wait; further ones are refused at once.
    static var requestLimit: Int { 1024 }

    private let kernel: K
    private let logger: LoggerLink<K>
    private let leastLevel: LogLevel
    let requests: Mailbox<EngineMessage>
    /// One for each job under way, so that it needs no limit of its own.
    let results: Mailbox<EngineMessage>
    /// What the logger tells.
    let outputs: OutputReports
    private let published: Mutex<Snapshot>

    /// `leastLevel`: of the lines that the main log takes.
    init(
        _ kernel: K, waking poller: any Poller, logger: LoggerLink<K>, leastLevel: LogLevel, _ snapshot: Snapshot
    ) {
        self.kernel = kernel
        self.logger = logger
        self.leastLevel = leastLevel
        requests = Mailbox(capacity: Self.requestLimit, waking: poller)
        results = Mailbox(capacity: .max, waking: poller)
        outputs = OutputReports(waking: poller)
        published = Mutex(snapshot)
    }

    var snapshot: Snapshot { published.withLock { $0 } }

    /// Replaces what is older.
    func publish(_ snapshot: Snapshot) {
        published.withLock { published in
            if snapshot.generation >= published.generation { published = snapshot }
        }
    }

    func submit(_ request: ControlRequest, answer: @escaping @Sendable (ControlAnswer) -> Void) {
        submit(request, ticket: 0, answer: answer)
    }

    func submit(
        _ request: ControlRequest, ticket: UInt64, answer: @escaping @Sendable (ControlAnswer) -> Void
    ) {
        guard requests.send(.control(request, ticket: ticket, answer: answer)) else {
            answer(.fault(Fault(.failed, "too many requests are waiting")))
            return
        }
    }

    func report(_ result: WorkerResult) { _ = results.send(.worker(result)) }

    func now() -> Instant { kernel.now() }

    func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
        if level >= leastLevel { logger.log(level, message(), wall: kernel.now().wall) }
    }
}
