package import SourceText

/// Something that happened; with the instant, the machine's only input.
package enum Event: Hashable, Sendable {
    /// The daemon is ready: programs with `startsAtLoad` may start.
    case started
    /// A client asks; `Action.reply` with the same id answers, once.
    case request(RequestID, Request)
    /// Nobody waits for that answer any more (the client went away); the work goes on.
    case abandoned(RequestID)
    /// `Action.checkCommand` has its answer: `nil` when the command can be executed.
    case commandChecked(CheckID, CommandProblem?)
    case spawned(RunID, pid: Int32)
    /// Before `started`: a process of the program that the daemon before us started lives, or has ended meanwhile, which
    /// `exited` tells then. In ascending order of the runs: the machine's own are numbered after them.
    case survived(RunID, ProgramID, pid: Int32, since: Instant)
    /// Before `started`: runs up to this one were another machine's, whatever became of them.
    case numbered(after: RunID)
    case spawnFailed(RunID, SpawnProblem)
    /// The run's leader has ended and is reaped.
    case exited(RunID, Termination)
    /// A signal could not be sent, although the process exists; `reason` is for people.
    case signalFailed(RunID, Signal, reason: String)
    /// The instant is at or after `Machine.nextDeadline`.
    case deadline
    /// SIGTERM, SIGINT, SIGQUIT; or SIGHUP for a restart.
    case signalReceived(DaemonSignal, Signal)
    /// Whoever stops the daemon will soon lose patience: what is left to stop is told to, all at once.
    case hurried
    /// The patience is over: what is left is killed.
    case overdue
}

/// What a signal to the daemon asks for.
package enum DaemonSignal: UInt8, Hashable, Sendable {
    case shutdown, restart
}

/// A question about a command, asked before an explicit start.
package struct CheckID: Hashable, Sendable {
    package let number: UInt64
    package init(number: UInt64) { self.number = number }
}

/// Why a command cannot be executed at all; the texts are supervisord's.
package enum CommandProblem: Hashable, Sendable {
    /// `can't find command 'x'`
    case notFound(String)
    /// `command at 'x' is a directory`, `command at 'x' is not executable`, `can't parse command …`, `command is empty`
    case notExecutable(String)

    package var text: String {
        switch self {
        case .notFound(let text), .notExecutable(let text): text
        }
    }
}

/// Why a run did not come to life.
package struct SpawnProblem: Hashable, Sendable {
    /// For `spawnerr`: what a person reads in `status`.
    package var text: String
    /// The child had been created and failed on its way to execve: the original reports such a program as one that
    /// exited with 127 (`Exited too quickly`), so the machine treats it as an exit before readiness.
    package var failedInChild: Bool
    /// The process that existed until the failing step, for the log; 0 when there was none or nobody knows.
    package var pid: Int32
    /// See `Fault.crash`.
    package var crash: String?

    package init(_ text: String, failedInChild: Bool = false, pid: Int32 = 0, crash: String? = nil) {
        self.text = text
        self.crash = crash
        self.failedInChild = failedInChild
        self.pid = pid
    }
}
