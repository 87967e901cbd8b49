import PropertyList
import ServiceModel
import SourceText
import SupervisorFormat

/// A configuration's values in force, under the names of supervisord's keys: numbers in the keys' units, signals as
/// numbers, sizes in bytes, `null` for what is not set.
enum PlanDescription {
    static func value(_ plan: Plan) -> PropertyValue {
        let notices = plan.notices.map { notice -> PropertyValue in
            ["level": .string(notice.level.word), "text": .string(notice.text)]
        }
        return [
            "daemon": value(plan.daemon), "sockets": .array(plan.daemon.listeners.map(value)),
            "groups": .array(plan.groups.map(value)), "notices": .array(notices),
            "files": .array(plan.files.map { .string($0) }),
            "directoriesToMake": .array(plan.directoriesToMake.map { .string($0) }),
        ]
    }

    static func value(_ client: ClientSettings) -> PropertyValue {
        [
            "serverurl": .string(client.serverURL), "username": text(client.username),
            "password": text(client.password), "prompt": .string(client.prompt),
            "history_file": text(client.historyFile),
        ]
    }

    private static func value(_ daemon: DaemonSettings) -> PropertyValue {
        [
            "logfile": daemon.logToSyslog ? "syslog" : text(daemon.logFile),
            "logfile_maxbytes": number(daemon.logRotation.maximumBytes.bytes),
            "logfile_backups": .integer(daemon.logRotation.backups), "loglevel": .string(daemon.logLevel.word),
            "pidfile": text(daemon.pidFile), "umask": .integer(Int(daemon.umask)),
            "identifier": .string(daemon.identifier), "user": text(daemon.user), "directory": text(daemon.directory),
            "nodaemon": .boolean(daemon.staysInForeground), "silent": .boolean(daemon.silent),
            "minfds": .integer(daemon.minimumDescriptors), "minprocs": .integer(daemon.minimumProcesses),
            "nocleanup": .boolean(daemon.keepsOldChildLogs), "strip_ansi": .boolean(daemon.stripsANSI),
            "childlogdir": .string(daemon.childLogDirectory), "environment": value(daemon.environment),
            "has_supervisor_namespace": .boolean(daemon.offersSupervisorNamespace),
        ]
    }

    private static func value(_ listener: ListenerSettings) -> PropertyValue {
        var members: PropertyDictionary = [
            "section": .string(listener.section), "username": text(listener.username),
            "password": text(listener.password),
        ]
        switch listener.address {
        case .unix(let path, let mode, let owner):
            members["file"] = .string(path)
            members["chmod"] = .integer(Int(mode))
            members["chown"] = text(owner)
        case .tcp(let host, let port):
            members["host"] = .string(host)
            members["port"] = .integer(port)
        }
        return .dictionary(members)
    }

    private static func value(_ group: ServiceGroup) -> PropertyValue {
        var members: PropertyDictionary = [
            "name": .string(group.name), "priority": .integer(group.priority),
            "processes": .array(group.services.map { ProcessDescription($0).value }),
        ]
        switch group.kind {
        case .program: members["kind"] = "program"
        case .heterogeneous: members["kind"] = "group"
        case .eventListener(let pool):
            members["kind"] = "eventlistener"
            members["events"] = .array(pool.events.map { .string($0) })
            members["buffer_size"] = .integer(pool.bufferSize)
        case .fastCGI(let socket):
            members["kind"] = "fcgi-program"
            members["socket"] = .string(socket.url)
            members["socket_backlog"] = socket.backlog.map { .integer($0) } ?? .null
            members["socket_mode"] = socket.mode.map { .integer(Int($0)) } ?? .null
            members["socket_owner"] = text(socket.owner)
        }
        return .dictionary(members)
    }

    static func value(_ environment: [EnvironmentVariable]) -> PropertyValue {
        .dictionary(PropertyDictionary(environment.map { ($0.name, .string($0.value.value)) }))
    }

    static func text(_ text: String?) -> PropertyValue { text.map { .string($0) } ?? .null }

    static func number(_ number: Int64) -> PropertyValue { .integer(PropertyInteger(number)) }
}

/// One process under the names of a program's keys.
private struct ProcessDescription {
    private let service: Service

    init(_ service: Service) {
        self.service = service
    }

    var value: PropertyValue {
        var members: PropertyDictionary = [
            "name": .string(service.name.value), "command": PlanDescription.text(service.supervisor.commandText),
            "directory": PlanDescription.text(service.workingDirectory?.value),
            "uid": service.supervisor.userID.map { .integer(Int($0)) } ?? .null,
            "umask": service.umask.map { .integer(Int($0.value)) } ?? .null,
            "priority": .integer(service.effective(\.priority, \.priority)),
            "autostart": .boolean(service.effective(\.startsAtLoad, \.startsAtLoad)),
            "autorestart": .string(autoRestart), "startsecs": seconds(service.effective(\.readiness, \.readiness)),
            "startretries": retries, "exitcodes": .array(service.supervisor.exitCodeList.map { .integer($0) }),
            "stopsignal": .integer(Int(service.effective(\.stopSignal, \.stopSignal).number)),
            "stopwaitsecs": seconds(service.effective(\.stopTimeout, \.stopTimeout)),
            "stopasgroup": .boolean(service.effective(\.stopScope, \.stopScope) != .main),
            "killasgroup": .boolean(service.effective(\.killScope, \.killScope) != .main),
            "environment": PlanDescription.value(service.environment),
            "serverurl": PlanDescription.text(service.supervisor.serverURL?.value),
        ]
        let error = service.effective(\.standardError, \.standardError)
        members["redirect_stderr"] = .boolean(error == .sameAsOutput)
        stream(
            "stdout", service.effective(\.standardOutput, \.standardOutput), service.outputRotation,
            service.supervisor.outputSyslog, service.supervisor.outputCaptureBytes, service.supervisor.outputEvents,
            &members)
        stream(
            "stderr", error, service.errorRotation, service.supervisor.errorSyslog,
            service.supervisor.errorCaptureBytes, service.supervisor.errorEvents, &members)
        return .dictionary(members)
    }

    private func stream(
        _ name: String, _ sink: OutputSink, _ rotation: Setting<LogRotation>?, _ syslog: Setting<Bool>?,
        _ capture: Setting<ByteSize>?, _ events: Setting<Bool>?, _ members: inout PropertyDictionary
    ) {
        let rotation = rotation?.value ?? service.dialect.defaults.rotation
        members[name + "_logfile"] =
            switch sink {
            case .automatic: "AUTO"
            case .file(let path): .string(path)
            case .null, .journal, .syslog, .inherit, .sameAsOutput: .null
            }
        members[name + "_logfile_maxbytes"] = PlanDescription.number(rotation.maximumBytes.bytes)
        members[name + "_logfile_backups"] = .integer(rotation.backups)
        members[name + "_syslog"] = .boolean(syslog?.value ?? (sink == .syslog))
        members[name + "_capture_maxbytes"] = PlanDescription.number(capture?.value.bytes ?? 0)
        members[name + "_events_enabled"] = .boolean(events?.value ?? false)
    }

    private var autoRestart: String {
        let restart = service.effective(\.restartOn, \.restartOn)
        if restart.isEmpty { return "false" }
        return restart == .all ? "true" : "unexpected"
    }

    private var retries: PropertyValue {
        guard case .earlyExits(let ends) = service.effective(\.giveUp, \.giveUp) else { return .null }
        return .integer(ends == .max ? .max : ends - 1)
    }

    private func seconds(_ readiness: Readiness) -> PropertyValue {
        guard case .alive(let span) = readiness else { return 0 }
        return seconds(span)
    }

    private func seconds(_ span: TimeSpan) -> PropertyValue { span.wholeSecondsUp.map(PlanDescription.number) ?? .null }
}
