import NIOHTTP1
import SourceText

/// What we look at of a request's first line and headers.
struct RequestHead: Sendable {
    var method: String
    /// As it came.
    var uri: String
    /// Decoded, without parameters, query and fragment.
    var path: String
    /// Still encoded, without the question mark.
    var query: String
    /// HTTP/1.0.
    var isOld: Bool
    /// Whether the client wants the connection to stay open after the answer.
    var keepsOpen: Bool
    var host: String?
    var authorization: String?
    /// `nil` without the header; an absurd one counts as too large.
    var contentLength: Int?
    var isChunked: Bool
    var expectsContinue: Bool
    /// A browser says that a page of another site made it ask.
    var isFromAnotherSite: Bool

    init(_ head: HTTPRequestHead) {
        func header(_ name: String) -> String? { head.headers.first(name: name) }
        method = head.method.rawValue
        uri = head.uri
        let beforeFragment = head.uri.prefix { $0 != "#" }
        let beforeQuery = beforeFragment.prefix { $0 != "?" }
        query = String(beforeFragment.dropFirst(beforeQuery.count + 1))
        path = PercentCoding.decode(beforeQuery.prefix { $0 != ";" })
        isOld = head.version.minor == 0
        let connection = header("connection")?.lowercased()
        keepsOpen = isOld ? connection == "keep-alive" : connection != "close"
        // The parser stops at a request to change the protocol, which we never do.
        if header("upgrade") != nil { keepsOpen = false }
        host = header("host")
        authorization = header("authorization")
        contentLength = header("content-length").map { Int($0.trimmed) ?? .max }
        isChunked = header("transfer-encoding") != nil
        expectsContinue = header("expect")?.lowercased() == "100-continue"
        if let site = header("sec-fetch-site")?.lowercased() {
            isFromAnotherSite = site == "cross-site"
        } else if let origin = header("origin"), header("x-forwarded-for") == nil {
            // Behind a proxy the two may differ; no page of another site can make a browser say that it is.
            isFromAnotherSite = !["http://", "https://"].contains { origin == $0 + (header("host") ?? "") }
        } else {
            isFromAnotherSite = false
        }
    }

    /// It asks for more than to look: another site's page must not make a browser ask so (cross-site request forgery).
    /// Actions of the original's page are links, which GET follows.
    var wantsAnEffect: Bool {
        !["GET", "HEAD"].contains(method) || PercentCoding.fields(query).contains { $0.name == "action" }
    }

    /// `GET /status HTTP/1.1`
    var line: String { "\(method) \(uri) HTTP/1.\(isOld ? 0 : 1)" }
}

/// `%41` and, in forms, `+`.
enum PercentCoding {
    /// The text with `%XX` replaced by that byte.
    static func decode(_ text: some StringProtocol, plusIsBlank: Bool = false) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || (plusIsBlank && $0 == UInt8(ascii: "+")) })
        else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count,
                let high = Digits.value(ofHexadecimal: bytes[place + 1]),
                let low = Digits.value(ofHexadecimal: bytes[place + 2])
            {
                result.append(high << 4 | low)
                place += 3
            } else {
                result.append(plusIsBlank && bytes[place] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The text with everything but letters, digits and `_.-~/` as `%XX` (Python's `urllib.quote`).
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%" + Digits.hexadecimal(UInt64(byte), width: 2).uppercased()
            }
        }
        return result
    }

    /// The fields of a query or of a form; the last of equal names counts for forms, the first for queries.
    static func fields(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else { return nil }
            return (decode(parts[0], plusIsBlank: true), decode(parts[1], plusIsBlank: true))
        }
    }
}
