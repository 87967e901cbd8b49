package import SourceText

/// A language in which services are described.
package enum Dialect: String, Hashable, Sendable, CaseIterable {
    case supervisor, launchd, systemd, procfile
    /// Written, never read: `InitDefaults.swift`.
    case openrc, sysv, runit, s6, dinit, upstart, cron

    /// What holds where a file of this dialect is silent.
    package var defaults: Defaults {
        switch self {
        case .supervisor: .supervisor
        case .launchd: .launchd
        case .systemd: .systemd
        case .procfile: .procfile
        case .openrc: .openrc
        case .sysv: .sysv
        case .runit: .runit
        case .s6: .s6
        case .dinit: .dinit
        case .upstart: .upstart
        case .cron: .cron
        }
    }
}

/// The values that hold where a file is silent; one row a dialect, one column a field.
package struct Defaults: Hashable, Sendable {
    package var startsAtLoad: Bool
    package var readiness: Readiness
    package var restartOn: TerminationSet
    package var success: TerminationSet
    package var giveUp: GiveUp
    package var restartDelay: RestartDelay
    package var stopSignal: Signal
    package var stopTimeout: TimeSpan
    package var stopScope: SignalScope
    package var killScope: SignalScope
    package var endsStragglers: Bool
    package var standardInput: InputSource
    package var standardOutput: OutputSink
    package var standardError: OutputSink
    package var rotation: LogRotation
    package var priority: Int
    /// PATH of a program whose file sets none; `nil` = the manager's own.
    package var searchPath: String?
    /// Where a program runs whose file names no directory; `nil` = where the manager runs.
    package var workingDirectory: String?

    /// supervisord 4.3, `[program:x]`.
    static let supervisor = Defaults(
        startsAtLoad: true, readiness: .alive(.seconds(1)), restartOn: TerminationSet.codes([0]).inverted,
        success: .codes([0]), giveUp: .earlyExits(4), restartDelay: .supervisor, stopSignal: .terminate,
        stopTimeout: .seconds(10), stopScope: .main, killScope: .main, endsStragglers: false, standardInput: .pipe,
        standardOutput: .automatic, standardError: .automatic,
        rotation: LogRotation(maximumBytes: .megabytes(50), backups: 10), priority: 999, searchPath: nil,
        workingDirectory: nil)

    /// launchd.plist(5); ExitTimeOut is "system-defined" there, 20 s in its older text.
    static let launchd = Defaults(
        startsAtLoad: false, readiness: .executed, restartOn: .none, success: .codes([0]), giveUp: .never,
        restartDelay: .sinceStart(.seconds(10)), stopSignal: .terminate, stopTimeout: .seconds(20), stopScope: .main,
        killScope: .main, endsStragglers: true, standardInput: .null, standardOutput: .null, standardError: .null,
        rotation: LogRotation(maximumBytes: ByteSize(bytes: 0), backups: 0), priority: 999,
        searchPath: "/usr/bin:/bin:/usr/sbin:/sbin", workingDirectory: "/")

    /// systemd.service(5), systemd.exec(5), systemd.kill(5).
    static let systemd = Defaults(
        startsAtLoad: false, readiness: .executed, restartOn: .none,
        success: TerminationSet.codes([0]).union(.signals([.hangUp, .interrupt, .terminate, .pipe])),
        giveUp: .starts(5, within: .seconds(10)), restartDelay: .afterExit(.milliseconds(100)),
        stopSignal: .terminate, stopTimeout: .seconds(90), stopScope: .everything, killScope: .everything,
        endsStragglers: true, standardInput: .null, standardOutput: .journal, standardError: .sameAsOutput,
        rotation: LogRotation(maximumBytes: ByteSize(bytes: 0), backups: 0), priority: 999,
        searchPath: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", workingDirectory: "/")

    /// foreman's habits: all start together, none restarts, TERM and 5 s.
    static let procfile = Defaults(
        startsAtLoad: true, readiness: .executed, restartOn: .none, success: .codes([0]), giveUp: .never,
        restartDelay: .none, stopSignal: .terminate, stopTimeout: .seconds(5), stopScope: .processGroup,
        killScope: .processGroup, endsStragglers: true, standardInput: .null, standardOutput: .automatic,
        standardError: .sameAsOutput, rotation: LogRotation(maximumBytes: .megabytes(50), backups: 10), priority: 999,
        searchPath: nil, workingDirectory: nil)
}

extension Service {
    /// The value in force of a field: what the file says, else the dialect's default.
    package func effective<Value>(
        _ field: KeyPath<Service, Setting<Value>?>, _ fallback: KeyPath<Defaults, Value>
    ) -> Value {
        self[keyPath: field]?.value ?? dialect.defaults[keyPath: fallback]
    }
}
