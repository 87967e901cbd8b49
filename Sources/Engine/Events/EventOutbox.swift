package import Supervision

/// Events on their way to the pools, in the order in which listeners are to hear of them.
///
/// What a program wrote comes before its end, but it comes from the logger's thread: when a program ends, what happens
/// from then on waits here until the logger has said that it has told everything.
package struct EventOutbox: Sendable {
    private enum Item {
        case event(EventPayload)
        /// What stands behind it waits.
        case hold(UInt64, ProgramID)
    }

    private var items: [Item] = []
    private var holds = 0

    /// More is not kept back, however long the logger takes.
    package static let limit = 4096

    package init() {}

    package var isEmpty: Bool { items.isEmpty }

    /// Something happened.
    package mutating func post(_ event: EventPayload) {
        items.append(.event(event))
        if items.count > Self.limit { releaseAll() }
    }

    /// A program wrote something: before its end, if that has been seen already.
    package mutating func post(_ event: EventPayload, of program: ProgramID) {
        let place = items.firstIndex { if case .hold(_, program) = $0 { true } else { false } }
        items.insert(.event(event), at: place ?? items.endIndex)
    }

    /// A program has ended and the logger is asked for the rest of its output; `number` is of the caller's choice.
    package mutating func hold(_ number: UInt64, for program: ProgramID) {
        items.append(.hold(number, program))
        holds += 1
    }

    /// The logger has told everything, or took too long.
    package mutating func release(_ number: UInt64) {
        guard let place = items.firstIndex(where: { if case .hold(number, _) = $0 { true } else { false } }) else {
            return
        }
        items.remove(at: place)
        holds -= 1
    }

    private mutating func releaseAll() {
        items.removeAll { if case .hold = $0 { true } else { false } }
        holds = 0
    }

    /// What nothing holds back any more.
    package mutating func takeReady() -> [EventPayload] {
        let end = holds == 0 ? items.endIndex : items.firstIndex { if case .hold = $0 { true } else { false } }
        let ready = items[..<(end ?? items.endIndex)].compactMap { item -> EventPayload? in
            if case .event(let event) = item { event } else { nil }
        }
        items.removeFirst(ready.count)
        return ready
    }
}
