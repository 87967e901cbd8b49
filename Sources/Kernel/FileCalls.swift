/// Files by path. All of these may block for as long as a file system likes: never on the engine thread.
package protocol FileCalls: Sendable {
    func open(_ path: String, _ options: OpenOptions) throws(SystemError) -> Descriptor

    /// What the path is; `followLinks: false` tells of a symbolic link itself.
    func status(of path: String, followLinks: Bool) throws(SystemError) -> FileStatus
    func status(of descriptor: Descriptor) throws(SystemError) -> FileStatus

    func rename(_ old: String, to new: String) throws(SystemError)
    /// Removes a file or socket.
    func unlink(_ path: String) throws(SystemError)
    /// A second name; `ErrorNumber.exists` when the name is taken, which makes it an atomic claim.
    func link(_ old: String, to new: String) throws(SystemError)
    func makeSymbolicLink(_ path: String, to target: String) throws(SystemError)
    func readSymbolicLink(_ path: String) throws(SystemError) -> String

    /// Makes one directory, with exactly `mode`, whatever the umask.
    func makeDirectory(_ path: String, mode: UInt32) throws(SystemError)
    func removeDirectory(_ path: String) throws(SystemError)
    /// The names in a directory, sorted, without `.` and `..`; names that are not UTF-8 are left out.
    func list(_ directory: String) throws(SystemError) -> [String]

    func setMode(_ path: String, _ mode: UInt32) throws(SystemError)
    func setMode(_ descriptor: Descriptor, _ mode: UInt32) throws(SystemError)
    /// `nil` leaves the user or the group as it is.
    func setOwner(_ path: String, user: UInt32?, group: UInt32?) throws(SystemError)
    func setOwner(_ descriptor: Descriptor, user: UInt32?, group: UInt32?) throws(SystemError)

    func synchronise(_ descriptor: Descriptor) throws(SystemError)
    func truncate(_ descriptor: Descriptor, to size: Int64) throws(SystemError)

    /// Takes the file's lock (flock(2)) without waiting: `false` when another process holds it. It goes with the last
    /// copy of the descriptor.
    func tryLock(_ descriptor: Descriptor) throws(SystemError) -> Bool

    /// The path without symbolic links, `.` and `..`.
    func realPath(_ path: String) throws(SystemError) -> String

    /// Whether we may do that (access(2) with effective ids); throws when the file is not there at all.
    func mayAccess(_ path: String, _ access: FileAccess) throws(SystemError) -> Bool

    func currentDirectory() throws(SystemError) -> String
    func changeDirectory(_ path: String) throws(SystemError)
}

/// A question to `FileCalls.mayAccess`.
package enum FileAccess: Hashable, Sendable {
    case read, write, execute
}

/// How to open a file. Always close-on-exec and without becoming a controlling terminal.
package struct OpenOptions: Hashable, Sendable {
    package enum Direction: Hashable, Sendable {
        case read, write, readWrite
    }

    package var direction: Direction
    /// Every write goes to the end, also after somebody else truncated the file.
    package var append: Bool
    /// The mode of a file that has to be made (before the umask); `nil`: it must exist.
    package var createMode: UInt32?
    /// It must not exist yet; symbolic links are not followed.
    package var exclusive: Bool
    package var truncate: Bool
    package var nonBlocking: Bool
    /// Fails with `ErrorNumber.loop` when the last part of the path is a symbolic link.
    package var refuseLink: Bool

    package init(
        _ direction: Direction, append: Bool = false, createMode: UInt32? = nil, exclusive: Bool = false,
        truncate: Bool = false, nonBlocking: Bool = false, refuseLink: Bool = false
    ) {
        self.direction = direction
        self.append = append
        self.createMode = createMode
        self.exclusive = exclusive
        self.truncate = truncate
        self.nonBlocking = nonBlocking
        self.refuseLink = refuseLink
    }

    package static let reading = OpenOptions(.read)

    /// A log file: made when missing, written at its end.
    package static func appending(mode: UInt32 = 0o644) -> OpenOptions {
        OpenOptions(.write, append: true, createMode: mode)
    }
}

/// What stat(2) knows.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular, directory, symbolicLink, socket, fifo, characterDevice, blockDevice, other
    }

    /// The same for two paths when they are one file.
    package struct Identity: Hashable, Sendable {
        package var device: UInt64
        package var inode: UInt64

        package init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    package var identity: Identity
    package var kind: Kind
    /// Permission bits with set-id and sticky bits, 0 to 0o7777.
    package var mode: UInt32
    package var user: UInt32
    package var group: UInt32
    /// Bytes.
    package var size: Int64
    /// Last change of the content, nanoseconds since 1970.
    package var modified: Int64

    package init(
        identity: Identity, kind: Kind, mode: UInt32, user: UInt32, group: UInt32, size: Int64, modified: Int64
    ) {
        self.identity = identity
        self.kind = kind
        self.mode = mode
        self.user = user
        self.group = group
        self.size = size
        self.modified = modified
    }
}
