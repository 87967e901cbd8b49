/// Streams of which one dialect says in two words what others say in one.
extension Service {
    /// For a manager of another kind than the one that described the service.
    ///
    /// A supervisor config sends a stream to syslog alone by `stdout_logfile=NONE` and `stdout_syslog=true`. Two streams
    /// of one file are one stream to a manager that writes the file itself, or the lines would not stay in their order.
    package mutating func uniteStreams(for target: Dialect) {
        if supervisor.outputSyslog?.value == true, standardOutput?.value == .null { standardOutput?.value = .syslog }
        if supervisor.errorSyslog?.value == true, standardError?.value == .null { standardError?.value = .syslog }
        if target == .supervisor, case .file? = standardOutput?.value, standardError?.value == standardOutput?.value {
            standardError?.value = .sameAsOutput
        }
    }
}
