#if canImport(Darwin)
import CPlatform

/// macOS has no socket with a documented protocol: its C library knows the way.
final class SystemLogSocket: Sendable {
    func send(_ line: [UInt8]) {
        // A C string ends at its first NUL byte.
        let text = line.map { $0 == 0 ? UInt8(ascii: "?") : $0 } + [0]
        text.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                if let start = characters.baseAddress { svi_system_log(start) }
            }
        }
    }
}

extension HostKernel {
    package func writeSystemLog(_ line: [UInt8], wall: Int64) throws(SystemError) { systemLog.send(line) }
}
#endif
