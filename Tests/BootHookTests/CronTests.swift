import BootHook
import Kernel
import Locations
import SimulatedKernel
import SourceText
import Synchronization
import Testing

@Suite("cron, the last resort: our lines come and go, everybody else's stay")
struct CronTests {
    @Test(
        "a user's crontab is the same again after the uninstallation",
        arguments: ["", "1 2 * * * mine\n", "1 2 * * * no line end"])
    func crontab(table: String) throws {
        let machine = try HookMachine(user: 1000)
        machine.kernel.setTool("/usr/sbin/cron") { _ in VirtualAnswer() }
        let current = Mutex(table)
        let socket = machine.socket(.user)
        machine.kernel.setTool("/usr/bin/crontab") { request in
            switch request.arguments.last {
            case "-l":
                current.withLock {
                    $0.isEmpty ? VirtualAnswer(1, error: "no crontab for ann") : VirtualAnswer(output: $0)
                }
            case "-r":
                current.withLock {
                    $0 = ""
                    return VirtualAnswer()
                }
            default: VirtualAnswer(1, error: "the virtual crontab reads no input")
            }
        }
        setProgram(machine, listeningAt: socket)
        // The virtual tool cannot read its input: what it would be given is judged by itself.
        let entry = "# svinstall\n@reboot /usr/bin/svinstall run\n"
        let with = CronTable.edit(table, entry: entry)
        #expect(with.contains(entry))
        #expect(CronTable.edit(with, entry: entry) == with)
        let without = CronTable.edit(with, entry: nil)
        #expect(without == table || without == table + "\n")
        #expect(CronTable.entry(of: with) == entry && CronTable.entry(of: table) == nil)
        current.withLock { $0 = with }
        let agent = machine.agent(
            HookRequest(configuration: HookMachine.configuration, system: .cron, program: HookMachine.program))
        let report = try agent.status()
        #expect(report.isInstalled)
        // It is ours, and not what would be written now: seen, shown and replaced.
        #expect(report.links.contains { $0.link.name == .manager && !$0.finding.holds })
        let lines = try agent.rehearse()
        #expect(lines.contains("-@reboot /usr/bin/svinstall run"))
        #expect(lines.contains { $0.hasPrefix("+@reboot ") && $0.contains(HookMachine.configuration) })
        #expect(lines.contains("would put our line into the crontab"))
    }

    @Test("the system's is a file of cron.d, and that nobody restarts it is said aloud")
    func system() throws {
        let machine = try HookMachine()
        let socket = machine.socket(.system)
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.cron)).install() }
        #expect(failure?.description.contains("cron or crond is not installed") == true)
        machine.kernel.setTool("/usr/sbin/cron") { _ in VirtualAnswer() }
        setProgram(machine, listeningAt: socket)
        let outcome = try machine.agent(machine.request(.cron)).install()
        #expect(machine.kernel.text(of: "/etc/cron.d/svinstall")?.contains("@reboot root ") == true)
        #expect(outcome.remarks.contains { $0.contains("last resort") })
        #expect(outcome.report.holds)
    }

    /// A svinstall that says its version, and listens once it is started as a daemon.
    private func setProgram(_ machine: HookMachine, listeningAt socket: String) {
        machine.kernel.setTool(HookMachine.program) { [unowned kernel = machine.kernel] request in
            if request.arguments.contains("--daemon") { kernel.setListener(socket, true) }
            return VirtualAnswer(output: HookMachine.version + "\n")
        }
    }
}
