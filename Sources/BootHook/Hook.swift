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
    /// Absolute path of the configuration; `nil` = the built-in default.
    package var configuration: String?
    /// The user's home directory.
    package var home: String
    /// Whose hook it is, where it is a user's.
    package var userID: UInt32 = 0
    package var userName = "root"
    /// Where the daemon keeps its socket, state and logs: root's are the system's, whoever's manager starts it.
    package var daemonScope: Scope
    package var owner: Owner { Owner(id: userID, name: userName) }
    /// Directory of the daemon's own output under launchd, which keeps none by itself.
    package var logDirectory: String
    /// How long the manager waits between its request to stop and SIGKILL.
    package var stopTimeout: TimeSpan
    package var options: HookOptions
    /// Paths of which a person accepted that others can write them: the daemon is told, too.
    package var allowed: [String] = []

    package init(
        system: InitSystem, scope: Scope, label: String? = nil, program: String, configuration: String?, home: String,
        logDirectory: String, stopTimeout: TimeSpan, options: HookOptions = HookOptions()
    ) {
        self.system = system
        self.scope = scope
        daemonScope = scope
        self.label = label ?? Self.defaultLabel(system)
        self.program = program
        self.configuration = configuration
        self.home = home
        self.logDirectory = logDirectory
        self.stopTimeout = stopTimeout
        self.options = options
    }

    package static func defaultLabel(_ system: InitSystem) -> String {
        system == .launchd ? "org.svinstall.daemon" : "svinstall"
    }

    /// How long the daemon gives its programs: a little less than the manager gives it, so that it ends by itself.
    package var shutdownTimeout: Int64? {
        stopTimeout.wholeSecondsUp.map { max(1, $0 - Self.farewell) }
    }

    /// The exit status of a daemon that no restart mends: its configuration is wrong.
    static let unmendable: Int32 = 78
    /// How many descriptors systemd keeps while the daemon is restarted: five for each program, at most.
    private static let storeSize = "32768"

    /// Seconds between the end of the last program and the moment in which the manager loses patience.
    private static let farewell: Int64 = 3

    /// The words after the daemon's name.
    var commandWords: [String] {
        ["run"] + (configuration.map { ["-c", $0] } ?? [])
            + (shutdownTimeout.map { ["--shutdown-timeout", "\($0)"] } ?? [])
            + allowed.flatMap { ["--allow", $0] }
    }

    private var dialect: Dialect { system == .launchd ? .launchd : .systemd }

    /// The service that the hook is.
    package var service: Service {
        var service = Service(name: Setting(label), dialect: dialect)
        service.summary = Setting(
            "svinstall: runs and restarts the programs of \(configuration ?? "its configuration")")
        service.command = Setting(.words([program] + commandWords))
        service.environment = [EnvironmentVariable("PATH", Setting(searchPath))]
        for (name, value) in options.environment.sorted(by: { $0.key < $1.key }) {
            service.environment.append(EnvironmentVariable(name, Setting(value)))
        }
        service.startsAtLoad = Setting(true)
        // Where a manager starts its jobs elsewhere: the same at boot and by hand, and nothing is left in a home.
        if system == .cron || (system == .systemd && scope == .user) { service.workingDirectory = Setting("/") }
        service.stopTimeout = Setting(stopTimeout)
        // Restarted on failure only, so that `svinstall shutdown` stays down until the next boot.
        service.restartOn = Setting(.unsuccessful.subtracting(.codes([Self.unmendable])))
        switch system {
        case .launchd: describeForLaunchd(&service)
        case .systemd: describeForSystemd(&service)
        case .openrc, .sysv, .runit, .s6, .cron: describeForScripts(&service)
        }
        return service
    }

    private func describeForLaunchd(_ service: inout Service) {
        // launchd knows success and failure only.
        service.restartOn = Setting(.unsuccessful)
        service.standardOutput = Setting(.file("\(logDirectory)/\(label).out.log"))
        service.standardError = Setting(.file("\(logDirectory)/\(label).err.log"))
        if scope == .user {
            // Somebody who is only there by SSH has no graphical session: the job belongs to either.
            service.foreign.append(
                ForeignSetting(
                    dialect: .launchd, path: ["LimitLoadToSessionType"],
                    value: #"["Aqua","Background"]"#))
        }
    }

    /// What the scripts of the smaller inits know: no readiness, and one process to signal.
    private func describeForScripts(_ service: inout Service) {
        service.restartDelay = Setting(.afterExit(.seconds(1)))
        service.giveUp = Setting(.never)
        service.stopScope = Setting(.main)
        service.killScope = Setting(.main)
        service.standardOutput = Setting(.file("\(logDirectory)/\(label).out.log"))
        service.standardError = Setting(.sameAsOutput)
    }

    /// svinstall stops its programs itself, each with its own stop time: systemd signals the main process only, waits,
    /// and never ends programs before an automatic restart.
    private func describeForSystemd(_ service: inout Service) {
        service.readiness = Setting(.notified)
        // As systemd says by itself from 254 on.
        service.environment.append(EnvironmentVariable("FDSTORE", Setting(Self.storeSize)))
        service.restartOn = Setting(
            TerminationSet.all.subtracting(Defaults.systemdSuccess).subtracting(.codes([Self.unmendable])))
        service.restartDelay = Setting(.afterExit(.seconds(1)))
        service.giveUp = Setting(.never)
        service.stopScope = Setting(.main)
        service.killScope = Setting(.main)
        service.endsStragglers = Setting(false)
        let settings = unitSettings + (options.isHardened ? Hardening.settings.map { ($0.key, $0.value) } : [])
        for (key, value) in settings {
            service.foreign.append(ForeignSetting(dialect: .systemd, path: ["Service", key], value: value))
        }
        if scope == .system {
            // Programs find the network, accounts and remote directories, and are stopped before those go.
            service.foreign.append(
                ForeignSetting(
                    dialect: .systemd, path: ["Unit", "After"],
                    value: "network.target remote-fs.target nss-user-lookup.target"))
        }
        let target = scope == .system ? "multi-user.target" : "default.target"
        service.foreign.append(ForeignSetting(dialect: .systemd, path: ["Install", "WantedBy"], value: target))
    }

    /// What only systemd knows, with the reason of each.
    private var unitSettings: [(key: String, value: String)] {
        var settings = [
            // Only the daemon itself speaks for the service; programs inherit no right to.
            ("NotifyAccess", "main"),
            // One program that runs out of memory must not end the others.
            ("OOMPolicy", "continue"),
            // Pipes and process descriptors of the programs outlive a daemon that is killed, and so do the programs.
            ("FileDescriptorStoreMax", Self.storeSize),
            // What it keeps it can only pass on below this; the hard limit is systemd's usual one.
            ("LimitNOFILE", "\(Self.storeSize):524288"),
            // Control groups below ours belong to us.
            ("Delegate", "yes"),
            // The number of processes is the programs' business.
            ("TasksMax", "infinity"),
        ]
        let connection = configuration.map { ["-c", $0] } ?? []
        settings += [
            ("ExecReload", UnitWords.join([program, "update"] + connection)),
            // What a crash of the daemon left would otherwise run beside what the new one starts; it does nothing where
            // the daemon finds out by itself what belongs to whom.
            ("ExecStartPre", "-" + UnitWords.join([program, "agent", "sweep", "--before-start"])),
            // What outlived an operator's stop; it does nothing when a restart follows.
            ("ExecStopPost", "-" + UnitWords.join([program, "agent", "sweep", "--after-stop"])),
        ]
        if let seconds = options.watchdogSeconds { settings.append(("WatchdogSec", "\(seconds)")) }
        return settings
    }

    /// The daemon's PATH, and so that of its programs.
    var searchPath: String { Self.path(dialect) }

    /// Login shells have these directories, managers do not. Homebrew's two prefixes come first on a Mac.
    private static func path(_ dialect: Dialect) -> String {
        dialect == .launchd
            ? "/opt/homebrew/bin:/opt/homebrew/sbin:/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin"
            : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }
}

/// What a person may ask of a hook beyond its default.
package struct HookOptions: Hashable, Sendable {
    /// systemd's sandboxing; programs inherit it.
    package var isHardened = false
    /// systemd's watchdog; at least 60.
    package var watchdogSeconds: Int?
    /// Variables that the daemon needs to find what its clients find, e.g. a state directory that was moved.
    package var environment: [String: String] = [:]
    /// The directory that runsvdir(8) or s6-svscan(8) looks at.
    package var serviceDirectory: String?
    /// s6: the directory that a boot fills `/run/service` from; found, not asked for.
    package var bootServiceDirectory: String?
    /// launchd's domain of the job; `nil` = by the scope.
    package var domain: String?

    package init() {}
}

extension Defaults {
    /// The ends that systemd calls clean (systemd.service(5), `SuccessExitStatus=`).
    static var systemdSuccess: TerminationSet { Dialect.systemd.defaults.success }
}
