package import Kernel
import SourceText

extension VirtualKernel {
    /// Puts a file with its directories into the machine.
    package func install(_ path: String, _ text: String = "", mode: UInt32 = 0o644) {
        locked { state in
            let place = state.files.absolute(path)
            var missing: [String] = []
            var parent = parentDirectory(of: place)
            while (try? state.files.inode(parent)) == nil {
                missing.append(parent)
                parent = parentDirectory(of: parent)
            }
            for directory in missing { _ = state.files.add(directory, VirtualFile(.directory, mode: 0o755)) }
            var file = VirtualFile(.regular, mode: mode)
            file.bytes = Array(text.utf8)
            file.modified = state.clock.wall
            _ = state.files.add(place, file)
        }
    }

    /// Removes a file or an empty directory; as a tool would, so that it is no call of the program under test.
    package func erase(_ path: String) {
        locked { state in
            guard let inode = try? state.files.inode(path, followLast: false) else { return }
            try? state.files.remove(path, directory: state.files.inodes[inode]?.kind == .directory)
        }
    }

    /// Gives a file or directory to somebody, likewise.
    package func own(_ path: String, _ user: UInt32, mode: UInt32? = nil) {
        locked { state in
            guard let inode = try? state.files.inode(path, followLast: false) else { return }
            state.files.update(inode) { file in
                file.user = user
                file.group = user
                if let mode { file.mode = mode }
            }
        }
    }

    /// Makes a link, likewise.
    package func installLink(_ path: String, to target: String) {
        install(path)
        locked { state in
            guard let inode = try? state.files.inode(path, followLast: false) else { return }
            state.files.update(inode) { file in
                file.kind = .symbolicLink
                file.target = target
            }
        }
    }

    /// Somebody listens at a socket, or no more.
    package func setListener(_ path: String, _ isThere: Bool, answers: Bool = true) {
        install(path)
        locked { state in
            guard let inode = try? state.files.inode(path, followLast: false) else { return }
            state.files.update(inode) { $0.kind = .socket }
            state.listeners[path] = isThere ? [] : nil
            if isThere && answers { state.answering.insert(path) } else { state.answering.remove(path) }
        }
    }

    /// Every path that exists, for looking at what is left.
    package var allPaths: [String] { locked { $0.files.paths } }

    /// Kind, mode and owner of a file; neither freezes nor fails.
    package func quietStatus(of path: String) -> FileStatus? {
        locked { state in try? Self.status(state.files.inode(path, followLast: false), state) }
    }

    /// The text of a file; `nil` when there is none. Neither freezes nor fails.
    package func text(of path: String) -> String? {
        locked { state in
            guard let inode = try? state.files.inode(path) else { return nil }
            return state.files.inodes[inode].map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }

    /// A call on the file tree, whose errors get the call's name and path.
    private func fileCall<Result>(
        _ name: String, _ path: String, _ body: (inout VirtualState) throws(ErrorNumber) -> Result
    ) throws(SystemError) -> Result {
        try call(name, path) { state throws(SystemError) in
            do throws(ErrorNumber) {
                return try body(&state)
            } catch {
                throw SystemError(name, error, path: path)
            }
        }
    }

    package func open(_ path: String, _ options: OpenOptions) throws(SystemError) -> Descriptor {
        try fileCall("open", path) { state throws(ErrorNumber) in
            let inode = try Self.inodeToOpen(path, options, &state)
            let kind = state.files.inodes[inode]?.kind
            if kind == .directory, options.direction != .read { throw .isDirectory }
            if kind == .symbolicLink { throw .loop }
            if kind == .characterDevice { return state.open(VirtualDescriptor(.null, path: path)) }
            if options.truncate { state.files.update(inode) { $0.bytes = [] } }
            var descriptor = VirtualDescriptor(.file(inode: inode), path: path)
            descriptor.append = options.append
            return state.open(descriptor)
        }
    }

    private static func inodeToOpen(
        _ path: String, _ options: OpenOptions, _ state: inout VirtualState
    ) throws(ErrorNumber) -> UInt64 {
        do throws(ErrorNumber) {
            let inode = try state.files.inode(path, followLast: !options.refuseLink && !options.exclusive)
            if options.exclusive { throw .exists }
            return inode
        } catch .noEntry {
            guard let mode = options.createMode else { throw .noEntry }
            var file = VirtualFile(.regular, mode: mode & ~state.umask)
            file.user = state.identity.user
            file.group = state.identity.group
            file.modified = state.clock.wall
            return try state.files.create(state.files.resolve(path, followLast: true), file)
        }
    }

    private static func status(_ inode: UInt64, _ state: VirtualState) throws(ErrorNumber) -> FileStatus {
        guard let file = state.files.inodes[inode] else { throw .noEntry }
        return FileStatus(
            identity: FileStatus.Identity(device: 1, inode: inode), kind: file.kind, mode: file.mode, user: file.user,
            group: file.group, size: Int64(file.bytes.count), modified: file.modified)
    }

    package func status(of path: String, followLinks: Bool) throws(SystemError) -> FileStatus {
        try fileCall("stat", path) { state throws(ErrorNumber) in
            try Self.status(state.files.inode(path, followLast: followLinks), state)
        }
    }

    package func status(of descriptor: Descriptor) throws(SystemError) -> FileStatus {
        try fileCall("fstat", pathOf(descriptor)) { state throws(ErrorNumber) in
            switch state.descriptors[descriptor.number]?.kind {
            case .file(let inode): return try Self.status(inode, state)
            case .null: return try Self.status(state.files.inode("/dev/null"), state)
            case .pipeReader(let pipe), .pipeWriter(let pipe): return Self.special(.fifo, UInt64(pipe))
            case .stream, .listener: return Self.special(.socket)
            case .process(let pid): return Self.special(.other, UInt64(pid))
            case nil: throw .badDescriptor
            }
        }
    }

    private static func special(_ kind: FileStatus.Kind, _ inode: UInt64 = 0) -> FileStatus {
        FileStatus(
            identity: FileStatus.Identity(device: 2, inode: inode), kind: kind, mode: 0o600, user: 0, group: 0, size: 0,
            modified: 0)
    }

    package func rename(_ old: String, to new: String) throws(SystemError) {
        try fileCall("rename", old) { state throws(ErrorNumber) in try state.files.rename(old, new) }
    }

    package func unlink(_ path: String) throws(SystemError) {
        try fileCall("unlink", path) { state throws(ErrorNumber) in try state.files.remove(path, directory: false) }
    }

    package func link(_ old: String, to new: String) throws(SystemError) {
        try fileCall("link", new) { state throws(ErrorNumber) in try state.files.link(old, new) }
    }

    package func makeSymbolicLink(_ path: String, to target: String) throws(SystemError) {
        try fileCall("symlink", path) { state throws(ErrorNumber) in
            var file = VirtualFile(.symbolicLink, mode: 0o777)
            file.target = target
            _ = try state.files.create(path, file)
        }
    }

    package func readSymbolicLink(_ path: String) throws(SystemError) -> String {
        try fileCall("readlink", path) { state throws(ErrorNumber) in
            let inode = try state.files.inode(path, followLast: false)
            guard let file = state.files.inodes[inode], file.kind == .symbolicLink else { throw .invalid }
            return file.target
        }
    }

    package func makeDirectory(_ path: String, mode: UInt32) throws(SystemError) {
        try fileCall("mkdir", path) { state throws(ErrorNumber) in
            var directory = VirtualFile(.directory, mode: mode)
            directory.user = state.identity.user
            directory.group = state.identity.group
            _ = try state.files.create(path, directory)
        }
    }

    package func removeDirectory(_ path: String) throws(SystemError) {
        try fileCall("rmdir", path) { state throws(ErrorNumber) in try state.files.remove(path, directory: true) }
    }

    package func list(_ directory: String) throws(SystemError) -> [String] {
        try fileCall("opendir", directory) { state throws(ErrorNumber) in
            let place = try state.files.resolve(directory, followLast: true)
            try state.files.requireDirectory(place)
            return state.files.list(place)
        }
    }

    private func change(
        _ call: String, _ path: String, _ body: (inout VirtualFile) -> Void
    ) throws(SystemError) {
        try fileCall(call, path) { state throws(ErrorNumber) in
            state.files.update(try state.files.inode(path), body)
        }
    }

    private func change(
        _ call: String, _ descriptor: Descriptor, _ body: (inout VirtualFile) -> Void
    ) throws(SystemError) {
        try fileCall(call, pathOf(descriptor)) { state throws(ErrorNumber) in
            guard case .file(let inode)? = state.descriptors[descriptor.number]?.kind else { throw .invalid }
            state.files.update(inode, body)
        }
    }

    package func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
        try change("chmod", path) { $0.mode = mode }
    }

    package func setMode(_ descriptor: Descriptor, _ mode: UInt32) throws(SystemError) {
        try change("fchmod", descriptor) { $0.mode = mode }
    }

    package func setOwner(_ path: String, user: UInt32?, group: UInt32?) throws(SystemError) {
        try change("chown", path) { $0.setOwner(user, group) }
    }

    package func setOwner(_ descriptor: Descriptor, user: UInt32?, group: UInt32?) throws(SystemError) {
        try change("fchown", descriptor) { $0.setOwner(user, group) }
    }

    package func synchronise(_ descriptor: Descriptor) throws(SystemError) {
        try call("fsync", pathOf(descriptor)) { _ in }
    }

    package func truncate(_ descriptor: Descriptor, to size: Int64) throws(SystemError) {
        try change("ftruncate", descriptor) { file in
            let missing = max(0, Int(size) - file.bytes.count)
            file.bytes = Array(file.bytes.prefix(Int(size))) + [UInt8](repeating: 0, count: missing)
        }
    }

    package func tryLock(_ descriptor: Descriptor) throws(SystemError) -> Bool {
        try call("flock", pathOf(descriptor)) { state in
            let kind = state.descriptors[descriptor.number]?.kind
            let others = state.descriptors.filter { $0.key != descriptor.number && $0.value.kind == kind }
            if others.values.contains(where: \.isLocked) { return false }
            state.descriptors[descriptor.number]?.isLocked = true
            return true
        }
    }

    package func realPath(_ path: String) throws(SystemError) -> String {
        try fileCall("realpath", path) { state throws(ErrorNumber) in
            let place = try state.files.resolve(path, followLast: true)
            _ = try state.files.inode(place)
            return place
        }
    }

    /// Root may do everything but execute what nobody may execute; others are judged by their own bits.
    package func mayAccess(_ path: String, _ access: FileAccess) throws(SystemError) -> Bool {
        try fileCall("access", path) { state throws(ErrorNumber) in
            let status = try Self.status(state.files.inode(path), state)
            let bit: UInt32 =
                switch access {
                case .read: 4
                case .write: 2
                case .execute: 1
                }
            if state.identity.user == 0 {
                return access != .execute || status.kind == .directory || status.mode & 0o111 != 0
            }
            let shift: UInt32 =
                status.user == state.identity.user ? 6 : status.group == state.identity.group ? 3 : 0
            return status.mode >> shift & bit != 0
        }
    }

    package func currentDirectory() throws(SystemError) -> String {
        try call("getcwd") { $0.files.currentDirectory }
    }

    package func changeDirectory(_ path: String) throws(SystemError) {
        try fileCall("chdir", path) { state throws(ErrorNumber) in
            try state.files.requireDirectory(path)
            state.files.currentDirectory = try state.files.resolve(path, followLast: true)
        }
    }
}

extension VirtualFile {
    fileprivate mutating func setOwner(_ user: UInt32?, _ group: UInt32?) {
        self.user = user ?? self.user
        self.group = group ?? self.group
    }
}
