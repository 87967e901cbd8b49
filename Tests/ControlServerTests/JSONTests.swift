import Engine
import PropertyList
import Supervision
import Testing

@Suite struct JSONTests {
    private func document(_ reply: RawConnection.Reply) throws -> PropertyValue {
        try JSONReader.read(Array(reply.body.utf8), path: "answer").plain
    }

    @Test func `the version is told`() throws {
        let reply = try TestServer().exchange(.get("/svinstall/v1/version"))
        #expect(reply.status == 200)
        #expect(reply.head.contains("Content-Type: application/json"))
        let value = try document(reply)
        #expect(value["version"] == "9.8.7")
        #expect(value["supervisor"] == "4.3.0")
        #expect(value["interface"] == 1)
    }

    @Test func `the status tells daemon and programs`() throws {
        let value = try document(try TestServer().exchange(.get("/svinstall/v1/status")))
        #expect(value["daemon"]?["state"] == "RUNNING")
        #expect(value["daemon"]?["log"] == .null)
        let programs = value["programs"]?.array ?? []
        #expect(programs.count == 5)
        let group = programs[2]
        #expect(group["name"] == "grp:g1")
        #expect(group["pid"] == 77)
        #expect(group["uptime_seconds"] == 100)
        #expect(group["exit_status"] == .null)
        #expect(programs[1]["exit_status"] == 3)
        #expect(programs[0]["error"] == "can't find command '/no'")
        #expect(programs[3]["started"] == .null)
    }

    @Test func `staleness is asked of the engine`() throws {
        let server = try TestServer()
        server.engine.replies { _ in
            .staleness(Staleness(changes: GroupChanges(changed: ["redis"]), details: ["redis: a \"b\"\n"]))
        }
        let value = try document(try server.exchange(.get("/svinstall/v1/staleness")))
        #expect(value["changed"] == ["redis"])
        #expect(value["added"] == [])
        #expect(value["details"] == ["redis: a \"b\"\n"])
        #expect(value["problem"] == .null)
    }

    @Test func `what does not exist is refused in the interface's own form`() throws {
        let reply = try TestServer().exchange(.get("/svinstall/v1/nope"))
        #expect(reply.status == 404)
        #expect(try document(reply)["error"]?.string?.contains("/svinstall/v1/status") == true)
        #expect(try TestServer().exchange(.post("{}", path: "/svinstall/v1/status")).status == 400)
    }
}
