// Supervision, floor 2: the state machine: pure, no I/O, no clock of its own.

/// A program under supervision. Never used again for another one while the machine lives.
package struct ProgramID: Hashable, Sendable, Comparable {
    package let number: UInt32
    package init(number: UInt32) { self.number = number }
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// One execution of a program (or of something on its behalf). Never used again.
package struct RunID: Hashable, Sendable, Comparable {
    package let number: UInt64
    package init(number: UInt64) { self.number = number }
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// A request of a client that waits for its one reply. Chosen by the caller, never twice.
package struct RequestID: Hashable, Sendable {
    package let number: UInt64
    package init(number: UInt64) { self.number = number }
}

/// What a run is for. A program has at most one `main` run at any time.
package enum RunRole: UInt8, Hashable, Sendable {
    case pre, main, post, stop, probe
}
