import SupervisorFormat

/// A machine in memory.
struct TestWorld: ConfigurationWorld {
    var files: [String: [UInt8]] = [:]
    var directories: Set<String> = ["/", "/tmp", "/var/log"]
    var listings: [String: [String]] = [:]
    var environment: [String: String] = ["HOME": "/home/me", "PATH": "/usr/bin:/bin"]

    func read(_ path: String, limit: Int) -> FileReading {
        guard let bytes = files[path] else { return .missing }
        return bytes.count <= limit ? .content(bytes) : .tooLarge
    }
    func kind(of path: String) -> FileKind? {
        files[path] != nil ? .file : directories.contains(path) ? .directory : nil
    }
    func list(_ directory: String) -> [String]? { listings[directory] }
    func user(named name: String) -> UserRecord? {
        name == "root" ? UserRecord(id: 0, group: 0, home: "/root") : nil
    }
    func user(id: UInt32) -> UserRecord? { id == 0 ? UserRecord(id: 0, group: 0, home: "/root") : nil }
    func groupID(named name: String) -> UInt32? { name == "root" ? 0 : nil }
    func hasGroup(id: UInt32) -> Bool { id == 0 }
    var userID: UInt32 { 0 }
    var currentDirectory: String { "/" }
    var hostName: String { "box" }
    var temporaryDirectory: String { "/tmp" }
}
