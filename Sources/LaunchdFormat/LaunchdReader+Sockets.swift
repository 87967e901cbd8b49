import PropertyList
import ServiceModel
import SourceText

/// The keys inside `Sockets` and `inetdCompatibility` (launchd.plist(5)): what launchd would take them for.
extension LaunchdReading {
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
                        "the socket '\(socket.key)' is a \(node.kind.rawValue); launchd ignores it",
                        remedy: "write a <dict>, or an <array> of them", at: node.span)
                    continue
                }
                for member in members { warnSocketKey(member) }
            }
        }
        if let wait = root["inetdCompatibility"]?["Wait"], wait.kind != .boolean {
            warn(
                "launchd-wrong-type", "'inetdCompatibility.Wait' is a \(wait.kind.rawValue); launchd ignores it",
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
                "launchd-wrong-type", "'\(row.key)' is a \(member.value.kind.rawValue); launchd ignores it",
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
