import ServiceModel
import SourceText

/// What a field is in supervisord's words.
enum Rendered: Hashable, Sendable {
    case text(String)
    /// Nearly the same.
    case approximated(String, why: String, remedy: String? = nil)
    /// A key that only svinstall understands.
    case ours(String)
    /// supervisord says the same without a word, or the field says nothing.
    case nothing
    /// supervisord cannot say it.
    case unsayable(why: String, remedy: String? = nil)

    var text: String? {
        switch self {
        case .text(let text), .approximated(let text, _, _), .ours(let text): text
        case .nothing, .unsayable: nil
        }
    }
}

/// One key of a program's section, seen from the model: the table by which sections are written, plans compared and
/// changes told. `ProgramKey` is the same table for reading.
struct SettingRow: Sendable {
    let key: String
    /// Last word of the verdict's code.
    let topic: String
    /// The field that the key accounts for; `nil` for a key that only helps another.
    let field: ServiceField?
    /// How often the original expands `%` in the value.
    let expansions: Int
    /// What holds where the key is absent; `nil` = nothing.
    let usual: @Sendable (Service) -> String?
    /// Whether somebody wrote the field down.
    let isSet: @Sendable (Service) -> Bool
    let render: @Sendable (Service) -> Rendered

    init(
        _ key: String, _ field: ServiceField?, topic: String, expansions: Int = 1,
        usual: @escaping @Sendable (Service) -> String? = { _ in nil },
        isSet: @escaping @Sendable (Service) -> Bool, render: @escaping @Sendable (Service) -> Rendered
    ) {
        self.key = key
        self.field = field
        self.topic = topic
        self.expansions = expansions
        self.usual = usual
        self.isSet = isSet
        self.render = render
    }

    /// The value in force, in supervisord's words.
    func inForce(_ service: Service) -> String? { render(service).text ?? usual(service) }

    /// The order in which a section is written; command and environment come first, by themselves.
    static let all: [SettingRow] =
        context + start + restart + stop + [redirection] + stream(.output) + stream(.error) + extras

    private static let context = [
        SettingRow("directory", .workingDirectory, topic: "directory", isSet: { $0.workingDirectory != nil }) {
            ($0.workingDirectory?.value ?? $0.dialect.defaults.workingDirectory).map { .text($0) } ?? .nothing
        },
        SettingRow("user", .user, topic: "user", isSet: { $0.user != nil }) {
            $0.user.map { .text($0.value) } ?? .nothing
        },
        SettingRow("umask", .umask, topic: "umask", isSet: { $0.umask != nil }) {
            $0.umask.map { .text(Digits.octal(UInt64($0.value), width: 3)) } ?? .nothing
        },
        SettingRow("priority", .priority, topic: "priority", usual: { _ in "999" }, isSet: { $0.priority != nil }) {
            .text(String($0.effective(\.priority, \.priority)))
        },
    ]

    private static let start = [
        SettingRow(
            "autostart", .startsAtLoad, topic: "autostart", usual: { _ in "true" }, isSet: { $0.startsAtLoad != nil },
            render: {
                if $0.disabled?.value == true { return .text("false") }
                return .text(String($0.effective(\.startsAtLoad, \.startsAtLoad)))
            }),
        SettingRow(
            "startsecs", .readiness, topic: "startsecs", usual: { _ in "1" }, isSet: { $0.readiness != nil },
            render: { LifeWords.startSeconds($0.effective(\.readiness, \.readiness)) }),
        SettingRow(
            "startretries", .giveUp, topic: "startretries", usual: { _ in "3" }, isSet: { $0.giveUp != nil },
            render: LifeWords.startRetries),
    ]

    private static let restart = [
        SettingRow(
            "autorestart", .restartOn, topic: "autorestart", usual: { _ in "unexpected" },
            isSet: { $0.restartOn != nil }, render: { RestartWords($0).autoRestart }),
        SettingRow(
            "exitcodes", .success, topic: "exitcodes", usual: { _ in "0" },
            // `unexpected` that somebody asked for is shown with what it refers to.
            isSet: { $0.success != nil || ($0.restartOn != nil && RestartWords($0).autoRestart.text == "unexpected") },
            render: { RestartWords($0).exitCodes }),
        SettingRow("restart_delay", .restartDelay, topic: "restart-delay", isSet: { $0.restartDelay != nil }) {
            LifeWords.restartDelay($0)
        },
        SettingRow("restart_throttle", nil, topic: "restart-delay", isSet: { _ in false }) {
            LifeWords.restartThrottle($0)
        },
    ]

    private static let stop = [
        SettingRow(
            "stopsignal", .stopSignal, topic: "stopsignal", usual: { _ in "TERM" }, isSet: { $0.stopSignal != nil },
            render: { LifeWords.stopSignal($0.effective(\.stopSignal, \.stopSignal)) }),
        SettingRow(
            "stopwaitsecs", .stopTimeout, topic: "stopwaitsecs", usual: { _ in "10" }, isSet: { $0.stopTimeout != nil },
            render: { LifeWords.stopSeconds($0.effective(\.stopTimeout, \.stopTimeout)) }),
        SettingRow(
            "stopasgroup", .stopScope, topic: "stopasgroup", usual: { _ in "false" }, isSet: { $0.stopScope != nil },
            render: LifeWords.stopAsGroup),
        SettingRow(
            "killasgroup", .killScope, topic: "killasgroup",
            usual: { $0.effective(\.stopScope, \.stopScope) == .main ? "false" : "true" },
            isSet: { $0.killScope != nil },
            render: { service in
                let scope = service.effective(\.killScope, \.killScope)
                guard scope == .main, service.effective(\.stopScope, \.stopScope) != .main else {
                    return LifeWords.asGroup(scope)
                }
                return .approximated(
                    "true", why: "supervisord kills the group when it stops the group", remedy: nil)
            }),
    ]

    private static let redirection = SettingRow(
        "redirect_stderr", nil, topic: "redirect", usual: { _ in "false" }, isSet: { _ in false },
        render: { .text(String($0.effective(\.standardError, \.standardError) == .sameAsOutput)) })

    private static func stream(_ stream: OutputStream) -> [SettingRow] {
        let usual = Dialect.supervisor.defaults.rotation
        return [
            SettingRow(
                stream.name + "_logfile", stream.sinkField, topic: "logfile", expansions: 2, usual: { _ in "AUTO" },
                isSet: { stream.isSinkSet($0) }, render: { StreamWords(stream, $0).logFile }),
            SettingRow(
                stream.name + "_syslog", .supervisor(stream.syslogField), topic: "syslog", usual: { _ in "false" },
                isSet: { stream.syslog(of: $0) != nil }, render: { .text(StreamWords(stream, $0).syslog) }),
            SettingRow(
                stream.name + "_logfile_maxbytes", stream.rotationField, topic: "rotation",
                usual: { _ in usual.maximumBytes.description }, isSet: { stream.rotation(of: $0) != nil },
                render: { StreamWords(stream, $0).maximumBytes.map { .text($0) } ?? .nothing }),
            SettingRow(
                stream.name + "_logfile_backups", nil, topic: "rotation", usual: { _ in String(usual.backups) },
                isSet: { _ in false }, render: { StreamWords(stream, $0).backups.map { .text($0) } ?? .nothing }),
            SettingRow(
                stream.name + "_capture_maxbytes", .supervisor(stream.captureField), topic: "capture",
                usual: { _ in "0" }, isSet: { stream.capture(of: $0) != nil },
                render: { .text((stream.capture(of: $0)?.value ?? ByteSize(bytes: 0)).description) }),
            SettingRow(
                stream.name + "_events_enabled", .supervisor(stream.eventsField), topic: "events",
                usual: { _ in "false" }, isSet: { stream.events(of: $0) != nil },
                render: { .text(String(stream.events(of: $0)?.value ?? false)) }),
        ]
    }

    private static let extras = [
        SettingRow(
            "serverurl", .supervisor(.serverURL), topic: "serverurl", isSet: { $0.supervisor.serverURL != nil },
            render: { $0.supervisor.serverURL.map { .text($0.value) } ?? .nothing })
    ]
}
