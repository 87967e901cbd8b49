import BootHook
import Kernel
import Locations
import SimulatedKernel
import SourceText
import Testing

@Suite("Root runs only what root alone can write, and hooks are not written through links")
struct TrustTests {
    struct Weakness: Sendable, CustomTestStringConvertible {
        var path: String
        var user: UInt32
        var mode: UInt32
        var testDescription: String { "\(path) \(user) \(String(mode, radix: 8))" }
    }

    static let weaknesses = [
        Weakness(path: HookMachine.program, user: 1000, mode: 0o755),
        Weakness(path: HookMachine.program, user: 0, mode: 0o757),
        Weakness(path: "/usr/bin", user: 1000, mode: 0o755),
        Weakness(path: "/usr", user: 0, mode: 0o777),
        Weakness(path: HookMachine.configuration, user: 1000, mode: 0o644),
        Weakness(path: HookMachine.configuration, user: 0, mode: 0o666),
        Weakness(path: "/etc/svinstall", user: 1000, mode: 0o755),
        Weakness(path: "/etc/svinstall/more.conf", user: 1000, mode: 0o644),
        Weakness(path: "/etc/systemd", user: 1000, mode: 0o755),
    ]

    private func machine(_ weakness: Weakness) throws -> HookMachine {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        machine.kernel.install(
            HookMachine.configuration, "[supervisord]\n[program:a]\ncommand=/bin/a\n[include]\nfiles=more.conf\n")
        machine.kernel.install("/etc/svinstall/more.conf", "[program:b]\ncommand=/bin/b\n")
        machine.kernel.install("/etc/systemd/system/other.service", "")
        machine.kernel.own(weakness.path, weakness.user, mode: weakness.mode)
        return machine
    }

    @Test("a place that another can write is named and refused, before anything is written", arguments: weaknesses)
    func refused(_ weakness: Weakness) throws {
        let machine = try machine(weakness)
        let before = machine.kernel.allPaths
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).install() }
        #expect(failure?.status == .noPermission)
        #expect(failure?.description.contains(weakness.path) == true)
        #expect(failure?.description.contains("--allow") == true)
        #expect(machine.kernel.allPaths == before)
    }

    @Test("accepted by name it is not refused, now and in every status", arguments: weaknesses)
    func allowed(_ weakness: Weakness) throws {
        let machine = try machine(weakness)
        var request = machine.request(.systemd)
        request.allowed = [weakness.path]
        _ = try machine.agent(request).install()
        #expect(try machine.broken(HookRequest(system: .systemd)) == [])
    }

    @Test("a copy that only root writes is started instead, and goes with the hook")
    func copy() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        let copy = "/usr/local/lib/svinstall/svinstall"
        machine.kernel.own("/bin/svinstall", 1000)
        machine.kernel.own("/bin", 1000)
        machine.kernel.setTool(copy) { _ in VirtualAnswer(output: HookMachine.version + "\n") }
        machine.kernel.erase(copy)
        var request = machine.request(.systemd)
        request.program = nil
        #expect(throws: Failure.self) { try machine.agent(request).install() }
        request.copiesProgram = true
        let outcome = try machine.agent(request).install()
        #expect(outcome.report.hook.program == copy)
        #expect(machine.kernel.quietStatus(of: copy)?.mode == 0o755)
        _ = try machine.agent(HookRequest(system: .systemd)).uninstall()
        #expect(machine.kernel.quietStatus(of: copy) == nil)
    }

    @Test(
        "a symbolic link in the target directory is not followed",
        arguments: ["/etc/systemd/system/svinstall.service", "/etc/systemd/system", "/etc/systemd"])
    func links(path: String) throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        machine.kernel.install("/elsewhere/system/x", "untouched")
        machine.kernel.installLink(path, to: path.hasSuffix(".service") ? "/elsewhere/system/x" : "/elsewhere")
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.systemd)).install() }
        #expect(failure?.description.contains("link") == true)
        #expect(machine.kernel.text(of: "/elsewhere/system/x") == "untouched")
        #expect(machine.kernel.text(of: "/elsewhere/system/svinstall.service") == nil)
        #expect(machine.kernel.text(of: "/elsewhere/svinstall.service") == nil)
        let file = try machine.agent(machine.request(.systemd)).status().links.first { $0.link.name == .file }
        #expect(!path.hasSuffix(".service") || file?.remedy.hasPrefix("rm \(path)") == true)
    }

    @Test("what mends it is a command, and never takes a home from its user")
    func remedies() throws {
        let machine = try HookMachine()
        _ = VirtualSystemd(machine, scope: .system)
        machine.kernel.install("/home/ann/my conf/a.conf", "[supervisord]\n")
        machine.kernel.setTool("/home/ann/svinstall") { _ in VirtualAnswer(output: HookMachine.version + "\n") }
        for path in ["/home/ann", "/home/ann/my conf", "/home/ann/my conf/a.conf", "/home/ann/svinstall"] {
            machine.kernel.own(path, 1000)
        }
        var request = HookRequest(
            configuration: "/home/ann/my conf/a.conf", system: .systemd, program: "/home/ann/svinstall")
        #expect(
            #expect(throws: Failure.self) { try machine.agent(request).install() }?.diagnostics.first?.remedy
                == "svinstall agent install --system --copy")
        request.program = HookMachine.program
        #expect(
            #expect(throws: Failure.self) { try machine.agent(request).install() }?.diagnostics.first?.remedy
                == "mkdir -p /etc/svinstall && cp '/home/ann/my conf/a.conf' /etc/svinstall/a.conf"
                + " && svinstall agent install --system -c /etc/svinstall/a.conf")
    }

    @Test("the system's hook is root's")
    func root() throws {
        let machine = try HookMachine(user: 1000)
        _ = VirtualSystemd(machine, scope: .system)
        var request = machine.request(.systemd)
        request.scope = .system
        let failure = #expect(throws: Failure.self) { try machine.agent(request).install() }
        #expect(failure?.status == .noPermission)
    }
}
