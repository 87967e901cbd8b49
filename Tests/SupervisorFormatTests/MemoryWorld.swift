import SupervisorFormat

/// A machine in memory: two users, a few directories, whatever files a test needs.
struct MemoryWorld: ConfigurationWorld {
    var files: [String: [UInt8]] = [:]
    var directories: Set<String> = ["/", "/etc", "/tmp", "/var", "/var/log", "/home", "/home/kim", "/work"]
    var unreadable: Set<String> = []
    var userID: UInt32 = 0
    var environment: [String: String] = ["HOME": "/home/kim", "PATH": "/bin"]
    var currentDirectory = "/work"
    var hostName = "host1"
    var temporaryDirectory = "/tmp"

    init(_ files: [String: String] = [:]) {
        for (path, text) in files { self.files[path] = Array(text.utf8) }
    }

    func read(_ path: String, limit: Int) -> FileReading {
        if unreadable.contains(path) || directories.contains(path) { return .unreadable("Permission denied") }
        guard let bytes = files[path] else { return .missing }
        return bytes.count > limit ? .tooLarge : .content(bytes)
    }

    func kind(of path: String) -> FileKind? {
        if files[path] != nil { return .file }
        var plain = path
        while plain.count > 1, plain.hasSuffix("/") { plain.removeLast() }
        return directories.contains(plain) ? .directory : nil
    }

    func list(_ directory: String) -> [String]? {
        guard kind(of: directory) == .directory else { return nil }
        let prefix = directory == "/" ? "/" : directory + "/"
        let paths = Array(files.keys) + Array(directories)
        return paths.filter { $0.hasPrefix(prefix) && $0 != prefix && !$0.dropFirst(prefix.count).contains("/") }
            .map { String($0.dropFirst(prefix.count)) }
    }

    private static let users = [
        "root": UserRecord(id: 0, group: 0, home: "/root"), "kim": UserRecord(id: 1000, group: 100, home: "/home/kim"),
    ]

    func user(named name: String) -> UserRecord? { Self.users[name] }
    func user(id: UInt32) -> UserRecord? { Self.users.values.first { $0.id == id } }
    func groupID(named name: String) -> UInt32? { ["root": 0, "users": 100][name] }
    func hasGroup(id: UInt32) -> Bool { id == 0 || id == 100 }
}
