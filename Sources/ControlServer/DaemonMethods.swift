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
            Method(name, returns: .string, help: "The version of this interface.") { _ in
                .done(.value(.string(interfaceVersion)))
            }
        }
        + aliases("supervisor.readLog", "supervisor.readMainLog") { name in
            Method(
                name, [.int("offset"), .int("length")], returns: .string,
                help: """
                    A part of the daemon's log: length bytes from offset on (0: to the end), or the last bytes when \
                    offset is negative and length 0.
                    """
            ) { call throws(MethodFailure) in
                let request = ControlRequest.readLog(.daemon, offset: try call.integer(0), length: try call.integer(1))
                return .ask(ControlQuestion(request, LogMethods.text))
            }
        } + [
            Method(
                "supervisor.getSupervisorVersion", returns: .string,
                help: "The version of supervisord that the daemon behaves as."
            ) { _ in
                .done(.value(.string(supervisorVersion)))
            },
            Method("supervisor.getIdentification", returns: .string, help: "The daemon's configured identifier.") {
                .done(.value(.string($0.context.snapshot.identifier)))
            },
            Method(
                "supervisor.getState", returns: .structure,
                help: "The daemon's own state: statecode and statename."
            ) { call in
                let state = call.context.snapshot.daemonState
                return .done(
                    .value(["statecode": .int(Int64(state.rawValue)), "statename": .string(state.name)]))
            },
            Method("supervisor.getPID", returns: .int, help: "The daemon's process id.") {
                .done(.value(.int(Int64($0.context.snapshot.pid))))
            },
            Method("supervisor.clearLog", returns: .boolean, help: "Empties the daemon's log.") { _ in
                .ask(ControlQuestion(.clearLog(.daemon)))
            },
            Method(
                "supervisor.shutdown", returns: .boolean,
                help: "Stops all processes and ends the daemon; answered before that."
            ) { _ in
                .ask(ControlQuestion(.supervise(.shutdown)))
            },
            Method(
                "supervisor.restart", returns: .boolean,
                help: "Stops all processes and begins anew with the configuration of then; answered before that."
            ) { _ in
                .ask(ControlQuestion(.supervise(.restart)))
            },
            Method(
                "supervisor.sendRemoteCommEvent", [.string("type"), .string("data")], returns: .boolean,
                help: "Tells the event listeners that subscribed to REMOTE_COMMUNICATION.", worksDuringShutdown: true
            ) { call in
                .ask(
                    ControlQuestion(
                        .remoteEvent(type: call.arguments[0].pythonText, data: call.arguments[1].pythonText)))
            },
        ]

    /// One method under several names.
    static func aliases(_ names: String..., make: (String) -> Method) -> [Method] { names.map(make) }
}
