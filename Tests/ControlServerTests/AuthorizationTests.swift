import ControlServer
import Testing

@Suite struct AuthorizationTests {
    private static let call = String.call("supervisor.getPID")

    /// `Authorization` and the status, with user u and password p; base64 of `u:p` is `dTpw`.
    @Test(
        arguments: [
            ("", 401), ("Authorization: Basic dTpw\r\n", 200), ("authorization: basic dTpw\r\n", 200),
            ("Authorization: Basic dTpx\r\n", 401), ("Authorization: Basic eDpw\r\n", 401),
            ("Authorization: Basic dQ==\r\n", 401), ("Authorization: Basic %%%\r\n", 401),
            ("Authorization: Digest dTpw\r\n", 401), ("Authorization: dTpw\r\n", 401), ("Authorization: \r\n", 401),
            ("Authorization: Basic dTpwcA==\r\n", 401), ("Authorization: Basic dTo=\r\n", 401),
        ], [("p"), ("{SHA}516b9783fca517eecbd1d064da2d165310b19759")])
    func `only name and password let in`(row: (header: String, status: Int), password: String) throws {
        let server = try TestServer(username: "u", password: password)
        let reply = try server.exchange(.post(Self.call, headers: row.header, close: true), silence: 5000)
        #expect(reply.status == row.status)
    }

    @Test(arguments: ["/RPC2", "/", "/ok.html", "/logtail/run", "/mainlogtail", "/svinstall/v1/status", "/nope"])
    func `no address is open without them`(path: String) throws {
        let server = try TestServer(username: "u", password: "p")
        #expect(try server.exchange(.get(path), silence: 5000).status == 401)
    }

    @Test func `a refusal is the original's and ends the connection`() throws {
        let reply = try TestServer(username: "u", password: "p").exchange(.post(Self.call), silence: 5000)
        #expect(
            reply.head
                == "HTTP/1.1 401 Unauthorized\nServer: Medusa/1.12\nConnection: close\n"
                + "WWW-Authenticate: Basic realm=\"default\"\nContent-Length: 137\nContent-Type: text/html")
        #expect(reply.closed)
    }

    @Test func `without a user name everybody is let in`() throws {
        #expect(try TestServer(username: "", password: "p").exchange(.post(Self.call)).status == 200)
    }

    /// The password of a listener is the digest of a message: the vectors of RFC 3174.
    @Test(arguments: [
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d", "dTphYmM="),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            "dTphYmNkYmNkZWNkZWZkZWZnZWZnaGZnaGlnaGlqaGlqa2lqa2xqa2xta2xtbmxtbm9tbm9wbm9wcQ=="
        ), ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "dTo="),
    ])
    func `SHA-1 is SHA-1`(message: String, digest: String, credentials: String) throws {
        let server = try TestServer(username: "u", password: "{SHA}\(digest)")
        let header = "Authorization: Basic \(credentials)\r\n"
        #expect(try server.exchange(.post(Self.call, headers: header, close: true), silence: 5000).status == 200)
    }
}
