package import ServiceModel
package import SourceText

/// What the machine wants done; with its state, its only output. Actions are performed in order.
package enum Action: Hashable, Sendable {
    /// Can the program's command be executed? Answered by `Event.commandChecked`.
    case checkCommand(CheckID, ProgramID)
    /// Create the process; answered by `Event.spawned` and later one `Event.exited`, or by `Event.spawnFailed` alone.
    case spawn(RunID, ProgramID, RunRole)
    /// Only for a run that was born and whose end the machine was not told of; for what its process group must be sent
    /// when its leader has ended by itself see `Machine.stragglerSignal(of:)`.
    case signal(RunID, Signal, SignalScope)
    case reply(RequestID, Reply)
    case log(LogLevel, String)
    /// A change that event listeners and snapshots show.
    case announce(Announcement)
    /// A program came under supervision: open its log files, remember its id.
    case adopt(ProgramID, group: String, name: String)
    /// A program is gone for good: free what belongs to it.
    case release(ProgramID)
    /// Everything has stopped.
    case finished(DaemonEnd)
}

package enum DaemonEnd: UInt8, Hashable, Sendable {
    case shutdown, restart
}

/// What supervisord's event listeners are told (supervisord 4.3, event types).
package enum Announcement: Hashable, Sendable {
    case processState(ProcessStateChange)
    case groupAdded(String)
    case groupRemoved(String)
    case daemonRunning
    case daemonStopping
}

/// One step of a program's life.
package struct ProcessStateChange: Hashable, Sendable {
    package var program: ProgramID
    package var group: String
    package var name: String
    package var from: ProcessState
    package var to: ProcessState
    /// The process, 0 when there is none.
    package var pid: Int32
    /// Failed tries so far.
    package var tries: Int
    /// For EXITED: whether the end was one of the program's successes.
    package var expected: Bool

    package init(
        program: ProgramID, group: String, name: String, from: ProcessState, to: ProcessState, pid: Int32 = 0,
        tries: Int = 0, expected: Bool = true
    ) {
        self.program = program
        self.group = group
        self.name = name
        self.from = from
        self.to = to
        self.pid = pid
        self.tries = tries
        self.expected = expected
    }
}
