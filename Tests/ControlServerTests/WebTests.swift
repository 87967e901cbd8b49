import Engine
import Supervision
import Testing

@Suite struct WebTests {
    private func location(_ path: String, _ answer: ControlAnswer = .done) throws -> String? {
        let server = try TestServer()
        server.engine.replies { _ in answer }
        let reply = try server.exchange(.get(path))
        guard reply.status == 301 else { return "status \(reply.status ?? 0)" }
        return reply.text.split(separator: "\r\n").first { $0.hasPrefix("Location: ") }.map { String($0.dropFirst(10)) }
    }

    /// Actions, the engine's answer, and the message that the browser is sent back with (supervisord 4.3.0).
    @Test(arguments: [
        ("processname=run&action=stop", ControlAnswer.done, "Process%20run%20stopped"),
        ("processname=run&action=start", .done, "Process%20run%20started"),
        ("processname=grp%3Ag1&action=restart", .done, "Process%20grp%3Ag1%20restarted"),
        ("processname=run&action=restart", .fault(Fault(.notRunning, "run")), "Process%20run%20restarted"),
        ("processname=run&action=clearlog", .done, "Log%20for%20run%20cleared"),
        ("processname=zz&action=stop", .done, "No%20such%20process%20named%20zz"),
        (
            "processname=run&action=start", .fault(Fault(.spawnError, "run")),
            "ERROR%3A%20Process%20run%3A%20spawn%20error"
        ),
        ("processname=run&action=start", .fault(Fault(.noFile, "x")), "ERROR%3A%20Process%20run%3A%20no%20such%20file"),
        (
            "processname=run&action=stop", .fault(Fault(.notRunning, "run")),
            "unexpected%20rpc%20fault%20%5B70%5D%20NOT_RUNNING%3A%20run"
        ),
    ])
    func `an action sends the browser back with the original's message`(
        query: String, answer: ControlAnswer, message: String
    ) throws {
        #expect(try location("/index.html?\(query)", answer) == "http://h:9001/?message=\(message)")
    }

    @Test(arguments: [("refresh", "Page%20refreshed"), ("stopall", "All%20stopped"), ("restartall", "All%20restarted")])
    func `actions on everything tell the time`(action: String, words: String) throws {
        let target = try location("/?action=\(action)", .statuses([]))
        #expect(target?.hasPrefix("http://h:9001/?message=\(words)%20at%20Sun%20Nov%2022%20") == true)
        #expect(target?.hasSuffix("%202026") == true)
    }

    @Test(arguments: ["/?action=zzz", "/?action=start"]) func `an action that is none is HTTP 500`(path: String) throws
    {
        #expect(try location(path) == "status 500")
    }

    @Test(arguments: ["zz", "start", "nope"]) func `an unknown process is told of before an unknown action`(
        action: String
    ) throws {
        #expect(
            try location("/?processname=zz&action=\(action)")
                == "http://h:9001/?message=No%20such%20process%20named%20zz")
    }

    @Test func `a form does the same as a link`() throws {
        let server = try TestServer()
        let reply = try server.exchange(.post("processname=run&action=stop", path: "/index.html"))
        #expect(reply.status == 301)
        #expect(server.engine.requests.count == 1)
    }

    @Test func `the table has a row for each program with the links of its state`() throws {
        let page = try TestServer().exchange(.get("/")).body
        #expect(page.contains("index.html?processname=run&amp;action=stop"))
        #expect(page.contains("index.html?processname=grp%3Ag2&amp;action=start"))
        #expect(!page.contains("processname=grp%3Ag2&amp;action=stop"))
        #expect(page.contains("can&#39;t find command"))
        #expect(page.contains("logtail/grp%3Ag1/stderr"))
    }

    @Test func `nothing that others wrote becomes markup`() throws {
        let engine = FakeEngine()
        engine.snapshot.programs[0].status.spawnError = "<script>alert(1)</script>"
        let server = try TestServer(engine)
        engine.replies { _ in .log(bytes: Array("</pre><script>".utf8), size: 14, overflow: false) }
        for path in [
            "/?message=%3Cscript%3E", "/tail.html?processname=%3Cscript%3E", "/tail.html?processname=run", "/",
        ] {
            #expect(!(try server.exchange(.get(path)).body.contains("<script")), "\(path)")
        }
    }

    /// What a browser says of the page that made it ask, and whether that page may have an effect.
    @Test(arguments: [
        ("", true), ("Origin: http://h:9001\r\n", true), ("Origin: https://h:9001\r\n", true),
        ("Sec-Fetch-Site: same-origin\r\n", true), ("Sec-Fetch-Site: none\r\n", true),
        ("X-Forwarded-For: 10.0.0.1\r\nOrigin: http://public\r\n", true), ("Origin: http://evil\r\n", false),
        ("Origin: null\r\n", false), ("Sec-Fetch-Site: cross-site\r\n", false),
        ("Sec-Fetch-Site: cross-site\r\nOrigin: http://h:9001\r\n", false),
    ])
    func `another site's page makes nobody's browser stop a program`(headers: String, mayAct: Bool) throws {
        let server = try TestServer()
        server.engine.replies { _ in .done }
        let call = "<methodCall><methodName>supervisor.getState</methodName><params/></methodCall>"
        let host = "POST /RPC2 HTTP/1.1\r\nHost: h:9001\r\n\(headers)Content-Length: \(call.utf8.count)\r\n\r\n\(call)"
        #expect(try server.exchange(host).status == (mayAct ? 200 : 403))
        let action = String.get("/index.html?processname=run&action=stop", headers: headers)
        #expect(try server.exchange(action).status == (mayAct ? 301 : 403))
        #expect(server.engine.requests.count == (mayAct ? 1 : 0))
        // To look is harmless: such a page does not see the answer.
        #expect(try server.exchange(.get("/", headers: headers)).status == 200)
    }

    @Test func `pages are never cached`() throws {
        let head = try TestServer().exchange(.get("/")).head
        #expect(
            head.contains(
                "Content-Type: text/html;charset=utf-8\nPragma: no-cache\nCache-Control: no-cache\n"
                    + "Expires: Thu, 01 Jan 1970 00:00:00 GMT\n"))
    }

    @Test func `the health address says OK`() throws {
        let reply = try TestServer().exchange(.get("/ok.html"))
        #expect(reply.head == "HTTP/1.1 200 OK\nServer: Medusa/1.12\nContent-Type: text/plain\nContent-Length: 2")
        #expect(reply.body == "OK")
    }

    @Test func `a tail shows the log's end, or why there is none`() throws {
        let server = try TestServer()
        server.engine.replies { _ in .log(bytes: Array("last words".utf8), size: 10, overflow: false) }
        #expect(try server.exchange(.get("/tail.html?processname=run&limit=20")).body.contains("<pre>last words</pre>"))
        #expect(server.engine.requests.first?.contains("offset: -1024, length: 0") == true)
        #expect(try server.exchange(.get("/tail.html")).body.contains("No process name found"))
        server.engine.replies { _ in .fault(Fault(.noFile)) }
        #expect(try server.exchange(.get("/tail.html?processname=run")).body.contains("No file for run"))
    }

    @Test func `a tail shows bytes that are no text by their numbers`() throws {
        let server = try TestServer()
        server.engine.replies { _ in .log(bytes: [0x61, 0xFF, 0x1B, 0x3C], size: 4, overflow: false) }
        #expect(try server.exchange(.get("/tail.html?processname=run")).body.contains("<pre>a\\xff\\x1b&lt;</pre>"))
    }

    @Test(arguments: [
        ("stylesheets/supervisor.css", "text/css"), ("images/icon.png", "image/png"), ("images/rule.gif", "image/gif"),
        ("images/supervisor.gif", "image/gif"), ("images/state0.gif", "image/gif"), ("images/state1.gif", "image/gif"),
        ("images/state2.gif", "image/gif"), ("images/state3.gif", "image/gif"),
    ])
    func `the original's files are there, for GET and HEAD`(path: String, type: String) throws {
        let server = try TestServer()
        let reply = try server.exchange(.get("/" + path))
        #expect(reply.status == 200)
        #expect(reply.head.contains("Content-Type: \(type)"))
        #expect(!reply.body.isEmpty)
        let head = try server.exchange(.get("/" + path).replacing("GET ", with: "HEAD ", maxReplacements: 1))
        #expect(head.head == reply.head)
        #expect(head.body.isEmpty)
        #expect(try server.exchange(.post("x", path: "/" + path)).status == 400)
    }

    @Test(arguments: [
        "/../s", "/images/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/etc/passwd", "/images/",
        "/images/icon.png%00", "/images/icon.png/", "/tail.html/../s", "/stylesheets/..%2Fs",
    ])
    func `no other address is a file`(path: String) throws {
        #expect(try TestServer().exchange(.get(path)).status == 404)
    }

    @Test(arguments: ["/", "/tail.html?processname=run"])
    func `a page needs nothing from elsewhere, and allows nothing`(
        path: String
    ) throws {
        let page = try TestServer().exchange(.get(path)).body
        #expect(page.contains("content=\"default-src 'none'; style-src 'self'; img-src 'self'\""))
        #expect(!page.contains("//"))
        #expect(!page.contains("style=\""))
        let style = try TestServer().exchange(.get("/stylesheets/supervisor.css")).body
        #expect(style.contains("prefers-color-scheme:dark"))
        #expect(!style.contains("url("))
    }
}
