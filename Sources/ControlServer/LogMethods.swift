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
            Method(name, [.string("name")], returns: .boolean) { call throws(MethodFailure) in
                let name = try call.text(0)
                return .ask(ControlQuestion(.clearProcessLogs(try process(name)), name: name))
            }
        } + [
            Method("supervisor.clearAllProcessLogs", returns: .array) { _ in
                .ask(ControlQuestion(.clearAllProcessLogs))
            }
        ]

    private static func reading(_ channel: OutputChannel, _ names: String...) -> [Method] {
        names.map { name in
            Method(
                name, [.string("name"), .int("offset"), .int("length")], returns: .string
            ) { call throws(MethodFailure) in
                let (source, name) = try source(call, channel)
                return .ask(read(source, call.window(at: 1), name: name))
            }
        }
    }

    private static func tailing(_ channel: OutputChannel, _ names: String...) -> [Method] {
        names.map { name in
            Method(
                name, [.string("name"), .int("offset"), .int("length")], returns: .array
            ) { call throws(MethodFailure) in
                let (source, name) = try source(call, channel)
                return .ask(tail(source, call.window(at: 1), name: name))
            }
        }
    }

    /// The question for a part of a log. Like the original it asks for the log first and trips over numbers that are
    /// none only when there is one.
    static func read(
        _ source: LogSource, _ window: Result<LogWindow, MethodFailure>, name: String? = nil
    ) -> ControlQuestion {
        switch window {
        case .success(let window):
            ControlQuestion(.readLog(source, offset: window.offset, length: window.length), name: name) { answer in
                guard case .log(let bytes, _, _) = answer else { return .unexpected(answer) }
                return .text(bytes)
            }
        case .failure(let failure):
            ControlQuestion(.readLog(source, offset: 0, length: 1), name: name) { _ in
                MethodOutcome(failure.asFaultName)
            }
        }
    }

    private static func tail(
        _ source: LogSource, _ window: Result<LogWindow, MethodFailure>, name: String
    ) -> ControlQuestion {
        switch window {
        case .success(let window):
            ControlQuestion(.tailLog(source, offset: window.offset, length: window.length), name: name) { answer in
                guard case .log(let bytes, let size, let overflow) = answer else { return .unexpected(answer) }
                return .tail(bytes: bytes, size: size, overflow: overflow)
            }
        case .failure(let failure):
            ControlQuestion(.tailLog(source, offset: 0, length: 1), name: name) { _ in MethodOutcome(failure) }
        }
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

/// A part of a log, in bytes.
struct LogWindow: Sendable {
    var offset: Int64
    var length: Int64
}

extension MethodCall {
    /// Offset and length, two arguments from `place` on.
    func window(at place: Int) -> Result<LogWindow, MethodFailure> {
        Result { () throws(MethodFailure) in
            LogWindow(offset: try integer(place), length: try integer(place + 1))
        }
    }
}

extension MethodFailure {
    /// What `read…Log` makes of a text that is no number: it takes the complaint for the name of a fault.
    fileprivate var asFaultName: MethodFailure {
        let mark = "<class 'ValueError'>:"
        guard case .broken(let reason) = self, reason.hasPrefix(mark) else { return self }
        return .broken(
            "<class 'AttributeError'>:type object 'Faults' has no attribute '\(reason.dropFirst(mark.count))'")
    }
}
