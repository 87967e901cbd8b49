// Locations, floor 3: where things are: scopes, the lookup of the configuration, the private control socket, the
// built-in default.

package import Kernel

/// For whom a daemon works: one user, or the whole system.
package enum Scope: String, Hashable, Sendable, CaseIterable {
    case user, system

    /// The system's for root, else the user's.
    package static func own(userID: UInt32) -> Scope { userID == 0 ? .system : .user }
}

/// The directories of a scope.
package struct Places: Hashable, Sendable {
    package var scope: Scope
    package var configuration: String
    /// State and control sockets. Not XDG_RUNTIME_DIR: su and cron jobs lack it.
    package var state: String
    package var logs: String

    /// The configuration that the scope's daemon reads.
    package var configurationFile: String { configuration + "/svinstall.conf" }

    /// `SVINSTALL_STATE_DIR` moves the state (a container with a read-only `/run`); `HOME` is the user's directory.
    package init(_ scope: Scope, environment: Environment, home: String) {
        self.init(scope, state: environment[Self.variable], home: home)
    }

    /// What moves the state.
    private static let variable = "SVINSTALL_STATE_DIR"

    private init(_ scope: Scope, state moved: String?, home: String) {
        self.scope = scope
        switch scope {
        case .user:
            configuration = home + "/.config/svinstall"
            state = home + "/.local/state/svinstall"
            logs = Self.userLogs(home: home)
        case .system:
            configuration = "/etc/svinstall"
            state = Self.systemState
            logs = "/var/log/svinstall"
        }
        if let moved, moved.hasPrefix("/") { state = moved }
    }
}

extension Places {
    /// Makes the directory of the state. Root's daemons have their sockets in it: others may look there, only root may
    /// write; a user's own is nobody else's business.
    package func makeState<K: SystemCalls>(_ kernel: K) throws(SystemError) {
        _ = try kernel.makeDirectories(state, mode: scope == .system ? 0o755 : 0o700)
    }

    /// The places of whoever runs this process.
    package static func own<K: SystemCalls>(_ kernel: K) -> Places {
        Places(.own(userID: kernel.userID), state: kernel.variable(variable), home: homeDirectory(kernel))
    }
}

/// The user's home: HOME when it is absolute, else the user database's, else the root directory.
package func homeDirectory<K: SystemCalls>(_ kernel: K) -> String {
    if let home = kernel.variable("HOME"), home.hasPrefix("/") { return home }
    let account = try? kernel.user(id: kernel.userID)
    return account?.home ?? "/"
}
