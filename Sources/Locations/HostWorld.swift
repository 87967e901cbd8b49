package import Kernel
package import SupervisorFormat

/// This machine, as far as reading a configuration asks about it.
package struct HostWorld<K: SystemCalls>: ConfigurationWorld {
    private let kernel: K
    private let accounts: PatientAccounts<K>

    /// `accounts`: where others ask the same user database, so that each name is waited for once.
    package init(_ kernel: K, accounts: PatientAccounts<K>? = nil) {
        self.kernel = kernel
        self.accounts = accounts ?? PatientAccounts(kernel)
    }

    package func read(_ path: String, limit: Int) -> FileReading {
        // Opening a pipe may wait for ever, and a device may never end. What a shell has opened for us is meant.
        if kind(of: path) == .other, !["/dev/fd/", "/dev/stdin", "/proc/self/fd/"].contains(where: path.hasPrefix) {
            return .unreadable("it is a pipe or a device, not a file")
        }
        do throws(SystemError) {
            return .content(try kernel.readFile(path, limit: limit))
        } catch {
            switch error.number {
            case .noEntry, .notDirectory: return .missing
            case .fileTooLarge: return .tooLarge
            default: return .unreadable(error.number.message)
            }
        }
    }

    package func kind(of path: String) -> FileKind? {
        guard let status = try? kernel.status(of: path, followLinks: true) else { return nil }
        return switch status.kind {
        case .regular: .file
        case .directory: .directory
        default: .other
        }
    }

    package func list(_ directory: String) -> [String]? { try? kernel.list(directory) }

    package func user(named name: String) -> UserRecord? {
        accounts.answers(for: name) ? record(try? kernel.user(named: name)) : nil
    }

    package func leavesOpen(user name: String) -> Bool { UInt32(name) == nil && !accounts.answers(for: name) }

    package func user(id: UInt32) -> UserRecord? { record(try? kernel.user(id: id)) }

    package func groupID(named name: String) -> UInt32? { (try? kernel.group(named: name))?.id }

    package func hasGroup(id: UInt32) -> Bool { (try? kernel.group(id: id)) != nil }

    package var userID: UInt32 { kernel.userID }

    package var environment: [String: String] { kernel.environment.variables }

    package var currentDirectory: String { (try? kernel.currentDirectory()) ?? "/" }

    package var hostName: String { kernel.hostName }

    /// Python's rule, which supervisord follows: TMPDIR, TEMP, TMP, then /tmp, /var/tmp, /usr/tmp: the first directory.
    package var temporaryDirectory: String {
        let named = ["TMPDIR", "TEMP", "TMP"].compactMap { kernel.variable($0) }
        return (named + ["/tmp", "/var/tmp", "/usr/tmp"]).first { kind(of: $0) == .directory } ?? currentDirectory
    }

    private func record(_ account: UserAccount??) -> UserRecord? {
        guard let account = account ?? nil else { return nil }
        return UserRecord(id: account.id, group: account.group, home: account.home)
    }
}
