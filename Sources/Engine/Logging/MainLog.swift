import Kernel
import ServiceModel
import SourceText

/// The daemon's own log: lines of supervisord's form, to a file, to standard output in the foreground, to syslog.
struct MainLog<K: SystemCalls>: Sendable {
    private let kernel: K
    private let identifier: String
    private(set) var level: LogLevel
    private var file: RotatingFile<K>
    private let mirrors: Bool
    private let usesSystemLog: Bool

    /// `mirrors`: to standard output as well.
    init(_ settings: DaemonSettings, mirrors: Bool, _ kernel: K) {
        self.kernel = kernel
        identifier = settings.identifier
        level = settings.logLevel
        usesSystemLog = settings.logToSyslog
        let destination = settings.logFile.map { LogDestination(path: $0, rotation: settings.logRotation) } ?? .none
        // Said once, also when the log itself is standard output.
        self.mirrors = mirrors && destination != .inherited(.standardOutput)
        file = RotatingFile(destination, kernel)
    }

    /// The file's path, `nil` when there is none.
    var path: String? { file.destination.path }

    var isOpen: Bool { file.descriptor != nil }

    mutating func open() throws(SystemError) { try file.open() }

    mutating func close() { file.close() }

    /// Writes one line. `wall`: nanoseconds since 1970.
    mutating func write(_ level: LogLevel, _ message: String, wall: Int64) {
        guard level >= self.level else { return }
        let line = "\(kernel.localTime(wall: wall).logStamp) \(level.tag) \(message)\n"
        line.utf8CString.withUnsafeBytes { bytes in
            // Without the NUL at its end.
            let text = UnsafeRawBufferPointer(rebasing: bytes.dropLast())
            file.append(text)
            if mirrors { mirror(text) }
        }
        if usesSystemLog {
            kernel.writeSystemLog("\(identifier) \(message)", priority: level.systemPriority)
        }
    }

    /// Lines that came in faster than the disk took them.
    mutating func tellLost(lines: Int, wall: Int64) {
        write(.warning, "\(lines) lines of this log were dropped: its disk is too slow", wall: wall)
    }

    private func mirror(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            // A terminal that is gone is no reason to stop logging.
            guard let count = try? kernel.write(.standardOutput, rest) else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}

extension LogLevel {
    fileprivate var systemPriority: SystemLogPriority {
        switch self {
        case .critical: .critical
        case .error: .error
        case .warning: .warning
        case .info: .info
        case .debug, .trace, .blather: .debug
        }
    }
}
