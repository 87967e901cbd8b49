package import SourceText

/// The supervision machine: a value. Same events at the same instants give the same actions, always.
package struct Machine: Sendable {
    package init() {}

    /// Takes in what happened and says what to do. `at` never goes back on its monotonic clock.
    package mutating func handle(_ event: Event, at instant: Instant) -> [Action] {
        []
    }

    /// When `Event.deadline` is due, in nanoseconds of the monotonic clock; `nil` = nothing is waited for.
    package var nextDeadline: Int64? { nil }

    package var daemonState: DaemonState { .running }

    /// Every program, by group name, then process name.
    package var programs: [ProgramStatus] { [] }
}
