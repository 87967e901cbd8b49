// ControlClient, floor 3: supervisorctl: asks a running daemon (HTTP over one blocking socket).

import SourceText
package import SupervisorFormat

/// Where a daemon listens, and who asks.
package struct Endpoint: Hashable, Sendable {
    /// What `serverurl` can mean (supervisorctl 4.3).
    package enum Address: Hashable, Sendable {
        case unix(path: String)
        case tcp(host: String, port: UInt16)
    }

    /// As the user wrote it: messages show it.
    package var url: String
    package var username: String?
    package var password: String?

    package init(url: String, username: String? = nil, password: String? = nil) {
        self.url = url
        self.username = username
        self.password = password
    }

    package init(_ settings: ClientSettings) {
        self.init(url: settings.serverURL, username: settings.username, password: settings.password)
    }

    /// `nil` when the URL is neither `unix://PATH` nor `http://HOST[:PORT]`. A path behind host and port is ignored,
    /// the port is 80 when it is missing, user information in the URL is not used (supervisorctl 4.3).
    package var address: Address? {
        if url.hasPrefix("unix://") {
            let path = String(url.dropFirst("unix://".count))
            return path.isEmpty ? nil : .unix(path: path)
        }
        guard url.hasPrefix("http://") else { return nil }
        let rest = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var authority = rest[(rest.lastIndex(of: "@").map { rest.index(after: $0) } ?? rest.startIndex)...]
        var host: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            authority = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            authority = authority.dropFirst(host.count)
        }
        guard !host.isEmpty else { return nil }
        if authority.isEmpty || authority == ":" { return .tcp(host: String(host), port: 80) }
        guard authority.hasPrefix(":"), let port = UInt16(authority.dropFirst()) else { return nil }
        return .tcp(host: String(host), port: port)
    }

    /// Why the URL leads to no daemon, in Python's words; `nil` when it does.
    var problem: String? {
        guard address == nil else { return nil }
        guard url.hasPrefix("http://") else { return "Unknown protocol for serverurl \(url)" }
        let port = url.dropFirst("http://".count).prefix { $0 != "/" }.split(separator: ":").last ?? ""
        let isNumber = Int(port) != nil
        return isNumber
            ? "Port out of range 0-65535"
            : "Port could not be cast to integer value as \(PythonText.repr(String(port)))"
    }

    /// Why supervisorctl refuses a URL after `-s`, in its words; `nil` for one that it takes.
    package static func complaint(about url: String) -> String? {
        let scheme = url.prefix { $0 != ":" }
        let isScheme = scheme.utf8.enumerated().allSatisfy { place, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            default: place > 0 && "0123456789+-.".utf8.contains(byte)
            }
        }
        var rest = url.dropFirst(scheme.count + 1)
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            if host.contains("[") != host.contains("]") { return "Invalid IPv6 URL" }
        }
        // Neither a host nor a path.
        let isEmpty = rest.isEmpty || rest.hasPrefix("?") || rest.hasPrefix("#")
        return scheme.isEmpty || !isScheme || isEmpty ? "value \(PythonText.repr(url)) is not a URL" : nil
    }

    /// The value of the `Authorization` header; `nil` without name and password.
    var authorization: String? {
        guard let username, let password else { return nil }
        return "Basic " + Self.base64(Array("\(username):\(password)".utf8))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)
        var text = String.UnicodeScalarView()
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index)) & 63] : "=")
            }
        }
        return String(text)
    }
}
