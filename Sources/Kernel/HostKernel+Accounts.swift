import CPlatform

extension HostKernel {
    package var accountsAreFiles: Bool { svi_names_are_files() != 0 }

    package func user(named name: String) throws(SystemError) -> UserAccount? {
        try lookUp("getpwnam", name, passwd(), UserAccount.init) { getpwnam_r(name, $0, $1, $2, $3) }
    }

    package func user(id: UInt32) throws(SystemError) -> UserAccount? {
        try lookUp("getpwuid", "\(id)", passwd(), UserAccount.init) { getpwuid_r(id, $0, $1, $2, $3) }
    }

    package func group(named name: String) throws(SystemError) -> GroupAccount? {
        try lookUp("getgrnam", name, CPlatform.group(), GroupAccount.init) { getgrnam_r(name, $0, $1, $2, $3) }
    }

    package func group(id: UInt32) throws(SystemError) -> GroupAccount? {
        try lookUp("getgrgid", "\(id)", CPlatform.group(), GroupAccount.init) { getgrgid_r(id, $0, $1, $2, $3) }
    }

    package func groups(ofUser name: String, primary: UInt32) throws(SystemError) -> [UInt32] {
        if name.utf8.contains(0) { throw SystemError("getgrouplist", .invalid, path: name) }
        var capacity = 64
        while true {
            var groups = [UInt32](repeating: 0, count: capacity)
            let count = Int(svi_groups(name, primary, &groups, Int32(capacity)))
            if count <= capacity { return Array(groups[..<max(count, 0)]) }
            capacity = count
        }
    }

    /// One look-up in a database whose answer needs a buffer of a size that only trying tells.
    private func lookUp<Entry, Account>(
        _ call: String, _ key: String, _ empty: Entry, _ translate: (Entry) -> Account,
        _ body: (
            UnsafeMutablePointer<Entry>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
        ) -> Int32
    ) throws(SystemError) -> Account? {
        if key.utf8.contains(0) { return nil }
        svi_prepare_names()
        var entry = empty
        var size = 1024
        while true {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { buffer.deallocate() }
            var found: UnsafeMutablePointer<Entry>?
            switch body(&entry, buffer, size, &found) {
            case 0: return found == nil ? nil : translate(entry)
            case EINTR: continue
            case ERANGE where size < 1 << 22: size *= 2
            // What name services answer for an unknown name, getpwnam(3).
            case ENOENT, ESRCH, EBADF, EPERM: return nil
            case let number: throw SystemError(call, ErrorNumber(number), path: key)
            }
        }
    }
}

extension UserAccount {
    fileprivate init(_ entry: passwd) {
        self.init(
            name: String(cString: entry.pw_name), id: entry.pw_uid, group: entry.pw_gid,
            home: String(cString: entry.pw_dir), shell: String(cString: entry.pw_shell))
    }
}

extension GroupAccount {
    fileprivate init(_ entry: CPlatform.group) {
        self.init(name: String(cString: entry.gr_name), id: entry.gr_gid)
    }
}
