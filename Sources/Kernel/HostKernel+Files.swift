import CPlatform

extension HostKernel {
    package func open(_ path: String, _ options: OpenOptions) throws(SystemError) -> Descriptor {
        var flags: Int32 =
            switch options.direction {
            case .read: O_RDONLY
            case .write: O_WRONLY
            case .readWrite: O_RDWR
            }
        if options.append { flags |= O_APPEND }
        if options.createMode != nil { flags |= O_CREAT }
        if options.exclusive { flags |= O_EXCL }
        if options.truncate { flags |= O_TRUNC }
        if options.nonBlocking { flags |= O_NONBLOCK }
        if options.refuseLink { flags |= O_NOFOLLOW }
        let mode = mode_t(truncatingIfNeeded: options.createMode ?? 0)
        return Descriptor(number: try retrying("open", on: path) { svi_open($0, flags, mode) })
    }

    package func status(of path: String, followLinks: Bool) throws(SystemError) -> FileStatus {
        var status = svi_file_status()
        _ = try retrying("stat", on: path) { svi_status($0, followLinks ? 1 : 0, &status) }
        return FileStatus(status)
    }

    package func status(of descriptor: Descriptor) throws(SystemError) -> FileStatus {
        var status = svi_file_status()
        _ = try retrying("fstat") { svi_descriptor_status(descriptor.number, &status) }
        return FileStatus(status)
    }

    package func rename(_ old: String, to new: String) throws(SystemError) {
        if new.utf8.contains(0) { throw SystemError("rename", .invalid, path: new) }
        _ = try retrying("rename", on: old) { CPlatform.rename($0, new) }
    }

    package func unlink(_ path: String) throws(SystemError) {
        _ = try retrying("unlink", on: path) { CPlatform.unlink($0) }
    }

    package func link(_ old: String, to new: String) throws(SystemError) {
        if old.utf8.contains(0) { throw SystemError("link", .invalid, path: old) }
        _ = try retrying("link", on: new) { CPlatform.link(old, $0) }
    }

    package func makeSymbolicLink(_ path: String, to target: String) throws(SystemError) {
        if target.utf8.contains(0) { throw SystemError("symlink", .invalid, path: target) }
        _ = try retrying("symlink", on: path) { symlink(target, $0) }
    }

    package func readSymbolicLink(_ path: String) throws(SystemError) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = try retrying("readlink", on: path) { path in
            buffer.withUnsafeMutableBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) { chars in
                    chars.baseAddress.map { readlink(path, $0, chars.count) } ?? -1
                }
            }
        }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    package func makeDirectory(_ path: String, mode: UInt32) throws(SystemError) {
        _ = try retrying("mkdir", on: path) { mkdir($0, mode_t(truncatingIfNeeded: mode)) }
        try setMode(path, mode)
    }

    package func removeDirectory(_ path: String) throws(SystemError) {
        _ = try retrying("rmdir", on: path) { rmdir($0) }
    }

    package func list(_ directory: String) throws(SystemError) -> [String] {
        if directory.utf8.contains(0) { throw SystemError("opendir", .invalid, path: directory) }
        guard let stream = opendir(directory) else {
            throw SystemError("opendir", .current, path: directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard let name = String(validatingCString: svi_entry_name(entry)), name != ".", name != ".." else {
                continue
            }
            names.append(name)
        }
        return names.sorted()
    }

    package func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
        _ = try retrying("chmod", on: path) { chmod($0, mode_t(truncatingIfNeeded: mode)) }
    }

    package func setMode(_ descriptor: Descriptor, _ mode: UInt32) throws(SystemError) {
        _ = try retrying("fchmod") { fchmod(descriptor.number, mode_t(truncatingIfNeeded: mode)) }
    }

    package func setOwner(_ path: String, user: UInt32?, group: UInt32?) throws(SystemError) {
        // chown(2): the number with all bits set means "as it is".
        _ = try retrying("chown", on: path) { chown($0, user ?? .max, group ?? .max) }
    }

    package func setOwner(_ descriptor: Descriptor, user: UInt32?, group: UInt32?) throws(SystemError) {
        _ = try retrying("fchown") { fchown(descriptor.number, user ?? .max, group ?? .max) }
    }

    package func synchronise(_ descriptor: Descriptor) throws(SystemError) {
        _ = try retrying("fsync") { fsync(descriptor.number) }
    }

    package func truncate(_ descriptor: Descriptor, to size: Int64) throws(SystemError) {
        _ = try retrying("ftruncate") { ftruncate(descriptor.number, off_t(size)) }
    }

    package func tryLock(_ descriptor: Descriptor) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try retrying("flock") { flock(descriptor.number, LOCK_EX | LOCK_NB) }
            return true
        } catch  where error.number == .again {
            return false
        }
    }

    package func realPath(_ path: String) throws(SystemError) -> String {
        if path.utf8.contains(0) { throw SystemError("realpath", .invalid, path: path) }
        guard let resolved = realpath(path, nil) else { throw SystemError("realpath", .current, path: path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    package func mayAccess(_ path: String, _ access: FileAccess) throws(SystemError) -> Bool {
        let mode: Int32 =
            switch access {
            case .read: R_OK
            case .write: W_OK
            case .execute: X_OK
            }
        do throws(SystemError) {
            _ = try retrying("access", on: path) { svi_effective_access($0, mode) }
            return true
        } catch  where [.accessDenied, .notPermitted, .readOnly].contains(error.number) {
            return false
        }
    }

    package func currentDirectory() throws(SystemError) -> String {
        guard let path = getcwd(nil, 0) else { throw SystemError("getcwd", .current) }
        defer { free(path) }
        return String(cString: path)
    }

    package func changeDirectory(_ path: String) throws(SystemError) {
        _ = try retrying("chdir", on: path) { chdir($0) }
    }
}

extension FileStatus {
    fileprivate init(_ status: svi_file_status) {
        let kind: Kind =
            switch status.type {
            case UInt32(S_IFREG): .regular
            case UInt32(S_IFDIR): .directory
            case UInt32(S_IFLNK): .symbolicLink
            case UInt32(S_IFSOCK): .socket
            case UInt32(S_IFIFO): .fifo
            case UInt32(S_IFCHR): .characterDevice
            case UInt32(S_IFBLK): .blockDevice
            default: .other
            }
        self.init(
            identity: Identity(device: status.device, inode: status.inode), kind: kind, mode: status.mode,
            user: status.user, group: status.group, size: status.size, modified: status.modified)
    }
}
