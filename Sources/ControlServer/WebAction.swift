import SourceText
import Supervision
import XMLRPC

/// What a link of the web interface does, and what the browser is told afterwards (supervisord 4.3's words).
enum WebAction {
    case refresh, stopAll, restartAll
    case start(String)
    case stop(String)
    case restart(String)
    case clearLog(String)

    /// `nil` for a word that is no action, and for an action without the process it needs.
    init?(_ word: String, process: String?) {
        switch (word, process) {
        case ("refresh", _): self = .refresh
        case ("stopall", _): self = .stopAll
        case ("restartall", _): self = .restartAll
        case ("start", let name?): self = .start(name)
        case ("stop", let name?): self = .stop(name)
        case ("restart", let name?): self = .restart(name)
        case ("clearlog", let name?): self = .clearLog(name)
        default: return nil
        }
    }

    /// Not about one process.
    var isAboutAll: Bool {
        switch self {
        case .refresh, .stopAll, .restartAll: true
        case .start, .stop, .restart, .clearLog: false
        }
    }

    /// The methods it stands for.
    var calls: [(name: String, arguments: [XMLRPCValue])] {
        switch self {
        case .refresh: []
        case .stopAll: [("supervisor.stopAllProcesses", [])]
        case .restartAll: [("supervisor.stopAllProcesses", []), ("supervisor.startAllProcesses", [])]
        case .start(let name): [("supervisor.startProcess", [.string(name)])]
        case .stop(let name): [("supervisor.stopProcess", [.string(name)])]
        case .restart(let name):
            [("supervisor.stopProcess", [.string(name)]), ("supervisor.startProcess", [.string(name)])]
        case .clearLog(let name): [("supervisor.clearProcessLogs", [.string(name)])]
        }
    }

    /// The message for the results of `calls`; restarts do not report failures.
    func message(_ results: [MethodOutcome], at time: String) -> String {
        let fault = results.lazy.compactMap { if case .fault(let fault) = $0 { fault } else { nil } }.first
        switch self {
        case .refresh: return "Page refreshed at \(time)"
        case .stopAll: return "All stopped at \(time)"
        case .restartAll: return "All restarted at \(time)"
        case .restart(let name): return "Process \(name) restarted"
        case .start(let name):
            guard let fault else { return "Process \(name) started" }
            return "ERROR: Process \(name): \(Self.reason(fault))"
        case .stop(let name): return fault.map(Self.unexpected) ?? "Process \(name) stopped"
        case .clearLog(let name): return fault.map(Self.unexpected) ?? "Log for \(name) cleared"
        }
    }

    private static func reason(_ fault: Fault) -> String {
        switch fault.code {
        case .noFile: "no such file"
        case .notExecutable: "file not executable"
        case .alreadyStarted: "already started"
        case .spawnError: "spawn error"
        case .abnormalTermination: "abnormal termination"
        default: unexpected(fault)
        }
    }

    private static func unexpected(_ fault: Fault) -> String {
        "unexpected rpc fault [\(fault.code.rawValue)] \(fault.text)"
    }
}
