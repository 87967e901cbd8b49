import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// One output stream of a run, handed to the logger with its pipe.
struct StreamAttachment: Sendable {
    var name: StreamName
    var program: ProgramID
    /// The non-blocking reading end; the logger closes it.
    var reader: Descriptor
    var destination: LogDestination
    /// The destination, opened by whoever spawned the program, so that failing to open it fails the start.
    var opened: Descriptor?
    var stripsEscapes: Bool
    /// Who hears what is written, in this order.
    var taps: [any OutputTap]
}

/// What the logger thread is told.
enum LoggerCommand<K: SystemCalls>: Sendable {
    case line(LogLevel, String, wall: Int64)
    case attach(StreamAttachment)
    /// Take in what the program's pipes hold, then let go of them.
    case release(ProgramID)
    /// Remove the files and begin them anew.
    case clear([LogDestination], done: @Sendable (SystemError?) -> Void)
    case clearMain(done: @Sendable (SystemError?) -> Void)
    case reopen
    case replaceMain(MainLog<K>)
    /// Take in what the pipes hold, write it, end.
    case stop(done: @Sendable () -> Void)
}

/// The logger thread, seen from others.
final class LoggerLink<K: SystemCalls>: Sendable {
    /// Lines that may wait for a disk; further ones are dropped and counted.
    static var lineLimit: Int { 10_000 }

    let mailbox: Mailbox<LoggerCommand<K>>
    private let dropped = Monitor(0)

    init(waking poller: any Poller) {
        // Commands are few (a handful for each spawn) and must not be lost; lines are limited by `log`.
        mailbox = Mailbox(capacity: .max, waking: poller)
    }

    /// Queues a line of the main log.
    func log(_ level: LogLevel, _ message: String, wall: Int64) {
        if mailbox.count < Self.lineLimit {
            _ = mailbox.send(.line(level, message, wall: wall))
        } else {
            dropped.withLock { $0 += 1 }
        }
    }

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
