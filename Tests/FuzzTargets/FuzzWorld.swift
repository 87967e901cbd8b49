import SupervisorFormat

/// A machine on which everything exists that a configuration could ask for, with two files to include.
struct FuzzWorld: ConfigurationWorld {
    private static let included: [String: [UInt8]] = [
        "/d/a.conf": Array("[program:included]\ncommand=/bin/a %(here)s\n".utf8),
        "/d/b.conf": Array("[include]\nfiles=a.conf\n[group:g]\nprograms=included\n".utf8),
    ]

    func read(_ path: String, limit: Int) -> FileReading {
        Self.included[path].map { $0.count > limit ? .tooLarge : .content($0) } ?? .missing
    }
    func kind(of path: String) -> FileKind? { Self.included[path] == nil ? .directory : .file }
    func list(_ directory: String) -> [String]? { directory == "/d" ? ["a.conf", "b.conf"] : nil }
    func user(named name: String) -> UserRecord? { UserRecord(id: 1000, group: 1000, home: "/home/" + name) }
    func user(id: UInt32) -> UserRecord? { UserRecord(id: id, group: id, home: "/") }
    func groupID(named name: String) -> UInt32? { 1000 }
    func hasGroup(id: UInt32) -> Bool { true }
    var userID: UInt32 { 0 }
    var environment: [String: String] { ["HOME": "/home/me", "A": "b"] }
    var currentDirectory: String { "/d" }
    var hostName: String { "box" }
    var temporaryDirectory: String { "/tmp" }
}
