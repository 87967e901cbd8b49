/// Events in order; taking from and putting to either end costs the same, however many wait.
package struct EventQueue: Sendable {
    /// Those before `head` are taken.
    private var slots: [QueuedEvent?] = []
    private var head = 0
    /// Of the payloads that wait.
    package private(set) var bytes = 0

    package init() {}

    /// All that wait, oldest first.
    var events: [QueuedEvent] { slots[head...].compactMap(\.self) }

    package var count: Int { slots.count - head }

    package mutating func append(_ event: QueuedEvent) {
        bytes += event.payload.bytes.count
        slots.append(event)
    }

    package mutating func prepend(_ event: QueuedEvent) {
        bytes += event.payload.bytes.count
        if head > 0 {
            head -= 1
            slots[head] = event
        } else {
            slots.insert(event, at: 0)
        }
    }

    package mutating func takeFirst() -> QueuedEvent? {
        guard head < slots.count, let event = slots[head] else { return nil }
        slots[head] = nil
        head += 1
        bytes -= event.payload.bytes.count
        if head == slots.count {
            slots.removeAll(keepingCapacity: slots.count <= 64)
            head = 0
        } else if head >= 64, head * 2 >= slots.count {
            slots.removeFirst(head)
            head = 0
        }
        return event
    }
}
