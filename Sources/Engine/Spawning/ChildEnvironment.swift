import Kernel
import ServiceModel

/// What a program finds in its environment (supervisord 4.3, `_spawn_as_child`).
enum ChildEnvironment {
    /// Ours, then who supervises it, then `[supervisord] environment`, then the program's own: the last one wins.
    static func make(_ service: Service, group: String, daemon: DaemonSettings, ours: Environment) -> Environment {
        var environment = ours
        // Ours to answer to whoever started us, not our programs'.
        environment["NOTIFY_SOCKET"] = nil
        environment["SUPERVISOR_ENABLED"] = "1"
        if let url = service.supervisor.serverURL?.value ?? serverURL(of: daemon) {
            environment["SUPERVISOR_SERVER_URL"] = url
        }
        environment["SUPERVISOR_PROCESS_NAME"] = service.name.value
        environment["SUPERVISOR_GROUP_NAME"] = group
        for variable in daemon.environment + service.environment {
            environment[variable.name] = variable.value.value
        }
        return environment
    }

    /// The first unix socket, else the first TCP port; the private socket does not count, as it stands in no
    /// configuration.
    static func serverURL(of daemon: DaemonSettings) -> String? {
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
