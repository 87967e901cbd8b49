import Engine
import Supervision
import XMLRPC

/// `supervisor.*` that read the configuration again and take groups in and out of service.
enum GroupMethods {
    static let all: [Method] = [
        Method("supervisor.reloadConfig", returns: .array) { _ in
            .ask(
                ControlQuestion(.reread) { answer in
                    guard case .groupChanges(let changes) = answer else { return .unexpected(answer) }
                    let lists = [changes.added, changes.changed, changes.removed]
                    return .value([.array(lists.map { .array($0.map { .string($0) }) })])
                })
        },
        Method("supervisor.addProcessGroup", [.string("name")], returns: .boolean) { call in
            let name = call.arguments[0].pythonText
            return .ask(ControlQuestion(.addGroup(name), name: name))
        },
        Method("supervisor.removeProcessGroup", [.string("name")], returns: .boolean) { call throws(MethodFailure) in
            let name = try call.key(0)
            return .ask(ControlQuestion(.supervise(.removeGroup(name)), name: name))
        },
    ]
}
