package import Kernel

/// Whether somebody who is not root could change what root is about to run.
package struct Trust<K: SystemCalls> {
    private let kernel: K
    /// Paths that a person accepted by name.
    private let allowed: Set<String>

    package init(_ kernel: K, allowed: Set<String> = []) {
        self.kernel = kernel
        self.allowed = allowed
    }

    /// The first place on the way to `path` (absolute) that another user can write, and why; `nil` = only root can.
    ///
    /// Each directory counts, as whoever writes it can put another file in its place; in a directory with the sticky bit
    /// (/tmp) only the owner can. Symbolic links count with the directories they stand in and those they lead to.
    package func weakness(of path: String) -> Weakness? {
        if allowed.contains(path) { return nil }
        guard let real = try? kernel.realPath(path) else { return nil }
        for place in Set([path, real]).sorted() {
            var current = ""
            if let weakness = judge("/") { return weakness }
            for part in place.split(separator: "/") {
                current += "/\(part)"
                if let weakness = judge(current) { return weakness }
            }
        }
        return nil
    }

    private func judge(_ path: String) -> Weakness? {
        guard !allowed.contains(path), let status = try? kernel.status(of: path, followLinks: false) else { return nil }
        // A link has no mode of its own; its owner can point it elsewhere only by writing the directory.
        if status.kind == .symbolicLink { return nil }
        if status.user != 0 {
            let name = (try? kernel.user(id: status.user))??.name ?? "user \(status.user)"
            return Weakness(path: path, reason: "belongs to \(name)", isSomebodys: true)
        }
        let isSticky = status.kind == .directory && status.mode & 0o1000 != 0
        if status.mode & 0o002 != 0, !isSticky { return Weakness(path: path, reason: "can be written by everybody") }
        if status.mode & 0o020 != 0, status.group != 0, !isSticky {
            let name = (try? kernel.group(id: status.group))??.name ?? "\(status.group)"
            return Weakness(path: path, reason: "can be written by the group \(name)")
        }
        return nil
    }
}

/// A place that somebody else can write.
package struct Weakness: Hashable, Sendable {
    package var path: String
    package var reason: String
    /// It is theirs by right, as a home is, and not only open to them.
    package var isSomebodys = false
}
