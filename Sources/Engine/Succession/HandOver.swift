import Kernel
import SourceText
import Supervision

/// All that the daemon's program hands to the one that takes its place in the same process (`svinstall upgrade`).
///
/// What a new start finds out by itself (configuration, log files) is not in it; the children are the process's, and what
/// they wrote and nobody has read yet is in their pipes.
struct HandOver: Hashable, Sendable {
    /// Where the daemon's program was found when it was first started; there the next one is looked for, too.
    var program = ""
    /// What the daemon was started as: what it is again should its successor fail.
    var arguments: [String] = []
    /// Where relative paths among them count from; the daemon may live elsewhere by now.
    var startDirectory: String?
    var directory: String?
    var isDetached = false
    /// How often the program was replaced, this time included.
    var upgrades: UInt32 = 0
    /// Of the last snapshot: whoever has seen it sees this one as newer.
    var generation: UInt64 = 0
    /// `Machine.encoded()`.
    var machine: [UInt8] = []
    var listeners: [Listener] = []
    /// The locked one.
    var pidFile: Descriptor?
    var programs: [Program] = []
    var runs: [Run] = []
    var streams: [Stream] = []
    /// The number of the next event.
    var nextSerial: UInt64 = 0
    var ticks = TickSchedule()
    var pools: [Pool] = []
    var sockets: [Socket] = []
    /// The number of the last request to the machine, which owes answers to some.
    var lastRequest: UInt64 = 0
    /// Who waits for an answer of it.
    var clients: [Client] = []
    /// How many descriptors a service manager keeps for us; `nil` where there is none.
    var storeSize: Int?
    /// Runs of which it keeps some.
    var keptRuns: [RunID] = []
    /// The number of the ferry that output crossed; nothing is on its way.
    var ferry: UInt64?

    struct Listener: Hashable, Sendable {
        /// As `ListenerSettings.Address` describes itself; together with `isPrivate` what tells it from the others.
        var address: String
        var isPrivate: Bool
        var descriptor: Descriptor
    }

    /// A program under supervision whose log files the daemon named.
    struct Program: Hashable, Sendable {
        var id: ProgramID
        var logs: AutomaticLogs
    }

    /// A process that lives.
    struct Run: Hashable, Sendable {
        var id: RunID
        var program: ProgramID
        var pid: Int32
        /// Of one that is no child of ours.
        var handle: Descriptor?
        var input: Descriptor?
        /// What it has not read yet.
        var pendingInput: [UInt8] = []
        var listener: ListenerState?
    }

    /// An event listener's conversation.
    struct ListenerState: Hashable, Sendable {
        var output: Descriptor?
        var conversation: ListenerConversation
        var event: QueuedEvent?
        var isRunning: Bool
    }

    /// An output that the logger reads.
    struct Stream: Hashable, Sendable {
        var program: ProgramID
        var channel: OutputChannel
        /// `nil`: the engine reads it.
        var reader: Descriptor?
        /// Whose output it is in events.
        var pid: Int32
        var escapes: EscapeFilter?
        var capture: CaptureFilter?
    }

    /// What the listeners of a section are still to be told.
    struct Pool: Hashable, Sendable {
        var name: String
        var nextSerial: UInt64
        var events: [QueuedEvent]
    }

    /// What the programs of a FastCGI group share.
    struct Socket: Hashable, Sendable {
        var group: String
        var descriptor: Descriptor?
        var holders: [RunID]
    }

    /// Who waits for the answer to a request.
    struct Client: Hashable, Sendable {
        var request: RequestID
        var client: WaitingClient
    }

    /// Everything that must stay open.
    var descriptors: [Descriptor] {
        listeners.map(\.descriptor) + [pidFile].compactMap(\.self)
            + runs.flatMap { [$0.handle, $0.input, $0.listener?.output].compactMap(\.self) }
            + streams.compactMap(\.reader)
            + sockets.compactMap(\.descriptor) + clients.map(\.client.descriptor)
    }
}

/// What the logger hands over.
struct LoggerHandOver: Sendable {
    var streams: [HandOver.Stream]
    /// Whether everything it was given is written.
    var isWritten: Bool
}
