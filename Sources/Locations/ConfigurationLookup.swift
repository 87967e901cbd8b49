package import Kernel

/// Which configuration a command means. Client and daemon ask the same function, so that they cannot disagree.
package struct ConfigurationChoice: Hashable, Sendable {
    /// Why this one.
    package enum Source: Hashable, Sendable {
        /// `-c`, or a file given to `run`.
        case option
        /// `$SVINSTALL_CONF`.
        case environment
        /// The scope's own file.
        case scope
        /// A place where supervisord looks.
        case supervisord
        /// There is none: the built-in default.
        case builtIn
    }

    package var source: Source
    /// Absolute. For the built-in default: the file that it is written to.
    package var path: String
}

extension ConfigurationChoice {
    /// Files of a supervisord installation, in the order in which it looks for them.
    package static let supervisordFiles = ["/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"]

    /// `-c`, `$SVINSTALL_CONF`, the own scope's file, supervisord's files, the built-in default.
    package static func find<K: SystemCalls>(option: String?, _ kernel: K, places: Places) -> ConfigurationChoice {
        if let option { return ConfigurationChoice(source: .option, path: absolutePath(option, kernel)) }
        if let variable = kernel.variable("SVINSTALL_CONF"), !variable.isEmpty {
            return ConfigurationChoice(source: .environment, path: absolutePath(variable, kernel))
        }
        if isFile(places.configurationFile, kernel) {
            return ConfigurationChoice(source: .scope, path: places.configurationFile)
        }
        if let found = supervisordFiles.first(where: { isFile($0, kernel) }) {
            return ConfigurationChoice(source: .supervisord, path: found)
        }
        return ConfigurationChoice(source: .builtIn, path: places.state + "/default.conf")
    }

    /// Where a program called `supervisord` or `supervisorctl` looks (supervisord 4.3): beside the program and in the
    /// working directory too. As the original shows the paths: not from the root where they are not meant so.
    package static func supervisordSearchPath(calledAs program: String) -> [String] {
        let prefix = directoryPart(directoryPart(program))
        let beside = prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/"
        let places = ["supervisord.conf", "etc/supervisord.conf"]
        return places.reversed().map { beside + $0 } + places + supervisordFiles
    }

    /// What stands before the last slash, by name alone; empty without one (Python's `dirname`).
    private static func directoryPart(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        let head = path[...slash]
        guard let end = head.lastIndex(where: { $0 != "/" }) else { return String(head) }
        return String(head[...end])
    }
}

/// Whether the path leads to something that can be read as a file (a FIFO counts: `-c <(…)`).
package func isFile<K: SystemCalls>(_ path: String, _ kernel: K) -> Bool {
    guard let status = try? kernel.status(of: path, followLinks: true) else { return false }
    return status.kind != .directory
}

/// The path from the root, with `.`, `..` and double slashes resolved by name alone (no file is asked).
package func absolutePath<K: SystemCalls>(_ path: String, _ kernel: K) -> String {
    let full = path.hasPrefix("/") ? path : ((try? kernel.currentDirectory()) ?? "") + "/" + path
    var parts: [String] = []
    for part in full.split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    // Put together by hand: `joined` costs its first caller, and so every start, a look through the runtime's tables.
    return parts.isEmpty ? "/" : parts.reduce(into: "") { $0 += "/\($1)" }
}
