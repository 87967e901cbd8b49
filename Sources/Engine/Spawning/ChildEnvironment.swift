import Kernel
import ServiceModel

/// What programs find in their environment (supervisord 4.3, `_spawn_as_child`): ours, then who supervises them, then
/// `[supervisord] environment`, then their own; the last one wins. A program's is put together when it starts: what all
/// have in common is there once.
struct ChildEnvironment: Sendable {
    private let common: Environment
    /// What `[supervisord] environment` has decided.
    private let decided: Set<String>

    init(daemon: DaemonSettings, ours: Environment) {
        var environment = ours
        // Ours to answer to whoever started us, not our programs'.
        environment["NOTIFY_SOCKET"] = nil
        environment["FDSTORE"] = nil
        environment[HostKernel.holderVariable] = nil
        environment["SUPERVISOR_ENABLED"] = "1"
        if let url = Self.serverURL(of: daemon) { environment["SUPERVISOR_SERVER_URL"] = url }
        for variable in daemon.environment { environment[variable.name] = variable.value.value }
        common = environment
        decided = Set(daemon.environment.map(\.name))
    }

    /// The environment of one program.
    func environment(of spec: LaunchSpec) -> Environment {
        let supervised = [
            ("SUPERVISOR_SERVER_URL", spec.serverURL), ("SUPERVISOR_PROCESS_NAME", spec.name),
            ("SUPERVISOR_GROUP_NAME", spec.group),
        ]
        var own: [(name: String, value: String)] = []
        for (name, value) in supervised where !decided.contains(name) {
            if let value { own.append((name, value)) }
        }
        for variable in spec.ownEnvironment { own.append((variable.name, variable.value.value)) }
        var environment = common
        environment.merge(Environment(own))
        return environment
    }

    /// The first unix socket, else the first TCP port; the private socket does not count, as it stands in no
    /// configuration.
    private static func serverURL(of daemon: DaemonSettings) -> String? {
        var fallback: String?
        for listener in daemon.listeners where !listener.isPrivate {
            switch listener.address {
            case .unix(let path, _, _):
                return "unix://\(path)"
            case .tcp(let host, let port):
                fallback = fallback ?? "http://\(host.isEmpty ? "localhost" : host):\(port)"
            }
        }
        return fallback
    }
}
