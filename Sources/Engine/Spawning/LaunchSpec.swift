import Kernel
import ServiceModel
import SourceText
import Supervision

/// Everything a worker needs to start a program: made once, when the program comes under supervision.
struct LaunchSpec: Sendable {
    let program: ProgramID
    let group: String
    let service: Service
    let environment: Environment
    let input: InputSource
    let output: StreamPlan
    let error: StreamPlan
    let stripsEscapes: Bool

    var name: String { service.name.value }

    init(_ service: Service, program: ProgramID, group: String, daemon: DaemonSettings, ours: Environment) {
        self.program = program
        self.group = group
        self.service = service
        environment = ChildEnvironment.make(service, group: group, daemon: daemon, ours: ours)
        input = service.effective(\.standardInput, \.standardInput)
        stripsEscapes = daemon.stripsANSI
        let defaults = service.dialect.defaults
        output = StreamPlan(
            service.standardOutput?.value ?? defaults.standardOutput, .output, service.outputRotation?.value, service,
            daemon)
        error = StreamPlan(
            service.standardError?.value ?? defaults.standardError, .error, service.errorRotation?.value, service,
            daemon)
    }

    func plan(_ channel: OutputChannel) -> StreamPlan {
        switch channel {
        case .output: output
        case .error: error
        }
    }

    /// The path of a channel's log; `nil` when there is none of its own.
    func logPath(_ channel: OutputChannel) -> String? {
        guard case .logged(let destination) = plan(channel) else { return nil }
        return destination.path
    }

    /// The log files of both channels.
    var destinations: [LogDestination] {
        [output, error].compactMap { plan in
            if case .logged(let destination) = plan, destination != .none { destination } else { nil }
        }
    }
}

/// What becomes of an output of a program.
enum StreamPlan: Hashable, Sendable {
    /// Read by the logger and written there (or nowhere).
    case logged(LogDestination)
    /// Our own descriptor, unread.
    case inherited(Descriptor)
    /// Standard error: into standard output's pipe.
    case sameAsOutput

    init(
        _ sink: OutputSink, _ channel: OutputChannel, _ configured: LogRotation?, _ service: Service,
        _ daemon: DaemonSettings
    ) {
        let rotation = configured ?? service.dialect.defaults.rotation
        switch sink {
        case .file(let path):
            self = .logged(LogDestination(path: path, rotation: rotation))
        case .null:
            self = .logged(.none)
        case .inherit:
            self = .inherited(channel == .output ? .standardOutput : .standardError)
        case .sameAsOutput:
            self = channel == .error ? .sameAsOutput : .logged(.none)
        case .automatic, .journal, .syslog:
            // There is no other log service here: a file that `logs` can show is what comes nearest.
            let path = AutomaticLog.path(
                in: daemon.childLogDirectory, process: service.name.value, channel: channel,
                identifier: daemon.identifier)
            self = .logged(LogDestination(path: path, rotation: rotation, mode: 0o600, isPrivate: true))
        }
    }
}
