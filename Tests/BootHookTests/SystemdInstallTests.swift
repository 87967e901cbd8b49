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
        Damage("record") { machine, _ in machine.kernel.own("/var/lib/svinstall/hooks/svinstall", 1000) },
        Damage("record") { machine, _ in machine.kernel.own("/var/lib/svinstall/hooks/svinstall", 0, mode: 0o666) },
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
        Damage("override") { _, systemd in
            systemd.state.withLock {
                $0.dropIns = "/etc/systemd/system/svinstall.service.d/x.conf"
                $0.program = "/bin/sleep"
            }
        },
        Damage("answers") { machine, systemd in machine.kernel.setListener(systemd.socket, false) },
        // It lets connections wait, and that is all.
        Damage("answers") { machine, systemd in machine.kernel.setListener(systemd.socket, true, answers: false) },
        Damage("manager") { _, systemd in systemd.state.withLock { $0.known = "something older" } },
        Damage("stop-time") { machine, _ in
            machine.kernel.install(
                HookMachine.configuration, "[supervisord]\n[program:a]\ncommand=/bin/a\nstopwaitsecs=300\n")
        },
        Damage("stop-time") { _, systemd in
            systemd.state.withLock {
                $0.dropIns = "/etc/systemd/system/svinstall.service.d/x.conf"
                $0.stopTimeout = "1s"
            }
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

    @Test("a program that is gone is seen by another one, which takes its place with a visible difference")
    func movedProgram() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        _ = try machine.agent(machine.request(.systemd)).install()
        machine.kernel.erase(HookMachine.program)
        #expect(try machine.broken(HookRequest(system: .systemd)).first == "program")
        let outcome = try machine.agent(HookRequest(system: .systemd)).install()
        #expect(outcome.differences.contains { $0.hasPrefix("-ExecStart=/usr/bin/svinstall ") })
        #expect(outcome.differences.contains { $0.hasPrefix("+ExecStart=/bin/svinstall ") })
        #expect(try machine.broken(HookRequest(system: .systemd)) == [])
    }

    @Test("a hook that starts another version is brought to this one; another path of this version stays, and is told")
    func otherVersion() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        _ = try machine.agent(machine.request(.systemd)).install()
        let same = try machine.agent(HookRequest(system: .systemd)).install()
        #expect(same.changes == [] && same.report.hook.program == HookMachine.program)
        #expect(same.remarks.contains { $0.contains("--program /bin/svinstall") })
        machine.kernel.setTool(HookMachine.program) { _ in VirtualAnswer(output: "svinstall 0.0.9\n") }
        let outcome = try machine.agent(HookRequest(system: .systemd)).install()
        #expect(outcome.report.hook.program == "/bin/svinstall")
    }

    @Test("what is no svinstall is not started at boot")
    func noSvinstall() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        machine.kernel.setTool("/bin/true") { _ in VirtualAnswer(output: "true (GNU coreutils) 9.1\nCopyright\n") }
        var request = machine.request(.systemd)
        request.program = "/bin/true"
        let failure = #expect(throws: Failure.self) { try machine.agent(request).install() }
        #expect(failure?.description.contains("/bin/true is no svinstall") == true)
        #expect(machine.kernel.text(of: Self.unit) == nil)
    }

    @Test("a daemon that runs as the hook was before is not waited for, however often one asks")
    func runsAsBefore() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        _ = try machine.agent(machine.request(.systemd)).install()
        let words = ["/usr/bin/svinstall", "run", "-c", HookMachine.configuration, "--shutdown-timeout", "37"]
        machine.kernel.install("/proc/321/cmdline", words.map { $0 + "\0" }.joined())
        machine.kernel.install("/etc/other.conf", "[supervisord]\n")
        var request = machine.request(.systemd)
        request.configuration = "/etc/other.conf"
        for changes in [true, false, false] {
            let start = machine.kernel.now().monotonic
            let outcome = try machine.agent(request).install()
            #expect(outcome.changes.isEmpty != changes)
            #expect(outcome.remarks.contains { $0.contains("agent restart --system") })
            #expect(machine.kernel.now().monotonic - start < 30_000_000_000)
        }
        #expect(try machine.agent(request).status().runsAsBefore)
        #expect(!systemd.calls.contains { $0.hasPrefix("stop") || $0.hasPrefix("restart") })
    }

    @Test("a systemd that is not there is told before anything is written")
    func silent() throws {
        let machine = try HookMachine()
        let systemd = VirtualSystemd(machine, scope: .system)
        systemd.state.withLock {
            $0.refusals["show"] = (1, "System has not been booted with systemd as init system (PID 1). Can't operate.")
        }
        let before = machine.kernel.allPaths
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).install() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.diagnostics.first?.message == "systemd is not process 1 here")
        #expect(machine.kernel.allPaths == before)
    }

    @Test("a rehearsal is refused as the installation would be")
    func refusedRehearsal() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        machine.kernel.own(HookMachine.configuration, 1000)
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).rehearse() }
        #expect(failure?.status == .noPermission)
    }

    @Test("the runtime directory of somebody else, as su leaves it, is not used; one's own is", arguments: [0, 1000])
    func runtimeDirectory(owner: UInt32) throws {
        let machine = try HookMachine(user: 1000)
        let systemd = VirtualSystemd(machine, scope: .user)
        machine.kernel.install("/run/theirs/bus")
        machine.kernel.own("/run/theirs", owner)
        machine.kernel.setEnvironment(
            ["PATH": "/usr/bin:/bin", "HOME": "/home/ann", "XDG_RUNTIME_DIR": "/run/theirs"])
        let seen = Mutex<Set<String>>([])
        machine.kernel.setTool("/usr/bin/systemctl") { request in
            seen.withLock { _ = $0.insert(request.environment["XDG_RUNTIME_DIR"] ?? "") }
            return systemd.systemctl(request.arguments.dropFirst().filter { $0 != "--user" })
        }
        _ = try machine.agent(machine.request(.systemd)).install()
        #expect(seen.withLock { $0 } == [owner == 1000 ? "/run/theirs" : "/run/user/1000"])
    }

    @Test("a program that only the person's PATH finds is told, once it is to be started at boot")
    func searchPath() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        for path in [
            "/root/.nvm/bin/node", "/usr/bin/redis-server", "/root/.nvm/bin/redis-server", "/root/.nvm/bin/ruby",
        ] {
            machine.kernel.setTool(path) { _ in VirtualAnswer() }
        }
        machine.kernel.setEnvironment(["PATH": "/root/.nvm/bin:/usr/bin:/bin", "HOME": "/root"])
        machine.kernel.install(
            HookMachine.configuration,
            """
            [supervisord]
            [program:web]
            command=node app.js
            [program:cache]
            command=redis-server
            [program:own]
            command=ruby app.rb
            environment=PATH="/root/.nvm/bin"
            [program:nowhere]
            command=missing
            """)
        let remarks = try machine.agent(machine.request(.systemd)).install().remarks.filter {
            $0.contains("PATH of the hook")
        }
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("program web: 'node' is /root/.nvm/bin/node for you") == true)
    }

    @Test("options of another init are refused")
    func misplacedOptions() throws {
        let machine = try HookMachine()
        for (system, change) in [
            (InitSystem.openrc, { (request: inout HookRequest) in request.isHardened = true }),
            (.launchd, { $0.watchdogSeconds = 90 }), (.systemd, { $0.serviceDirectory = "/etc/service" }),
        ] {
            var request = machine.request(system)
            change(&request)
            let failure = #expect(throws: Failure.self) { try machine.agent(request).install() }
            #expect(failure?.status == .usage)
        }
    }

    @Test("a label may be named as its file is", arguments: ["web", "web.service", "web.plist"])
    func suffix(label: String) throws {
        let machine = try HookMachine()
        let request = HookRequest(
            configuration: HookMachine.configuration, label: label, system: .systemd, program: HookMachine.program)
        #expect(try machine.agent(request).files().first?.path == "/etc/systemd/system/web.service")
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

    @Test("a user who has none is told of the system's")
    func elsewhere() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        _ = try machine.agent(machine.request(.systemd)).install()
        try machine.kernel.setCredentials(Credentials(user: 1000, group: 1000, supplementaryGroups: []))
        machine.kernel.setEnvironment(["PATH": "/usr/bin:/bin", "HOME": "/home/ann"])
        let report = try machine.agent(HookRequest(system: .systemd)).status()
        #expect(!report.isInstalled && report.elsewhere == "the system has one: svinstall agent status --system")
        var request = HookRequest(system: .systemd)
        request.scope = .system
        machine.kernel.install("/etc/systemd/system/svinstall.service", "# edited\n")
        let other = try machine.agent(request).status()
        #expect(other.links.first { $0.link.name == .file }?.remedy == "as root: svinstall agent install --system")
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

    @Test("the configuration of a tree is the one in the tree")
    func imageConfiguration() throws {
        let machine = try HookMachine()
        machine.kernel.install(
            "/image" + HookMachine.configuration, "[supervisord]\n[program:a]\ncommand=/bin/a\nstopwaitsecs=300\n")
        var request = HookRequest(system: .systemd, program: HookMachine.program, root: "/image")
        for path in [nil, HookMachine.configuration] {
            request.configuration = path
            let outcome = try machine.agent(request).install()
            #expect(outcome.report.hook.configuration == HookMachine.configuration)
            #expect(outcome.report.hook.stopTimeout > .seconds(300))
            #expect(
                outcome.remarks == ["/usr/bin/svinstall is not in the tree: svinstall must be there when it is booted"])
        }
    }

    @Test("a user's hook in a tree starts at login until the tree says that the user lingers")
    func imageLinger() throws {
        let machine = try HookMachine(user: 1000)
        var request = machine.request(.systemd)
        request.root = "/home/ann/image"
        let linger = "/home/ann/image/var/lib/systemd/linger"
        let remark = try machine.agent(request).install().remarks.last
        #expect(remark?.hasSuffix("mkdir -p \(linger) && touch \(linger)/ann") == true)
        #expect(try machine.agent(request).status().moment == .needsLinger)
        machine.kernel.install("\(linger)/ann")
        #expect(try machine.agent(request).install().remarks.allSatisfy { !$0.contains("linger") })
        #expect(try machine.agent(request).status().moment == .boot)
    }

    @Test("what would not start at boot is not said to: s6 in a place that a boot empties, a crontab in a tree")
    func noBoot() throws {
        let machine = try HookMachine()
        var request = machine.request(.s6)
        request.root = "/image"
        let outcome = try machine.agent(request).install()
        #expect(
            outcome.remarks.contains { $0.contains("will not start at boot") && $0.contains("--service-directory") })
        #expect(machine.kernel.quietStatus(of: "/image/run/service/svinstall") == nil)
        machine.kernel.install("/image/etc/s6-linux-init/current/run-image/service/other/run")
        #expect(try machine.agent(request).install().remarks.allSatisfy { !$0.contains("will not start") })
        let link = "/image/etc/s6-linux-init/current/run-image/service/svinstall"
        #expect(machine.kernel.quietStatus(of: link) != nil)
        _ = try machine.agent(request).uninstall()
        #expect(machine.kernel.quietStatus(of: link) == nil)

        request = machine.request(.cron)
        request.root = "/image"
        request.scope = .user
        #expect(throws: Failure.self) { try machine.agent(request).install() }
    }
}
