import ControlServer
import Engine
import Kernel
import Testing

@Suite struct LogTailTests {
    /// A server whose program `run` logs into a file of the server's directory.
    private func server(_ content: [UInt8]) throws -> (TestServer, log: String) {
        let engine = FakeEngine()
        let server = try TestServer(engine)
        let log = server.directory + "/run.out"
        try server.kernel.writeFileAtomically(log, content, mode: 0o600)
        engine.snapshot.programs[4].outputLog = log
        engine.snapshot.logFile = log
        return (server, log)
    }

    private func append(_ text: String, to path: String, _ kernel: HostKernel) throws {
        let file = try kernel.open(path, .appending())
        defer { kernel.close(file) }
        try kernel.writeAll(file, text.utf8)
    }

    private func start(_ server: TestServer, _ path: String = "/logtail/run", _ version: String = "1.1") throws
        -> RawConnection
    {
        let connection = try server.connect()
        try connection.send(.get(path, version: version))
        return connection
    }

    @Test func `the last 1024 bytes come first, then what is written, in chunks`() throws {
        let old = String(repeating: "0123456789abcdef", count: 100)
        let (server, log) = try server(Array(old.utf8))
        let connection = try start(server)
        let first = connection.readAll(silence: 5000) { $0.hasSuffix("f\r\n") }
        #expect(first.body == "400\r\n\(old.suffix(1024))\r\n")
        try append("more\n", to: log, server.kernel)
        #expect(connection.readAll(silence: 5000) { $0.hasSuffix("\r\n") }.text == "5\r\nmore\n\r\n")
    }

    @Test(arguments: [("/logtail/run", true), ("/logtail/run/stdout", true), ("/mainlogtail", false)])
    func `headers are the original's`(path: String, refusesBuffering: Bool) throws {
        let (server, _) = try server(Array("x".utf8))
        let reply = try start(server, path).readAll(silence: 5000) { $0.hasSuffix("x\r\n") }
        let head = reply.head.split(separator: "\n").filter { !$0.hasPrefix("Last-Modified: ") }
        var expected: [Substring] = [
            "HTTP/1.1 200 OK", "Server: Medusa/1.12", "Content-Type: text/plain;charset=utf-8",
        ]
        if refusesBuffering { expected.append("X-Accel-Buffering: no") }
        #expect(head == expected + ["Transfer-Encoding: chunked"])
        #expect(reply.head.contains("Last-Modified: "))
    }

    @Test func `an empty log has headers at once`() throws {
        let (server, _) = try server([])
        #expect(try start(server).readAll(silence: 5000) { $0.hasSuffix("\r\n\r\n") }.status == 200)
    }

    @Test func `HTTP/1.0 gets bare bytes`() throws {
        let (server, _) = try server(Array("abc".utf8))
        let reply = try start(server, "/logtail/run", "1.0").readAll(silence: 5000) { $0.hasSuffix("abc") }
        #expect(reply.body == "abc")
    }

    @Test func `a log that shrinks says so and goes on from its beginning`() throws {
        let (server, log) = try server(Array("a long line\n".utf8))
        let connection = try start(server)
        _ = connection.readAll(silence: 5000) { $0.hasSuffix("line\n\r\n") }
        let file = try server.kernel.open(log, OpenOptions(.write, truncate: true))
        server.kernel.close(file)
        let said = connection.readAll(silence: 5000) { $0.contains("<==") && $0.hasSuffix("\r\n") }
        #expect(said.text == "17\r\n==> File truncated <==\n\r\n")
        try append("new\n", to: log, server.kernel)
        #expect(connection.readAll(silence: 5000) { $0.hasSuffix("\r\n") }.text == "4\r\nnew\n\r\n")
    }

    @Test func `a rotated log is read to its end, then the new one from its beginning`() throws {
        let (server, log) = try server(Array("one\n".utf8))
        let connection = try start(server)
        _ = connection.readAll(silence: 5000) { $0.hasSuffix("one\n\r\n") }
        try append("two\n", to: log, server.kernel)
        try server.kernel.rename(log, to: log + ".1")
        try append("three\n", to: log, server.kernel)
        let rest = connection.readAll(silence: 5000) { $0.contains("three") }
        #expect(rest.text.contains("two\n"))
        #expect(rest.text.contains("three\n"))
    }

    @Test func `a character is never cut in two`() throws {
        let (server, _) = try server(Array(String(repeating: "é", count: 1000).utf8) + [UInt8(ascii: "x")])
        let reply = try start(server).readAll(silence: 5000) { $0.hasSuffix("x\r\n") }
        #expect(!reply.text.contains("\u{FFFD}"))
    }

    @Test func `a client that goes away is forgotten, and others go on`() throws {
        let (server, log) = try server(Array("x\n".utf8))
        do {
            let gone = try start(server)
            _ = gone.readAll(silence: 5000) { $0.hasSuffix("x\n\r\n") }
        }
        let other = try start(server)
        _ = other.readAll(silence: 5000) { $0.hasSuffix("x\n\r\n") }
        try append("y\n", to: log, server.kernel)
        #expect(other.readAll(silence: 5000) { $0.hasSuffix("\r\n") }.text == "2\r\ny\n\r\n")
    }

    @Test func `a client that does not read does not fill our memory`() throws {
        let (server, log) = try server([])
        let lazy = try start(server)
        let line = String(repeating: "z", count: 1 << 20)
        for _ in 0..<16 { try append(line, to: log, server.kernel) }
        // Other clients are served meanwhile, and the lazy one then gets every byte.
        #expect(try server.call("supervisor.getPID") == .answer("<value><int>4711</int></value>"))
        #expect(lazy.count(UInt8(ascii: "z"), upTo: 16 << 20) == 16 << 20)
    }

    @Test func `sixty followers all get what is written`() throws {
        let (server, log) = try server(Array("one\n".utf8))
        let followers = try (0..<60).map { _ in try start(server) }
        for follower in followers { _ = follower.readAll(silence: 5000) { $0.hasSuffix("one\n\r\n") } }
        try append("two\n", to: log, server.kernel)
        for follower in followers {
            #expect(follower.readAll(silence: 5000) { $0.hasSuffix("\r\n") }.text == "4\r\ntwo\n\r\n")
        }
        #expect(try server.call("supervisor.getPID") == .answer("<value><int>4711</int></value>"))
    }

    @Test func `a log that vanishes is waited for`() throws {
        let (server, log) = try server(Array("one\n".utf8))
        let follower = try start(server)
        _ = follower.readAll(silence: 5000) { $0.hasSuffix("one\n\r\n") }
        try server.kernel.unlink(log)
        #expect(follower.readAll(silence: 300).text.isEmpty)
        try append("two\n", to: log, server.kernel)
        #expect(follower.readAll(silence: 5000) { $0.hasSuffix("\r\n") }.text == "4\r\ntwo\n\r\n")
    }

    @Test(arguments: [
        "/logtail/zz", "/logtail/run/stderr", "/logtail/run/", "/logtail/run/stdin", "/logtail/run/stdout/x",
        "/logtail/", "/logtail/grp", "/logtail/grp:*", "/logtail/..%2Fetc%2Fpasswd",
    ])
    func `what is no log is not found`(path: String) throws {
        let (server, _) = try server([])
        #expect(try server.exchange(.get(path)).status == 404)
    }

    @Test func `a directory or a pipe in a log's place is not opened`() throws {
        let (server, log) = try server([])
        try server.kernel.unlink(log)
        _ = try server.kernel.makeDirectories(log, mode: 0o700)
        #expect(try server.exchange(.get("/logtail/run")).status == 404)
        try server.kernel.removeDirectory(log)
    }
}
