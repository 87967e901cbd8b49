import ServiceModel
import SourceText
import Supervision
import XMLRPC

/// What each thing that clients can ask for needs, whichever way it is asked for: one table for XML-RPC, alone or within
/// `system.multicall`, and for the pages, whose actions are methods; what is no method stands in `need(of:)`.
enum AccessTable {
    enum Need: Hashable, Sendable {
        /// Tells nothing about programs.
        case nothing
        /// Shows states, configuration or logs.
        case look
        /// Changes what these programs do, or their logs.
        case control(Subject)
        /// Changes the daemon, or what it runs at all.
        case daemon

        var isChange: Bool {
            switch self {
            case .nothing, .look: false
            case .control, .daemon: true
            }
        }
    }

    /// Whose programs, by the first argument.
    enum Subject: Hashable, Sendable {
        /// `name`, `group:name`, `group:*`
        case process
        /// The name of a group.
        case group
        case everything
    }

    /// Every method; a test finds one that is missing.
    static let methods: [String: Need] = [
        "supervisor.addProcessGroup": .daemon,
        "supervisor.clearAllProcessLogs": .control(.everything),
        "supervisor.clearLog": .daemon,
        "supervisor.clearProcessLog": .control(.process),
        "supervisor.clearProcessLogs": .control(.process),
        "supervisor.getAPIVersion": .nothing,
        "supervisor.getAllConfigInfo": .look,
        "supervisor.getAllProcessInfo": .look,
        "supervisor.getIdentification": .look,
        "supervisor.getPID": .look,
        "supervisor.getProcessInfo": .look,
        "supervisor.getState": .look,
        "supervisor.getSupervisorVersion": .nothing,
        "supervisor.getVersion": .nothing,
        "supervisor.readLog": .look,
        "supervisor.readMainLog": .look,
        "supervisor.readProcessLog": .look,
        "supervisor.readProcessStderrLog": .look,
        "supervisor.readProcessStdoutLog": .look,
        "supervisor.reloadConfig": .daemon,
        "supervisor.removeProcessGroup": .daemon,
        "supervisor.restart": .daemon,
        "supervisor.sendProcessStdin": .control(.process),
        "supervisor.sendRemoteCommEvent": .control(.everything),
        "supervisor.shutdown": .daemon,
        "supervisor.signalAllProcesses": .control(.everything),
        "supervisor.signalProcess": .control(.process),
        "supervisor.signalProcessGroup": .control(.group),
        "supervisor.startAllProcesses": .control(.everything),
        "supervisor.startProcess": .control(.process),
        "supervisor.startProcessGroup": .control(.group),
        "supervisor.stopAllProcesses": .control(.everything),
        "supervisor.stopProcess": .control(.process),
        "supervisor.stopProcessGroup": .control(.group),
        "supervisor.tailProcessLog": .look,
        "supervisor.tailProcessStderrLog": .look,
        "supervisor.tailProcessStdoutLog": .look,
        "system.listMethods": .nothing,
        "system.methodHelp": .nothing,
        "system.methodSignature": .nothing,
        // Its elements are judged one by one.
        "system.multicall": .nothing,
    ]

    static func need(of resource: ControlService.Resource) -> Need {
        switch resource {
        case .rpc: .nothing
        case .log: .look
        // Their actions are methods.
        case .page: .look
        case .json(let resource): resource.need
        }
    }

    /// Why somebody of these rights may not call a method with these arguments; `nil` = he may.
    static func objection(to method: String, _ arguments: [XMLRPCValue], _ rights: AccessRights) -> String? {
        // By far the most clients.
        if rights == .all { return nil }
        return objection(to: methods[method] ?? .daemon, rights, about: arguments.first)
    }

    /// The same for a need, of which an argument says whose programs it is about.
    static func objection(to need: Need, _ rights: AccessRights, about argument: XMLRPCValue? = nil) -> String? {
        switch (rights, need) {
        case (.all, _): nil
        case (.none, _): "lets nobody in"
        case (_, .nothing), (_, .look): nil
        case (.read, _): "only lets look"
        case (.control, .daemon): "lets control programs, not the daemon"
        case (.control(groups: .none), .control): nil
        case (.control(groups: .some(let groups)), .control(let subject)):
            group(subject, argument).map(groups.contains) == true
                ? nil : "only lets control \(groups.sorted().joined(separator: ", "))"
        }
    }

    /// The group that a call is about; `nil` when it is about more, or about nothing that can be told.
    private static func group(_ subject: Subject, _ argument: XMLRPCValue?) -> String? {
        switch (subject, argument) {
        case (.process, let name?):
            switch name.text.map(Target.init(namespec:)) {
            case .process(let group, _), .group(let group): group
            case .all, nil: nil
            }
        case (.group, let name?): name.pythonKey
        case (.everything, _), (_, nil): nil
        }
    }
}
