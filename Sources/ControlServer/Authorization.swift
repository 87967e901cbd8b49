import SourceText
import XMLRPC

/// Basic authentication as a listener wants it (supervisord 4.3: plain password, or `{SHA}` and the SHA-1 in
/// lower-case hexadecimal). Credentials that cannot be read are wrong ones. Comparing takes the same time whatever is
/// wrong.
struct Authorization: Sendable {
    private var username: [UInt8]
    private var password: [UInt8]
    private var isHashed: Bool

    /// `nil` without a name: none is asked for.
    init?(username: String?, password: String?) {
        guard let username, !username.isEmpty else { return nil }
        let password = password ?? ""
        self.username = Array(username.utf8)
        let digest = password.rest(after: "{SHA}")
        isHashed = digest != nil
        self.password = Array((digest ?? password[...]).utf8)
    }

    /// Whether the value of an `Authorization` header lets its sender in.
    func admits(_ header: String?) -> Bool {
        guard let header, let blank = header.firstIndex(of: " "),
            header[..<blank].lowercased() == "basic",
            let credentials = RPCBase64.decode(String(header[header.index(after: blank)...])),
            let colon = credentials.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let name = credentials[..<colon]
        var secret = Array(credentials[(colon + 1)...])
        if isHashed {
            secret = Array(SHA1.digest(secret).map { Digits.hexadecimal(UInt64($0), width: 2) }.joined().utf8)
        }
        let nameFits = Self.equal(name, username)
        let secretFits = Self.equal(secret, password)
        return nameFits && secretFits
    }

    /// Compares digests, so that the time tells neither the length nor the place of the first difference.
    private static func equal(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        zip(SHA1.digest(left), SHA1.digest(right)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
            && left.count == right.count
    }
}
