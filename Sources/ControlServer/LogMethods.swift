import Engine
import Supervision
import XMLRPC

/// `supervisor.*` that read and clear the logs of processes.
enum LogMethods {
    static let all: [Method] =
        reading(.output, "supervisor.readProcessStdoutLog", "supervisor.readProcessLog")
        + reading(.error, "supervisor.readProcessStderrLog")
        + tailing(.output, "supervisor.tailProcessStdoutLog", "supervisor.tailProcessLog")
        + tailing(.error, "supervisor.tailProcessStderrLog")
        + DaemonMethods.aliases("supervisor.clearProcessLogs", "supervisor.clearProcessLog") { name in
            Method(
                name, [.string("name")], returns: .boolean,
                help: "Empties both logs of a process (name, group:name)."
            ) { call throws(MethodFailure) in
                let name = try call.text(0)
                return .ask(ControlQuestion(.clearProcessLogs(try process(name)), name: name))
            }
        } + [
            Method("supervisor.clearAllProcessLogs", returns: .array, help: "Empties the logs of every process.") { _ in
                .ask(ControlQuestion(.clearAllProcessLogs))
            }
        ]

    private static func reading(_ channel: OutputChannel, _ names: String...) -> [Method] {
        names.map { name in
            Method(
                name, [.string("name"), .int("offset"), .int("length")], returns: .string,
                help: """
                    A part of the process's \(channel.rawValue) log: length bytes from offset on (0: to the end), or \
                    the last bytes when offset is negative and length 0.
                    """
            ) { call throws(MethodFailure) in
                let (source, name) = try source(call, channel)
                let request = ControlRequest.readLog(source, offset: try call.integer(1), length: try call.integer(2))
                return .ask(ControlQuestion(request, name: name, text))
            }
        }
    }

    private static func tailing(_ channel: OutputChannel, _ names: String...) -> [Method] {
        names.map { name in
            Method(
                name, [.string("name"), .int("offset"), .int("length")], returns: .array,
                help: """
                    The newest part of the process's \(channel.rawValue) log: at most length bytes from offset on, the \
                    log's size to be given as the next offset, and whether there was more than that.
                    """
            ) { call throws(MethodFailure) in
                let (source, name) = try source(call, channel)
                let request = ControlRequest.tailLog(source, offset: try call.integer(1), length: try call.integer(2))
                return .ask(
                    ControlQuestion(request, name: name) { answer in
                        guard case .log(let bytes, let size, let overflow) = answer else { return .unexpected(answer) }
                        return .tail(bytes: bytes, size: size, overflow: overflow)
                    })
            }
        }
    }

    /// The bytes of a log as a string.
    static let text: @Sendable (ControlAnswer) -> MethodOutcome = { answer in
        guard case .log(let bytes, _, _) = answer else { return .unexpected(answer) }
        return .text(bytes)
    }

    private static func source(
        _ call: MethodCall, _ channel: OutputChannel
    ) throws(MethodFailure) -> (LogSource, name: String) {
        let name = try call.text(0)
        return (.program(try process(name), channel), name)
    }

    /// A single process; a whole group has no log.
    private static func process(_ name: String) throws(MethodFailure) -> Target {
        let target = Target(namespec: name)
        guard case .process = target else { throw .fault(.badName, name) }
        return target
    }
}
