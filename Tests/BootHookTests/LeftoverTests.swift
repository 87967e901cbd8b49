import BootHook
import SimulatedKernel
import Testing

@Suite("what an init keeps beside the hook goes with it, and nothing else does")
struct LeftoverTests {
    private let directory = "/etc/s6/sv/svinstall"

    private func machine(with file: String) throws -> HookMachine {
        let machine = try HookMachine()
        machine.kernel.setTool("/usr/bin/s6-svscanctl") { _ in VirtualAnswer() }
        machine.kernel.setTool("/usr/bin/s6-svc") { _ in VirtualAnswer() }
        machine.kernel.setTool("/usr/bin/s6-svstat") { _ in VirtualAnswer(output: "down\n") }
        machine.kernel.install("\(directory)/run", "#!/bin/execlineb\n")
        machine.kernel.install("\(directory)/supervise/status", "")
        machine.kernel.install("\(directory)/event/\(file)", "")
        return machine
    }

    @Test func `s6: the pipe of who waited for the daemon's end`() throws {
        let machine = try machine(with: "ftrig1:@400000006b0eacd618ca4300:_xUjlW")
        let done = try machine.agent(machine.request(.s6)).uninstall()
        #expect(done.contains("removed \(directory)"))
        #expect(throws: (any Error).self) { try machine.kernel.list(directory) }
    }

    @Test func `a directory in which something else lies stays, and is not said to be removed`() throws {
        let machine = try machine(with: "mine")
        let done = try machine.agent(machine.request(.s6)).uninstall()
        #expect(machine.kernel.text(of: "\(directory)/event/mine") == "")
        #expect(done.contains("removed \(directory)/run"))
        #expect(!done.contains("removed \(directory)/event"))
        #expect(!done.contains("removed \(directory)"))
    }
}
