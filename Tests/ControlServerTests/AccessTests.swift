import ControlServer
import Engine
import Kernel
import ServiceModel
import Supervision
import Testing

/// `[access:NAME]`: who may do what, whichever way it is asked for.
@Suite struct AccessTests {
    private static let me = HostKernel().userID

    /// A server on which the user of these tests has these rights.
    private func server(_ rights: AccessRights, tellsWhoAsks: Bool = false) throws -> TestServer {
        try TestServer(
            access: [AccessRule(name: "test", users: [Self.me], rights: rights)], tellsWhoAsks: tellsWhoAsks)
    }

    /// What a method is called with, and who may: to look, to control `grp`, to control everything, to do everything.
    struct Row: Sendable, CustomTestStringConvertible {
        enum Least: Int, Sendable { case look, group, control, all }
        var method: String
        var arguments: [String]
        var least: Least
        var testDescription: String { method }

        init(_ least: Least, _ method: String, _ arguments: String...) {
            (self.method, self.arguments, self.least) = (method, arguments, least)
        }
    }

    static let rows: [Row] = [
        Row(.look, "supervisor.getAPIVersion"), Row(.look, "supervisor.getVersion"),
        Row(.look, "supervisor.getSupervisorVersion"), Row(.look, "supervisor.getIdentification"),
        Row(.look, "supervisor.getState"), Row(.look, "supervisor.getPID"),
        Row(.look, "supervisor.getProcessInfo", "run"), Row(.look, "supervisor.getAllProcessInfo"),
        Row(.look, "supervisor.getAllConfigInfo"), Row(.look, "supervisor.readLog", "0", "0"),
        Row(.look, "supervisor.readMainLog", "0", "0"), Row(.look, "supervisor.readProcessLog", "run", "0", "0"),
        Row(.look, "supervisor.readProcessStdoutLog", "run", "0", "0"),
        Row(.look, "supervisor.readProcessStderrLog", "run", "0", "0"),
        Row(.look, "supervisor.tailProcessLog", "run", "0", "0"),
        Row(.look, "supervisor.tailProcessStdoutLog", "run", "0", "0"),
        Row(.look, "supervisor.tailProcessStderrLog", "run", "0", "0"), Row(.look, "system.listMethods"),
        Row(.look, "system.methodHelp", "system.multicall"),
        Row(.look, "system.methodSignature", "system.multicall"),
        Row(.look, "system.multicall", "<array><data></data></array>"),

        Row(.group, "supervisor.startProcess", "grp:g1"), Row(.group, "supervisor.startProcessGroup", "grp"),
        Row(.group, "supervisor.stopProcess", "grp:*"), Row(.group, "supervisor.stopProcessGroup", "grp"),
        Row(.group, "supervisor.signalProcess", "grp:", "HUP"),
        Row(.group, "supervisor.signalProcessGroup", "grp", "HUP"),
        Row(.group, "supervisor.sendProcessStdin", "grp:g1", "x"),
        Row(.group, "supervisor.clearProcessLog", "grp:g1"), Row(.group, "supervisor.clearProcessLogs", "grp:g1"),

        Row(.control, "supervisor.startAllProcesses"), Row(.control, "supervisor.stopAllProcesses"),
        Row(.control, "supervisor.signalAllProcesses", "HUP"), Row(.control, "supervisor.clearAllProcessLogs"),
        Row(.control, "supervisor.sendRemoteCommEvent", "a", "b"),

        Row(.all, "supervisor.shutdown"), Row(.all, "supervisor.restart"), Row(.all, "supervisor.reloadConfig"),
        Row(.all, "supervisor.addProcessGroup", "grp"), Row(.all, "supervisor.removeProcessGroup", "grp"),
        Row(.all, "supervisor.clearLog"),
    ]

    @Test func `every method is classed`() {
        #expect(Set(Self.rows.map(\.method)) == Set(MethodTableTests.golden.map(\.name)))
    }

    private static let levels: [(rights: AccessRights, most: Row.Least)] = [
        (.read, .look), (.control(groups: ["grp", "other"]), .group), (.control(groups: nil), .control), (.all, .all),
    ]

    @Test(arguments: rows) func `a method is for those whose rights reach so far, alone and among others`(
        row: Row
    ) throws {
        for level in Self.levels {
            let isAllowed = row.least.rawValue <= level.most.rawValue
            let server = try server(level.rights)
            let alone = try server.call(row.method, row.arguments)
            #expect(alone.contains("FAILED: not allowed: [access:test] ") == !isAllowed, "\(level.rights)")
            #expect(isAllowed || server.engine.requests.isEmpty)
            if row.method == "system.multicall" { continue }
            let values = row.arguments.map { "<value>\($0)</value>" }.joined()
            let among = try server.call(
                "system.multicall",
                "<array><data><value><struct><member><name>methodName</name><value>\(row.method)</value></member>"
                    + "<member><name>params</name><value><array><data>\(values)</data></array></value></member>"
                    + "</struct></value></data></array>")
            #expect(among.contains("FAILED: not allowed") == !isAllowed, "\(level.rights)")
            #expect(isAllowed || server.engine.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("startProcess", "run"), ("startProcess", "grp2:g1"), ("stopProcess", "run:*"), ("stopProcess", ":"),
        ("stopProcess", "*"), ("stopProcess", " grp:g1"), ("stopProcess", "<int>1</int>"),
        ("startProcessGroup", "grp:*"), ("startProcessGroup", "run"), ("stopProcessGroup", ""),
        ("stopProcessGroup", "<array><data><value>grp</value></data></array>"), ("clearProcessLogs", "run"),
    ])
    func `control of a group reaches no other`(method: String, name: String) throws {
        let server = try server(.control(groups: ["grp"]))
        let reply = try server.call("supervisor.\(method)", name)
        #expect(reply == .fault(30, "FAILED: not allowed: [access:test] only lets control grp"))
        #expect(server.engine.requests.isEmpty)
    }

    @Test func `who is not let in sees nothing`() throws {
        for path in ["/RPC2", "/", "/logtail/run", "/mainlogtail", "/svinstall/v1/status", "/images/icon.png", "/zz"] {
            let server = try server(.none)
            #expect(try server.exchange(.get(path)).status == 403)
            #expect(try server.exchange(.post(.call("system.listMethods"), close: true)).status == 403)
        }
    }

    @Test func `a page has the buttons, and an address the effect, of what is allowed`() throws {
        let reader = try server(.read)
        let page = try reader.exchange(.get("/")).body
        #expect(!page.contains("action=start") && !page.contains("action=stop") && !page.contains("action=clearlog"))
        #expect(page.contains("action=refresh") && page.contains("logtail/run"))
        for action in ["stopall", "restartall", "start", "stop", "restart", "clearlog"] {
            #expect(try reader.exchange(.get("/?processname=run&action=\(action)")).status == 403)
            let form = String.post("processname=run&action=\(action)", path: "/index.html", close: true)
            #expect(try reader.exchange(form).status == 403)
        }
        #expect(try reader.exchange(.get("/?action=refresh")).status == 301)
        #expect(reader.engine.requests.isEmpty)

        let keeper = try server(.control(groups: ["grp"]))
        let own = try keeper.exchange(.get("/")).body
        #expect(own.contains("processname=grp%3Ag1&amp;action=stop") && !own.contains("processname=run&amp;action"))
        #expect(!own.contains("action=stopall"))
        #expect(try keeper.exchange(.get("/?processname=grp%3Ag1&action=stop")).status == 301)
        #expect(keeper.engine.requests.count == 1)
        #expect(try keeper.exchange(.get("/?processname=run&action=stop")).status == 403)
        #expect(keeper.engine.requests.count == 1)
    }

    @Test func `to look is to read logs and the JSON interface, too`() throws {
        let server = try server(.read)
        for path in ["/svinstall/v1/status", "/svinstall/v1/version", "/ok.html", "/tail.html?processname=run"] {
            #expect(try server.exchange(.get(path)).status == 200)
        }
        let upgrade = try server.exchange(.post("", path: "/svinstall/v1/upgrade", close: true))
        #expect(upgrade.status == 403)
        #expect(upgrade.body == "{\"error\":\"not allowed: [access:test] only lets look\"}\n")
    }

    /// `ops:o`, `dash:d`, `u:p` and a wrong password, with or without the listener's own password, and the most that the
    /// client may then do; `nil` = he is not let in.
    @Test(
        arguments: [
            ("b3BzOm8=", true, Row.Least.all), ("b3BzOm8=", false, .all), ("ZGFzaDpk", true, .look),
            ("ZGFzaDpk", false, .look), ("dTpw", true, .all), ("b3BzOng=", true, nil), ("b3BzOng=", false, .all),
            ("", true, nil), ("", false, .all),
        ] as [(String, Bool, Row.Least?)])
    func `rights go with a name and its password`(
        credentials: String, asksForPassword: Bool, most: Row.Least?
    ) throws {
        let server = try TestServer(
            username: asksForPassword ? "u" : nil, password: asksForPassword ? "p" : nil,
            access: [
                AccessRule(name: "ops", username: "ops", password: "o", rights: .all),
                AccessRule(name: "dash", username: "dash", password: "d", rights: .read),
            ])
        let header = credentials.isEmpty ? "" : "Authorization: Basic \(credentials)\r\n"
        func status(_ method: String) throws -> String {
            let reply = try server.exchange(.post(.call(method), headers: header, close: true), silence: 5000)
            return reply.status == 200 ? (reply.body.contains("not allowed") ? "refused" : "done") : "401"
        }
        #expect(try status("supervisor.getPID") == (most == nil ? "401" : "done"))
        #expect(try status("supervisor.shutdown") == (most == nil ? "401" : most == .all ? "done" : "refused"))
    }

    @Test func `a rule about a user holds whatever password of the listener's he knows`() throws {
        let server = try TestServer(
            username: "u", password: "p", access: [AccessRule(name: "me", users: [Self.me], rights: .read)])
        let header = "Authorization: Basic dTpw\r\n"
        let reply = try server.exchange(.post(.call("supervisor.shutdown"), headers: header, close: true))
        #expect(reply.body.contains("not allowed"))
    }

    @Test func `the rest are not root and the daemon's own user`() throws {
        let server = try TestServer(access: [AccessRule(name: "rest", isForOthers: true, rights: .none)])
        #expect(try server.call("supervisor.shutdown").contains("<boolean>1</boolean>"))
    }

    @Test func `without rules everybody may do everything`() throws {
        #expect(try TestServer().call("supervisor.shutdown").contains("<boolean>1</boolean>"))
    }

    // MARK: the log

    private static let who = "user \(me) (pid \(HostKernel().processID))"

    @Test func `who asks for a change is told to the log, of the private socket too`() throws {
        for isPrivate in [false, true] {
            let server = try TestServer(isPrivate: isPrivate, tellsWhoAsks: true)
            _ = try server.call("supervisor.stopProcess", "grp:g1")
            _ = try server.call("supervisor.getPID")
            _ = try server.call("supervisor.shutdown")
            let told = server.engine.lines.filter { $0.contains("asked for") }
            #expect(
                told == [
                    "INFO stopProcess grp:g1: asked for by \(Self.who)", "INFO shutdown: asked for by \(Self.who)",
                ])
        }
    }

    @Test func `a name of many lines is told on one`() throws {
        let server = try TestServer(tellsWhoAsks: true)
        _ = try server.call("supervisor.stopProcess", "a\nb" + String(repeating: "x", count: 500))
        let told = try #require(server.engine.lines.first { $0.contains("asked for") })
        #expect(told.hasPrefix("INFO stopProcess a\\nbxxx") && told.count < 200)
    }

    @Test func `called by the original's name nobody is told who asks`() throws {
        let server = try TestServer()
        _ = try server.call("supervisor.stopProcess", "run")
        #expect(!server.engine.lines.contains { $0.contains("asked for") })
    }

    @Test func `a refusal is told by every name`() throws {
        let server = try server(.read)
        _ = try server.call("supervisor.stopProcess", "run")
        #expect(
            server.engine.lines.contains("WARN stopProcess run: refused to \(Self.who): [access:test] only lets look"))
    }
}
