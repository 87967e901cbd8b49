import ControlServer
import Engine
import SourceText
import Supervision
import Testing

/// Raw requests and the answers that supervisord 4.3.0 gave to them.
@Suite struct HTTPTests {
    private static let state = String.answer(
        "<value><struct>\n<member>\n<name>statecode</name>\n<value><int>1</int></value>\n</member>\n"
            + "<member>\n<name>statename</name>\n<value><string>RUNNING</string></value>\n</member>\n"
            + "</struct></value>")
    private static let call = String.call("supervisor.getState")

    private static func errorBody(_ status: String) -> String {
        let words = status.split(separator: " ", maxSplits: 1)
        return "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n"
            + "<p>Error code \(words[0]).\r\n<p>Message: \(words[1]).\r\n</body>\r\n"
    }

    @Test func `an answer has the original's headers in the original's order`() throws {
        let reply = try TestServer().exchange(.post(Self.call))
        #expect(
            reply.head
                == "HTTP/1.1 200 OK\nServer: Medusa/1.12\nContent-Type: text/xml\nContent-Length: \(Self.state.utf8.count)"
        )
        #expect(reply.body == Self.state)
        #expect(reply.text.contains("\r\nDate: Sun, 22 Nov 2026 11:04:01 GMT\r\n"))
    }

    @Test(arguments: [
        ("1.1", "", false), ("1.1", "Connection: close\r\n", true), ("1.1", "Connection: Close\r\n", true),
        ("1.0", "", true), ("1.0", "Connection: keep-alive\r\n", false), ("1.0", "Connection: Keep-Alive\r\n", false),
    ])
    func `HTTP/1.1 stays open unless told, HTTP/1.0 closes unless told`(
        version: String, headers: String, closes: Bool
    ) throws {
        let reply = try TestServer().exchange(.post(Self.call, version: version, headers: headers))
        #expect(reply.closed == closes)
        #expect(reply.text.hasPrefix("HTTP/\(version) 200 OK\r\n"))
        #expect(reply.text.contains("Connection: Keep-Alive\r\n") == (version == "1.0" && !closes))
        #expect(reply.body == Self.state)
    }

    @Test func `requests sent ahead are answered in order on the same connection`() throws {
        let reply = try TestServer().exchange(.post(Self.call) + .post(.call("supervisor.getPID")) + .post("<no"))
        let statuses = reply.text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
        #expect(statuses == ["200", "200", "400"])
        #expect(!reply.closed)
    }

    @Test(arguments: [
        (String.post(HTTPTests.call, path: "/RPC2xyz?x=1"), "200 OK"), (.get("/RPC2"), "400 Bad Request"),
        (HTTPTests.post("PUT", "/RPC2"), "400 Bad Request"), (HTTPTests.post("PUT", "/nope"), "400 Bad Request"),
        (HTTPTests.post("POST", "/nope"), "400 Bad Request"), (.get("/nope"), "404 Not Found"),
        (.post("<methodCall><methodName>"), "400 Bad Request"), (.post("<methodCall></methodCall>"), "400 Bad Request"),
        ("POST /RPC2 HTTP/1.1\r\nHost: h\r\n\r\n", "411 Length Required"),
        (
            "POST /RPC2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<meth\r\n0\r\n\r\n",
            "411 Length Required"
        ),
        (.get("/logtail"), "500 Internal Server Error"), (.get("/logtail/nope"), "404 Not Found"),
        (.get("/logtail/run/foo"), "404 Not Found"), (.get("/logtail/grp:*"), "404 Not Found"),
        (.get("/logtail/run"), "404 Not Found"), (.get("/mainlogtail"), "404 Not Found"),
        (HTTPTests.post("POST", "/logtail/run"), "400 Bad Request"), (.get("/ok.html"), "200 OK"),
        (.get("/index.html?action=zzz"), "500 Internal Server Error"),
    ])
    func `a request has the original's status and error page`(request: String, status: String) throws {
        let reply = try TestServer().exchange(request)
        #expect(reply.text.hasPrefix("HTTP/1.1 \(status)\r\n"))
        if !status.hasPrefix("200") {
            #expect(reply.body == Self.errorBody(status))
            #expect(
                reply.head
                    == "HTTP/1.1 \(status)\nServer: Medusa/1.12\nContent-Length: \(reply.body.utf8.count)\n"
                    + "Content-Type: text/html")
        }
    }

    @Test func `HEAD has the headers alone`() throws {
        let reply = try TestServer().exchange("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(reply.text.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        #expect(reply.body.isEmpty)
    }

    @Test(arguments: ["GARBAGE\r\n\r\n", "GET /ok.html\r\n\r\n", "\u{1}\u{2}\u{3}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"])
    func `a request that is none closes the connection without a word`(bytes: String) throws {
        let reply = try TestServer().exchange(bytes, silence: 5000)
        #expect(reply.closed)
        #expect(reply.text.isEmpty)
    }

    @Test func `a client that asks first is told to go on`() throws {
        let server = try TestServer()
        let connection = try server.connect()
        let request = String.post(Self.call, headers: "Expect: 100-continue\r\n", close: true)
        try connection.send(request.components(before: "\r\n\r\n") + "\r\n\r\n")
        let interim = connection.readAll(silence: 5000) { $0.hasSuffix("\r\n\r\n") }
        #expect(interim.text == "HTTP/1.1 100 Continue\r\n\r\n")
        try connection.send(Self.call)
        #expect(connection.readAll(silence: 5000).body == Self.state)
    }

    @Test func `while one client waits for the engine the others are answered`() throws {
        let server = try TestServer()
        server.engine.replies { _ in nil }
        let waiting = try server.connect()
        try waiting.send(.post(.call("supervisor.startProcess", ["run"]), close: true))
        waitUntil { server.engine.parkedCount == 1 }
        for _ in 0..<20 {
            #expect(try server.call("supervisor.getPID") == .answer("<value><int>4711</int></value>"))
        }
        server.engine.release(.done)
        #expect(waiting.readAll(silence: 5000).body == .answer("<value><boolean>1</boolean></value>"))
    }

    @Test func `an answer for a client that went away harms nobody`() throws {
        let server = try TestServer()
        server.engine.replies { _ in nil }
        do {
            let gone = try server.connect()
            try gone.send(.post(.call("supervisor.startProcess", ["run"])))
            waitUntil { server.engine.parkedCount == 1 }
        }
        server.engine.release(.done)
        #expect(try server.call("supervisor.getPID") == .answer("<value><int>4711</int></value>"))
    }

    @Test func `stopping finishes the answer under way and closes everything else`() throws {
        let server = try TestServer()
        server.engine.replies { _ in nil }
        let idle = try server.connect()
        let busy = try server.connect()
        try busy.send(.post(.call("supervisor.shutdown")))
        waitUntil { server.engine.parkedCount == 1 }
        server.engine.release(.done)
        server.stop()
        #expect(busy.readAll(silence: 5000).body == .answer("<value><boolean>1</boolean></value>"))
        let end = idle.readAll(silence: 5000)
        #expect(end.closed)
        #expect(end.text.isEmpty)
    }

    private static func post(_ method: String, _ path: String) -> String {
        String.post(call, path: path).replacing("POST ", with: "\(method) ", maxReplacements: 1)
    }
}
