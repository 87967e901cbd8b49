import Engine
import Supervision
import XMLRPC

/// `supervisor.*` about the daemon itself.
enum DaemonMethods {
    /// The version of the XML-RPC interface; supervisorctl 4.3 talks to no other.
    static let interfaceVersion = "3.0"
    /// The version of supervisord that this daemon stands in for.
    static let supervisorVersion = "4.3.0"

    static let all: [Method] =
        aliases("supervisor.getAPIVersion", "supervisor.getVersion") { name in
            Method(name, returns: .string) { _ in
                .done(.value(.string(interfaceVersion)))
            }
        }
        + aliases("supervisor.readLog", "supervisor.readMainLog") { name in
            Method(name, [.int("offset"), .int("length")], returns: .string) { call in
                .ask(LogMethods.read(.daemon, call.window(at: 0)))
            }
        } + [
            Method("supervisor.getSupervisorVersion", returns: .string) { _ in
                .done(.value(.string(supervisorVersion)))
            },
            Method("supervisor.getIdentification", returns: .string) {
                .done(.value(.string($0.context.snapshot.identifier)))
            },
            Method("supervisor.getState", returns: .structure) { call in
                let state = call.context.snapshot.daemonState
                return .done(
                    .value(["statecode": .int(Int64(state.rawValue)), "statename": .string(state.name)]))
            },
            Method("supervisor.getPID", returns: .int) {
                .done(.value(.int(Int64($0.context.snapshot.pid))))
            },
            Method("supervisor.clearLog", returns: .boolean) { _ in
                .ask(ControlQuestion(.clearLog(.daemon)))
            },
            Method("supervisor.shutdown", returns: .boolean) { _ in
                .ask(ControlQuestion(.supervise(.shutdown)))
            },
            Method("supervisor.restart", returns: .boolean) { _ in
                .ask(ControlQuestion(.supervise(.restart)))
            },
            Method(
                "supervisor.sendRemoteCommEvent", [.string("type"), .string("data")], returns: .boolean,
                worksDuringShutdown: true
            ) { call in
                .ask(
                    ControlQuestion(
                        .remoteEvent(type: call.arguments[0].pythonText, data: call.arguments[1].pythonText)))
            },
        ]

    /// One method under several names.
    static func aliases(_ names: String..., make: (String) -> Method) -> [Method] { names.map(make) }
}
