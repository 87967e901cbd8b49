package import Locations
package import ServiceModel
package import SourceText

/// The boot hook: what starts `svinstall run` when the machine, or the user's session, starts.
///
/// It is a `Service` like any other and goes through the writers of the converter; what is said here is only which
/// service it is.
package struct Hook: Hashable, Sendable {
    package var system: InitSystem
    package var scope: Scope
    /// launchd's Label; systemd's unit name without suffix.
    package var label: String
    /// Absolute path of svinstall.
    package var program: String
    /// Absolute path of the configuration; `nil` = whatever the lookup finds.
    package var configuration: String?
    /// The user's home directory.
    package var home: String
    /// Directory of the daemon's own output under launchd, which keeps none by itself.
    package var logDirectory: String
    /// How long the manager waits between its request to stop and SIGKILL.
    package var stopTimeout: TimeSpan

    package init(
        system: InitSystem, scope: Scope, label: String? = nil, program: String, configuration: String?, home: String,
        logDirectory: String, stopTimeout: TimeSpan
    ) {
        self.system = system
        self.scope = scope
        self.label = label ?? (system == .launchd ? "org.svinstall.daemon" : "svinstall")
        self.program = program
        self.configuration = configuration
        self.home = home
        self.logDirectory = logDirectory
        self.stopTimeout = stopTimeout
    }

    /// The service that the hook is.
    package var service: Service {
        let dialect: Dialect = system == .launchd ? .launchd : .systemd
        var service = Service(name: Setting(label), dialect: dialect)
        service.summary = Setting(
            "svinstall: runs and restarts the programs of \(configuration ?? "its configuration")")
        service.command = Setting(.words([program, "run"] + (configuration.map { ["-c", $0] } ?? [])))
        service.environment = [EnvironmentVariable("PATH", Setting(Self.path(dialect)))]
        service.startsAtLoad = Setting(true)
        service.stopTimeout = Setting(stopTimeout)
        switch dialect {
        case .launchd: describeForLaunchd(&service)
        default: describeForSystemd(&service)
        }
        return service
    }

    /// Restarted on failure only, so that `svinstall shutdown` stays down until the next boot.
    private func describeForLaunchd(_ service: inout Service) {
        service.restartOn = Setting(.unsuccessful)
        service.standardOutput = Setting(.file("\(logDirectory)/\(label).out.log"))
        service.standardError = Setting(.file("\(logDirectory)/\(label).err.log"))
    }

    /// svinstall stops its programs itself, each with its own stop time: systemd signals the main process only, waits,
    /// and never ends programs before an automatic restart. Exit 78 is a wrong configuration: no restart mends that.
    private func describeForSystemd(_ service: inout Service) {
        service.readiness = Setting(.notified)
        service.restartOn = Setting(
            TerminationSet.all.subtracting(Defaults.systemdSuccess).subtracting(.codes([78])))
        service.restartDelay = Setting(.afterExit(.seconds(1)))
        service.giveUp = Setting(.never)
        service.stopScope = Setting(.main)
        service.killScope = Setting(.main)
        service.endsStragglers = Setting(false)
        for (key, value) in Self.unitSettings {
            service.foreign.append(ForeignSetting(dialect: .systemd, path: ["Service", key], value: value))
        }
        let reload = ([program, "update"] + (configuration.map { ["-c", $0] } ?? [])).joined(separator: " ")
        service.foreign.append(ForeignSetting(dialect: .systemd, path: ["Service", "ExecReload"], value: reload))
        let target = scope == .system ? "multi-user.target" : "default.target"
        service.foreign.append(ForeignSetting(dialect: .systemd, path: ["Install", "WantedBy"], value: target))
    }

    /// What only systemd knows, with the reason of each.
    private static let unitSettings: [(key: String, value: String)] = [
        // Only the daemon itself speaks for the service; programs inherit no right to.
        ("NotifyAccess", "main"),
        // One program that runs out of memory must not end the others.
        ("OOMPolicy", "continue"),
        // Room for two output pipes and a process descriptor of each program across a restart of the daemon.
        ("FileDescriptorStoreMax", "32768"),
        // Control groups below ours belong to us.
        ("Delegate", "yes"),
        // The number of processes is the programs' business.
        ("TasksMax", "infinity"),
    ]

    /// Login shells have these directories, managers do not. Homebrew's two prefixes come first on a Mac.
    private static func path(_ dialect: Dialect) -> String {
        dialect == .launchd
            ? "/opt/homebrew/bin:/opt/homebrew/sbin:/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin"
            : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }
}

extension Defaults {
    /// The ends that systemd calls clean (systemd.service(5), `SuccessExitStatus=`).
    static var systemdSuccess: TerminationSet { Dialect.systemd.defaults.success }
}
