import Engine
import Kernel
import SourceText
import Supervision
import Testing

/// A port that closes for another program, and clients that go on waiting.
@Suite struct PartingTests {
    private func waiting(_ request: String) throws -> (TestServer, RawConnection) {
        let server = try TestServer()
        server.engine.replies { if case .supervise = $0 { nil } else { .done } }
        let connection = try server.connect()
        try connection.send(request)
        waitUntil { server.engine.parkedCount == 1 }
        return (server, connection)
    }

    @Test(arguments: ["1.1", "1.0"]) func `a client that waits for a program gets the answer when the port is gone`(
        _ version: String
    ) throws {
        let headers = version == "1.0" ? "Connection: Keep-Alive\r\n" : ""
        let (server, connection) = try waiting(
            .post(.call("supervisor.stopProcess", ["run"]), version: version, headers: headers))
        let clients = server.part()
        #expect(clients.count == 1)
        let client = try #require(clients.first)
        // What its own port would still say goes nowhere.
        server.engine.release(.fault(Fault(.failed, "late")))
        server.answer(client, .done)
        let reply = connection.readAll(silence: 5000)
        #expect(reply.closed)
        #expect(reply.text.hasPrefix("HTTP/\(version) 200 OK\r\n"))
        #expect(reply.head.contains("\nConnection: close"))
        #expect(reply.head.contains("\nContent-Length: \(reply.body.utf8.count)"))
        #expect(reply.body.contains("<boolean>1</boolean>"))
    }

    @Test func `a fault names the program as the client did, an answer about a group lists it`() throws {
        let (server, connection) = try waiting(.post(.call("supervisor.startProcess", ["run:run"])))
        let client = try #require(server.part().first)
        server.answer(client, .fault(Fault(.abnormalTermination, "run")))
        #expect(connection.readAll(silence: 5000).body.contains("ABNORMAL_TERMINATION: run:run"))

        let (other, group) = try waiting(.post(.call("supervisor.stopProcessGroup", ["grp"])))
        let status = ProcessStatus(group: "grp", name: "g1", code: .success, description: "OK")
        other.answer(try #require(other.part().first), .statuses([status]))
        #expect(group.readAll(silence: 5000).body.contains("<string>g1</string>"))
    }

    @Test func `what only the port could answer ends with it, after its time`() throws {
        let call =
            "<array><data><value><struct><member><name>methodName</name><value>supervisor.stopProcess</value></member>"
            + "<member><name>params</name><value><array><data><value>run</value></data></array></value></member>"
            + "</struct></value></data></array>"
        let (server, connection) = try waiting(.post(.call("system.multicall", [call])))
        #expect(server.part(grace: .milliseconds(50)).isEmpty)
        let reply = connection.readAll(silence: 5000)
        #expect(reply.closed && reply.text.isEmpty)
    }

    @Test func `who has its answer or has asked nothing is not handed over`() throws {
        let server = try TestServer()
        let silent = try server.connect()
        let answered = try server.connect()
        try answered.send(.post(.call("supervisor.stopProcess", ["run"])))
        let reply = answered.readAll(silence: 5000) { $0.contains("</methodResponse>") }
        #expect(reply.status == 200)
        #expect(server.part().isEmpty)
        #expect(silent.readAll(silence: 5000).closed)
        #expect(answered.readAll(silence: 5000).closed)
    }
}
