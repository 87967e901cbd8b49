package import Kernel
package import SourceText

extension VirtualKernel {
    // MARK: Clocks

    package func now() -> Instant { locked { $0.clock } }

    /// The time zone of a virtual machine is UTC.
    package func localTime(wall: Int64) -> CivilTime {
        let seconds = Instant(monotonic: 0, boot: 0, wall: wall).epochSeconds
        let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let second = Int(seconds - day * 86_400)
        // Days are counted from 1 March of year 0, so that leap days come last in their year.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return CivilTime(
            year: Int(yearOfEra + era * 400 + (month >= 10 ? 1 : 0)), month: Int(month < 10 ? month + 3 : month - 9),
            day: Int(dayOfYear - (153 * month + 2) / 5 + 1), hour: second / 3600, minute: second / 60 % 60,
            second: second % 60, nanosecond: Int(wall - seconds * 1_000_000_000), weekday: Int(((day + 4) % 7 + 7) % 7),
            offset: 0)
    }

    /// Sleeping moves the clocks instead of waiting for the test to do so.
    package func sleep(nanoseconds: Int64) { advance(nanoseconds: max(0, nanoseconds)) }

    // MARK: Accounts

    /// Makes a user and a group of the same name and number.
    package func addUser(_ name: String, id: UInt32, otherGroups: [UInt32] = []) {
        locked { state in
            state.users.append(
                UserAccount(name: name, id: id, group: id, home: "/home/\(name)", shell: "/bin/sh"))
            state.groups.append(GroupAccount(name: name, id: id))
            state.memberships[name] = otherGroups
        }
    }

    package var accountsAreFiles: Bool { false }

    package func user(named name: String) throws(SystemError) -> UserAccount? {
        try call("getpwnam", name) { state in state.users.first { $0.name == name } }
    }

    package func user(id: UInt32) throws(SystemError) -> UserAccount? {
        try call("getpwuid", "\(id)") { state in state.users.first { $0.id == id } }
    }

    package func group(named name: String) throws(SystemError) -> GroupAccount? {
        try call("getgrnam", name) { state in state.groups.first { $0.name == name } }
    }

    package func group(id: UInt32) throws(SystemError) -> GroupAccount? {
        try call("getgrgid", "\(id)") { state in state.groups.first { $0.id == id } }
    }

    package func groups(ofUser name: String, primary: UInt32) throws(SystemError) -> [UInt32] {
        try call("getgrouplist", name) { state in
            [primary] + (state.memberships[name] ?? []).filter { $0 != primary }
        }
    }

    // MARK: The process

    package var processID: Int32 { 100 }
    package var parentProcessID: Int32 { 1 }
    package var userID: UInt32 { locked { $0.identity.user } }
    package var groupID: UInt32 { locked { $0.identity.group } }
    package var hostName: String { "virtual" }
    package var environment: Environment { locked { $0.environment } }

    /// Replaces the environment the machine's program was started with.
    package func setEnvironment(_ environment: Environment) { locked { $0.environment = environment } }

    package func executablePath() -> String? { "/bin/svinstall" }

    package func setUmask(_ mask: UInt32) -> UInt32 {
        locked { state in
            defer { state.umask = mask }
            return state.umask
        }
    }

    package func limit(_ resource: Resource) throws(SystemError) -> LimitSetting {
        try call("getrlimit") { $0.limits[resource] ?? LimitSetting(resource, soft: 1024, hard: 4096) }
    }

    package func setLimit(_ setting: LimitSetting) throws(SystemError) {
        try call("setrlimit") { $0.limits[setting.resource] = setting }
    }

    package func setCredentials(_ credentials: Credentials) throws(SystemError) {
        try call("setuid", "\(credentials.user)") { state throws(SystemError) in
            guard state.identity.user == 0 else {
                throw SystemError("setuid", .notPermitted, path: "\(credentials.user)")
            }
            state.identity = credentials
        }
    }

    package func giveBackMemory() {}

    package func becomeSubreaper() throws(SystemError) { try call("prctl") { _ in } }

    package func daemonise() throws(SystemError) { try call("fork") { _ in } }

    package func end(within span: TimeSpan?, status: Int32) {}

    package func discardStandardDescriptors() throws(SystemError) { try call("dup2") { _ in } }

    package func writeSystemLog(_ line: [UInt8], wall: Int64) throws(SystemError) {
        try call("sendto", "/dev/log") { $0.systemLog.append(String(decoding: line, as: UTF8.self)) }
    }

    /// The lines that went to syslog.
    package var systemLog: [String] { locked { $0.systemLog } }
}
