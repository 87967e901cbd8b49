import Kernel

/// Which symbolic links a log file's path may go through.
///
/// Whoever makes a link decides which file root writes. So root's daemon follows links that root made, and refuses any
/// other (supervisord 4.3 follows them all).
struct LinkRule<K: SystemCalls>: Sendable {
    let kernel: K

    /// Throws where somebody else's link is on the way; otherwise whether the path's last part is a link to follow.
    func followsLast(of path: String) throws(SystemError) -> Bool {
        guard kernel.userID == 0, path.hasPrefix("/") else { return true }
        var current = ""
        var isLink = false
        for part in path.split(separator: "/") {
            current += "/"
            current += String(part)
            guard let status = try? kernel.status(of: current, followLinks: false) else { return false }
            isLink = status.kind == .symbolicLink
            if isLink, status.user != 0 { throw SystemError("open", .loop, path: current) }
        }
        return isLink
    }
}
