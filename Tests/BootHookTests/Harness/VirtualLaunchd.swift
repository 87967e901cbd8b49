import Kernel
import Locations
import SimulatedKernel
import SourceText
import Synchronization

/// launchctl with its codes and races: a bootout that goes on after it has returned, overrides that outlive the plist, no
/// graphical session.
final class VirtualLaunchd: Sendable {
    struct State {
        var isLoaded = false
        var isRunning = false
        var isDisabled = false
        var hasSession = true
        /// Until then a job that was booted out is still there (nanoseconds of the monotonic clock).
        var goneAt: Int64 = 0
        /// How long a bootout goes on.
        var bootoutTakes: Int64 = 0
        /// Codes that coming calls of a verb end with, in order; afterwards it works.
        var script: [String: [Int32]] = [:]
        var calls: [String] = []
        var lastExit = "(never exited)"
        /// Labels of others that an override disables; none of them is loaded.
        var disabledOthers: Set<String> = []
    }

    let state = Mutex(State())
    // It has our tools, and so us.
    unowned let kernel: VirtualKernel
    let socket: String
    let domain: String

    init(_ machine: HookMachine, scope: Scope) {
        kernel = machine.kernel
        socket = machine.socket(scope)
        domain = scope == .system ? "system" : "gui/1000"
        kernel.setTool("/bin/launchctl") { [self] request in launchctl(Array(request.arguments.dropFirst())) }
        kernel.setTool("/usr/bin/xattr") { _ in VirtualAnswer(1, error: "No such xattr: com.apple.quarantine") }
        kernel.setTool("/usr/bin/tail") { _ in VirtualAnswer(output: "the daemon's last words\n") }
    }

    var calls: [String] { state.withLock { $0.calls } }

    func verbs() -> [String] {
        calls.map { String($0.prefix(while: { $0 != " " })) }
    }

    private func serve(_ flag: Bool) {
        kernel.setListener(socket, flag)
        if !flag { kernel.erase(socket) }
    }

    private func launchctl(_ words: [String]) -> VirtualAnswer {
        let verb = words.first ?? ""
        let now = kernel.now().monotonic
        let (code, output, serving) = state.withLock { state -> (Int32, String, Bool?) in
            state.calls.append(words.joined(separator: " "))
            if let code = state.script[verb]?.first {
                state.script[verb]?.removeFirst()
                if verb == "bootstrap", code == 17 {
                    // Somebody was faster.
                    state.isLoaded = true
                    state.isRunning = true
                    return (code, "", true)
                }
                return (code, "", nil)
            }
            if words.count > 1, words[1].hasPrefix("gui/"), !state.hasSession {
                return (verb == "bootstrap" ? 125 : 112, "", nil)
            }
            if let other = words.dropFirst().first?.split(separator: "/").last.map(String.init), other.contains("."),
                other != "org.svinstall.daemon", verb != "bootstrap"
            {
                if verb == "disable" { state.disabledOthers.insert(other) }
                if verb == "enable" { state.disabledOthers.remove(other) }
                return (verb == "print" || verb == "bootout" ? 113 : 0, "", nil)
            }
            let isThere = state.isLoaded || now < state.goneAt
            switch verb {
            case "print" where words[1].split(separator: "/").count == (domain == "system" ? 1 : 2): return (0, "", nil)
            case "print":
                guard isThere else { return (113, "", nil) }
                let pid = state.isRunning ? "\tpid = 321\n" : ""
                return (
                    0,
                    "\tstate = \(state.isRunning ? "running" : "not running")\n\(pid)\tlast exit code = \(state.lastExit)\n",
                    nil
                )
            case "print-disabled":
                let others = state.disabledOthers.map { "\t\t\"\($0)\" => disabled\n" }.joined()
                return (
                    0,
                    "\tdisabled services = {\n\t\t\"org.svinstall.daemon\" => \(state.isDisabled ? "disabled" : "enabled")\n"
                        + others,
                    nil
                )
            case "enable":
                state.isDisabled = false
                return (0, "", nil)
            case "disable":
                state.isDisabled = true
                return (0, "", nil)
            case "bootout":
                guard isThere else { return (113, "", nil) }
                state.isLoaded = false
                state.isRunning = false
                state.goneAt = now + state.bootoutTakes
                return (0, "", false)
            case "bootstrap":
                if state.isDisabled { return (119, "", nil) }
                if state.isLoaded { return (17, "", nil) }
                if now < state.goneAt { return (5, "", nil) }
                state.isLoaded = true
                state.isRunning = true
                return (0, "", true)
            case "kickstart":
                guard state.isLoaded else { return (113, "", nil) }
                state.isRunning = true
                return (0, "", true)
            case "kill":
                guard state.isRunning else { return (3, "", nil) }
                state.isRunning = false
                state.lastExit = "0"
                return (0, "", false)
            default: return (64, "", nil)
            }
        }
        if let serving { serve(serving) }
        return VirtualAnswer(code, output: output)
    }
}
