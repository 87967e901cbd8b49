import SupervisorFormat

/// The machine as a conversion sees it: files are read from it, but a file may be converted for another machine, so
/// every user, group and directory that a file names is taken to exist.
struct ConversionWorld: ConfigurationWorld {
    private let base: any ConfigurationWorld

    init(_ base: any ConfigurationWorld) {
        self.base = base
    }

    /// nobody's and nogroup's number: never looked at again.
    private static let stranger: UInt32 = 65534

    func read(_ path: String, limit: Int) -> FileReading { base.read(path, limit: limit) }
    func kind(of path: String) -> FileKind? { base.kind(of: path) ?? .directory }
    func list(_ directory: String) -> [String]? { base.list(directory) }
    func user(named name: String) -> UserRecord? {
        base.user(named: name) ?? UserRecord(id: Self.stranger, group: Self.stranger, home: "/home/" + name)
    }
    func user(id: UInt32) -> UserRecord? {
        base.user(id: id) ?? UserRecord(id: id, group: Self.stranger, home: "/")
    }
    func groupID(named name: String) -> UInt32? { base.groupID(named: name) ?? Self.stranger }
    func hasGroup(id: UInt32) -> Bool { true }
    var userID: UInt32 { base.userID }
    var environment: [String: String] { base.environment }
    var currentDirectory: String { base.currentDirectory }
    var hostName: String { base.hostName }
    var temporaryDirectory: String { base.temporaryDirectory }
}
