import ControlServer
import Engine
import Supervision
import Testing

/// What the main log is told of requests (supervisord 4.3).
@Suite struct AccessLogTests {
    @Test func `a call, its end and the answer are three lines`() throws {
        let server = try TestServer()
        _ = try server.call("supervisor.getState")
        let lines = server.engine.lines
        #expect(lines.count == 3)
        #expect(lines.first == "TRAC XML-RPC method called: supervisor.getState()")
        #expect(lines.dropFirst().first == "TRAC XML-RPC method supervisor.getState() returned successfully")
        let answer = try #require(lines.last)
        #expect(answer.hasPrefix("TRAC localhost:0 - - [22/Nov/2026:11:04:01 +0000] \"POST /RPC2 HTTP/1.1\" 200 "))
    }

    @Test func `a fault is told with its number`() throws {
        let server = try TestServer()
        _ = try server.call("no.such")
        #expect(server.engine.lines.contains("TRAC XML-RPC method no.such() returned fault: [1] UNKNOWN_METHOD"))
    }

    @Test func `of a body that is no call only the beginning is shown`() throws {
        let server = try TestServer()
        _ = try server.exchange(.post(String(repeating: "x", count: 5000)))
        let shown = "'\(String(repeating: "x", count: 1000))'…"
        #expect(server.engine.lines.first == "ERRO XML-RPC request data \(shown) is invalid: unmarshallable")
    }

    @Test func `bytes that are no HTTP are told of`() throws {
        let server = try TestServer()
        _ = try server.exchange("no words of ours\r\n\r\n")
        #expect(server.engine.lines.contains { $0.hasPrefix("ERRO Bad HTTP request: ") })
    }

    @Test func `nothing is told of the private socket`() throws {
        let server = try TestServer(isPrivate: true)
        _ = try server.call("supervisor.getState")
        #expect(server.engine.lines.isEmpty)
    }
}
