import Engine
import ServiceModel
import SourceText
import Supervision
import XMLRPC

/// `getAllConfigInfo`: a configuration as supervisord 4.3 describes it, with `none` and `auto` for what is neither.
enum ConfigurationInformation {
    /// Every process of the plan, by name; members in the order in which supervisord's dictionary has them.
    /// Where automatic logs are is told of `taken` groups only, of `left` ones too.
    static func list(
        _ plan: Plan, active: Set<String>, taken: Set<String>, left: [String: AutomaticLogs], _ context: MethodContext
    ) -> XMLRPCValue {
        let rows = plan.groups.flatMap { group in (group.shadowed + group.services).map { (group, $0) } }
        // Swift's sort is stable, as Python's is.
        let sorted = rows.sorted {
            $0.1.name.value.unicodeScalars.lexicographicallyPrecedes($1.1.name.value.unicodeScalars)
        }
        let running = Dictionary(
            context.snapshot.programs.map { (ProcessName.join($0.status.group, $0.status.name), $0) }
        ) { first, _ in first }
        return .array(
            sorted.map { group, service in
                let name = ProcessName.join(group.name, service.name.value)
                let program = running[name]
                let logs =
                    program.map { AutomaticLogs(output: $0.outputLog, error: $0.errorLog) }
                    ?? left[name]
                return describe(
                    service, in: group, inUse: active.contains(group.name),
                    logs: taken.contains(group.name) ? logs : nil, context)
            })
    }

    private static func describe(
        _ service: Service, in group: ServiceGroup, inUse: Bool, logs: AutomaticLogs?,
        _ context: MethodContext
    ) -> XMLRPCValue {
        let output = service.effective(\.standardOutput, \.standardOutput)
        let error = service.effective(\.standardError, \.standardError)
        let extras = service.supervisor
        let outputRotation = service.outputRotation?.value ?? service.dialect.defaults.rotation
        let errorRotation = service.errorRotation?.value ?? service.dialect.defaults.rotation
        return [
            "autostart": .boolean(service.effective(\.startsAtLoad, \.startsAtLoad)),
            "directory": .string(service.workingDirectory?.value ?? "none"),
            "uid": service.user.map { user($0.value, context) } ?? "none",
            "command": .string(commandText(of: service)),
            "exitcodes": .array(exitCodes(of: service).map { .int(Int64($0)) }),
            "group": .string(group.name),
            "group_prio": .int(Int64(group.priority).capped),
            "inuse": .boolean(inUse),
            "killasgroup": .boolean(service.effective(\.killScope, \.killScope) != .main),
            "name": .string(service.name.value),
            "process_prio": .int(Int64(service.effective(\.priority, \.priority)).capped),
            "redirect_stderr": .boolean(error == .sameAsOutput),
            "startretries": .int(retries(service.effective(\.giveUp, \.giveUp))),
            "startsecs": .int(seconds(service.effective(\.readiness, \.readiness))),
            "stdout_capture_maxbytes": .int(extras.outputCaptureBytes?.value.bytes.capped ?? 0),
            "stdout_events_enabled": .boolean(extras.outputEvents?.value ?? false),
            "stdout_logfile": .string(path(output, inForce: logs?.output)),
            "stdout_logfile_backups": .int(Int64(outputRotation.backups).capped),
            "stdout_logfile_maxbytes": .int(outputRotation.maximumBytes.bytes.capped),
            "stdout_syslog": .boolean(extras.outputSyslog?.value ?? (output == .syslog)),
            "stopsignal": .int(Int64(service.effective(\.stopSignal, \.stopSignal).number)),
            "stopwaitsecs": .int((service.effective(\.stopTimeout, \.stopTimeout).wholeSecondsUp ?? .max).capped),
            "stderr_capture_maxbytes": .int(extras.errorCaptureBytes?.value.bytes.capped ?? 0),
            "stderr_events_enabled": .boolean(extras.errorEvents?.value ?? false),
            "stderr_logfile": .string(path(error, inForce: logs?.error)),
            "stderr_logfile_backups": .int(Int64(errorRotation.backups).capped),
            "stderr_logfile_maxbytes": .int(errorRotation.maximumBytes.bytes.capped),
            "stderr_syslog": .boolean(extras.errorSyslog?.value ?? (error == .syslog)),
            "serverurl": .string(extras.serverURL?.value ?? "none"),
        ]
    }

    /// As they are listed, twice where they are.
    private static func exitCodes(of service: Service) -> [Int] {
        if service.dialect == .supervisor { return service.supervisor.exitCodeList }
        return service.effective(\.success, \.success).exitCodes.map { Int($0) }
    }

    private static func commandText(of service: Service) -> String {
        if let text = service.supervisor.commandText { return text }
        return switch service.command?.value {
        case .words(_, let arguments): ShellWords.join(arguments)
        case .malformed(let text, _): text
        case nil: "none"
        }
    }

    /// supervisord shows the number; a name that is gone from the user database stays a name.
    private static func user(_ text: String, _ context: MethodContext) -> XMLRPCValue {
        if let number = Int64(text) { return .int(number.capped) }
        return context.userID(text).map { .int(Int64($0).capped) } ?? .string(text)
    }

    private static func retries(_ giveUp: GiveUp) -> Int64 {
        switch giveUp {
        case .earlyExits(let ends): Int64(ends - 1).capped
        case .starts(let starts, _): Int64(starts).capped
        case .never: Int64.max.capped
        }
    }

    private static func seconds(_ readiness: Readiness) -> Int64 {
        switch readiness {
        case .alive(let span): span.wholeSecondsUp?.capped ?? Int64.max.capped
        case .executed, .notified, .forked, .completed: 0
        }
    }

    private static func path(_ sink: OutputSink, inForce: String?) -> String {
        switch sink {
        case .file(let path): path
        case .automatic: inForce ?? "auto"
        case .null, .journal, .syslog, .inherit, .sameAsOutput: "none"
        }
    }
}
