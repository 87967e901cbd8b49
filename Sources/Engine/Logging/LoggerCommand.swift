import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// One output stream of a run, handed to the logger with its pipe.
struct StreamAttachment: Sendable {
    var name: StreamName
    var program: ProgramID
    /// The non-blocking reading end; the logger closes it. `nil`: what was written comes by `LoggerCommand.feed`.
    var reader: Descriptor?
    var destination: LogDestination
    /// The destination, opened by whoever spawned the program, so that failing to open it fails the start.
    var opened: Descriptor?
    var stripsEscapes: Bool
    /// Who hears what is written, in this order.
    var taps: [any OutputTap]
    /// Bytes kept of what stands between capture mode's tokens; 0 when there is no such mode.
    var captureLimit = 0
    /// Who makes events of what is written.
    var announcer: OutputAnnouncer?
    /// Where the daemon's program before us was.
    var resumed: HandOver.Stream?
    /// What the daemon before us had read and not written.
    var missing: [UInt8] = []
    /// What that was.
    var cargoes: [Cargo] = []
}

/// What the logger thread is told.
enum LoggerCommand<K: SystemCalls>: Sendable {
    case line(LogLevel, String, wall: Int64)
    case attach(StreamAttachment)
    /// Take in what the program's pipes hold, then let go of them.
    case release(ProgramID)
    /// The program has been reaped: take in what its pipes hold and close them, though its children have them open.
    case closeOutputs(ProgramID)
    /// Take in what the pipes of these programs hold at this moment. `isEnd`: they have ended and write no more.
    case settle(Set<ProgramID>, isEnd: Bool, done: @Sendable () -> Void)
    /// What the program wrote, read by somebody else.
    case feed(ProgramID, [UInt8])
    /// There is no more to be fed.
    case endFeed(ProgramID)
    /// Remove the files and begin them anew.
    case clear([LogDestination], done: @Sendable (SystemError?) -> Void)
    case clearMain(done: @Sendable (SystemError?) -> Void)
    case reopen
    /// A log that was full takes bytes again.
    case resume
    case replaceMain(MainLog<K>)
    /// Write what is there and read nothing more, until `release` says otherwise: another program takes our place.
    case handOver(release: Monitor<Bool>, done: @Sendable (LoggerHandOver) -> Void)
    /// Take in what the pipes hold, write it, end.
    case stop(done: @Sendable () -> Void)
}

/// The logger thread, seen from others.
final class LoggerLink<K: SystemCalls>: Sendable {
    /// Lines that may wait for a disk; further ones are dropped and counted.
    static var lineLimit: Int { 10_000 }

    let mailbox: Mailbox<LoggerCommand<K>>
    let systemLog: SystemLogQueue<K>
    let inherited: InheritedLogs<K>
    private let dropped = Monitor(0)
    private let fed = Monitor(FedBytes())

    init(_ kernel: K, waking poller: any Poller) {
        // Commands are few (a handful for each spawn) and must not be lost; lines are limited by `log`.
        let mailbox = Mailbox<LoggerCommand<K>>(capacity: .max, waking: poller)
        self.mailbox = mailbox
        systemLog = SystemLogQueue(kernel) { text in
            _ = mailbox.send(.line(.warning, text, wall: kernel.now().wall))
        }
        inherited = InheritedLogs(kernel) { _ = mailbox.send(.resume) }
    }

    /// Queues a line of the main log.
    func log(_ level: LogLevel, _ message: String, wall: Int64) {
        if mailbox.count < Self.lineLimit {
            _ = mailbox.send(.line(level, message, wall: wall))
        } else {
            dropped.withLock { $0 += 1 }
        }
    }

    /// Hands on what somebody else has read of a program's output, unless too much of that waits already: then it is
    /// dropped and counted.
    func feed(_ bytes: [UInt8], of program: ProgramID) {
        let isTaken = fed.withLock { $0.take(bytes.count) }
        if isTaken { _ = mailbox.send(.feed(program, bytes)) }
    }

    /// Those bytes are written. Returns how many were dropped since the last call.
    func wroteFed(_ count: Int) -> Int { fed.withLock { $0.wrote(count) } }

    func send(_ command: LoggerCommand<K>) { _ = mailbox.send(command) }

    /// Ends the logger, where there is no engine to wait for it; at most for that long. Blocks.
    func stop(_ kernel: K, within span: TimeSpan) {
        let ended = Monitor(false)
        send(.stop(done: { ended.withLock { $0 = true } }))
        let end = kernel.now().monotonic + (span.finiteNanoseconds ?? 0)
        while !ended.withLock({ $0 }), kernel.now().monotonic < end { kernel.sleep(nanoseconds: 2_000_000) }
    }

    /// How many lines were dropped since the last call.
    func takeDropped() -> Int {
        dropped.withLock { count in
            defer { count = 0 }
            return count
        }
    }
}

/// Bytes that are handed to the logger and not written yet.
private struct FedBytes {
    static let limit = 1 << 20

    private var waiting = 0
    private var dropped = 0

    mutating func take(_ count: Int) -> Bool {
        guard waiting + count <= Self.limit else {
            dropped += count
            return false
        }
        waiting += count
        return true
    }

    mutating func wrote(_ count: Int) -> Int {
        waiting -= count
        defer { dropped = 0 }
        return dropped
    }
}
