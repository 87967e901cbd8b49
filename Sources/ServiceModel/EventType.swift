/// What event listeners can subscribe to (supervisord 4.3): a tree whose inner nodes stand for all below them.
///
/// The raw values are the names in configurations and in the headers that listeners read.
package enum EventType: String, Hashable, Sendable, CaseIterable {
    case event = "EVENT"
    case processState = "PROCESS_STATE"
    case processStopped = "PROCESS_STATE_STOPPED"
    case processExited = "PROCESS_STATE_EXITED"
    case processStarting = "PROCESS_STATE_STARTING"
    case processStopping = "PROCESS_STATE_STOPPING"
    case processBackoff = "PROCESS_STATE_BACKOFF"
    case processFatal = "PROCESS_STATE_FATAL"
    case processRunning = "PROCESS_STATE_RUNNING"
    case processUnknown = "PROCESS_STATE_UNKNOWN"
    case communication = "PROCESS_COMMUNICATION"
    case outputCommunication = "PROCESS_COMMUNICATION_STDOUT"
    case errorCommunication = "PROCESS_COMMUNICATION_STDERR"
    case log = "PROCESS_LOG"
    case outputLog = "PROCESS_LOG_STDOUT"
    case errorLog = "PROCESS_LOG_STDERR"
    case remoteCommunication = "REMOTE_COMMUNICATION"
    case daemonState = "SUPERVISOR_STATE_CHANGE"
    case daemonRunning = "SUPERVISOR_STATE_CHANGE_RUNNING"
    case daemonStopping = "SUPERVISOR_STATE_CHANGE_STOPPING"
    case tick = "TICK"
    case tick5 = "TICK_5"
    case tick60 = "TICK_60"
    case tick3600 = "TICK_3600"
    case group = "PROCESS_GROUP"
    case groupAdded = "PROCESS_GROUP_ADDED"
    case groupRemoved = "PROCESS_GROUP_REMOVED"

    /// The type of that name, in whatever case it is written.
    package init?(named name: String) {
        guard let type = Self(rawValue: name.uppercased()) else { return nil }
        self = type
    }

    /// The type that stands for this one and its like; `nil` at the root.
    package var parent: EventType? {
        switch self {
        case .event: nil
        case .processState, .communication, .log, .remoteCommunication, .daemonState, .tick, .group: .event
        case .processStopped, .processExited, .processStarting, .processStopping, .processBackoff, .processFatal,
            .processRunning, .processUnknown:
            .processState
        case .outputCommunication, .errorCommunication: .communication
        case .outputLog, .errorLog: .log
        case .daemonRunning, .daemonStopping: .daemonState
        case .tick5, .tick60, .tick3600: .tick
        case .groupAdded, .groupRemoved: .group
        }
    }

    /// Whether who subscribes to this type gets events of `other`.
    package func covers(_ other: EventType) -> Bool {
        var next: EventType? = other
        while let type = next {
            if type == self { return true }
            next = type.parent
        }
        return false
    }
}
