import SourceText

/// What the value of a key that the model has no field for must look like (systemd.unit(5), systemd.service(5),
/// systemd.exec(5), systemd.kill(5), systemd.resource-control(5)). systemd warns about any other value and ignores it.
enum UnitValueChecks {
    enum Form: Sendable {
        case boolean, timeSpan, signal, mode
        /// A path, for conditions with `|` and `!` before it.
        case path
        /// A number of bytes with a unit, or a part of all that there is in percent.
        case size
        case percent
        case number(ClosedRange<Int>)
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
        case .path:
            let path = value.drop { "|!".contains($0) }
            return path.isEmpty || path.hasPrefix("/") || path.hasPrefix("-/") ? nil : "an absolute path"
        case .size:
            let isPart = value.hasSuffix("%") && Double(value.dropLast()) != nil
            return isPart || UnitValue.limit(value, unit: .bytes) != nil ? nil : "a size such as 512M"
        case .percent: return value.hasSuffix("%") && Double(value.dropLast()) != nil ? nil : "a percentage such as 20%"
        case .number(let range):
            return Int(value).map(range.contains) == true
                ? nil : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .words(let words):
            if words.contains(value) || words.contains("yes") && words.contains(value.lowercased()) { return nil }
            let shown = words.subtracting(otherTruths).sorted()
            return "one of \(shown.joined(separator: ", "))"
        }
    }

    /// Words that mean yes or no as well; two of them are enough to show.
    private static let otherTruths: Set<String> = ["1", "y", "true", "t", "on", "0", "n", "false", "f", "off"]

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
        add(
            .path,
            """
            ConditionPathExists ConditionPathExistsGlob ConditionPathIsDirectory ConditionPathIsSymbolicLink
            ConditionPathIsMountPoint ConditionPathIsReadWrite ConditionDirectoryNotEmpty ConditionFileNotEmpty
            ConditionFileIsExecutable AssertPathExists AssertPathExistsGlob AssertPathIsDirectory
            AssertPathIsSymbolicLink AssertPathIsMountPoint AssertPathIsReadWrite AssertDirectoryNotEmpty
            AssertFileNotEmpty AssertFileIsExecutable EnvironmentFile
            """)
        add(.size, "MemoryMin MemoryLow MemoryHigh MemoryMax MemorySwapMax")
        add(.percent, "CPUQuota")
        forms["OOMScoreAdjust"] = .number(-1000...1000)
        let truths = "1 yes y true t on 0 no n false f off"
        for (name, words) in [
            ("PrivateTmp", truths + " disconnected"), ("PrivateUsers", truths + " self identity full managed"),
            ("ProtectSystem", truths + " full strict"), ("ProtectHome", truths + " read-only tmpfs"),
            ("ProtectControlGroups", truths + " private strict"), ("ProtectHostname", truths + " private"),
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
