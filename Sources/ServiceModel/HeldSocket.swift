/// A socket that the manager opens and listens on for the service, which it starts when somebody comes
/// (`Sockets` of launchd.plist(5), systemd.socket(5)).
package struct HeldSocket: Hashable, Sendable {
    package enum Kind: Hashable, Sendable, CaseIterable {
        case stream, datagram, sequential
    }

    package enum Family: Hashable, Sendable {
        /// Whatever the machine has.
        case any
        case ipv4, ipv6
    }

    package enum Address: Hashable, Sendable {
        /// A socket in the file system, by its absolute path.
        case path(String)
        /// A port by number or by its name in services(5); `host` is a numeric address or `localhost`, `nil` = all.
        case port(String, host: String?, family: Family)
    }

    /// By which the service knows it: launchd's key in `Sockets`, systemd's FileDescriptorName.
    package var name: String?
    package var kind: Kind
    package var address: Address
    // Only sockets in the file system have these.
    /// Permission bits, e.g. 0o600.
    package var mode: UInt32?
    /// A name or a numeric id.
    package var owner: String?
    package var group: String?

    /// The sockets of a service as the model has them: by kind, then by name. Of those of one kind and name, the order is
    /// the one in which they are handed over.
    package static func inOrder(_ sockets: [HeldSocket]) -> [HeldSocket] {
        let kinds = Kind.allCases
        return sockets.enumerated().sorted { left, right in
            func place(_ socket: HeldSocket) -> Int { kinds.firstIndex(of: socket.kind) ?? 0 }
            let (mine, theirs) = (left.element, right.element)
            if place(mine) != place(theirs) { return place(mine) < place(theirs) }
            if mine.name != theirs.name { return mine.name ?? "" < theirs.name ?? "" }
            return left.offset < right.offset
        }.map(\.element)
    }

    /// The name that stands where nobody needs one.
    package static let usualName = "Listeners"

    /// The mode of a socket in the file system whose file says none: launchd binds it under the umask 077,
    /// systemd.socket(5) has 0666.
    package static func defaultMode(in dialect: Dialect) -> UInt32 { dialect == .launchd ? 0o700 : 0o666 }

    package init(
        name: String? = nil, kind: Kind = .stream, address: Address, mode: UInt32? = nil, owner: String? = nil,
        group: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.address = address
        self.mode = mode
        self.owner = owner
        self.group = group
    }
}

/// What a service that is started by a connection is handed; whether on its standard input, says that.
package enum SocketHandover: Hashable, Sendable {
    /// The listening socket, one process for all who come (`Accept=no`, `Wait` true).
    case listener
    /// The accepted connection, one process each (`Accept=yes`, `Wait` false).
    case connection
}
