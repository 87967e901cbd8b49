import Kernel
import ServiceModel
import SourceText
import Supervision

/// Everything a worker needs to start a program: made once, when the program comes under supervision. One object,
/// because jobs and records share it.
final class LaunchSpec: Sendable {
    let program: ProgramID
    let group: String
    let name: String
    let command: Command?
    let workingDirectory: String?
    let umask: UInt32?
    /// Names or numeric ids.
    let user: String?
    let userGroup: String?
    let limits: [ResourceKind: ResourceLimit]
    let ownEnvironment: [EnvironmentVariable]
    /// What takes the place of the daemon's own.
    let serverURL: String?
    let input: InputSource
    /// What its standard input is, when its group shares a socket.
    let socket: SharedSocket?
    let output: StreamPlan
    let error: StreamPlan
    let stripsEscapes: Bool
    /// Its standard output speaks the event listener protocol, to the engine.
    let isListener: Bool
    private let outputObservation: OutputObservation?
    private let errorObservation: OutputObservation?
    private let outputGoesToSystemLog: Bool
    private let errorGoesToSystemLog: Bool

    init(
        _ service: Service, program: ProgramID, group: String, kind: ServiceGroup.Kind, daemon: DaemonSettings,
        socket: SharedSocket? = nil, left: AutomaticLogs? = nil
    ) {
        self.program = program
        self.group = group
        self.socket = socket
        name = service.name.value
        command = service.command?.value
        workingDirectory = service.workingDirectory?.value
        umask = service.umask?.value
        user = service.user?.value
        userGroup = service.group?.value
        limits = service.limits
        ownEnvironment = service.environment
        let extras = service.supervisor
        serverURL = extras.serverURL?.value
        let defaults = service.dialect.defaults
        input = service.standardInput?.value ?? defaults.standardInput
        stripsEscapes = daemon.stripsANSI
        let isListener = if case .eventListener = kind { true } else { false }
        self.isListener = isListener
        // What a listener says to the engine is nobody else's (supervisord 4.3).
        outputObservation = isListener ? nil : OutputObservation(extras, .output)
        errorObservation = OutputObservation(extras, .error)
        outputGoesToSystemLog = extras.outputSyslog?.value ?? (service.standardOutput?.value == .syslog)
        errorGoesToSystemLog = extras.errorSyslog?.value ?? (service.standardError?.value == .syslog)
        output = StreamPlan(
            service.standardOutput?.value ?? defaults.standardOutput, .output, service.outputRotation?.value, service,
            daemon, left: left?.output)
        error = StreamPlan(
            service.standardError?.value ?? defaults.standardError, .error, service.errorRotation?.value, service,
            daemon, left: left?.error)
    }

    func plan(_ channel: OutputChannel) -> StreamPlan {
        switch channel {
        case .output: output
        case .error: error
        }
    }

    /// Which events a channel's output makes; `nil` for none.
    func observation(_ channel: OutputChannel) -> OutputObservation? {
        switch channel {
        case .output: outputObservation
        case .error: errorObservation
        }
    }

    /// Whether its output makes events.
    var isObserved: Bool { outputObservation != nil || errorObservation != nil }

    /// Whether a channel's lines go to syslog, beside its log.
    func goesToSystemLog(_ channel: OutputChannel) -> Bool {
        switch channel {
        case .output: outputGoesToSystemLog
        case .error: errorGoesToSystemLog
        }
    }

    /// The path of a channel's log; `nil` when there is none of its own.
    func logPath(_ channel: OutputChannel) -> String? {
        guard case .logged(let destination) = plan(channel) else { return nil }
        return destination.path
    }

    /// The logs whose names the daemon chose; `nil` when there are none.
    var automaticLogs: AutomaticLogs? {
        let paths = [output, error].map { plan -> String? in
            if case .logged(.file(let path, _, _, isPrivate: true)) = plan { path } else { nil }
        }
        return paths[0] == nil && paths[1] == nil ? nil : AutomaticLogs(output: paths[0], error: paths[1])
    }

    /// The log files of both channels.
    var destinations: [LogDestination] {
        [output, error].compactMap { plan in
            if case .logged(let destination) = plan, destination != .none { destination } else { nil }
        }
    }
}

/// Which events an output makes (supervisord 4.3, `*_events_enabled`, `*_capture_maxbytes`).
struct OutputObservation: Hashable, Sendable {
    /// Everything is told.
    let tellsEverything: Bool
    /// Bytes kept of what stands between capture mode's tokens; 0: they are output as any other.
    let captureLimit: Int

    /// `nil` when the output makes none.
    init?(_ extras: SupervisorExtras, _ channel: OutputChannel) {
        switch channel {
        case .output:
            tellsEverything = extras.outputEvents?.value ?? false
            captureLimit = Int(clamping: extras.outputCaptureBytes?.value.bytes ?? 0)
        case .error:
            tellsEverything = extras.errorEvents?.value ?? false
            captureLimit = Int(clamping: extras.errorCaptureBytes?.value.bytes ?? 0)
        }
        if !tellsEverything, captureLimit <= 0 { return nil }
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
        _ daemon: DaemonSettings, left: String?
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
            let path =
                left
                ?? AutomaticLog.path(
                    in: daemon.childLogDirectory, process: service.name.value, channel: channel,
                    identifier: daemon.identifier)
            self = .logged(LogDestination(path: path, rotation: rotation, mode: 0o600, isPrivate: true))
        }
    }
}
