package import Kernel
import Reactor
package import ServiceModel
package import Supervision
import Synchronization

/// What a program wrote, on its way from the logger to the engine.
package struct OutputEvent: Sendable {
    package let program: ProgramID
    package let payload: EventPayload

    package init(program: ProgramID, payload: EventPayload) {
        self.program = program
        self.payload = payload
    }
}

/// What the logger tells the engine, in order.
package enum OutputReport: Sendable {
    case output(OutputEvent)
    /// `LoggerCommand.settle` of that number is done: all output before it has been told.
    case settled(UInt64)
}

/// The way from the logger to the engine. Bounded: while the engine does not listen, output beyond the limits is told
/// to nobody, and counted.
package final class OutputReports: Sendable {
    package static let byteLimit = 8 << 20
    package static let countLimit = 4096

    private struct Load {
        var bytes = 0
        var count = 0
        var dropped = 0
        /// What somebody subscribes to.
        var heard: Set<EventType> = []
    }

    private let mailbox: Mailbox<OutputReport>
    private let load = Mutex(Load())

    package init(waking poller: any Poller) {
        // What is not counted here is one answer to each question.
        mailbox = Mailbox(capacity: .max, waking: poller)
    }

    /// From now on, output that is not of these types is nothing to be told.
    package func listen(to types: Set<EventType>) { load.withLock { $0.heard = types } }

    package func isHeard(_ type: EventType) -> Bool { load.withLock { $0.heard.contains(type) } }

    /// Tells of an event, or drops it. One that is larger than the limit is told when nothing else waits.
    package func report(_ event: OutputEvent) {
        let size = event.payload.bytes.count
        let isTaken = load.withLock { load in
            guard load.count == 0 || load.bytes + size <= Self.byteLimit && load.count < Self.countLimit else {
                load.dropped += 1
                return false
            }
            load.bytes += size
            load.count += 1
            return true
        }
        if isTaken { _ = mailbox.send(.output(event)) }
    }

    package func settled(_ number: UInt64) { _ = mailbox.send(.settled(number)) }

    /// Everything that waits, and how many events were dropped since the last call.
    package func takeAll() -> (reports: [OutputReport], dropped: Int) {
        let reports = mailbox.takeAll()
        guard !reports.isEmpty else { return ([], 0) }
        return load.withLock { load in
            for case .output(let event) in reports {
                load.bytes -= event.payload.bytes.count
                load.count -= 1
            }
            defer { load.dropped = 0 }
            return (reports, load.dropped)
        }
    }
}
