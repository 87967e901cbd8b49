import ServiceModel
import SourceText

/// One execution that the machine has asked for and that has not ended.
struct Run: Hashable, Sendable {
    let id: RunID
    let role: RunRole
    /// 0 until `Event.spawned` told it.
    var pid: Int32 = 0

    var isBorn: Bool { pid != 0 }
}

/// A parked request that waits for a program to change.
struct Waiter: Hashable, Sendable {
    enum Purpose: UInt8, Hashable, Sendable, CaseIterable {
        /// Answered when the process exists or does not.
        case startAsked
        /// Answered when it is RUNNING or has failed.
        case startCompleted
        /// Answered when it has stopped.
        case stopCompleted
    }

    let request: RequestID
    /// Which of the request's entries.
    let entry: Int
    let purpose: Purpose
}

/// What the machine knows of one program.
struct Program: Sendable {
    let id: ProgramID
    let group: String
    let policy: ProgramPolicy

    var state = ProcessState.stopped
    /// The main run; set from `Action.spawn` until its end is reported.
    var run: Run?
    /// Number of the current or last main run; 0 if there never was one.
    var latestRun: UInt64 = 0
    /// Birth of the current or last run; until it is born, when it was asked for.
    var started: Instant?
    var stopped: Instant?
    var spawnError = ""
    var exitStatus: Int32 = 0
    var history = RestartHistory()

    /// Somebody asked for the current run's end, so that its end is no exit of its own.
    var isBeingStopped = false
    /// SIGKILLs sent to the current run.
    var kills = 0
    /// Signals asked for before the process existed.
    var heldSignals: [Signal] = []

    /// When the current state ends by itself (monotonic nanoseconds): readiness, restart or SIGKILL.
    var wakeAt: Int64?
    /// When `waiting for N to stop` is due again.
    var reportAt: Int64?
    var waiters: [Waiter] = []
    /// Listed for `Machine.takeChanges()`.
    var isChanged = false

    init(id: ProgramID, group: String, policy: ProgramPolicy) {
        self.id = id
        self.group = group
        self.policy = policy
    }

    var name: String { policy.name }

    /// What clients call it: `x` for `x:x` (supervisord 4.3, make_namespec).
    var namespec: String { ProcessName.join(group, name) }

    var pid: Int32 { run?.pid ?? 0 }

    /// EXITED, but about to be started again after a delay: not at rest, so `stop` applies to it as to BACKOFF.
    var awaitsRestart: Bool { state == .exited && wakeAt != nil }

    var isStoppable: Bool { state.isInRunningSet || awaitsRestart }

    var status: ProgramStatus {
        var status = ProgramStatus(id: id, group: group, name: name)
        status.state = state
        status.pid = pid
        status.started = started
        status.stopped = stopped
        status.spawnError = spawnError
        status.exitStatus = exitStatus
        status.tries = history.tries
        return status
    }
}
