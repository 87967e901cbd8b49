import BootHook
import Kernel
import Locations
import SimulatedKernel
import SourceText
import Synchronization
import Testing

@Suite("systemd: the chain is made, seen and taken back")
struct SystemdInstallTests {
    private static let unit = "/etc/systemd/system/svinstall.service"

    @Test("an installation makes everything hold, and a second one changes nothing")
    func idempotent() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        let agent = machine.agent(machine.request(.systemd))
        let first = try agent.install()
        #expect(first.changes.contains("wrote \(Self.unit)"))
        #expect(first.report.holds)
        #expect(first.report.pid == 321)
        #expect(first.report.moment == .boot)
        let status = try #require(machine.kernel.quietStatus(of: Self.unit))
        #expect(status.mode == 0o644 && status.user == 0)
        let calls = systemd.calls.filter { !$0.hasPrefix("show") }.count
        let second = try agent.install()
        #expect(second.changes == [])
        #expect(second.differences == [])
        #expect(systemd.calls.filter { !$0.hasPrefix("show") }.count == calls)
    }

    @Test("what is installed is taken back to the last path, configuration and neighbours stay; twice is fine")
    func uninstall() throws {
        for user in [UInt32(0), 1000] {
            let machine = try HookMachine(user: user)
            _ = VirtualSystemd(machine, scope: user == 0 ? .system : .user)
            let before = machine.kernel.allPaths
            let agent = machine.agent(machine.request(.systemd))
            _ = try agent.install()
            #expect(machine.kernel.allPaths != before)
            #expect(try !agent.uninstall().isEmpty)
            #expect(
                machine.kernel.allPaths.filter {
                    !before.contains($0) && !$0.hasPrefix("/run") && !$0.hasPrefix("/var/lib/systemd")
                } == [])
            #expect(before.allSatisfy { machine.kernel.allPaths.contains($0) })
            #expect(try agent.uninstall() == [])
            #expect(try agent.status().isInstalled == false)
        }
    }

    @Test("a changed configuration path is shown as a difference and replaces the file; the daemon is not stopped")
    func change() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        _ = try machine.agent(machine.request(.systemd)).install()
        machine.kernel.install("/etc/other.conf", "[supervisord]\n")
        machine.kernel.setListener(
            ControlSocket.path(
                for: "/etc/other.conf", in: Places(.system, environment: machine.kernel.environment, home: "/root")),
            true)
        var request = machine.request(.systemd)
        request.configuration = "/etc/other.conf"
        let outcome = try machine.agent(request).install()
        #expect(outcome.differences.contains { $0.hasPrefix("-ExecStart=") && $0.contains(HookMachine.configuration) })
        #expect(outcome.differences.contains { $0.hasPrefix("+ExecStart=") && $0.contains("/etc/other.conf") })
        #expect(outcome.remarks.contains { $0.contains("not disturbed") })
        #expect(!systemd.calls.contains { $0.hasPrefix("stop") || $0.hasPrefix("restart") })
        #expect(systemd.calls.count { $0 == "daemon-reload" } == 2)
    }

    @Test("without options a second installation keeps what the first was told")
    func remembers() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        _ = try machine.agent(machine.request(.systemd)).install()
        let outcome = try machine.agent(HookRequest(system: .systemd)).install()
        #expect(outcome.changes == [])
        #expect(outcome.report.hook.configuration == HookMachine.configuration)
    }

    /// A way to break the chain, and the link that is named then.
    struct Damage: Sendable, CustomTestStringConvertible {
        var link: String
        var inflict: @Sendable (HookMachine, VirtualSystemd) -> Void
        var testDescription: String { link }

        init(_ link: String, _ body: @escaping @Sendable (HookMachine, VirtualSystemd) -> Void) {
            self.link = link
            inflict = body
        }
    }

    static let damages = [
        Damage("record") { machine, _ in machine.kernel.erase("/var/lib/svinstall/hooks/svinstall") },
        Damage("program") { machine, _ in machine.kernel.erase(HookMachine.program) },
        Damage("version") { machine, _ in
            machine.kernel.setTool(HookMachine.program) { _ in VirtualAnswer(output: "svinstall 0.0.9\n") }
        },
        Damage("configuration") { machine, _ in machine.kernel.erase(HookMachine.configuration) },
        Damage("trust") { machine, _ in machine.kernel.own(HookMachine.configuration, 1000) },
        Damage("file") { machine, _ in
            machine.kernel.install(unit, (machine.kernel.text(of: unit) ?? "") + "# edited\n")
        },
        Damage("file") { machine, _ in machine.kernel.install(unit, machine.kernel.text(of: unit) ?? "", mode: 0o666) },
        Damage("file") { machine, _ in machine.kernel.own(unit, 1000) },
        Damage("file") { machine, _ in machine.kernel.erase(unit) },
        Damage("enabled") { machine, systemd in machine.kernel.erase(systemd.link) },
        Damage("override") { _, systemd in systemd.state.withLock { $0.isMasked = true } },
        Damage("running") { _, systemd in
            systemd.setActive(false)
            systemd.state.withLock {
                $0.result = "exit-code"
                $0.exitStatus = 78
            }
        },
        Damage("answers") { machine, systemd in machine.kernel.setListener(systemd.socket, false) },
        Damage("manager") { _, systemd in systemd.state.withLock { $0.known = "something older" } },
        Damage("stop-time") { machine, _ in
            machine.kernel.install(
                HookMachine.configuration, "[supervisord]\n[program:a]\ncommand=/bin/a\nstopwaitsecs=300\n")
        },
    ]

    @Test("each broken link is named, with a remedy", arguments: damages)
    func status(damage: Damage) throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        let request = machine.request(.systemd)
        _ = try machine.agent(request).install()
        #expect(try machine.broken(request) == [])
        damage.inflict(machine, systemd)
        let report = try machine.agent(request).status()
        #expect(!report.holds)
        let broken = report.links.filter { !$0.finding.holds }
        #expect(broken.contains { $0.link.name.rawValue == damage.link })
        #expect(broken.allSatisfy { !$0.link.remedy.isEmpty && !$0.finding.detail.isEmpty })
    }

    @Test("the last end is told in words, with the daemon's last words")
    func lastEnd() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        _ = try machine.agent(machine.request(.systemd)).install()
        systemd.setActive(false)
        systemd.state.withLock {
            $0.result = "exit-code"
            $0.exitStatus = 78
        }
        let report = try machine.agent(machine.request(.systemd)).status()
        #expect(report.links.contains { $0.finding.detail.contains("the configuration is wrong") })
        #expect(report.lastWords == ["the daemon's last words"])
    }

    @Test("a user's hook gets linger; where it may not, the rest is installed and the missing link named")
    func linger() throws {
        let machine = try HookMachine(user: 1000)
        _ = VirtualSystemd(machine, scope: .user)
        let report = try machine.agent(machine.request(.systemd)).install().report
        #expect(report.holds && report.moment == .boot)

        let strict = try HookMachine(user: 1000)
        let systemd = VirtualSystemd(strict, scope: .user)
        systemd.state.withLock { $0.refusals["linger"] = (1, "Could not enable linger: Access denied") }
        let outcome = try strict.agent(strict.request(.systemd)).install()
        #expect(outcome.report.moment == .needsLinger)
        #expect(outcome.remarks.contains { $0.contains("sudo loginctl enable-linger ann") })
        #expect(try strict.broken(strict.request(.systemd)) == ["linger"])
    }

    @Test("without a bus the cause is told, not the code")
    func noBus() throws {
        let machine = try HookMachine(user: 1000)
        let systemd = VirtualSystemd(machine, scope: .user)
        let words = (code: Int32(1), words: "Failed to connect to bus: No medium found")
        systemd.state.withLock {
            $0.refusals = ["daemon-reload": words, "show": words, "linger": (1, "Access denied")]
        }
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).install() }
        #expect(failure?.diagnostics.first?.remedy == "sudo loginctl enable-linger ann")
        #expect(failure?.status == .noPermission)
    }

    @Test("another hook over the same configuration is named, replaced when asked, and restored")
    func rivals() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        machine.kernel.install(
            "/lib/systemd/system/supervisor.service",
            "[Service]\nExecStart=/usr/bin/supervisord -n -c \(HookMachine.configuration)\n")
        machine.kernel.install(
            "/lib/systemd/system/stranger.service", "[Service]\nExecStart=/usr/bin/supervisord -n -c /etc/x.conf\n")
        systemd.state.withLock { $0.others = ["supervisor.service": (true, true), "stranger.service": (true, true)] }
        var request = machine.request(.systemd)
        let failure = #expect(throws: Failure.self) { try machine.agent(request).install() }
        #expect(failure?.description.contains("supervisor.service") == true)
        #expect(failure?.description.contains("stranger") == false)
        #expect(failure?.description.contains("--replace") == true)
        #expect(machine.kernel.text(of: Self.unit) == nil)
        request.replacesRivals = true
        // It is the other hook's daemon that answers at the socket of the configuration.
        machine.kernel.setListener(systemd.socket, true)
        #expect(try machine.agent(request).install().report.holds)
        #expect(systemd.state.withLock { $0.others["supervisor.service"]?.enabled } == false)
        #expect(systemd.state.withLock { $0.others["stranger.service"]?.enabled } == true)
        _ = try machine.agent(HookRequest(system: .systemd)).uninstall()
        #expect(systemd.state.withLock { $0.others["supervisor.service"]?.active } == true)
    }

    @Test("a daemon that was started by hand is not fought with")
    func stranger() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        machine.kernel.setListener(systemd.socket, true)
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).install() }
        #expect(failure?.description.contains("runs already") == true)
        #expect(machine.kernel.text(of: Self.unit) == nil)
    }

    @Test("a rehearsal says what would be done and does nothing")
    func rehearsal() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        let before = machine.kernel.allPaths
        let lines = try machine.agent(machine.request(.systemd)).rehearse()
        #expect(lines.contains { $0.hasPrefix("would write \(Self.unit)") })
        #expect(lines.contains { $0.hasPrefix("would run systemctl enable") })
        #expect(machine.kernel.allPaths == before)
        #expect(!systemd.calls.contains { $0.hasPrefix("enable") })
    }

    @Test("a tree gets file, link and record, and nothing is asked or started")
    func image() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        var request = machine.request(.systemd)
        request.root = "/image"
        _ = try machine.agent(request).install()
        #expect(machine.kernel.text(of: "/image" + Self.unit) != nil)
        #expect(
            machine.kernel.quietStatus(of: "/image/etc/systemd/system/multi-user.target.wants/svinstall.service") != nil
        )
        #expect(systemd.calls == [])
        _ = try machine.agent(request).uninstall()
        #expect(machine.kernel.allPaths.filter { $0.hasPrefix("/image/") } == [])
    }
}
