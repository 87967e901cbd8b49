import ServiceModel
import SourceText

/// The addresses of `ListenStream=` and its like (systemd.socket(5)).
enum ListenAddress {
    /// The keys whose sockets the model has, in its order.
    static let keys: [(key: String, kind: HeldSocket.Kind)] = [
        ("ListenStream", .stream), ("ListenDatagram", .datagram), ("ListenSequentialPacket", .sequential),
    ]

    /// `nil` for what only Linux has: abstract names, vsock.
    static func address(_ text: String) -> HeldSocket.Address? {
        if text.hasPrefix("/") { return .path(text) }
        if isPort(text) { return .port(text, host: nil, family: .any) }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let (host, port) = (text[..<colon], String(text[text.index(after: colon)...]))
        guard isPort(port) else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = String(host.dropFirst().dropLast())
            return inner == "::"
                ? .port(port, host: nil, family: .any) : .port(port, host: inner, family: .ipv6)
        }
        guard isIPv4(host) else { return nil }
        return .port(port, host: host == "0.0.0.0" ? nil : String(host), family: .ipv4)
    }

    /// What systemd reads as the address, and what it says less than the model does; `nil` where it cannot say it.
    static func text(of socket: HeldSocket) -> (text: String, loss: String?)? {
        switch socket.address {
        case .path(let path):
            guard path.hasPrefix("/"), path.oneLine == path, path.trimmed == path else { return nil }
            return (UnitWords.escapeSpecifiers(path), nil)
        case .port(let name, let host, let family):
            // Ports have streams and datagrams only.
            guard socket.kind != .sequential, let port = isPort(name) ? name : wellKnown[name] else { return nil }
            let loss = port == name ? nil : "systemd wants the number of the port '\(name)'"
            switch (host, family) {
            case (nil, .any): return (port, loss)
            case (nil, .ipv4): return ("0.0.0.0:\(port)", loss)
            case (nil, .ipv6): return ("[::]:\(port)", loss)
            case ("localhost", .ipv6): return ("[::1]:\(port)", loss)
            case ("localhost", .ipv4): return ("127.0.0.1:\(port)", loss)
            case ("localhost", .any): return ("127.0.0.1:\(port)", "of localhost, systemd listens on 127.0.0.1 only")
            case (let host?, _) where isIPv4(host[...]): return ("\(host):\(port)", loss)
            case (let host?, _) where host.contains(":"): return ("[\(host)]:\(port)", loss)
            default: return nil
            }
        }
    }

    private static func isPort(_ text: String) -> Bool {
        UInt16(text).map { $0 > 0 && String($0) == text } ?? false
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Ports by the names that launchd jobs give them (services(5)): systemd takes numbers only.
    private static let wellKnown: [String: String] = [
        "bootps": "67", "discard": "9", "domain": "53", "echo": "7", "eppc": "3031", "exec": "512", "finger": "79",
        "ftp": "21", "http": "80", "http-alt": "8080", "https": "443", "imap": "143", "imaps": "993", "ipp": "631",
        "ldap": "389", "login": "513", "microsoft-ds": "445", "netbios-ssn": "139", "ntp": "123", "pop3": "110",
        "printer": "515", "rsync": "873", "shell": "514", "smtp": "25", "snmp": "161", "ssh": "22", "submission": "587",
        "svn": "3690", "syslog": "514", "telnet": "23", "tftp": "69", "time": "37", "vnc-server": "5900",
    ]
}
