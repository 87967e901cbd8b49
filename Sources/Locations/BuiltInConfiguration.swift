package import Kernel
package import SourceText
import Templates

/// The configuration of `svinstall run` where no other is found.
package enum BuiltInConfiguration {
    /// Writes it to `places.state`/default.conf and returns that path: a real file can be looked at, read again and
    /// compared like any other.
    package static func write<K: SystemCalls>(_ places: Places, _ kernel: K) throws(Failure) -> String {
        var values = ["state": places.state, "logs": places.logs]
        var text = Template.builtInConfiguration.filled(values)
        if let redis = program("redis-server", kernel), let port = freePort(kernel) {
            values["redis"] = redis
            values["port"] = "\(port)"
            text += Template.redis.filled(values)
        }
        let path = places.state + "/default.conf"
        do throws(SystemError) {
            try places.makeState(kernel)
            try kernel.writeFileAtomically(path, Array(text.utf8), mode: 0o600)
        } catch {
            throw Failure(
                .cannotCreate, code: "built-in-configuration", "\(error)",
                remedy: "give a configuration with -c, or set SVINSTALL_STATE_DIR to a directory you can write")
        }
        return path
    }

    /// The absolute path of a program in PATH.
    private static func program<K: SystemCalls>(_ name: String, _ kernel: K) -> String? {
        let path = kernel.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first {
            isFile($0, kernel) && (try? kernel.mayAccess($0, .execute)) == true
        }
    }

    /// A TCP port of the loopback interface that nobody listens on at the moment.
    private static func freePort<K: SystemCalls>(_ kernel: K) -> UInt16? {
        guard let listener = try? kernel.listenTCP(host: "127.0.0.1", port: 0) else { return nil }
        defer { kernel.close(listener) }
        return try? kernel.localPort(listener)
    }
}
