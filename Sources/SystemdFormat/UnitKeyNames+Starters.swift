import SourceText

/// The keys of units that start services (systemd.timer(5), systemd.socket(5), systemd.path(5)).
extension UnitKeyNames {
    static let timer = """
        OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec OnCalendar OnClockChange OnTimezoneChange
        Persistent WakeSystem RemainAfterElapse FixedRandomDelay AccuracySec RandomizedDelaySec RandomizedOffsetSec
        DeferReactivation Unit
        """

    static let path = """
        PathExists PathExistsGlob PathChanged PathModified DirectoryNotEmpty Unit MakeDirectory DirectoryMode
        TriggerLimitIntervalSec TriggerLimitBurst
        """

    /// Besides these, a socket has the keys of a service's surroundings: its commands run in them.
    static let socket = """
        ListenStream ListenDatagram ListenSequentialPacket ListenFIFO ListenNetlink ListenSpecial ListenMessageQueue
        ListenUSBFunction SocketProtocol BindIPv6Only Backlog BindToDevice ExecStartPre ExecStartPost ExecStopPre
        ExecStopPost TimeoutSec SocketUser SocketGroup SocketMode DirectoryMode Accept FlushPending Writable
        MaxConnections MaxConnectionsPerSource KeepAlive KeepAliveTimeSec KeepAliveIntervalSec KeepAliveProbes
        DeferAcceptSec NoDelay Priority ReceiveBuffer SendBuffer IPTOS IPTTL Mark PipeSize FreeBind Transparent
        Broadcast PassCredentials PassPIDFD PassSecurity PassPacketInfo PassFileDescriptorsToExec AcceptFileDescriptors
        Timestamping TCPCongestion ReusePort MessageQueueMaxMessages MessageQueueMessageSize RemoveOnStop Symlinks
        FileDescriptorName Service TriggerLimitIntervalSec TriggerLimitBurst PollLimitIntervalSec PollLimitBurst
        DeferTrigger DeferTriggerMaxSec SmackLabel SmackLabelIPIn SmackLabelIPOut SELinuxContextFromNet
        """

    /// Keys of a service that say what it runs and not in which surroundings: a socket does not have them.
    static let onlyServices = """
        PIDFile ExecCondition ExecStart ExecReload ExecStop RestartSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec
        TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec
        StartLimitInterval StartLimitBurst StartLimitAction FailureAction RebootArgument Type ExitType Restart
        PermissionsStartOnly RootDirectoryStartOnly RemainAfterExit GuessMainPID RestartPreventExitStatus
        RestartForceExitStatus SuccessExitStatus NonBlocking BusName FileDescriptorStoreMax NotifyAccess Sockets
        USBFunctionDescriptors USBFunctionStrings OOMPolicy RestartSteps RestartMaxDelaySec RestartMode ReloadSignal
        OpenFile FileDescriptorStorePreserve
        """

    /// What to do about a key that the section does not have.
    static func remedy(for key: String, in section: String) -> String {
        if let home = homes(of: key).first { return "it belongs into [\(home)]" }
        if let near = nearestWord(to: key, among: names(of: section)) { return "did you mean \(near)=?" }
        return "check its spelling, or begin it with X-"
    }
}
