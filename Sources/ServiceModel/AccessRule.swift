/// What a client of the control sockets may do; each allows what the ones before it do.
package enum AccessRights: Hashable, Sendable {
    /// Nothing, not even to look.
    case none
    /// To look at states, configuration and logs.
    case read
    /// To start, stop and signal programs too: those of these groups, or of all (`nil`).
    case control(groups: Set<String>?)
    /// Whatever the daemon can do.
    case all
}

/// `[access:NAME]`, a section of ours which supervisord ignores: who is meant, and what he may do. Without any every client
/// that gets in may do everything, as with supervisord.
package struct AccessRule: Hashable, Sendable {
    package var name: String
    /// Users of this machine who come by a unix socket.
    package var users: Set<UInt32>
    /// Whoever comes without a password and is not named by any rule, but for root and the daemon's own user (`users=*`).
    package var isForOthers: Bool
    /// Who comes with these, by any socket. The password as in `ListenerSettings`.
    package var username: String?
    package var password: String?
    package var rights: AccessRights

    package init(
        name: String, users: Set<UInt32> = [], isForOthers: Bool = false, username: String? = nil,
        password: String? = nil, rights: AccessRights
    ) {
        self.name = name
        self.users = users
        self.isForOthers = isForOthers
        self.username = username
        self.password = password
        self.rights = rights
    }

    /// `[access:dashboard]`
    package var section: String { "[access:\(name)]" }
}
