import BootHook
import Kernel
import Locations
import SimulatedKernel
import SourceText
import Synchronization

/// A machine with svinstall, a configuration, and an init system that is modelled as far as the hook asks it.
struct HookMachine {
    let kernel: VirtualKernel
    static let program = "/usr/bin/svinstall"
    static let configuration = "/etc/svinstall/svinstall.conf"
    static let version = "svinstall 0.1.0"

    /// A machine whose user is root, or ann with the number 1000.
    init(user: UInt32 = 0) throws {
        kernel = VirtualKernel()
        kernel.addUser("ann", id: 1000)
        for path in [Self.program, "/bin/svinstall"] {
            kernel.setTool(path) { _ in VirtualAnswer(output: HookMachine.version + "\n") }
        }
        kernel.install(Self.configuration, "[supervisord]\n[program:a]\ncommand=/bin/a\nstopwaitsecs=30\n")
        kernel.install("/home/ann/keep", "")
        kernel.install("/var/lib/systemd/random-seed", "")
        kernel.setEnvironment(["PATH": "/usr/bin:/bin", "HOME": user == 0 ? "/root" : "/home/ann"])
        if user != 0 {
            kernel.own("/home/ann", user)
            try kernel.setCredentials(Credentials(user: user, group: user, supplementaryGroups: []))
        }
    }

    func request(_ system: InitSystem) -> HookRequest {
        HookRequest(configuration: Self.configuration, system: system, program: Self.program)
    }

    func agent(_ request: HookRequest) -> Agent<VirtualKernel> {
        Agent(kernel, request, version: Self.version) { _ in }
    }

    /// Where the daemon of the configuration answers.
    func socket(_ scope: Scope) -> String {
        let home = scope == .user ? "/home/ann" : "/root"
        return ControlSocket.path(
            for: Self.configuration, in: Places(scope, environment: kernel.environment, home: home))
    }

    /// Names of the links that do not hold.
    func broken(_ request: HookRequest) throws -> [String] {
        try agent(request).status().links.filter { !$0.finding.holds }.map(\.link.name.rawValue)
    }
}
