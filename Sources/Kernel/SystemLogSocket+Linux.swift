#if !canImport(Darwin)
import CPlatform
import Synchronization

/// The way to the collector of syslog(3) behind `/dev/log`: datagrams, each sent to the path anew, so that a collector
/// that was started again is found without looking for it.
///
/// Our own instead of the C library's, which waits for ever for a collector that hangs and does not say when there is
/// none.
final class SystemLogSocket: Sendable {
    private static let path = "/dev/log"
    /// How long a line waits for a collector that does not keep up.
    private static let patience: Int32 = 1000
    /// Facility `user` (1), priority `info` (6).
    private static let priority = 1 << 3 | 6

    private let descriptor = Mutex<Int32>(-1)

    func send(_ line: [UInt8], at time: CivilTime) throws(SystemError) {
        // As the C library writes it: `<14>Nov  2 10:52:49 supervisord: line`.
        let day = time.day < 10 ? " \(time.day)" : "\(time.day)"
        let stamp = "\(time.monthName) \(day) \(time.time)"
        let message = Array("<\(Self.priority)>\(stamp) \(Self.tag): ".utf8) + line
        let number = try socket()
        _ = try retrying("sendto", Self.path) { svi_system_log_send(number, message, message.count, Self.path) }
    }

    private func socket() throws(SystemError) -> Int32 {
        let result = descriptor.withLock { number in
            Result { () throws(SystemError) in
                if number < 0 { number = try retrying("socket") { svi_system_log_socket(Self.patience) } }
                return number
            }
        }
        return try result.get()
    }

    private static var tag: String { svi_program_name().map { String(cString: $0) } ?? "svinstall" }
}

extension HostKernel {
    package func writeSystemLog(_ line: [UInt8], wall: Int64) throws(SystemError) {
        try systemLog.send(line, at: localTime(wall: wall))
    }
}
#endif
