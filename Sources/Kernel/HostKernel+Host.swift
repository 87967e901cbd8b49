import CPlatform
package import SourceText

extension HostKernel {
    package var processID: Int32 { getpid() }
    package var parentProcessID: Int32 { getppid() }
    package var userID: UInt32 { geteuid() }
    package var groupID: UInt32 { getegid() }

    package var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var environment: Environment { Environment(entries: environmentEntries { _ in true }) }

    package func variable(_ name: String) -> String? {
        let start = "\(name)="
        return Environment(entries: environmentEntries { strncmp($0, start, start.utf8.count) == 0 })[name]
    }

    /// What environ(7) holds, as far as it is chosen.
    private func environmentEntries(_ isChosen: (UnsafePointer<CChar>) -> Bool) -> [UnsafeRawBufferPointer] {
        guard var entry = svi_environment() else { return [] }
        var entries: [UnsafeRawBufferPointer] = []
        while let text = entry.pointee {
            if isChosen(text) { entries.append(UnsafeRawBufferPointer(start: text, count: strlen(text))) }
            entry += 1
        }
        return entries
    }

    /// The words we were started with, the program's own first, with or without /proc; `nil` where nobody tells.
    package var arguments: [String]? {
        guard var word = svi_arguments() else { return nil }
        var words: [String] = []
        while let text = word.pointee {
            words.append(String(cString: text))
            word += 1
        }
        return words
    }

    package func executablePath() -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard svi_executable_path(&buffer, buffer.count) == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package func setUmask(_ mask: UInt32) -> UInt32 { UInt32(umask(mode_t(truncatingIfNeeded: mask))) }

    package func limit(_ resource: Resource) throws(SystemError) -> LimitSetting {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        _ = try retrying("getrlimit") { svi_get_limit(resource.rawValue, &soft, &hard) }
        return LimitSetting(resource, soft: soft == .max ? nil : soft, hard: hard == .max ? nil : hard)
    }

    package func setLimit(_ setting: LimitSetting) throws(SystemError) {
        _ = try retrying("setrlimit") {
            svi_set_limit(setting.resource.rawValue, setting.soft ?? .max, setting.hard ?? .max)
        }
    }

    package func setCredentials(_ credentials: Credentials) throws(SystemError) {
        let groups = credentials.supplementaryGroups
        _ = try retrying("setgroups") { setgroups(.init(groups.count), groups) }
        _ = try retrying("setgid", "\(credentials.group)") { setgid(credentials.group) }
        _ = try retrying("setuid", "\(credentials.user)") { setuid(credentials.user) }
        // A caller without privileges changes the effective id only and could change it back.
        guard svi_ids_are(credentials.user, credentials.group) != 0 else {
            throw SystemError("setuid", .notPermitted, path: "\(credentials.user)")
        }
    }

    package func giveBackMemory() { svi_give_back_memory() }

    package func becomeSubreaper() throws(SystemError) {
        _ = try retrying("prctl") { svi_become_subreaper() }
    }

    package func daemonise() throws(SystemError) {
        if try retrying("fork", nil, { svi_fork() }) > 0 { _exit(0) }
        _ = try retrying("setsid") { setsid() }
        try discardStandardDescriptors()
    }

    package func end(within span: TimeSpan?, status: Int32) {
        svi_end_within(span.map { max(($0.finiteNanoseconds ?? 0) / 1_000_000, 1) } ?? 0, status)
    }

    package func discardStandardDescriptors() throws(SystemError) {
        let null = try open("/dev/null", OpenOptions(.readWrite))
        for target in Int32(0)...2 where target != null.number {
            _ = try retrying("dup2") { dup2(null.number, target) }
        }
        if null.number > 2 { close(null) }
    }
}
