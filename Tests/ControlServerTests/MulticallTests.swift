import Engine
import Supervision
import Testing

@Suite struct MulticallTests {
    private func calls(_ rows: [(String, [String])]) -> String {
        let list = rows.map { name, parameters in
            let values = parameters.map { "<value>\($0)</value>" }.joined()
            return "<value><struct><member><name>methodName</name><value>\(name)</value></member><member>"
                + "<name>params</name><value><array><data>\(values)</data></array></value></member></struct></value>"
        }
        return "<array><data>\(list.joined())</data></array>"
    }

    private func results(_ values: String...) -> String {
        .answer("<value><array><data>\n\(values.map { $0 + "\n" }.joined())</data></array></value>")
    }

    @Test func `results are bare values, faults are structs, the order is kept`() throws {
        let server = try TestServer()
        let body = calls([
            ("supervisor.getPID", []), ("supervisor.getProcessInfo", ["zz"]), ("supervisor.nope", []),
            ("supervisor.startProcess", ["run"]),
        ])
        #expect(
            try server.call("system.multicall", body)
                == results(
                    "<value><int>4711</int></value>", .faultValue(10, "BAD_NAME: zz"),
                    .faultValue(1, "UNKNOWN_METHOD"), "<value><boolean>1</boolean></value>"))
    }

    @Test func `a call waits for the one before it`() throws {
        let server = try TestServer()
        server.engine.replies { _ in nil }
        let connection = try server.connect()
        let body = calls([("supervisor.startProcess", ["run"]), ("supervisor.stopProcess", ["run"])])
        try connection.send(.post(.call("system.multicall", [body]), close: true))
        waitUntil { server.engine.parkedCount == 1 }
        #expect(server.engine.requests.count == 1)
        server.engine.release(.done)
        waitUntil { server.engine.requests.count == 2 }
        server.engine.release(.fault(Fault(.notRunning, "x")))
        #expect(
            connection.readAll(silence: 5000).body
                == results("<value><boolean>1</boolean></value>", .faultValue(70, "NOT_RUNNING: run")))
    }

    @Test func `calls within calls, nameless calls and broken calls are results of their own`() throws {
        let server = try TestServer()
        let nameless =
            "<value><struct><member><name>params</name><value><array><data></data></array></value>"
            + "</member></struct></value>"
        let rows = calls([("system.multicall", []), ("supervisor.getProcessInfo", ["<int>1</int>"])])
        let body = rows.dropLast("</data></array>".count) + nameless + "</data></array>"
        #expect(
            try server.call("system.multicall", String(body))
                == results(
                    .faultValue(2, "INCORRECT_PARAMETERS: Recursive system.multicall forbidden"),
                    .faultValue(
                        30, "FAILED: &lt;class 'AttributeError'&gt;:'int' object has no attribute 'split'"),
                    .faultValue(2, "INCORRECT_PARAMETERS: No methodName")))
    }

    @Test func `nothing asked is nothing answered`() throws {
        #expect(try TestServer().call("system.multicall", calls([])) == results())
        #expect(try TestServer().call("system.multicall") == .fault(2, "INCORRECT_PARAMETERS"))
    }
}
