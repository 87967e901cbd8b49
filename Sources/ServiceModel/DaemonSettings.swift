import SourceText

/// The daemon's own settings: `[supervisord]` and the server sections (supervisord 4.3 names and defaults).
package struct DaemonSettings: Hashable, Sendable {
    /// Absolute path; `nil` = no log file.
    package var logFile: String?
    package var logRotation = LogRotation(maximumBytes: .megabytes(50), backups: 10)
    package var logToSyslog = false
    package var logLevel = LogLevel.info
    package var pidFile: String?
    package var umask: UInt32 = 0o022
    package var identifier = "supervisor"
    /// A name or a numeric id.
    package var user: String?
    package var directory: String?
    /// `nodaemon`; counts only when called as supervisord.
    package var staysInForeground = false
    package var silent = false
    package var minimumDescriptors = 1024
    package var minimumProcesses = 200
    /// Programs live on when the daemon is killed (`live_restore`): the name is dockerd's.
    package var liveRestore = false
    /// AUTO log files of earlier runs stay (`nocleanup`).
    package var keepsOldChildLogs = false
    package var stripsANSI = false
    package var environment: [EnvironmentVariable] = []
    /// Directory of AUTO log files.
    package var childLogDirectory = "/tmp"
    package var listeners: [ListenerSettings] = []
    /// Whether `[rpcinterface:supervisor]` stands in the file: without it the namespace does not exist.
    package var offersSupervisorNamespace = true
    /// Root file of the configuration; `nil` for plans that were not read from one.
    package var configurationFile: String?

    package init() {}
}

/// One socket on which the daemon answers.
package struct ListenerSettings: Hashable, Sendable {
    package enum Address: Hashable, Sendable {
        /// `owner` is `user[:group]`; `mode` in permission bits.
        case unix(path: String, mode: UInt32, owner: String?)
        /// An empty host is every IPv4 interface.
        case tcp(host: String, port: Int)
    }

    /// Section it comes from, e.g. `unix_http_server`.
    package var section: String
    package var address: Address
    package var username: String?
    /// As written: plain, or `{SHA}` and 40 hexadecimal digits.
    package var password: String?
    /// The private control socket: always there, outside supervisord's listings.
    package var isPrivate: Bool
    /// Who may do less than everything here; the private socket has no rules, for its owner could change them.
    package var access: [AccessRule] = []

    package init(
        section: String, address: Address, username: String? = nil, password: String? = nil, isPrivate: Bool = false
    ) {
        self.section = section
        self.address = address
        self.username = username
        self.password = password
        self.isPrivate = isPrivate
    }
}
