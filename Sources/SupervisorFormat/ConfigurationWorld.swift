// SupervisorFormat, floor 2: supervisord.conf <-> Service (lossless INI document, expansions, typed settings).

/// All that reading a configuration asks of the machine. The reader itself touches nothing, so a test is a world in
/// memory, and a daemon may read on a worker thread.
package protocol ConfigurationWorld: Sendable {
    /// The whole content of a regular file (or pipe). Content past `limit` bytes is `.tooLarge`.
    func read(_ path: String, limit: Int) -> FileReading
    /// What stands at `path`, symbolic links followed; `nil` = nothing.
    func kind(of path: String) -> FileKind?
    /// Names in a directory without `.` and `..`, in any order; `nil` = it cannot be listed.
    func list(_ directory: String) -> [String]?
    func user(named name: String) -> UserRecord?
    func leavesOpen(user name: String) -> Bool
    func user(id: UInt32) -> UserRecord?
    func groupID(named name: String) -> UInt32?
    func hasGroup(id: UInt32) -> Bool
    /// Effective user of the process that reads.
    var userID: UInt32 { get }
    /// The environment of the process that reads: `%(ENV_X)s`.
    var environment: [String: String] { get }
    /// Absolute.
    var currentDirectory: String { get }
    /// `%(host_node_name)s`: uname(2)'s node name.
    var hostName: String { get }
    /// Where AUTO log files go when `childlogdir` is absent.
    var temporaryDirectory: String { get }
}

extension ConfigurationWorld {
    /// Whether nobody knows yet if there is such a user: the user database does not answer.
    package func leavesOpen(user name: String) -> Bool { false }
}

/// What came of reading a file.
package enum FileReading: Hashable, Sendable {
    case content([UInt8])
    case missing
    /// It is there but cannot be read; the reason in words, e.g. `Permission denied`.
    case unreadable(String)
    case tooLarge
}

/// What a path names.
package enum FileKind: Hashable, Sendable {
    case file, directory, other
}

/// The part of a user's record that a configuration can depend on.
package struct UserRecord: Hashable, Sendable {
    package var id: UInt32
    /// Primary group.
    package var group: UInt32
    /// Home directory: `~name`.
    package var home: String

    package init(id: UInt32, group: UInt32, home: String) {
        self.id = id
        self.group = group
        self.home = home
    }
}
