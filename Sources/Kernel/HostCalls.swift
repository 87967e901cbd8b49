package import SourceText

/// The machine and this process as a whole. These change the process for every thread; they belong to its start.
package protocol HostCalls: Sendable {
    var processID: Int32 { get }
    var parentProcessID: Int32 { get }
    /// Effective user id.
    var userID: UInt32 { get }
    /// Effective group id.
    var groupID: UInt32 { get }
    /// The machine's name, as uname(2) tells it.
    var hostName: String { get }
    /// The environment we were started with.
    var environment: Environment { get }
    /// One variable of it, without putting the others in order: a start asks for half a dozen.
    func variable(_ name: String) -> String?
    /// The absolute path of the running program file; `nil` when the system does not tell.
    func executablePath() -> String?

    /// Sets the file mode creation mask; returns the former one.
    func setUmask(_ mask: UInt32) -> UInt32

    func limit(_ resource: Resource) throws(SystemError) -> LimitSetting
    func setLimit(_ setting: LimitSetting) throws(SystemError)

    /// Becomes somebody else for good: groups, then group, then user, for all threads; verified afterwards.
    func setCredentials(_ credentials: Credentials) throws(SystemError)

    /// Linux: orphaned descendants become our children. Does nothing where the system has no such thing.
    func becomeSubreaper() throws(SystemError)

    /// Linux: gives back the pages that hold nothing any more, and takes the pages of code that were touched so far out
    /// of our resident set. For the end of a start and of a conversation, most of whose code is not needed again soon;
    /// what is comes back from the page cache.
    func giveBackMemory()

    /// Continues in the background: fork, the parent exits with 0, new session, standard descriptors on /dev/null.
    /// To be called before any thread, poller or lock of a pidfile exists. The pid is another one afterwards.
    func daemonise() throws(SystemError)

    /// Ends this process with `status` if it still is there after `span`, whatever hangs in it; `nil`: not any more.
    func end(within span: TimeSpan?, status: Int32)

    /// Points standard input, output and error at /dev/null.
    func discardStandardDescriptors() throws(SystemError)

    /// Sends one line to syslog(3) as facility `user`, priority `info`: what supervisord's lines are. `wall`
    /// (nanoseconds since 1970): when it was written. On Linux it waits a second at most for a collector that does not
    /// keep up and then fails with `ErrorNumber.again`; `ErrorNumber.noEntry` where nobody collects.
    func writeSystemLog(_ line: [UInt8], wall: Int64) throws(SystemError)
}

/// A resource of setrlimit(2).
package enum Resource: Int32, Hashable, Sendable, CaseIterable {
    case openFiles = 0
    case processes = 1
    case coreSize = 2
    case fileSize = 3
    case cpuSeconds = 4
    case dataSize = 5
    case stackSize = 6
    case addressSpace = 7
    case lockedMemory = 8
    case residentSet = 9
}

/// Soft and hard limit of a resource; `nil` is no limit.
package struct LimitSetting: Hashable, Sendable {
    package var resource: Resource
    package var soft: UInt64?
    package var hard: UInt64?

    package init(_ resource: Resource, soft: UInt64?, hard: UInt64?) {
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }
}

extension HostCalls {
    package func variable(_ name: String) -> String? { environment[name] }

    /// Where the service manager that started us wants to be told (sd_notify(3)); `nil` when it does not.
    package var notifySocket: String? {
        variable("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    }
}

extension HostCalls {
    /// In which variable a holder of descriptors says its pid to the daemon that it starts (`run --live-restore`).
    package static var holderVariable: String { "SVINSTALL_HOLDER" }

    /// The holder that started us; `nil` when none did, or it started one before us.
    package var holder: Int32? {
        guard let pid = variable(Self.holderVariable).flatMap({ Int32($0) }), pid == parentProcessID else { return nil }
        return pid
    }
}

extension HostCalls where Self: SocketCalls {
    /// Tells the service manager that started us (sd_notify(3)), e.g. `READY=1`, and gives it copies of descriptors;
    /// `false` when none asked to be told.
    @discardableResult
    package func notifyServiceManager(
        _ message: String, passing descriptors: [Descriptor] = []
    ) throws(SystemError) -> Bool {
        guard let notifySocket else { return false }
        let bytes = Array(message.utf8)
        if descriptors.isEmpty {
            try sendDatagram(bytes, to: notifySocket)
        } else {
            try sendDatagram(bytes, to: notifySocket, passing: descriptors)
        }
        return true
    }
}
