/// The states of a program, with the numbers of supervisord's XML-RPC (supervisord 4.3).
package enum ProcessState: Int, Hashable, Sendable, CaseIterable {
    case stopped = 0
    case starting = 10
    case running = 20
    case backoff = 30
    case stopping = 40
    case exited = 100
    case fatal = 200
    case unknown = 1000

    /// `RUNNING`.
    package var name: String {
        switch self {
        case .stopped: "STOPPED"
        case .starting: "STARTING"
        case .running: "RUNNING"
        case .backoff: "BACKOFF"
        case .stopping: "STOPPING"
        case .exited: "EXITED"
        case .fatal: "FATAL"
        case .unknown: "UNKNOWN"
        }
    }

    /// RUNNING, BACKOFF, STARTING: what `stop` applies to and `start` refuses.
    package var isInRunningSet: Bool { self == .running || self == .backoff || self == .starting }

    /// STOPPED, EXITED, FATAL, UNKNOWN: what a group must be in to be removed.
    package var isInStoppedSet: Bool { self == .stopped || self == .exited || self == .fatal || self == .unknown }

    /// RUNNING, STARTING, STOPPING: what `signal` applies to.
    package var isSignallable: Bool { self == .running || self == .starting || self == .stopping }
}

/// The daemon's own state, with supervisord's numbers.
package enum DaemonState: Int, Hashable, Sendable {
    case shutdown = -1
    case restarting = 0
    case running = 1
    case fatal = 2

    package var name: String {
        switch self {
        case .shutdown: "SHUTDOWN"
        case .restarting: "RESTARTING"
        case .running: "RUNNING"
        case .fatal: "FATAL"
        }
    }
}
