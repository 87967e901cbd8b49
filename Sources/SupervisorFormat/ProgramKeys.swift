import ServiceModel
import SourceText

/// One key of `[program:x]`, `[fcgi-program:x]` and `[eventlistener:x]`: its name, the fields of the model it fills,
/// and how its text is read. `WrittenKeys` is the same table in the other direction.
struct ProgramKey: Sendable {
    let name: String
    /// Which fields it feeds; empty for keys that say how many processes there are and how they are called.
    let fields: [ServiceField]
    let read: @Sendable (Field, inout ProgramDraft, any ConfigurationWorld) throws(BadValue) -> Void

    init(
        _ name: String, _ fields: ServiceField...,
        read: @escaping @Sendable (Field, inout ProgramDraft, any ConfigurationWorld) throws(BadValue) -> Void
    ) {
        self.name = name
        self.fields = fields
        self.read = read
    }

    /// The keys that are read once for all processes, in the order in which the original reads them: of several
    /// faults it reports the first.
    static let shared: [ProgramKey] = [
        ProgramKey("priority", .priority) { (field, draft, _) throws(BadValue) in
            draft.service.priority = field.setting(try ValueTypes.integer(field.text))
        },
        ProgramKey("autostart", .startsAtLoad) { (field, draft, _) throws(BadValue) in
            draft.service.startsAtLoad = field.setting(try ValueTypes.boolean(field.text))
        },
        ProgramKey("autorestart", .restartOn) { (field, draft, _) throws(BadValue) in
            draft.autoRestart = field.setting(try ValueTypes.autoRestart(field.text))
        },
        ProgramKey("startsecs", .readiness) { (field, draft, _) throws(BadValue) in
            let seconds = try ValueTypes.integer(field.text)
            draft.service.readiness = field.setting(seconds == 0 ? .executed : .alive(.seconds(Int64(seconds))))
        },
        ProgramKey("startretries", .giveUp) { (field, draft, _) throws(BadValue) in
            let retries = try ValueTypes.integer(field.text)
            draft.service.giveUp = field.setting(.earlyExits(retries == .max ? .max : retries + 1))
        },
        ProgramKey("stopsignal", .stopSignal) { (field, draft, _) throws(BadValue) in
            draft.service.stopSignal = field.setting(try ValueTypes.signal(field.text))
        },
        ProgramKey("stopwaitsecs", .stopTimeout) { (field, draft, _) throws(BadValue) in
            draft.service.stopTimeout = field.setting(.seconds(Int64(try ValueTypes.integer(field.text))))
        },
        ProgramKey("stopasgroup", .stopScope) { (field, draft, _) throws(BadValue) in
            draft.stopAsGroup = field.setting(try ValueTypes.boolean(field.text))
        },
        ProgramKey("killasgroup", .killScope) { (field, draft, _) throws(BadValue) in
            draft.killAsGroup = field.setting(try ValueTypes.boolean(field.text))
        },
        ProgramKey("exitcodes", .success) { (field, draft, _) throws(BadValue) in
            draft.exitCodes = field.setting(try ValueTypes.exitCodes(field.text))
        },
        ProgramKey("redirect_stderr", .standardError) { (field, draft, _) throws(BadValue) in
            draft.redirectsError = field.setting(try ValueTypes.boolean(field.text))
        },
        ProgramKey("numprocs") { (field, draft, _) throws(BadValue) in
            draft.processes = try ValueTypes.integer(field.text)
            draft.processesSpan = field.span
        },
        ProgramKey("numprocs_start") { (field, draft, _) throws(BadValue) in
            draft.firstNumber = try ValueTypes.integer(field.text)
        },
        ProgramKey("stdout_capture_maxbytes", .supervisor(.outputCaptureBytes)) { (field, draft, _) throws(BadValue) in
            draft.service.supervisor.outputCaptureBytes = field.setting(try ValueTypes.byteSize(field.text))
        },
        ProgramKey("stdout_events_enabled", .supervisor(.outputEvents)) { (field, draft, _) throws(BadValue) in
            draft.service.supervisor.outputEvents = field.setting(try ValueTypes.boolean(field.text))
        },
        ProgramKey("stderr_capture_maxbytes", .supervisor(.errorCaptureBytes)) { (field, draft, _) throws(BadValue) in
            draft.service.supervisor.errorCaptureBytes = field.setting(try ValueTypes.byteSize(field.text))
        },
        ProgramKey("stderr_events_enabled", .supervisor(.errorEvents)) { (field, draft, _) throws(BadValue) in
            draft.service.supervisor.errorEvents = field.setting(try ValueTypes.boolean(field.text))
        },
        ProgramKey("serverurl", .supervisor(.serverURL)) { (field, draft, _) throws(BadValue) in
            // An empty one is a value: the program is told no address at all.
            guard PythonText.strip(field.text).uppercased() != "AUTO" else { return }
            draft.service.supervisor.serverURL = field.setting(field.text)
        },
        ProgramKey("user", .user) { (field, draft, world) throws(BadValue) in
            // One that nobody knows yet is looked up when the program is started.
            if !world.leavesOpen(user: field.text) {
                draft.service.supervisor.userID = try Accounts.userID(field.text, in: world)
            }
            draft.service.user = field.setting(field.text)
        },
        ProgramKey("umask", .umask) { (field, draft, _) throws(BadValue) in
            draft.service.umask = field.setting(try ValueTypes.octal(field.text))
        },
    ]

    /// Where a key stands in `shared`.
    static let positions = Dictionary(uniqueKeysWithValues: zip(shared.map(\.name), shared.indices))

    /// Ours, which the original ignores; read after its own.
    static let additional: [ProgramKey] = [
        ProgramKey("restart_delay", .restartDelay) { (field, draft, _) throws(BadValue) in
            let span = try ValueTypes.timeSpan(field.text)
            draft.delay = field.setting(span == .zero ? .none : .afterExit(span))
        },
        ProgramKey("restart_throttle", .restartDelay) { (field, draft, _) throws(BadValue) in
            draft.throttle = field.setting(.sinceStart(try ValueTypes.timeSpan(field.text)))
        },
    ]
}
