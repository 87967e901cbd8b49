import ControlServer
import Engine
import Kernel
import SourceText
import Supervision
import Testing

@Suite struct HostileClientTests {
    private func server(_ change: (inout ControlLimits) -> Void) throws -> TestServer {
        var limits = ControlLimits()
        change(&limits)
        return try TestServer(limits: limits)
    }

    private func stillAnswers(_ server: TestServer) throws {
        #expect(try server.call("supervisor.getPID") == .answer("<value><int>4711</int></value>"))
    }

    @Test func `a body over the limit is refused by its length, before it is sent`() throws {
        let server = try server { $0.bodyBytes = 1000 }
        let reply = try server.exchange(
            "POST /RPC2 HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n", silence: 1000)
        #expect(reply.status == 413)
        #expect(reply.closed)
        try stillAnswers(server)
    }

    @Test(arguments: ["-1", "1x", "99999999999999999999999", "4611686018427387904"])
    func `an absurd length is no reason to allocate`(length: String) throws {
        let server = try TestServer()
        let reply = try server.exchange(
            "POST /RPC2 HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n", silence: 1000)
        #expect(reply.closed)
        try stillAnswers(server)
    }

    @Test func `endless headers end the connection`() throws {
        let server = try server { $0.headerBytes = 4096 }
        let connection = try server.connect()
        try connection.send("GET / HTTP/1.1\r\n")
        try? connection.send(String(repeating: "X-Header: 0123456789\r\n", count: 1000))
        #expect(connection.readAll(silence: 5000).closed)
        try stillAnswers(server)
    }

    @Test func `a body nobody wants is bounded too`() throws {
        let server = try server { $0.bodyBytes = 100_000 }
        let connection = try server.connect()
        try connection.send("GET /ok.html HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n")
        for _ in 0..<50 { if (try? connection.send(String(repeating: "x", count: 10_000))) == nil { break } }
        let reply = connection.readAll(silence: 5000)
        #expect(reply.status == 413 || reply.text.isEmpty)
        #expect(reply.closed)
        try stillAnswers(server)
    }

    @Test func `a request that does not come to its end is given up`() throws {
        let server = try server { $0.requestTimeout = .milliseconds(200) }
        let started = server.kernel.now().monotonic
        let drip = try server.connect()
        try drip.send("POST /RPC2 HTTP/1.1\r\nContent-Length: 500\r\n\r\n<me")
        #expect(drip.readAll(silence: 5000).closed)
        let silent = try server.connect()
        #expect(silent.readAll(silence: 5000).closed)
        #expect(server.kernel.now().monotonic - started < 4_000_000_000)
    }

    @Test func `a connection without requests is closed after its time`() throws {
        let server = try server { $0.idleTimeout = .milliseconds(200) }
        let connection = try server.connect()
        try connection.send(.post(.call("supervisor.getPID")))
        let reply = connection.readAll(silence: 5000)
        #expect(reply.status == 200)
        #expect(reply.closed)
    }

    @Test func `waiting for the engine is not idling`() throws {
        let server = try server {
            $0.idleTimeout = .milliseconds(100)
            $0.requestTimeout = .milliseconds(100)
        }
        server.engine.replies { _ in nil }
        let connection = try server.connect()
        try connection.send(.post(.call("supervisor.startProcess", ["run"])))
        #expect(connection.readAll(silence: 500).text.isEmpty)
        server.engine.release(.done)
        #expect(connection.readAll(silence: 5000).status == 200)
    }

    @Test func `idle strangers make room for whoever comes next`() throws {
        let server = try server { $0.connections = 5 }
        let strangers = try (0..<20).map { _ in try server.connect() }
        try stillAnswers(server)
        let closed = strangers.filter { $0.readAll(silence: 50).closed }.count
        #expect(closed >= 15)
    }

    @Test func `a client that sends without reading stops being read`() throws {
        let server = try TestServer()
        server.engine.replies { _ in nil }
        let connection = try server.connect()
        try connection.send(.post(.call("supervisor.startProcess", ["run"])))
        waitUntil { server.engine.parkedCount == 1 }
        // More than the socket's buffers hold: the server must not take it all in.
        try server.kernel.setTimeouts(connection.socket, milliseconds: 300)
        var sent = 0
        let request = String.post(.call("supervisor.getPID"))
        let batch = String(repeating: request, count: 200)
        while sent < 64 << 20, (try? connection.send(batch)) != nil { sent += batch.utf8.count }
        #expect(sent < 8 << 20)
        try stillAnswers(server)
    }

    @Test func `a client that asks without reading is kept one answer for, not all`() throws {
        let server = try server { $0.writeTimeout = .milliseconds(500) }
        let text = [UInt8](repeating: 0x78, count: 4 << 20)
        server.engine.replies { _ in .log(bytes: text, size: 4 << 20, overflow: false) }
        let greedy = try server.connect()
        try greedy.send(String(repeating: .post(.call("supervisor.readLog", ["0", "0"])), count: 50))
        // Fifty answers would be 200 MB; the connection ends at the time limit of the first.
        try stillAnswers(server)
        server.kernel.sleep(nanoseconds: 1_500_000_000)
        #expect(server.engine.requests.count == 1)
        #expect(greedy.readAll(silence: 2000).closed)
        try stillAnswers(server)
    }

    @Test func `a client that reads slowly but steadily gets all of a large answer`() throws {
        let server = try server { $0.writeTimeout = .milliseconds(200) }
        server.engine.replies { _ in
            .log(bytes: [UInt8](repeating: 0x78, count: 4 << 20), size: 4 << 20, overflow: false)
        }
        let connection = try server.connect()
        try connection.send(.post(.call("supervisor.readLog", ["0", "0"]), close: true))
        let begun = server.kernel.now().monotonic
        // 128 KiB every 30 ms: the whole takes several times the limit for one stretch of it.
        #expect(connection.read(atMost: 128 << 10, every: 30) > 4 << 20)
        #expect(server.kernel.now().monotonic - begun > 600_000_000)
    }

    @Test func `a deeply nested value is refused, a long one is not`() throws {
        let server = try TestServer()
        func nested(_ depth: Int) -> String {
            String(repeating: "<array><data><value>", count: depth) + "x"
                + String(repeating: "</value></data></array>", count: depth)
        }
        let deep = try server.exchange(.post(.call("supervisor.getProcessInfo", [nested(5000)]), close: true))
        #expect(deep.status == 400)
        let long = String(repeating: "y", count: 1 << 20)
        #expect(try server.call("supervisor.getProcessInfo", long) == .fault(10, "BAD_NAME: \(long)"))
    }

    @Test func `a multicall of more calls than the limit is refused`() throws {
        let server = try server { $0.multicallCalls = 3 }
        let one =
            "<value><struct><member><name>methodName</name><value>supervisor.getPID</value></member></struct></value>"
        let body = "<array><data>\(String(repeating: one, count: 4))</data></array>"
        #expect(try server.call("system.multicall", body) == .fault(2, "INCORRECT_PARAMETERS: more than 3 calls"))
    }

    @Test(arguments: 0..<40) func `random bytes never harm the server`(seed: Int) throws {
        let server = try TestServer()
        var generator = Splitmix(seed: UInt64(seed))
        let valid = Array(String.post(.call("supervisor.getProcessInfo", ["run"]), close: true).utf8)
        var bytes = valid
        for _ in 0..<(1 + seed % 6) {
            bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
        }
        let connection = try server.connect()
        try connection.send(bytes)
        _ = connection.readAll(silence: 50)
        try stillAnswers(server)
    }
}

/// A small generator with a seed.
struct Splitmix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
