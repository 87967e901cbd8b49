import Engine
import SourceText
import Supervision
import XMLRPC

/// `supervisor.*` that start, stop and signal processes.
enum ProcessMethods {
    static let all: [Method] =
        starting + stopping + signalling + [
            Method(
                "supervisor.sendProcessStdin", [.string("name"), .string("chars")], returns: .boolean
            ) { call throws(MethodFailure) in
                guard let text = call.arguments[1].text else {
                    let given = call.arguments[1]
                    throw .fault(.incorrectParameters, given == .null ? nil : given.pythonText)
                }
                let name = try call.text(0)
                guard case .process(let group, let process) = Target(namespec: name) else {
                    throw .fault(.badName, name)
                }
                let request = ControlRequest.writeInput(.process(group: group, name: process), bytes: Array(text.utf8))
                return .ask(ControlQuestion(request, name: name))
            }
        ]

    private static let starting = [
        Method("supervisor.startProcess", [.string("name"), .wait], returns: .boolean) { call throws(MethodFailure) in
            let name = try call.text(0)
            return .ask(ControlQuestion(.supervise(.start(Target(namespec: name), waits: call.flag(1))), name: name))
        },
        Method(
            "supervisor.startProcessGroup", [.string("name"), .wait], returns: .array
        ) { call throws(MethodFailure) in
            let name = try call.key(0)
            return .ask(ControlQuestion(.supervise(.start(.group(name), waits: call.flag(1))), name: name))
        },
        Method("supervisor.startAllProcesses", [.wait], returns: .array) { call in
            .ask(ControlQuestion(.supervise(.start(.all, waits: call.flag(0)))))
        },
    ]

    private static let stopping = [
        Method("supervisor.stopProcess", [.string("name"), .wait], returns: .boolean) { call throws(MethodFailure) in
            let name = try call.text(0)
            return .ask(ControlQuestion(.supervise(.stop(Target(namespec: name), waits: call.flag(1))), name: name))
        },
        Method(
            "supervisor.stopProcessGroup", [.string("name"), .wait], returns: .array
        ) { call throws(MethodFailure) in
            let name = try call.key(0)
            return .ask(ControlQuestion(.supervise(.stop(.group(name), waits: call.flag(1))), name: name))
        },
        Method("supervisor.stopAllProcesses", [.wait], returns: .array) { call in
            .ask(ControlQuestion(.supervise(.stop(.all, waits: call.flag(0)))))
        },
    ]

    private static let signalling = [
        Method(
            "supervisor.signalProcess", [.string("name"), .string("signal")], returns: .boolean
        ) { call throws(MethodFailure) in
            let name = try call.text(0)
            return try signal(Target(namespec: name), call.arguments[1], as: name, call.context)
        },
        Method(
            "supervisor.signalProcessGroup", [.string("name"), .string("signal")], returns: .array
        ) { call throws(MethodFailure) in
            let name = try call.key(0)
            return try signal(.group(name), call.arguments[1], as: name, call.context)
        },
        Method("supervisor.signalAllProcesses", [.string("signal")], returns: .array) { call throws(MethodFailure) in
            try signal(.all, call.arguments[0], as: nil, call.context)
        },
    ]

    /// A signal that does not exist is refused process by process, after the names were looked up (supervisord 4.3).
    private static func signal(
        _ target: Target, _ value: XMLRPCValue, as name: String?, _ context: MethodContext
    ) throws(MethodFailure) -> MethodStep {
        if let signal = Signal(pythonValue: value) {
            return .ask(ControlQuestion(.supervise(.signal(target, signal)), name: name))
        }
        guard value.text != nil || value.int != nil || value.boolean != nil else {
            throw .broken("<class 'AttributeError'>:'\(value.pythonType)' object has no attribute 'strip'")
        }
        let refusal = Fault(.badSignal, value.pythonText)
        let programs: [ProgramSnapshot]
        switch target {
        case .process:
            _ = try context.program(named: name ?? "")
            throw .fault(refusal)
        case .group(let group): programs = try context.programs(ofGroup: group, named: name ?? group)
        case .all: programs = Array(context.snapshot.programs)
        }
        return .done(
            .statuses(
                programs.filter(\.status.state.isSignallable).map {
                    ProcessStatus(
                        group: $0.status.group, name: $0.status.name, code: refusal.code, description: refusal.text)
                }))
    }
}

extension Signal {
    /// A number of a signal (0 asks only whether the process is there), or a name with or without `SIG`.
    fileprivate init?(pythonValue value: XMLRPCValue) {
        let number: Int64?
        switch value {
        case .int(let value): number = value
        case .boolean(let flag): number = flag ? 1 : 0
        case .double(let value): number = Int64(exactly: value.rounded(.towardZero))
        default: number = value.text.flatMap(PythonNumber.integer)
        }
        if let number {
            guard let short = Int32(exactly: number) else { return nil }
            let signal = Signal(number: short)
            guard short == 0 || signal.isKnown else { return nil }
            self = signal
        } else {
            guard let text = value.text else { return nil }
            self.init(named: text.trimmed)
        }
    }
}
