import Engine
import ServiceModel
import SourceText
import Supervision
import Testing

@Suite struct ProcessInformationTests {
    private func info(_ name: String, _ engine: FakeEngine = FakeEngine()) throws -> String {
        try TestServer(engine).call("supervisor.getProcessInfo", name)
    }

    private func member(_ name: String, _ text: String) -> String? {
        let mark = "<name>\(name)</name>\n<value>"
        guard text.contains(mark) else { return nil }
        return text.components(behind: mark).components(before: "</value>")
    }

    @Test func `members are the original's, in its order`() throws {
        let names = try info("run").split(separator: "<name>").dropFirst().map { $0.prefix { $0 != "<" } }
        #expect(
            names == [
                "name", "group", "start", "stop", "now", "state", "statename", "spawnerr", "exitstatus", "logfile",
                "stdout_logfile", "stderr_logfile", "pid", "description",
            ])
    }

    @Test(arguments: [
        ("run", "pid 76, uptime 1 day, 1:03:20"), ("grp:g1", "pid 77, uptime 0:01:40"),
        ("bad", "can't find command '/no'"), ("grp:g2", "Not started"),
    ])
    func `the description tells what matters in that state`(name: String, description: String) throws {
        #expect(member("description", try info(name)) == "<string>\(description)</string>")
    }

    @Test func `a failure without a reason points to the log`() throws {
        let engine = FakeEngine()
        engine.snapshot.programs[0].status.spawnError = ""
        #expect(
            member("description", try info("bad", engine)) == "<string>unknown error (try \"tail bad\")</string>")
    }

    @Test func `a program that ended shows when`() throws {
        let text = try #require(member("description", try info("done")))
        // Local time: the zone is the machine's.
        #expect(text.wholeMatch(of: /<string>Nov 2[123] (0[1-9]|1[0-2]):\d\d [AP]M<\/string>/) != nil)
    }

    @Test(arguments: [ProcessState.starting, .stopping, .unknown]) func `other states say nothing`(
        _ state: ProcessState
    ) throws {
        let engine = FakeEngine()
        engine.snapshot.programs[4].status.state = state
        #expect(member("description", try info("run", engine)) == "<string></string>")
    }

    @Test func `times beyond 32 bits are clamped`() throws {
        let engine = FakeEngine()
        engine.snapshot.programs[4].status.started = Instant(monotonic: 0, boot: 0, wall: 5_000_000_000_000_000_000)
        #expect(member("start", try info("run", engine)) == "<int>2147483647</int>")
        #expect(member("stop", try info("run", engine)) == "<int>0</int>")
    }

    @Test func `all programs come in the snapshot's order`() throws {
        let all = try TestServer().call("supervisor.getAllProcessInfo")
        let names = all.split(separator: "<name>name</name>\n<value><string>").dropFirst().map {
            $0.prefix { $0 != "<" }
        }
        #expect(names == ["bad", "done", "g1", "g2", "run"])
    }

    @Test func `within a second the list is made once for each state that is published`() throws {
        let engine = FakeEngine()
        let server = try TestServer(engine)
        let first = try server.call("supervisor.getAllProcessInfo")
        engine.alterUnseen { $0.programs[0].status.spawnError = "seen too early" }
        #expect(try server.call("supervisor.getAllProcessInfo") == first)
        engine.snapshot.programs[0].status.spawnError = "out of memory"
        #expect(try server.call("supervisor.getAllProcessInfo").contains("out of memory"))
    }

    @Test func `the configuration has the original's members, with none and auto for what is neither`() throws {
        let engine = FakeEngine()
        var service = Service(name: Setting("web"), dialect: .supervisor)
        service.command = Setting(.words(["/bin/web", "-x"]))
        service.supervisor.commandText = "/bin/web  -x"
        service.user = Setting("0")
        service.standardError = Setting(.sameAsOutput)
        service.success = Setting(.codes([0, 2]))
        service.supervisor.exitCodeList = [0, 2]
        let plan = Plan(groups: [ServiceGroup(name: "grp", priority: 5, services: [service])])
        engine.replies { _ in .configuration(plan: plan, activeGroups: ["grp"], taken: ["grp"]) }
        let text = try TestServer(engine).call("supervisor.getAllConfigInfo")
        let names = text.split(separator: "<name>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        #expect(
            names == [
                "autostart", "directory", "uid", "command", "exitcodes", "group", "group_prio", "inuse", "killasgroup",
                "name", "process_prio", "redirect_stderr", "startretries", "startsecs", "stdout_capture_maxbytes",
                "stdout_events_enabled", "stdout_logfile", "stdout_logfile_backups", "stdout_logfile_maxbytes",
                "stdout_syslog", "stopsignal", "stopwaitsecs", "stderr_capture_maxbytes", "stderr_events_enabled",
                "stderr_logfile", "stderr_logfile_backups", "stderr_logfile_maxbytes", "stderr_syslog", "serverurl",
            ])
        for (name, value) in [
            ("autostart", "<boolean>1</boolean>"), ("uid", "<int>0</int>"), ("directory", "<string>none</string>"),
            ("command", "<string>/bin/web  -x</string>"), ("inuse", "<boolean>1</boolean>"),
            ("group_prio", "<int>5</int>"), ("process_prio", "<int>999</int>"), ("startretries", "<int>3</int>"),
            ("startsecs", "<int>1</int>"), ("stopwaitsecs", "<int>10</int>"), ("stopsignal", "<int>15</int>"),
            ("stdout_logfile", "<string>auto</string>"), ("stderr_logfile", "<string>none</string>"),
            ("redirect_stderr", "<boolean>1</boolean>"), ("stdout_logfile_maxbytes", "<int>52428800</int>"),
            ("serverurl", "<string>none</string>"), ("killasgroup", "<boolean>0</boolean>"),
        ] {
            #expect(member(name, text) == value, "\(name)")
        }
        #expect(
            text.contains("<value><array><data>\n<value><int>0</int></value>\n<value><int>2</int></value>\n</data>"))
    }

    @Test func `a user's name is shown as its number`() throws {
        let engine = FakeEngine()
        var service = Service(name: Setting("web"), dialect: .supervisor)
        service.user = Setting("root")
        let plan = Plan(groups: [ServiceGroup(name: "web", services: [service])])
        engine.replies { _ in .configuration(plan: plan, activeGroups: [], taken: []) }
        let text = try TestServer(engine).call("supervisor.getAllConfigInfo")
        #expect(member("uid", text) == "<int>0</int>")
        #expect(member("inuse", text) == "<boolean>0</boolean>")
    }
}
