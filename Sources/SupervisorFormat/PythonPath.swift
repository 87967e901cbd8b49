/// Paths as Python's posixpath treats them: plain text rules, the machine asked only for homes.
enum PythonPath {
    static func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

    /// `os.path.dirname`: everything before the last slash, slashes at its end removed.
    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        let head = path.utf8[...slash]
        guard let end = head.lastIndex(where: { $0 != UInt8(ascii: "/") }) else { return String(Substring(head)) }
        return String(Substring(head[...end]))
    }

    /// What follows the last slash.
    static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// `os.path.join`.
    static func join(_ base: String, _ path: String) -> String {
        if isAbsolute(path) || base.isEmpty { return path }
        return base.utf8.last == UInt8(ascii: "/") ? base + path : base + "/" + path
    }

    /// `os.path.normpath`: no `.`, `..` or doubled slashes, except two slashes at the very start.
    static func normalised(_ path: String) -> String {
        guard !path.isEmpty else { return "." }
        let slashes = path.utf8.prefix { $0 == UInt8(ascii: "/") }.count
        let root = slashes == 0 ? "" : (slashes == 2 ? "//" : "/")
        var parts: [String] = []
        for piece in path.utf8.split(separator: UInt8(ascii: "/")) {
            let part = String(Substring(piece))
            if part == "." { continue }
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || root.isEmpty {
                parts.append(part)
            }
        }
        // By hand: `joined` costs its first caller, and so every start, a look through the runtime's tables.
        var body = root
        for (index, part) in parts.enumerated() { body += index == 0 ? part : "/\(part)" }
        return body.isEmpty ? "." : body
    }

    /// `os.path.abspath`.
    static func absolute(_ path: String, in world: any ConfigurationWorld) -> String {
        normalised(isAbsolute(path) ? path : join(world.currentDirectory, path))
    }

    /// `os.path.expanduser`: `~` is `$HOME` or the user's home, `~name` that of the named user; unknown names stay.
    static func withHome(_ path: String, in world: any ConfigurationWorld) -> String {
        guard path.utf8.first == UInt8(ascii: "~") else { return path }
        let end = path.utf8.firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        let name = String(path[path.utf8.index(after: path.startIndex)..<end])
        let found =
            name.isEmpty
            ? world.environment["HOME"] ?? world.user(id: world.userID)?.home
            : world.user(named: name)?.home
        guard var home = found else { return path }
        while home.utf8.last == UInt8(ascii: "/") { home.unicodeScalars.removeLast() }
        let whole = home + path[end...]
        return whole.isEmpty ? "/" : whole
    }

    /// The original's `normalize_path`: home, absolute, normalised.
    static func settled(_ path: String, in world: any ConfigurationWorld) -> String {
        absolute(withHome(path, in: world), in: world)
    }
}
