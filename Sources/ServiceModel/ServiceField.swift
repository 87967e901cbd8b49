package import SourceText

/// The name of one field of a `Service`. Readers say which fields a key of the file fed, writers what became of each
/// field; joined, the two tell what became of each key (`FidelityReport`).
package enum ServiceField: Hashable, Sendable {
    case name, summary, command, workingDirectory, rootDirectory, umask, user, group, niceness
    case environment(String)
    case softLimit(ResourceKind), hardLimit(ResourceKind)
    case startsAtLoad, disabled, calendar, interval, watchedPaths, queueDirectories, priority
    case sockets, socketHandover
    case readiness, restartOn, success, giveUp, restartDelay
    case stopSignal, stopTimeout, stopScope, killScope, endsStragglers
    case standardInput, standardOutput, standardError, outputRotation, errorRotation
    case supervisor(SupervisorField)
    /// A key that only its own dialect has, by dialect and path.
    case foreign(Dialect, [String])
}

/// The name of one field of `SupervisorExtras`, by its key.
package enum SupervisorField: String, Hashable, Sendable {
    case outputCaptureBytes = "stdout_capture_maxbytes"
    case errorCaptureBytes = "stderr_capture_maxbytes"
    case outputEvents = "stdout_events_enabled"
    case errorEvents = "stderr_events_enabled"
    case outputSyslog = "stdout_syslog"
    case errorSyslog = "stderr_syslog"
    case serverURL = "serverurl"
}

extension Service {
    /// Every field that the file (or a program) set, with the place where it was written, in the model's order.
    package var fieldsSet: [(field: ServiceField, span: SourceSpan?)] {
        var found: [(field: ServiceField, span: SourceSpan?)] = [(.name, name.span)]
        func add<Value>(_ field: ServiceField, _ setting: Setting<Value>?) {
            if let setting { found.append((field, setting.span)) }
        }
        add(.summary, summary)
        add(.command, command)
        for variable in environment { found.append((.environment(variable.name), variable.value.span)) }
        add(.workingDirectory, workingDirectory)
        add(.rootDirectory, rootDirectory)
        add(.umask, umask)
        add(.user, user)
        add(.group, group)
        for kind in ResourceKind.allCases {
            add(.softLimit(kind), limits[kind]?.soft)
            add(.hardLimit(kind), limits[kind]?.hard)
        }
        add(.niceness, niceness)
        add(.startsAtLoad, startsAtLoad)
        add(.disabled, disabled)
        add(.calendar, calendar)
        add(.interval, interval)
        add(.watchedPaths, watchedPaths)
        add(.queueDirectories, queueDirectories)
        add(.sockets, sockets)
        add(.socketHandover, socketHandover)
        add(.priority, priority)
        add(.readiness, readiness)
        add(.restartOn, restartOn)
        add(.success, success)
        add(.giveUp, giveUp)
        add(.restartDelay, restartDelay)
        add(.stopSignal, stopSignal)
        add(.stopTimeout, stopTimeout)
        add(.stopScope, stopScope)
        add(.killScope, killScope)
        add(.endsStragglers, endsStragglers)
        add(.standardInput, standardInput)
        add(.standardOutput, standardOutput)
        add(.standardError, standardError)
        add(.outputRotation, outputRotation)
        add(.errorRotation, errorRotation)
        add(.supervisor(.outputCaptureBytes), supervisor.outputCaptureBytes)
        add(.supervisor(.errorCaptureBytes), supervisor.errorCaptureBytes)
        add(.supervisor(.outputEvents), supervisor.outputEvents)
        add(.supervisor(.errorEvents), supervisor.errorEvents)
        add(.supervisor(.outputSyslog), supervisor.outputSyslog)
        add(.supervisor(.errorSyslog), supervisor.errorSyslog)
        add(.supervisor(.serverURL), supervisor.serverURL)
        for setting in foreign { found.append((.foreign(setting.dialect, setting.path), setting.span)) }
        return found
    }
}
