import PropertyList
import ServiceModel
import SourceText

/// The keys inside `Sockets` and `inetdCompatibility` (launchd.plist(5)): what launchd would take them for.
extension LaunchdReading {
    // MARK: what they say

    /// Each of the named sockets that others can say too; the rest is kept, one by one.
    mutating func takeSockets(_ member: PropertyMember) {
        guard let sockets = member.value.members, !sockets.isEmpty else {
            return keep([member.key], member.value, at: member.keySpan)
        }
        var held: [HeldSocket] = []
        for socket in sockets {
            let path = [member.key, socket.key]
            let nodes = socket.value.elements ?? [socket.value]
            let own = nodes.compactMap { Self.heldSocket($0, name: socket.key) }
            guard own.count == nodes.count, !own.isEmpty else {
                keep(path, socket.value, at: socket.keySpan)
                continue
            }
            held += own
            let ignored = Set(nodes.flatMap { $0.members ?? [] }.map(\.key)).subtracting(Self.sayable).sorted()
            let why = "nobody else has \(ignored.joined(separator: ", "))"
            keys.append(
                SourceKey(
                    path.joined(separator: "."), at: socket.keySpan, use: .fields([.sockets]),
                    reservation: ignored.isEmpty ? nil : Reservation(code: "launchd-socket-key", why: why)))
        }
        guard !held.isEmpty else { return }
        service.sockets = Setting(HeldSocket.inOrder(held), at: member.keySpan)
    }

    mutating func takeInetd(_ member: PropertyMember) {
        let span = member.keySpan
        guard case .boolean(let waits)? = member.value["Wait"]?.content, member.value.members?.count == 1,
            root["Sockets"] != nil
        else { return keep([member.key], member.value, at: span) }
        service.socketHandover = Setting(waits ? .listener : .connection, at: span)
        account(member.key, at: span, .socketHandover, .standardInput)
    }

    /// Keys that other managers can say too.
    private static let sayable: Set<String> = [
        "SockType", "SockPassive", "SockNodeName", "SockServiceName", "SockFamily", "SockProtocol", "SockPathName",
        "SockPathMode", "SockPathOwner", "SockPathGroup",
    ]

    /// `nil` for a socket that only launchd opens, and for one with a value that launchd ignores.
    private static func heldSocket(_ node: PropertyNode, name: String) -> HeldSocket? {
        guard case .dictionary(let members) = node.plain,
            members.entries.allSatisfy({ key, value in
                socketKeys.contains { row in
                    row.key == key && row.kinds.contains(value.kind)
                        && (row.words.isEmpty || value.string.map(row.words.contains) ?? true)
                }
            }), members["SecureSocketWithKey"] == nil, members["SockPassive"]?.boolean != false
        else { return nil }
        let type = members["SockType"]?.string ?? "stream"
        let kind: HeldSocket.Kind = type == "dgram" ? .datagram : type == "seqpacket" ? .sequential : .stream
        if let path = members["SockPathName"]?.string {
            guard path.hasPrefix("/"), members["SockServiceName"] == nil, members["SockNodeName"] == nil else {
                return nil
            }
            func number(_ key: String) -> UInt32? { members[key]?.integer.flatMap(UInt32.init(exactly:)) }
            return HeldSocket(
                name: name, kind: kind, address: .path(path), mode: number("SockPathMode"),
                owner: number("SockPathOwner").map { "\($0)" }, group: number("SockPathGroup").map { "\($0)" })
        }
        let service = members["SockServiceName"]
        guard let port = service?.string ?? service?.integer.map({ "\($0)" }), !port.isEmpty,
            members["SockProtocol"]?.string.map({ $0 == (kind == .datagram ? "UDP" : "TCP") }) ?? true
        else { return nil }
        let family: HeldSocket.Family
        switch members["SockFamily"]?.string {
        case "IPv4": family = .ipv4
        case "IPv6": family = .ipv6
        case "Unix": return nil
        default: family = .any
        }
        return HeldSocket(
            name: name, kind: kind, address: .port(port, host: members["SockNodeName"]?.string, family: family))
    }

    // MARK: what launchd makes of them

    private static let socketKeys: [(key: String, kinds: [PropertyKind], words: [String])] = [
        ("SockType", [.string], ["stream", "dgram", "seqpacket"]),
        ("SockPassive", [.boolean], []),
        ("SockNodeName", [.string], []),
        ("SockServiceName", [.string, .integer], []),
        ("SockFamily", [.string], ["IPv4", "IPv6", "IPv4v6", "Unix"]),
        ("SockProtocol", [.string], ["TCP", "UDP"]),
        ("SockPathName", [.string], []),
        ("SockPathMode", [.integer], []),
        ("SockPathOwner", [.integer], []),
        ("SockPathGroup", [.integer], []),
        ("SecureSocketWithKey", [.string], []),
        ("Bonjour", [.boolean, .string, .array], []),
        ("MulticastGroup", [.string], []),
        ("ReceivePacketInfo", [.boolean], []),
    ]

    /// Decimal numbers whose digits are a usual mode in octal.
    private static let looksOctal: Set<Int> = [600, 644, 660, 666, 700, 755, 770, 777]

    mutating func warnSockets() {
        for socket in root["Sockets"]?.members ?? [] {
            for node in socket.value.elements ?? [socket.value] {
                guard let members = node.members else {
                    warn(
                        "launchd-wrong-type",
                        "the socket '\(socket.key)' is \(node.kind.named); launchd ignores it",
                        remedy: "write a <dict>, or an <array> of them", at: node.span)
                    continue
                }
                for member in members { warnSocketKey(member) }
            }
        }
        if let wait = root["inetdCompatibility"]?["Wait"], wait.kind != .boolean {
            warn(
                "launchd-wrong-type", "'inetdCompatibility.Wait' is \(wait.kind.named); launchd ignores it",
                remedy: "write <true/> or <false/>", at: wait.span)
        }
    }

    private mutating func warnSocketKey(_ member: PropertyMember) {
        guard let row = Self.socketKeys.first(where: { $0.key == member.key }) else {
            let near = Self.socketKeys.first { $0.key.lowercased() == member.key.lowercased() }
            return warn(
                "launchd-unknown-key", "a socket has no '\(member.key)'; launchd ignores it",
                remedy: near.map { "write \($0.key)" }
                    ?? "use one of \(Self.socketKeys.map(\.key).joined(separator: ", "))", at: member.keySpan)
        }
        guard row.kinds.contains(member.value.kind) else {
            return warn(
                "launchd-wrong-type", "'\(row.key)' is \(member.value.kind.named); launchd ignores it",
                remedy: "write \(row.kinds.map { Self.element($0) }.joined(separator: " or "))", at: member.value.span)
        }
        if case .string(let text) = member.value.content, !row.words.isEmpty, !row.words.contains(text) {
            warn(
                "launchd-word", "'\(text.prefix(60))' is no \(row.key)",
                remedy: "write one of \(row.words.joined(separator: ", "))", at: member.value.span)
        }
        if row.key == "SockPathMode", let mode = member.value.plain.integer, Self.looksOctal.contains(mode) {
            warn(
                "launchd-mode-decimal",
                "SockPathMode is decimal: \(mode) is the mode \(Digits.octal(UInt64(mode), width: 4))",
                remedy: "write <integer>\(Int(String(mode), radix: 8) ?? mode)</integer> for 0\(mode)",
                at: member.value.span)
        }
    }

    private static func element(_ kind: PropertyKind) -> String {
        switch kind {
        case .boolean: "<true/> or <false/>"
        case .integer: "<integer>"
        case .array: "<array>"
        default: "<string>"
        }
    }
}
