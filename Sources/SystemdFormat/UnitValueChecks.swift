import SourceText

/// What the value of a key that the model has no field for must look like (systemd.unit(5), systemd.service(5),
/// systemd.exec(5), systemd.kill(5), systemd.resource-control(5)). systemd warns about any other value and ignores it.
enum UnitValueChecks {
    enum Form: Sendable {
        case boolean, timeSpan, signal, mode
        case words(Set<String>)
    }

    /// What the value is not; `nil` when it is in order, or when nothing is known of the key.
    static func fault(_ key: String, _ value: String) -> String? {
        guard let form = forms[key], !value.isEmpty, !value.contains("%") else { return nil }
        switch form {
        case .boolean: return UnitValue.boolean(value) == nil ? "yes or no" : nil
        case .timeSpan: return TimeSpan(value) == nil ? "a time span" : nil
        case .signal: return UnitValue.signal(value) == nil ? "a signal" : nil
        case .mode: return UnitValue.mode(value) == nil ? "an octal mode" : nil
        case .words(let words): return words.contains(value) ? nil : "one of \(words.sorted().joined(separator: ", "))"
        }
    }

    private static let forms: [String: Form] = {
        var forms: [String: Form] = [:]
        func add(_ form: Form, _ names: String) {
            for name in names.split(whereSeparator: \.isWhitespace) { forms[String(name)] = form }
        }
        add(
            .boolean,
            """
            StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies IgnoreOnIsolate
            RemainAfterExit GuessMainPID NonBlocking RootDirectoryStartOnly DynamicUser RemoveIPC NoNewPrivileges
            PrivateDevices PrivateNetwork PrivateMounts PrivateIPC ProtectKernelTunables ProtectKernelModules
            ProtectKernelLogs ProtectClock MemoryDenyWriteExecute RestrictRealtime RestrictSUIDSGID LockPersonality
            SendSIGKILL SendSIGHUP IgnoreSIGPIPE CPUAccounting MemoryAccounting TasksAccounting IOAccounting
            IPAccounting SyslogLevelPrefix TTYReset TTYVHangup TTYVTDisallocate CPUSchedulingResetOnFork MountAPIVFS
            """)
        add(
            .timeSpan,
            """
            TimeoutStartSec TimeoutAbortSec RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec RestartMaxDelaySec
            TimeoutCleanSec LogRateLimitIntervalSec JobTimeoutSec JobRunningTimeoutSec CPUQuotaPeriodSec
            """)
        add(.signal, "RestartKillSignal FinalKillSignal WatchdogSignal ReloadSignal")
        add(
            .mode,
            """
            RuntimeDirectoryMode StateDirectoryMode CacheDirectoryMode LogsDirectoryMode ConfigurationDirectoryMode
            """)
        for (name, words) in [
            ("NotifyAccess", "none main exec all"), ("ExitType", "main cgroup"), ("OOMPolicy", "continue stop kill"),
            ("RestartMode", "normal direct debug"), ("KeyringMode", "inherit private shared"),
            ("ProtectProc", "noaccess invisible ptraceable default"), ("ProcSubset", "all pid"),
            ("DevicePolicy", "auto closed strict"), ("CollectMode", "inactive inactive-or-failed"),
            ("TimeoutStartFailureMode", "terminate abort kill"), ("TimeoutStopFailureMode", "terminate abort kill"),
            ("UtmpMode", "init login user"),
        ] {
            forms[name] = .words(Set(words.split(separator: " ").map(String.init)))
        }
        return forms
    }()
}
