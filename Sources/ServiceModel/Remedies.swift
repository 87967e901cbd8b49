/// What to do where a manager cannot say a thing: one table for all writers.
extension ServiceField {
    /// What does the same without the manager; `nil` where nothing has to be done.
    package var remedy: String? {
        switch self {
        case .softLimit, .hardLimit: "set it with ulimit in a script that ends with exec of the program"
        case .niceness: "start the program with nice(1)"
        case .rootDirectory: "start the program with chroot(8)"
        case .calendar, .interval: "let cron start it: svinstall convert cron FILE"
        case .watchedPaths, .queueDirectories: "start it from incrontab(5) or inotifywait(1)"
        case .sockets, .socketHandover: "let the program open its own socket, or inetd(8) start it"
        case .foreign(let dialect, let path): Self.remedy(for: path, of: dialect)
        default: nil
        }
    }

    /// The same where the target runs on macOS, which has not every tool.
    package var remedyOnDarwin: String? {
        remedy.flatMap { text in Self.ofLinux.contains { text.contains($0) } ? nil : text }
    }

    /// Tools that only Linux has.
    private static let ofLinux = [
        "choom(1)", "ionice(1)", "chrt(1)", "taskset(1)", "setpriv(1)", "timeout(1)", "inotifywait(1)", "control group",
        "usermod", "useradd", "udev(7)",
    ]

    private static func remedy(for path: [String], of dialect: Dialect) -> String? {
        guard let key = path.last else { return nil }
        switch dialect {
        case .systemd where key.hasPrefix("Condition") || key.hasPrefix("Assert"): return inScript
        case .systemd: return systemd[key]
        case .launchd: return path.lazy.compactMap { launchd[$0] }.first
        case .supervisor: return supervisor[key]
        default: return nil
        }
    }

    private static let inScript = "do it at the beginning of a script that ends with exec of the program"

    private static let systemd = table([
        (inScript, "ExecCondition ExecStartPre PassEnvironment UnsetEnvironment"),
        ("let a script start it beside the program", "ExecStartPost"),
        ("name the stop signal that does the same, or run it before you stop the program", "ExecStop"),
        ("run it in a script that waits for the program's end", "ExecStopPost"),
        ("run it by hand, or send the program its signal", "ExecReload"),
        ("write its variables out, or read it in a script: set -a; . FILE", "EnvironmentFile"),
        ("add the user to the groups: usermod -aG GROUP USER", "SupplementaryGroups"),
        ("make a user for the program: useradd --system", "DynamicUser"),
        (
            "make the directory beforehand, for the program's user",
            """
            RuntimeDirectory StateDirectory CacheDirectory LogsDirectory ConfigurationDirectory RuntimeDirectoryMode
            StateDirectoryMode CacheDirectoryMode LogsDirectoryMode ConfigurationDirectoryMode
            """
        ),
        (
            "let the program wait for what it needs",
            "After Before Wants Requires Requisite BindsTo PartOf Upholds RequiresMountsFor"
        ),
        (
            "set it on a control group of your own",
            """
            MemoryMax MemoryHigh MemoryLow MemoryMin MemorySwapMax MemoryLimit CPUQuota CPUWeight CPUShares TasksMax
            IOWeight IOReadBandwidthMax IOWriteBandwidthMax AllowedCPUs Slice
            """
        ),
        ("start the program with choom(1)", "OOMScoreAdjust"),
        ("start the program with ionice(1)", "IOSchedulingClass IOSchedulingPriority"),
        ("start the program with chrt(1)", "CPUSchedulingPolicy CPUSchedulingPriority"),
        ("start the program with taskset(1)", "CPUAffinity"),
        ("start the program with setpriv(1)", "CapabilityBoundingSet AmbientCapabilities NoNewPrivileges SecureBits"),
        ("start the program with timeout(1)", "RuntimeMaxSec"),
        ("let something else see whether the program answers", "WatchdogSec"),
        ("start it by a simpler rule, and let a script test the rest", "OnCalendar"),
        ("start it at once, and let a script wait", "OnBootSec OnStartupSec"),
        ("wait a random time in a script", "RandomizedDelaySec"),
        ("start it by hand where the machine was off at the time", "Persistent"),
        (
            "run the program in a container if it must be shut in",
            """
            PrivateTmp PrivateDevices PrivateNetwork PrivateUsers PrivateMounts PrivateIPC PrivatePIDs ProtectSystem
            ProtectHome ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups ProtectClock
            ProtectHostname ProtectProc ProcSubset ReadWritePaths ReadOnlyPaths InaccessiblePaths ReadWriteDirectories
            ReadOnlyDirectories InaccessibleDirectories ExecPaths NoExecPaths BindPaths BindReadOnlyPaths
            TemporaryFileSystem SystemCallFilter SystemCallArchitectures RestrictAddressFamilies RestrictNamespaces
            RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute DevicePolicy DeviceAllow
            IPAddressAllow IPAddressDeny
            """
        ),
    ])

    private static let launchd = table([
        ("test it in a script that ends with exec of the program", "PathState OtherJobEnabled OtherJobActive"),
        ("start it from a rule of udev(7)", "StartOnMount"),
        (
            "start the program with nice(1) and ionice(1)",
            "ProcessType POSIXSpawnType LowPriorityIO LowPriorityBackgroundIO"
        ),
        ("start the program with /bin/sh -c", "EnableGlobbing"),
    ])

    private static let supervisor = table([
        ("leave it to supervisord, or to svinstall run", "events buffer_size result_handler")
    ])

    private static func table(_ rows: [(remedy: String, keys: String)]) -> [String: String] {
        let pairs = rows.flatMap { row in
            row.keys.split(whereSeparator: \.isWhitespace).map { (String($0), row.remedy) }
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}
