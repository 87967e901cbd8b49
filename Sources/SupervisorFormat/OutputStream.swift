import ServiceModel
import SourceText

/// One of a program's two output streams: its keys and the fields they fill.
struct OutputStream: Sendable {
    /// `stdout` or `stderr`.
    let name: String
    let logFileKey: String
    let maximumBytesKey: String
    let backupsKey: String
    let syslogKey: String
    private let isError: Bool
    let sinkField: ServiceField
    let rotationField: ServiceField
    let syslogField: SupervisorField
    let eventsField: SupervisorField
    let captureField: SupervisorField

    static let output = OutputStream(
        name: "stdout", logFileKey: "stdout_logfile", maximumBytesKey: "stdout_logfile_maxbytes",
        backupsKey: "stdout_logfile_backups", syslogKey: "stdout_syslog",
        isError: false, sinkField: .standardOutput, rotationField: .outputRotation, syslogField: .outputSyslog,
        eventsField: .outputEvents,
        captureField: .outputCaptureBytes)
    static let error = OutputStream(
        name: "stderr", logFileKey: "stderr_logfile", maximumBytesKey: "stderr_logfile_maxbytes",
        backupsKey: "stderr_logfile_backups", syslogKey: "stderr_syslog",
        isError: true, sinkField: .standardError, rotationField: .errorRotation, syslogField: .errorSyslog,
        eventsField: .errorEvents,
        captureField: .errorCaptureBytes)
    static let both = [output, error]

    /// Whether a section says anything about where the stream goes.
    func isMentioned(in section: MergedConfiguration.Section, _ configuration: MergedConfiguration) -> Bool {
        configuration.has(logFileKey, in: section) || configuration.has(maximumBytesKey, in: section)
            || configuration.has(backupsKey, in: section) || configuration.has(syslogKey, in: section)
    }

    // No key paths here: each costs the runtime a look through all conformances when it is first used, which every start
    // would pay for.

    /// Where the stream goes.
    func sink(of service: Service) -> Setting<OutputSink>? {
        isError ? service.standardError : service.standardOutput
    }

    func setSink(_ sink: Setting<OutputSink>, of service: inout Service) {
        if isError { service.standardError = sink } else { service.standardOutput = sink }
    }

    func rotation(of service: Service) -> Setting<LogRotation>? {
        isError ? service.errorRotation : service.outputRotation
    }

    func setRotation(_ rotation: Setting<LogRotation>, of service: inout Service) {
        if isError { service.errorRotation = rotation } else { service.outputRotation = rotation }
    }

    func syslog(of service: Service) -> Setting<Bool>? {
        isError ? service.supervisor.errorSyslog : service.supervisor.outputSyslog
    }

    func setSyslog(_ syslog: Setting<Bool>, of service: inout Service) {
        if isError { service.supervisor.errorSyslog = syslog } else { service.supervisor.outputSyslog = syslog }
    }

    func events(of service: Service) -> Setting<Bool>? {
        isError ? service.supervisor.errorEvents : service.supervisor.outputEvents
    }

    func capture(of service: Service) -> Setting<ByteSize>? {
        isError ? service.supervisor.errorCaptureBytes : service.supervisor.outputCaptureBytes
    }
}
