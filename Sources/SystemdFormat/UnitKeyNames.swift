/// The keys that systemd knows in the sections of a service (systemd 252 by its own list, newer ones by its manual).
enum UnitKeyNames {
    /// Whether systemd knows the key; keys and sections that begin with `X-` are nobody's business.
    static func knows(_ section: String, _ key: String) -> Bool {
        section.hasPrefix("X-") || key.hasPrefix("X-") || bySection[section]?.contains(Substring(key)) == true
    }

    /// Whether the section belongs into a file of that kind.
    static func knows(section: String, in kind: UnitKind) -> Bool {
        section.hasPrefix("X-") || section == "Unit" || section == "Install" || section == kind.section
    }

    /// The sections in which systemd knows the key.
    static func homes(of key: String) -> [String] {
        ["Unit", "Service", "Install", "Timer", "Socket", "Path"].filter { knows($0, key) }
    }

    /// Every key of a section.
    static func names(of section: String) -> [String] { sorted[section] ?? [] }

    private static let sorted = bySection.mapValues { $0.map(String.init).sorted() }

    private static func set(_ names: String) -> Set<Substring> { Set(names.split(whereSeparator: \.isWhitespace)) }

    private static let bySection: [String: Set<Substring>] = [
        "Unit": set(unit), "Service": set(service), "Install": set(install), "Timer": set(timer), "Path": set(path),
        "Socket": set(socket).union(set(service).subtracting(set(onlyServices))),
    ]

    private static let unit = """
        Description Documentation SourcePath Requires Requisite Wants BindsTo BindTo Upholds Conflicts Before After
        OnSuccess OnFailure PropagatesReloadTo PropagateReloadTo ReloadPropagatedFrom PropagateReloadFrom
        PropagatesStopTo StopPropagatedFrom PartOf JoinsNamespaceOf RequiresOverridable RequisiteOverridable
        RequiresMountsFor StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies
        OnSuccessJobMode OnFailureJobMode OnFailureIsolate IgnoreOnIsolate JobTimeoutSec JobRunningTimeoutSec
        JobTimeoutAction JobTimeoutRebootArgument StartLimitIntervalSec StartLimitInterval StartLimitBurst
        StartLimitAction FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus RebootArgument
        ConditionPathExists ConditionPathExistsGlob ConditionPathIsDirectory ConditionPathIsSymbolicLink
        ConditionPathIsMountPoint ConditionPathIsReadWrite ConditionPathIsEncrypted ConditionDirectoryNotEmpty
        ConditionFileNotEmpty ConditionFileIsExecutable ConditionNeedsUpdate ConditionFirstBoot
        ConditionArchitecture ConditionFirmware ConditionVirtualization ConditionHost ConditionKernelCommandLine
        ConditionKernelVersion ConditionCredential ConditionSecurity ConditionCapability ConditionACPower
        ConditionMemory ConditionCPUFeature ConditionCPUs ConditionEnvironment ConditionUser ConditionGroup
        ConditionControlGroupController ConditionOSRelease ConditionMemoryPressure ConditionCPUPressure
        ConditionIOPressure AssertPathExists AssertPathExistsGlob AssertPathIsDirectory AssertPathIsSymbolicLink
        AssertPathIsMountPoint AssertPathIsReadWrite AssertPathIsEncrypted AssertDirectoryNotEmpty
        AssertFileNotEmpty AssertFileIsExecutable AssertNeedsUpdate AssertFirstBoot AssertArchitecture
        AssertVirtualization AssertHost AssertKernelCommandLine AssertKernelVersion AssertCredential AssertSecurity
        AssertCapability AssertACPower AssertMemory AssertCPUFeature AssertCPUs AssertEnvironment AssertUser
        AssertGroup AssertControlGroupController AssertOSRelease AssertMemoryPressure AssertCPUPressure
        AssertIOPressure CollectMode WantsMountsFor SurviveFinalKillSignal AssertFirmware ConditionVersion
        AssertVersion ConditionKernelModuleLoaded AssertKernelModuleLoaded ConditionMachineTag
        """

    private static let service = """
        PIDFile ExecCondition ExecStartPre ExecStart ExecStartPost ExecReload ExecStop ExecStopPost RestartSec
        TimeoutSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutStartFailureMode TimeoutStopFailureMode
        RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec StartLimitInterval StartLimitBurst StartLimitAction
        FailureAction RebootArgument Type ExitType Restart PermissionsStartOnly RootDirectoryStartOnly
        RemainAfterExit GuessMainPID RestartPreventExitStatus RestartForceExitStatus SuccessExitStatus NonBlocking
        BusName FileDescriptorStoreMax NotifyAccess Sockets USBFunctionDescriptors USBFunctionStrings OOMPolicy
        WorkingDirectory RootDirectory RootImage RootImageOptions RootHash RootHashSignature RootVerity
        ExtensionDirectories ExtensionImages MountImages User Group SupplementaryGroups Nice OOMScoreAdjust
        CoredumpFilter IOSchedulingClass IOSchedulingPriority CPUSchedulingPolicy CPUSchedulingPriority
        CPUSchedulingResetOnFork CPUAffinity NUMAPolicy NUMAMask UMask Environment EnvironmentFile PassEnvironment
        UnsetEnvironment DynamicUser RemoveIPC StandardInput StandardOutput StandardError StandardInputText
        StandardInputData TTYPath TTYReset TTYVHangup TTYVTDisallocate TTYRows TTYColumns SyslogIdentifier
        SyslogFacility SyslogLevel SyslogLevelPrefix LogLevelMax LogRateLimitIntervalSec LogRateLimitBurst
        LogExtraFields SecureBits CapabilityBoundingSet AmbientCapabilities TimerSlackNSec NoNewPrivileges
        KeyringMode ProtectProc ProcSubset SystemCallFilter SystemCallArchitectures SystemCallErrorNumber
        SystemCallLog MemoryDenyWriteExecute RestrictNamespaces RestrictRealtime RestrictSUIDSGID
        RestrictAddressFamilies LockPersonality RestrictFileSystems LimitCPU LimitFSIZE LimitDATA LimitSTACK
        LimitCORE LimitRSS LimitNOFILE LimitAS LimitNPROC LimitMEMLOCK LimitLOCKS LimitSIGPENDING LimitMSGQUEUE
        LimitNICE LimitRTPRIO LimitRTTIME ReadWriteDirectories ReadOnlyDirectories InaccessibleDirectories
        ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths ExecSearchPath BindPaths
        BindReadOnlyPaths TemporaryFileSystem PrivateTmp PrivateDevices ProtectKernelTunables ProtectKernelModules
        ProtectKernelLogs ProtectClock ProtectControlGroups NetworkNamespacePath IPCNamespacePath LogNamespace
        PrivateNetwork PrivateUsers PrivateMounts PrivateIPC ProtectSystem ProtectHome MountFlags MountAPIVFS
        Personality RuntimeDirectoryPreserve RuntimeDirectoryMode RuntimeDirectory StateDirectoryMode StateDirectory
        CacheDirectoryMode CacheDirectory LogsDirectoryMode LogsDirectory ConfigurationDirectoryMode
        ConfigurationDirectory SetCredential SetCredentialEncrypted LoadCredential LoadCredentialEncrypted
        TimeoutCleanSec PAMName IgnoreSIGPIPE UtmpIdentifier UtmpMode SELinuxContext AppArmorProfile
        SmackProcessLabel ProtectHostname Slice AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes
        StartupAllowedMemoryNodes CPUAccounting CPUWeight StartupCPUWeight CPUShares StartupCPUShares CPUQuota
        CPUQuotaPeriodSec MemoryAccounting MemoryMin DefaultMemoryMin DefaultMemoryLow MemoryLow MemoryHigh
        MemoryMax MemorySwapMax MemoryLimit DeviceAllow DevicePolicy IOAccounting IOWeight StartupIOWeight
        IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec
        BlockIOAccounting BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight BlockIOReadBandwidth
        BlockIOWriteBandwidth TasksAccounting TasksMax Delegate DisableControllers IPAccounting IPAddressAllow
        IPAddressDeny IPIngressFilterPath IPEgressFilterPath ManagedOOMSwap ManagedOOMMemoryPressure
        ManagedOOMMemoryPressureLimit ManagedOOMPreference BPFProgram SocketBindAllow SocketBindDeny
        RestrictNetworkInterfaces SendSIGKILL SendSIGHUP KillMode KillSignal RestartKillSignal FinalKillSignal
        WatchdogSignal RestartSteps RestartMaxDelaySec RestartMode ReloadSignal OpenFile FileDescriptorStorePreserve
        RootEphemeral RootImagePolicy MountImagePolicy ExtensionImagePolicy LogFilterPatterns ImportCredential
        MemoryKSM PrivatePIDs PrivateBPF BPFDelegateCommands BPFDelegateMaps BPFDelegatePrograms
        BPFDelegateAttachments UserNamespacePath DelegateSubgroup MemoryZSwapMax MemoryZSwapWriteback
        StartupMemoryHigh StartupMemoryLow StartupMemoryMax StartupMemorySwapMax StartupMemoryZSwapMax
        DefaultStartupMemoryLow MemoryPressureWatch MemoryPressureThresholdSec NFTSet CoredumpReceive
        SetLoginEnvironment StateDirectoryQuota StateDirectoryAccounting CacheDirectoryQuota
        CacheDirectoryAccounting LogsDirectoryQuota LogsDirectoryAccounting ManagedOOMMemoryPressureDurationSec
        PassFileDescriptorsToExec RefreshOnReload
        """

    private static let install = """
        Alias WantedBy RequiredBy Also DefaultInstance UpheldBy
        """
}
