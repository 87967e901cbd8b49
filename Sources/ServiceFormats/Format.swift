// ServiceFormats, floor 3: the one list of formats: recognises a file, picks reader and writer.

package import ServiceModel

/// A format that a user can name. Those without a dialect are known by name so that the error can say "not yet".
package enum Format: String, Hashable, Sendable, CaseIterable {
    /// supervisord.conf.
    case supervisor
    /// A launchd property list.
    case plist
    /// systemd units.
    case systemd
    case procfile
    case openrc, sysv, runit, s6, dinit, upstart, cron, compose, daemontools, nomad, kubernetes

    /// The format of a word on the command line: its own name or one of its other names, in any case.
    package init?(word: some StringProtocol) {
        let lowered = word.lowercased()
        guard let format = Format(rawValue: lowered) ?? Self.otherNames[lowered] else { return nil }
        self = format
    }

    private static let otherNames: [String: Format] = [
        "launchd": .plist, "launchagent": .plist, "launchdaemon": .plist,
        "conf": .supervisor, "config": .supervisor, "ini": .supervisor, "supervisord": .supervisor,
        "unit": .systemd, "service": .systemd, "units": .systemd,
        "honcho": .procfile, "foreman": .procfile,
        "init": .sysv, "lsb": .sysv, "initd": .sysv, "openrc-run": .openrc, "crontab": .cron,
        "docker-compose": .compose, "k8s": .kubernetes,
    ]

    /// The language of the format's files; `nil` = not supported yet. Both are called by one word but for launchd, whose
    /// jobs are known by the form of their files.
    package var dialect: Dialect? { self == .plist ? .launchd : Dialect(rawValue: rawValue) }

    /// What a user calls it.
    package var title: String {
        switch self {
        case .supervisor: "supervisor config"
        case .plist: "launchd property list"
        case .systemd: "systemd unit"
        case .procfile: "Procfile"
        case .openrc: "OpenRC script"
        case .sysv: "SysV init script"
        case .runit: "runit directory"
        case .s6: "s6 service directory"
        case .dinit: "dinit service"
        case .upstart: "Upstart job"
        case .cron: "crontab"
        case .compose: "docker-compose file"
        case .daemontools: "daemontools directory"
        case .nomad: "Nomad job"
        case .kubernetes: "Kubernetes manifest"
        }
    }
}
