import BootHook
import Kernel
import Locations
import SimulatedKernel
import SourceText
import Synchronization
import Testing

@Suite("Another hook over the same configuration is found wherever it is, named, replaced when asked, and given back")
struct RivalTests {
    private static let configuration = HookMachine.configuration

    /// A hook of somebody else, before a system's hook is installed on a machine with systemd.
    struct Other: Sendable, CustomTestStringConvertible {
        var what: String
        var path: String
        var text: String
        /// The unit by which systemd knows it.
        var unit: String?
        /// What the file holds, or what stands beside it, while it is replaced.
        var whileReplaced: (path: String, text: String)?
        var testDescription: String { what }
    }

    static let others = [
        Other(
            what: "a user's unit", path: "/home/ann/.config/systemd/user/mine.service",
            text: "[Service]\nExecStart=/usr/bin/supervisord -n -c \(configuration)\n", unit: "mine.service"),
        Other(
            what: "a unit for all users", path: "/etc/systemd/user/mine.service",
            text: "[Service]\nExecStart=/usr/bin/supervisord -n -c \(configuration)\n", unit: "mine.service"),
        Other(
            what: "a script that no unit hides", path: "/etc/init.d/supervisor",
            text: "#!/bin/sh\n# -c /etc/other.conf\nDAEMON=/usr/bin/supervisord\nARGS=\"-c \(configuration)\"\n",
            unit: "supervisor.service"),
        Other(
            what: "a runit service", path: "/etc/service/sup/run",
            text: "#!/bin/sh\nexec supervisord -n -c \(configuration) 2>&1\n",
            whileReplaced: ("/etc/service/sup/down", "")),
        Other(
            what: "an s6 service", path: "/run/service/sup/run",
            text: "#!/bin/execlineb\n/usr/bin/supervisord --nodaemon --configuration=\(configuration)\n",
            whileReplaced: ("/run/service/sup/down", "")),
        Other(
            what: "a line of the machine's cron table", path: "/etc/crontab",
            text: "SHELL=/bin/sh\n@reboot root /usr/bin/supervisord -c \(configuration)\n1 2 * * * root true\n",
            whileReplaced: (
                "/etc/crontab",
                "SHELL=/bin/sh\n# svinstall: replaced: @reboot root /usr/bin/supervisord -c \(configuration)\n"
                    + "1 2 * * * root true\n"
            )),
        Other(
            what: "a file of cron.d that starts svinstall", path: "/etc/cron.d/mine",
            text: "@reboot root /usr/bin/svinstall run --daemon\n",
            whileReplaced: ("/etc/cron.d/mine", "# svinstall: replaced: @reboot root /usr/bin/svinstall run --daemon\n")
        ),
    ]

    private func machine(_ other: Other) throws -> (HookMachine, VirtualSystemd) {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        machine.kernel.install("/run/systemd/system/x.mount", "")
        machine.kernel.install(other.path, other.text)
        for tool in ["/usr/bin/sv", "/usr/bin/s6-svc"] { machine.kernel.setTool(tool) { _ in VirtualAnswer() } }
        if let unit = other.unit { systemd.state.withLock { $0.others[unit] = (true, true) } }
        return (machine, systemd)
    }

    @Test(
        "however it is written",
        arguments: [
            "ExecStart=/bin/sh -c 'exec /usr/bin/supervisord -n -c \(configuration)'",
            "ExecStart=/usr/bin/python3 -m supervisor.supervisord -n -c \(configuration)",
            "ExecStart=/usr/bin/supervisord -nc \(configuration)",
            "ExecStart=/usr/bin/supervisord -nc\(configuration)",
            "ExecStart=/usr/bin/env X=1 supervisord --nodaemon \"--configuration=\(configuration)\"",
            "WorkingDirectory=/etc/svinstall\nExecStart=/usr/bin/supervisord -n -c svinstall.conf",
        ])
    func written(_ lines: String) throws {
        let unit = "/etc/systemd/system/mine.service"
        let (machine, _) = try machine(
            Other(what: "", path: unit, text: "[Service]\n\(lines)\n", unit: "mine.service"))
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).install() }
        #expect(failure?.description.contains("mine.service") == true)
    }

    @Test("on a machine with systemd", arguments: others)
    func found(_ other: Other) throws {
        let (machine, systemd) = try machine(other)
        var request = machine.request(.systemd)
        let failure = #expect(throws: Failure.self) { try machine.agent(request).install() }
        #expect(failure?.status == .cannotCreate)
        #expect(failure?.description.contains("--replace") == true)
        let place = other.path.hasSuffix("/run") ? parentDirectory(of: other.path) : other.path
        #expect(failure?.description.contains(place) == true)
        #expect(machine.kernel.text(of: "/etc/systemd/system/svinstall.service") == nil)

        request.replacesRivals = true
        #expect(try machine.agent(request).install().report.holds)
        if let (path, text) = other.whileReplaced { #expect(machine.kernel.text(of: path) == text) }
        if let unit = other.unit { #expect(systemd.state.withLock { $0.others[unit]?.enabled } == false) }
        #expect(try machine.agent(request).install().changes == [])

        _ = try machine.agent(HookRequest(system: .systemd)).uninstall()
        #expect(machine.kernel.text(of: other.path) == other.text)
        if let (path, _) = other.whileReplaced, path != other.path { #expect(machine.kernel.text(of: path) == nil) }
        if let unit = other.unit { #expect(systemd.state.withLock { $0.others[unit]?.enabled } == true) }
    }

    @Test(
        "what starts something else is no rival",
        arguments: [
            (
                "/home/ann/.config/systemd/user/mine.service",
                "[Service]\nExecStart=/usr/bin/supervisord -c /etc/x.conf\n"
            ),
            ("/home/ann/.config/systemd/user/mine.service", "[Service]\nExecStart=/usr/bin/svinstall run\n"),
            ("/etc/init.d/other", "#!/bin/sh\n# supervisord -c /etc/svinstall/svinstall.conf\ntrue\n"),
            ("/etc/crontab", "# @reboot root supervisord -c /etc/svinstall/svinstall.conf\n"),
            ("/etc/crontab", "@daily root supervisorctl -c /etc/svinstall/svinstall.conf status\n"),
            ("/etc/service/x/run", "#!/bin/sh\nexec svinstall status -c /etc/svinstall/svinstall.conf\n"),
        ])
    func stranger(path: String, text: String) throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        machine.kernel.install("/etc/x.conf", "[supervisord]\n")
        machine.kernel.install("/home/ann/.config/svinstall/svinstall.conf", "[supervisord]\n")
        machine.kernel.install(path, text)
        systemd.state.withLock { $0.others["mine.service"] = (true, true) }
        #expect(try machine.agent(machine.request(.systemd)).install().report.holds)
    }

    @Test("a user is told of the machine's hook and what root has to type, and takes nothing over")
    func beyondReach() throws {
        let machine = try HookMachine(user: 1000)
        let systemd = VirtualSystemd(machine, scope: .user)
        machine.kernel.install(
            "/lib/systemd/system/supervisor.service", "[Service]\nExecStart=supervisord -c \(Self.configuration)\n")
        systemd.state.withLock { $0.others["supervisor.service"] = (true, true) }
        var request = machine.request(.systemd)
        request.replacesRivals = true
        let failure = #expect(throws: Failure.self) { try machine.agent(request).install() }
        #expect(failure?.description.contains("supervisor.service") == true)
        #expect(failure?.diagnostics.first?.remedy == "as root: systemctl disable --now supervisor.service")
        #expect(systemd.state.withLock { $0.others["supervisor.service"]?.active } == true)
    }

    @Test("the same socket in another configuration is a rival, too")
    func socket() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        let section = "[supervisord]\n[unix_http_server]\nfile=/run/one.sock\n"
        machine.kernel.install(Self.configuration, section)
        machine.kernel.install("/home/ann/mine.conf", section)
        machine.kernel.install(
            "/home/ann/.config/systemd/user/mine.service", "[Service]\nExecStart=/bin/supervisord -c %h/mine.conf\n")
        systemd.state.withLock { $0.others["mine.service"] = (true, false) }
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).install() }
        #expect(failure?.description.contains("mine.service") == true)
        #expect(failure?.description.contains("of ann") == true)
    }

    @Test("a unit for all users is masked for those of whom it starts our configuration, and for nobody else")
    func unitForAllUsers() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        machine.kernel.installLink("/home/ann/mine.conf", to: Self.configuration)
        machine.kernel.install(
            "/usr/lib/systemd/user/mine.service", "[Service]\nExecStart=/usr/bin/svinstall run -c %h/mine.conf\n")
        systemd.state.withLock { $0.others["mine.service"] = (true, false) }
        var request = machine.request(.systemd)
        request.replacesRivals = true
        _ = try machine.agent(request).install()
        let record = try #require(HookRecord.load(.system, home: "/root", label: "svinstall", machine.kernel))
        #expect(record.replaced.map(\.owner?.name) == ["ann"])
        #expect(systemd.calls.filter { $0.hasPrefix("mask") } == ["mask mine.service"])
        _ = try machine.agent(HookRequest(system: .systemd)).uninstall()
        #expect(systemd.calls.contains("unmask mine.service"))
        #expect(!systemd.calls.contains("start mine.service"))
    }

    @Test(
        "an agent is switched off in the domain of each user whom it is for, by its label and not by its file's name",
        arguments: [
            ("/home/ann/Library/LaunchAgents/brew.plist", ["user/1000"]),
            ("/Library/LaunchAgents/brew.plist", ["user/0", "user/1000"]),
        ])
    func homebrew(path: String, domains: [String]) throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        machine.kernel.install(
            path,
            """
            <?xml version="1.0"?><plist version="1.0"><dict><key>Label</key><string>homebrew.mxcl.supervisor</string>
            <key>ProgramArguments</key><array><string>/opt/homebrew/bin/supervisord</string><string>-c</string>
            <string>\(Self.configuration)</string><string>--nodaemon</string></array></dict></plist>
            """)
        var request = machine.request(.launchd)
        let failure = #expect(throws: Failure.self) { try machine.agent(request).install() }
        #expect(failure?.description.contains("homebrew.mxcl.supervisor") == true)
        request.replacesRivals = true
        _ = try machine.agent(request).install()
        let targets = domains.map { "\($0)/homebrew.mxcl.supervisor" }
        #expect(launchd.calls.filter { $0.hasPrefix("disable ") } == targets.map { "disable \($0)" })
        _ = try machine.agent(HookRequest(system: .launchd)).uninstall()
        let enabled = Set(launchd.calls.filter { $0.hasPrefix("enable user/") })
        #expect(enabled == Set(targets.map { "enable \($0)" }))
    }

    @Test("a record keeps every field of a rival, blanks too")
    func record() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        let line = "@reboot  root cd /x; exec supervisord -c \(Self.configuration)"
        machine.kernel.install("/etc/cron.d/my-own", line + "\n")
        var request = machine.request(.systemd)
        request.replacesRivals = true
        _ = try machine.agent(request).install()
        let record = try #require(HookRecord.load(.system, home: "/root", label: "svinstall", machine.kernel))
        #expect(record.replaced.map(\.line) == [line])
        #expect(record.replaced.map(\.path) == ["/etc/cron.d/my-own"])
    }
}
