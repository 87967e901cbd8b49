package import ServiceModel
import SourceText
package import Supervision

/// An event that a pool waits to hand out, with the numbers it keeps for ever.
package struct QueuedEvent: Hashable, Sendable {
    package let payload: EventPayload
    /// Counts the events that any pool took.
    package let serial: UInt64
    /// Counts those of this pool.
    package let poolSerial: UInt64

    package init(payload: EventPayload, serial: UInt64, poolSerial: UInt64) {
        self.payload = payload
        self.serial = serial
        self.poolSerial = poolSerial
    }

    /// Reads what `encode` wrote.
    init(decoding reader: inout StateReader) throws(StateDecodingError) {
        payload = try EventPayload(decoding: &reader)
        serial = try reader.integer()
        poolSerial = try reader.integer()
    }

    func encode(to writer: inout StateWriter) {
        payload.encode(to: &writer)
        writer.integer(serial)
        writer.integer(poolSerial)
    }

    /// The header line and the payload (supervisord 4.3, protocol version 3.0).
    package func envelope(server: String, pool: String) -> [UInt8] {
        let header =
            "ver:3.0 server:\(server) serial:\(serial) pool:\(pool) poolserial:\(poolSerial) "
            + "eventname:\(payload.type.rawValue) len:\(payload.length)\n"
        return Array(header.utf8) + payload.bytes
    }
}

/// The listeners of one `[eventlistener:x]` section and what they are still to be told.
///
/// What a listener refuses, or leaves behind when it dies, goes back to the head of its own pool. (The original gives it
/// to every pool that has a process of equal priority.)
package struct ListenerPool: Sendable {
    package let name: String
    private let subscriptions: [EventType]
    private let bufferSize: Int
    /// In the order of the configuration.
    package var members: [ProgramID] = []
    private var queue = EventQueue()
    private var nextSerial: UInt64 = 0

    /// What waits may also not be larger than this, in bytes: one program can write faster than a listener reads.
    package static let byteLimit = 64 << 20

    package init(name: String, _ settings: EventPool) {
        self.name = name
        subscriptions = settings.events.compactMap { EventType(named: $0) }
        bufferSize = settings.bufferSize
    }

    package var waiting: Int { queue.count }

    /// For whoever takes the daemon's place.
    var handOver: HandOver.Pool { HandOver.Pool(name: name, nextSerial: nextSerial, events: queue.events) }

    /// Goes on where the pool of that name was.
    mutating func resume(_ state: HandOver.Pool) {
        nextSerial = state.nextSerial
        for event in state.events { queue.append(event) }
    }

    /// How many of the pool's subscriptions cover a type: it gets the event that many times (supervisord 4.3).
    package func subscriptions(to type: EventType) -> Int { subscriptions.count { $0.covers(type) } }

    /// A number for an event that this pool is about to get.
    package mutating func takeSerial() -> UInt64 {
        defer { nextSerial += 1 }
        return nextSerial
    }

    /// Puts an event behind the others. Returns what is to be logged of those that had to go for it.
    package mutating func append(_ event: QueuedEvent) -> [PoolNote] {
        let notes = makeRoom()
        queue.append(event)
        return notes
    }

    /// Takes an event back, before all others.
    package mutating func takeBack(_ event: QueuedEvent) -> [PoolNote] {
        let notes = [rebuffering(event)] + makeRoom()
        queue.prepend(event)
        return notes
    }

    private mutating func makeRoom() -> [PoolNote] {
        var notes: [PoolNote] = []
        while queue.count >= max(bufferSize, 1) || queue.bytes > Self.byteLimit, let oldest = queue.takeFirst() {
            notes.append(
                PoolNote(
                    .error, "pool \(name) event buffer overflowed, discarding event \(oldest.serial)"))
        }
        return notes
    }

    private func rebuffering(_ event: QueuedEvent) -> PoolNote {
        PoolNote(
            .debug,
            "rebuffering event \(event.serial) for pool \(name) (buf size=\(queue.count), max=\(bufferSize))")
    }

    /// Hands out the oldest events, each to the first member that takes it, until one finds nobody.
    package mutating func dispatch(to takes: (ProgramID, QueuedEvent) -> Bool) -> [PoolNote] {
        var isFirst = true
        while let event = queue.takeFirst() {
            guard members.contains(where: { takes($0, event) }) else {
                let note = rebuffering(event)
                queue.prepend(event)
                return isFirst ? [] : [note]
            }
            isFirst = false
        }
        return []
    }
}

/// Something for the main log.
package struct PoolNote: Hashable, Sendable {
    package let level: LogLevel
    package let text: String

    package init(_ level: LogLevel, _ text: String) {
        self.level = level
        self.text = text
    }
}
