package import SourceText

/// One service as a file describes it: the value between every reader and every writer, engine and boot hook.
///
/// Absent (`nil`), default (`Dialect.defaults`) and explicit (a `Setting`) are three different things.
package struct Service: Hashable, Sendable {
    /// supervisord's process name, launchd's label, systemd's unit name without suffix.
    package var name: Setting<String>
    /// The dialect whose defaults fill what is absent.
    package var dialect: Dialect
    package var summary: Setting<String>?

    // What runs.
    package var command: Setting<Command>?
    package var environment: [EnvironmentVariable] = []
    package var workingDirectory: Setting<String>?
    package var rootDirectory: Setting<String>?
    /// Permission bits, e.g. 0o022.
    package var umask: Setting<UInt32>?
    /// A name or a numeric id.
    package var user: Setting<String>?
    package var group: Setting<String>?
    package var limits: [ResourceKind: ResourceLimit] = [:]
    /// -20 to 20.
    package var niceness: Setting<Int>?

    // When it runs.
    /// Started when the manager starts (or the file is loaded).
    package var startsAtLoad: Setting<Bool>?
    /// Not loaded at all unless somebody enables it.
    package var disabled: Setting<Bool>?
    package var calendar: Setting<[CalendarRule]>?
    package var interval: Setting<TimeSpan>?
    package var watchedPaths: Setting<[String]>?
    package var queueDirectories: Setting<[String]>?
    /// In the order of `HeldSocket.inOrder`.
    package var sockets: Setting<[HeldSocket]>?
    package var socketHandover: Setting<SocketHandover>?
    /// Start order; smaller first.
    package var priority: Setting<Int>?

    // How it restarts.
    package var readiness: Setting<Readiness>?
    /// The ends after which it is started again.
    package var restartOn: Setting<TerminationSet>?
    /// The ends that count as success ("expected").
    package var success: Setting<TerminationSet>?
    package var giveUp: Setting<GiveUp>?
    package var restartDelay: Setting<RestartDelay>?

    // How it stops.
    package var stopSignal: Setting<Signal>?
    package var stopTimeout: Setting<TimeSpan>?
    package var stopScope: Setting<SignalScope>?
    package var killScope: Setting<SignalScope>?
    /// Whether what is left of the process group is ended when the main process ends by itself.
    package var endsStragglers: Setting<Bool>?

    // Where it reads and writes.
    package var standardInput: Setting<InputSource>?
    package var standardOutput: Setting<OutputSink>?
    package var standardError: Setting<OutputSink>?
    package var outputRotation: Setting<LogRotation>?
    package var errorRotation: Setting<LogRotation>?

    /// What only supervisord knows: events, capture, syslog, server URL.
    package var supervisor = SupervisorExtras()
    /// Keys the model has no field for, kept key by key for the way back.
    package var foreign: [ForeignSetting] = []

    package init(name: Setting<String>, dialect: Dialect) {
        self.name = name
        self.dialect = dialect
    }
}

/// Settings of supervisord that no other dialect has (supervisord 4.3, `[program:x]`).
package struct SupervisorExtras: Hashable, Sendable {
    package var outputCaptureBytes: Setting<ByteSize>?
    package var errorCaptureBytes: Setting<ByteSize>?
    package var outputEvents: Setting<Bool>?
    package var errorEvents: Setting<Bool>?
    package var outputSyslog: Setting<Bool>?
    package var errorSyslog: Setting<Bool>?
    package var serverURL: Setting<String>?
    /// The command as written, expansions applied: what `getAllConfigInfo` shows.
    package var commandText: String?
    /// `exitcodes` as a list, in the order of the file: what `getAllConfigInfo` shows.
    package var exitCodeList: [Int] = [0]
    /// The numeric id of `user`, resolved when the file was read: what `getAllConfigInfo` shows.
    package var userID: UInt32?

    package init() {}
}

/// A key of one dialect that is kept for the way back, one by one: because the model has no field for it, or because
/// the dialect it travels through cannot say what the key says.
package struct ForeignSetting: Hashable, Sendable {
    package var dialect: Dialect
    /// Path of the key in its file, e.g. `["MachServices"]` or `["Service", "ProtectHome"]`.
    package var path: [String]
    /// The value, in the dialect's own text form; `nil` = the key was not there.
    package var value: String?
    /// What the dialect's writer makes of this key when nobody has edited the file in which the setting travels;
    /// `nil` = nothing. The setting holds only as long as that is so: an edited native key wins.
    package var replaces: String?
    package var span: SourceSpan?

    package init(
        dialect: Dialect, path: [String], value: String?, replaces: String? = nil, span: SourceSpan? = nil
    ) {
        self.dialect = dialect
        self.path = path
        self.value = value
        self.replaces = replaces
        self.span = span
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.dialect == right.dialect && left.path == right.path && left.value == right.value
            && left.replaces == right.replaces
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(dialect)
        hasher.combine(path)
        hasher.combine(value)
        hasher.combine(replaces)
    }
}
