import ServiceModel

/// The mapping of a `.service` unit in one table: key and where it goes. A key that is not here is kept as it is.
enum SystemdKeys {
    enum Rule: Sendable {
        /// The value itself is the field, specifiers resolved.
        case text(any WritableKeyPath<Service, Setting<String>?> & Sendable, ServiceField)
        case command, environment, type, restart, prevent, force, success, restartDelay, stopTimeout, bothTimeouts
        case killMode, killSignal, umask, niceness, directory, user, wantedBy
        case limit, startLimitInterval, startLimitBurst
        case input, output, error

        /// Assignments add up; an empty one resets.
        var isList: Bool {
            switch self {
            case .command, .environment, .prevent, .force, .success, .wantedBy: true
            default: false
            }
        }
    }

    static func rule(of section: String, _ key: String) -> Rule? { table["\(section).\(key)"] }

    /// The name of the keys that say one thing together with this one; `nil` for a key that stands alone.
    static func bond(of key: String) -> String? {
        switch key {
        case "Restart", "RestartPreventExitStatus", "RestartForceExitStatus", "SuccessExitStatus": "restart"
        case "StartLimitInterval", "StartLimitIntervalSec", "StartLimitBurst": "limit"
        case "TimeoutSec", "TimeoutStopSec": "stop"
        case "WantedBy", "RequiredBy": "install"
        default: nil
        }
    }

    private static let table: [String: Rule] = [
        "Unit.Description": .text(\.summary, .summary),
        "Unit.StartLimitIntervalSec": .startLimitInterval,
        "Unit.StartLimitInterval": .startLimitInterval,
        "Unit.StartLimitBurst": .startLimitBurst,
        "Service.StartLimitInterval": .startLimitInterval,
        "Service.StartLimitBurst": .startLimitBurst,

        "Service.Type": .type,
        "Service.ExecStart": .command,
        "Service.Environment": .environment,
        "Service.User": .user,
        "Service.Group": .text(\.group, .group),
        "Service.WorkingDirectory": .directory,
        "Service.RootDirectory": .text(\.rootDirectory, .rootDirectory),
        "Service.UMask": .umask,
        "Service.Nice": .niceness,
        "Service.LimitCPU": .limit, "Service.LimitFSIZE": .limit, "Service.LimitDATA": .limit,
        "Service.LimitSTACK": .limit, "Service.LimitCORE": .limit, "Service.LimitRSS": .limit,
        "Service.LimitNOFILE": .limit, "Service.LimitAS": .limit, "Service.LimitNPROC": .limit,
        "Service.LimitMEMLOCK": .limit,

        "Service.Restart": .restart,
        "Service.RestartPreventExitStatus": .prevent,
        "Service.RestartForceExitStatus": .force,
        "Service.SuccessExitStatus": .success,
        "Service.RestartSec": .restartDelay,

        "Service.TimeoutStopSec": .stopTimeout,
        "Service.TimeoutSec": .bothTimeouts,
        "Service.KillMode": .killMode,
        "Service.KillSignal": .killSignal,

        "Service.StandardInput": .input,
        "Service.StandardOutput": .output,
        "Service.StandardError": .error,

        "Install.WantedBy": .wantedBy,
        "Install.RequiredBy": .wantedBy,
    ]
}
