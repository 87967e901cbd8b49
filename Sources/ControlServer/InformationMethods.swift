import Engine
import Supervision
import XMLRPC

/// `supervisor.*` that tell what runs and what is configured.
enum InformationMethods {
    static let all: [Method] = [
        Method("supervisor.getProcessInfo", [.string("name")], returns: .structure) { call throws(MethodFailure) in
            .done(.process(ProcessInformation(try call.context.program(named: try call.text(0)), call.context)))
        },
        Method("supervisor.getAllProcessInfo", returns: .array) { .done(.processes($0.context)) },
        Method("supervisor.getAllConfigInfo", returns: .array) { call in
            let context = call.context
            return .ask(
                ControlQuestion(.configuration, mayBlock: true) { answer in
                    guard case .configuration(let plan, let active, let taken, let left) = answer else {
                        return .unexpected(answer)
                    }
                    return .value(
                        ConfigurationInformation.list(plan, active: active, taken: taken, left: left, context))
                })
        },
    ]
}
