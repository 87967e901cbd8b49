package import Kernel
import Locations
import ServiceFormats
package import SourceText

extension Hook {
    /// The hook's file, as the converter's writer makes it.
    package func file() throws(Failure) -> [UInt8] {
        guard system.isSupported else {
            throw Failure(
                .usage, code: "hook-init", "hooks for \(system.rawValue) are not there yet",
                remedy: "there are launchd and systemd")
        }
        return try FormatRegistry.write(
            service, as: system == .launchd ? .plist : .systemd, isForUser: scope == .user)
    }

    /// Writes the hook into the tree at `root` and enables it there; starts nothing. Returns what now lies where.
    ///
    /// The file gets its mode, and root as its owner where that is asked for and possible. A symbolic link in the
    /// hook's place, or an absolute one on the way there, is refused: in an image it would lead out of the tree.
    package func install<K: SystemCalls>(root: String, _ kernel: K) throws(Failure) -> [String] {
        let bytes = try file()
        let place = placement
        let root = root.hasSuffix("/") ? String(root.dropLast()) : root
        do throws(SystemError) {
            try Self.makeDirectory(parentDirectory(of: place.path), root: root, kernel)
            let path = root + place.path
            if let status = try? kernel.status(of: path, followLinks: false), status.kind != .regular {
                throw SystemError("open", .exists, path: path)
            }
            let owner: UInt32? = place.ownedByRoot && kernel.userID == 0 ? 0 : nil
            try kernel.writeFileAtomically(path, bytes, mode: place.mode, user: owner, group: owner)
            var installed = [path]
            for link in place.links {
                try Self.makeDirectory(parentDirectory(of: link.path), root: root, kernel)
                if (try? kernel.readSymbolicLink(root + link.path)) != link.target {
                    try? kernel.unlink(root + link.path)
                    try kernel.makeSymbolicLink(root + link.path, to: link.target)
                }
                installed.append(root + link.path)
            }
            return installed
        } catch {
            throw Failure(
                error.number == .accessDenied ? .noPermission : .cannotCreate, code: "hook-install", "\(error)",
                remedy: "give a tree that you may write with --root")
        }
    }

    /// Makes the directories of `path` below `root`, one by one, and refuses to walk through a symbolic link.
    private static func makeDirectory<K: SystemCalls>(
        _ path: String, root: String, _ kernel: K
    ) throws(SystemError) {
        _ = try kernel.makeDirectories(root.isEmpty ? "/" : root, mode: 0o755)
        var current = root
        for part in path.split(separator: "/") {
            current += "/" + part
            if let status = try? kernel.status(of: current, followLinks: false) {
                guard status.kind == .directory else { throw SystemError("mkdir", .notDirectory, path: current) }
            } else {
                try kernel.makeDirectory(current, mode: 0o755)
            }
        }
    }
}
