import Engine
import ServiceModel
import SourceText
import Supervision
import Testing

@Suite struct MethodBehaviourTests {
    /// Parameters and the fault they meet, as observed with supervisord 4.3.0.
    struct Refusal: Sendable, CustomTestStringConvertible {
        var method: String
        var parameters: [String]
        var code: Int
        var text: String

        init(_ method: String, _ parameters: [String], _ code: Int, _ text: String) {
            (self.method, self.parameters, self.code, self.text) = ("supervisor.\(method)", parameters, code, text)
        }

        var testDescription: String { "\(method)\(parameters) -> \(text)" }
    }

    static let refusals = [
        Refusal("getState", ["<int>1</int>"], 2, "INCORRECT_PARAMETERS"),
        Refusal("getProcessInfo", [], 2, "INCORRECT_PARAMETERS"),
        Refusal("getProcessInfo", ["zz"], 10, "BAD_NAME: zz"),
        Refusal("getProcessInfo", ["grp:*"], 10, "BAD_NAME: grp:*"),
        Refusal("getProcessInfo", ["grp"], 10, "BAD_NAME: grp"),
        Refusal("getProcessInfo", [""], 10, "BAD_NAME: "),
        Refusal("startProcess", ["run", "1", "2"], 2, "INCORRECT_PARAMETERS"),
        Refusal("startProcessGroup", ["<array><data></data></array>"], 2, "INCORRECT_PARAMETERS"),
        Refusal("sendProcessStdin", ["run", "<int>1</int>"], 2, "INCORRECT_PARAMETERS: 1"),
        Refusal("sendProcessStdin", ["grp:*", "x"], 10, "BAD_NAME: grp:*"),
        Refusal("signalProcess", ["run", "ZZ"], 11, "BAD_SIGNAL: ZZ"),
        Refusal("signalProcess", ["run", "<int>99</int>"], 11, "BAD_SIGNAL: 99"),
        Refusal("signalProcess", ["run", ""], 11, "BAD_SIGNAL: "),
        Refusal("signalProcess", ["zz", "ZZ"], 10, "BAD_NAME: zz"),
        Refusal("signalProcessGroup", ["zz", "ZZ"], 10, "BAD_NAME: zz"),
        Refusal("readProcessStdoutLog", ["grp:*", "<int>0</int>", "<int>0</int>"], 10, "BAD_NAME: grp:*"),
        Refusal("sendProcessStdin", ["run", "<nil/>"], 2, "INCORRECT_PARAMETERS"),
        Refusal("clearProcessLogs", ["grp:"], 10, "BAD_NAME: grp:"),
    ]

    @Test(arguments: refusals) func `wrong parameters meet the original's fault`(_ row: Refusal) throws {
        let server = try TestServer()
        let body = String.call(row.method, row.parameters)
        let reply = try server.exchange(.post(body, close: true), silence: 5000)
        #expect(reply.body == .fault(row.code, row.text))
        #expect(server.engine.requests.isEmpty)
    }

    @Test(arguments: [
        ("supervisor.getProcessInfo", ["<int>1</int>"]), ("supervisor.startProcess", ["<int>1</int>"]),
        ("supervisor.readLog", ["x", "0"]), ("supervisor.signalProcess", ["run", "<array><data></data></array>"]),
        ("supervisor.getProcessInfo", ["<nil/>"]),
        ("system.multicall", ["<array><data><value>x</value></data></array>"]),
    ])
    func `what trips the original is HTTP 500`(method: String, parameters: [String]) throws {
        let server = try TestServer()
        let reply = try server.exchange(.post(.call(method, parameters), close: true), silence: 5000)
        #expect(reply.status == 500)
    }

    /// supervisord looks for the process and its log first.
    @Test(arguments: [("readProcessLog", "run"), ("tailProcessLog", "run"), ("readLog", nil)] as [(String, String?)])
    func `numbers that are none matter once there is a log`(method: String, name: String?) throws {
        for (answer, status, text) in [
            (ControlAnswer.log(bytes: [], size: 0, overflow: false), 500, "Internal Server Error"),
            (.fault(Fault(.noFile, "/x")), 200, "NO_FILE: /x"),
        ] {
            let server = try TestServer()
            server.engine.replies { _ in answer }
            let parameters = (name.map { [$0] } ?? []) + ["x", "0"]
            let body = String.call("supervisor.\(method)", parameters)
            let reply = try server.exchange(.post(body, close: true), silence: 5000)
            #expect(reply.status == status)
            #expect(reply.text.contains(text))
        }
    }

    /// A fault repeats what was sent in Python's words: `str()` of a value, `repr()` of what is inside one.
    @Test(arguments: [
        ("<int>5</int>", "5"), ("<boolean>0</boolean>", "False"), ("<double>0.5</double>", "0.5"),
        ("<dateTime.iso8601>20260102T03:04:00</dateTime.iso8601>", "2026-01-02 03:04:00"),
        ("<array><data></data></array>", "[]"),
        (
            "<array><data><value>it's</value><value>a\\b</value><value><nil/></value></data></array>",
            "[\"it's\", 'a\\\\b', None]"
        ),
        ("<struct><member><name>a</name><value><int>1</int></value></member></struct>", "{'a': 1}"),
        (
            "<array><data><value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value></data></array>",
            "[datetime.datetime(2026, 1, 2, 3, 4, 5)]"
        ),
    ])
    func `a value that is no string is named as Python names it`(value: String, text: String) throws {
        #expect(
            try TestServer().call("supervisor.sendProcessStdin", "run", value)
                == .fault(2, "INCORRECT_PARAMETERS: \(text)"))
    }

    @Test(arguments: [
        ("startProcess", ["run"], "start(Supervision.Target.process(group: \"run\", name: \"run\"), waits: true)"),
        (
            "startProcess", ["grp:g1", "<boolean>0</boolean>"],
            "start(Supervision.Target.process(group: \"grp\", name: \"g1\"), waits: false)"
        ),
        ("startProcess", ["grp:*"], "start(Supervision.Target.group(\"grp\"), waits: true)"),
        ("stopProcessGroup", ["grp", "<int>0</int>"], "stop(Supervision.Target.group(\"grp\"), waits: false)"),
        ("stopAllProcesses", [], "stop(Supervision.Target.all, waits: true)"),
        ("readProcessLog", ["run", "-5", "<int>0</int>"], "offset: -5, length: 0"),
        ("sendRemoteCommEvent", ["a", "b"], "remoteEvent(type: \"a\", data: \"b\")"),
        ("shutdown", [], "supervise(Supervision.Request.shutdown)"),
        ("restart", [], "supervise(Supervision.Request.restart)"),
        ("removeProcessGroup", ["run"], "removeGroup(\"run\")"),
        ("addProcessGroup", ["run"], "addGroup(\"run\")"),
    ])
    func `a call becomes the engine's request`(method: String, parameters: [String], request: String) throws {
        let server = try TestServer()
        _ = try server.exchange(.post(.call("supervisor.\(method)", parameters), close: true), silence: 5000)
        #expect(server.engine.requests.count == 1)
        #expect(server.engine.requests.first?.contains(request) == true, "\(server.engine.requests)")
    }

    @Test func `faults speak of the name as the client wrote it`() throws {
        let server = try TestServer()
        server.engine.replies { _ in .fault(Fault(.alreadyStarted, "run")) }
        #expect(
            try server.call("supervisor.startProcess", "run:run") == .fault(60, "ALREADY_STARTED: run:run"))
    }

    @Test func `group calls answer one struct a process`() throws {
        let server = try TestServer()
        server.engine.replies { _ in
            .statuses([
                ProcessStatus(group: "g", name: "a", code: .success, description: "OK"),
                ProcessStatus(group: "g", name: "b", code: .spawnError, description: "SPAWN_ERROR: b"),
            ])
        }
        func row(_ name: String, _ status: Int, _ text: String) -> String {
            "<value><struct>\n<member>\n<name>name</name>\n<value><string>\(name)</string></value>\n</member>\n"
                + "<member>\n<name>group</name>\n<value><string>g</string></value>\n</member>\n"
                + "<member>\n<name>status</name>\n<value><int>\(status)</int></value>\n</member>\n"
                + "<member>\n<name>description</name>\n<value><string>\(text)</string></value>\n</member>\n"
                + "</struct></value>\n"
        }
        let rows = row("a", 80, "OK") + row("b", 50, "SPAWN_ERROR: b")
        #expect(
            try server.call("supervisor.startAllProcesses")
                == .answer("<value><array><data>\n\(rows)</data></array></value>"))
    }

    @Test func `a signal that does not exist is refused for every process it could reach`() throws {
        let server = try TestServer()
        let answer = try server.call("supervisor.signalAllProcesses", "ZZ")
        #expect(answer.contains("<name>status</name>\n<value><int>11</int></value>"))
        #expect(answer.contains("BAD_SIGNAL: ZZ"))
        // Only run and grp:g1 have a process.
        #expect(answer.split(separator: "<name>status</name>").count == 3)
    }

    @Test(arguments: [DaemonState.shutdown, .restarting])
    func `while the daemon ends only system methods and remote events are answered`(_ state: DaemonState) throws {
        let engine = FakeEngine()
        engine.snapshot.daemonState = state
        let server = try TestServer(engine)
        #expect(try server.call("supervisor.getState") == .fault(6, "SHUTDOWN_STATE"))
        #expect(try server.call("supervisor.startProcess", "zz") == .fault(6, "SHUTDOWN_STATE"))
        #expect(
            try server.call("supervisor.sendRemoteCommEvent", "a", "b")
                == .answer("<value><boolean>1</boolean></value>"))
        #expect(try server.call("system.methodSignature", "supervisor.getPID") == .answer(.strings(["int"])))
    }

    @Test func `reloadConfig wraps its three arrays in one`() throws {
        let server = try TestServer()
        server.engine.replies { _ in .groupChanges(GroupChanges(added: ["a"], changed: [], removed: ["b", "c"])) }
        let lists = [["a"], [], ["b", "c"]].map { String.strings($0) + "\n" }.joined()
        let outer = "<value><array><data>\n\(lists)</data></array></value>\n"
        #expect(
            try server.call("supervisor.reloadConfig")
                == .answer("<value><array><data>\n\(outer)</data></array></value>"))
    }

    @Test func `bytes of a log that XML cannot carry are shown, and the answer stays well-formed`() throws {
        let server = try TestServer()
        server.engine.replies { _ in .log(bytes: [0x61, 0x1B, 0xFF, 0x26], size: 4, overflow: false) }
        #expect(
            try server.call("supervisor.readLog", "0", "0")
                == .answer("<value><string>a\\x1b\\xff&amp;</string></value>"))
    }

    @Test func `a tail is text, size and overflow, the size within 32 bits`() throws {
        let server = try TestServer()
        server.engine.replies { _ in .log(bytes: [0x61], size: 5_000_000_000, overflow: true) }
        let values =
            "<value><string>a</string></value>\n<value><int>2147483647</int></value>\n"
            + "<value><boolean>1</boolean></value>\n"
        #expect(
            try server.call("supervisor.tailProcessLog", "run", "0", "9")
                == .answer("<value><array><data>\n\(values)</data></array></value>"))
    }
}
