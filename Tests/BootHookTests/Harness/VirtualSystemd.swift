import Kernel
import Locations
import SimulatedKernel
import Synchronization

/// systemctl, loginctl and journalctl as far as a hook is concerned: what is loaded is what the last daemon-reload found.
final class VirtualSystemd: Sendable {
    struct State {
        /// Text of the unit as systemd has it in mind.
        var known: String?
        var isActive = false
        var calls: [String] = []
        /// Statuses that coming calls of a verb end with, and their words.
        var refusals: [String: (code: Int32, words: String)] = [:]
        var result = "success"
        var exitStatus: Int32 = 0
        var dropIns = ""
        /// What it says of the stop time and of what it starts, where a test lets it.
        var stopTimeout = ""
        var program = ""
        var isMasked = false
        /// Units of others: enabled and active.
        var others: [String: (enabled: Bool, active: Bool)] = [:]
    }

    let state = Mutex(State())
    // It has our tools, and so us.
    unowned let kernel: VirtualKernel
    let unit: String
    let link: String
    let socket: String

    init(_ machine: HookMachine, scope: Scope) {
        kernel = machine.kernel
        socket = machine.socket(scope)
        let directory = scope == .user ? "/home/ann/.config/systemd/user" : "/etc/systemd/system"
        unit = "\(directory)/svinstall.service"
        link = "\(directory)/\(scope == .user ? "default" : "multi-user").target.wants/svinstall.service"
        kernel.setTool("/usr/bin/systemctl") { [self] request in
            systemctl(request.arguments.dropFirst().filter { $0 != "--user" })
        }
        kernel.setTool("/usr/bin/loginctl") { [self] request in loginctl(request.arguments) }
        kernel.setTool("/usr/bin/journalctl") { _ in VirtualAnswer(output: "the daemon's last words\n") }
    }

    var calls: [String] { state.withLock { $0.calls } }

    /// The daemon is there or not, as systemd sees it and as clients do.
    func setActive(_ flag: Bool) {
        state.withLock { $0.isActive = flag }
        kernel.setListener(socket, flag)
        if !flag { kernel.erase(socket) }
    }

    private func loginctl(_ words: [String]) -> VirtualAnswer {
        if let refusal = state.withLock({ $0.refusals["linger"] }) {
            return VirtualAnswer(refusal.code, error: refusal.words)
        }
        let path = "/var/lib/systemd/linger/ann"
        if words[1] == "enable-linger" {
            kernel.install(path)
            kernel.install("/run/user/1000/systemd/private")
        } else {
            kernel.erase(path)
        }
        return VirtualAnswer()
    }

    func systemctl(_ words: [String]) -> VirtualAnswer {
        let verb = words.first ?? ""
        let name = words.last ?? ""
        state.withLock { $0.calls.append(words.joined(separator: " ")) }
        if let refusal = state.withLock({ $0.refusals[verb] }) {
            return VirtualAnswer(refusal.code, error: refusal.words)
        }
        guard name == "svinstall.service" || verb == "daemon-reload" else { return other(words, name) }
        switch verb {
        case "show": return VirtualAnswer(output: show())
        case "daemon-reload":
            let text = kernel.text(of: unit)
            state.withLock { $0.known = text }
        case "enable":
            guard kernel.text(of: unit) != nil else { return VirtualAnswer(1, error: "Unit file does not exist.") }
            kernel.installLink(link, to: unit)
        case "disable":
            kernel.erase(link)
            kernel.erase(parentDirectory(of: link))
        case "start", "restart":
            guard state.withLock({ $0.known != nil }) else { return VirtualAnswer(5, error: "Unit not found.") }
            setActive(true)
        case "stop":
            guard state.withLock({ $0.known != nil }) else { return VirtualAnswer(5, error: "Unit not loaded.") }
            setActive(false)
        default: break
        }
        return VirtualAnswer()
    }

    private func other(_ words: [String], _ name: String) -> VirtualAnswer {
        state.withLock { state in
            guard let known = state.others[name] else { return VirtualAnswer(1) }
            switch words[0] {
            case "is-enabled": return VirtualAnswer(known.enabled ? 0 : 1)
            case "is-active": return VirtualAnswer(known.active ? 0 : 3)
            case "disable", "mask": state.others[name] = (false, false)
            case "enable", "unmask": state.others[name] = (true, words.contains("--now"))
            case "start": state.others[name]?.active = true
            default: break
            }
            return VirtualAnswer()
        }
    }

    private func show() -> String {
        let text = kernel.text(of: unit)
        let isEnabled = kernel.quietStatus(of: link) != nil
        return state.withLock { state in
            let load = state.isMasked ? "masked" : state.known == nil ? "not-found" : "loaded"
            return """
                LoadState=\(load)
                UnitFileState=\(isEnabled ? "enabled" : text == nil ? "" : "disabled")
                ActiveState=\(state.isActive ? "active" : state.result == "success" ? "inactive" : "failed")
                MainPID=\(state.isActive ? 321 : 0)
                Result=\(state.result)
                ExecMainCode=\(state.result == "success" ? 0 : 1)
                ExecMainStatus=\(state.exitStatus)
                NeedDaemonReload=\(state.known != nil && state.known != text ? "yes" : "no")
                DropInPaths=\(state.dropIns)
                TimeoutStopUSec=\(state.stopTimeout)
                ExecStart=\(state.program.isEmpty ? "" : "{ path=\(state.program) ; argv[]=\(state.program) x ; pid=0 }")

                """
        }
    }
}
