package import Kernel
import SourceText

/// The private control socket: always there, one per configuration, whatever the configuration says.
package enum ControlSocket {
    /// The socket of the daemon that runs the configuration at `configuration` (an absolute path).
    ///
    /// The name is a hash, because a configuration's path may be longer than a socket's may.
    package static func path(for configuration: String, in places: Places) -> String {
        "\(places.state)/\(Digits.hexadecimal(hash(configuration), width: 16)).sock"
    }

    /// All private sockets of a scope, whoever answers there or not.
    package static func all<K: SystemCalls>(in places: Places, _ kernel: K) -> [String] {
        guard let names = try? kernel.list(places.state) else { return [] }
        return names.filter { $0.hasSuffix(".sock") }.map { places.state + "/" + $0 }
    }

    /// Whether somebody accepts connections there.
    package static func answers<K: SystemCalls>(_ path: String, _ kernel: K) -> Bool {
        guard let connection = try? kernel.connectUnix(path) else { return false }
        kernel.close(connection)
        return true
    }

    /// Whether we are not let in.
    package static func isClosed<K: SystemCalls>(_ path: String, _ kernel: K) -> Bool {
        do throws(SystemError) {
            kernel.close(try kernel.connectUnix(path))
            return false
        } catch {
            return error.number == .accessDenied
        }
    }

    /// Whether a daemon answers a request there, and does not only let connections wait. Any answer counts, a refusal
    /// too.
    package static func responds<K: SystemCalls>(_ path: String, within milliseconds: Int64, _ kernel: K) -> Bool {
        guard let connection = try? kernel.connectUnix(path) else { return false }
        defer { kernel.close(connection) }
        do throws(SystemError) {
            try kernel.setTimeouts(connection, milliseconds: milliseconds)
            try kernel.writeAll(
                connection, Array("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
            var answer = [UInt8](repeating: 0, count: 16)
            let count = answer.withUnsafeMutableBytes { buffer in
                Result { () throws(SystemError) in try kernel.read(connection, into: buffer) }
            }
            return try count.get() > 0
        } catch {
            return false
        }
    }

    /// FNV-1a, 64 bits: stable between runs and machines, unlike Swift's own hashes.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
