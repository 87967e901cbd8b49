import SupervisorFormat

/// A machine on which everything exists that a configuration could ask for, and no other file.
struct AnywhereWorld: ConfigurationWorld {
    func read(_ path: String, limit: Int) -> FileReading { .missing }
    func kind(of path: String) -> FileKind? { .directory }
    func list(_ directory: String) -> [String]? { nil }
    func user(named name: String) -> UserRecord? { UserRecord(id: 1000, group: 1000, home: "/home/" + name) }
    func user(id: UInt32) -> UserRecord? { UserRecord(id: id, group: id, home: "/") }
    func groupID(named name: String) -> UInt32? { 1000 }
    func hasGroup(id: UInt32) -> Bool { true }
    var userID: UInt32 { 0 }
    var environment: [String: String] { ["HOME": "/home/me"] }
    var currentDirectory: String { "/" }
    var hostName: String { "box" }
    var temporaryDirectory: String { "/tmp" }
}
