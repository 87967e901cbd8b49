import Kernel
import ServiceModel
import SourceText

/// The daemon's own log: lines of supervisord's form, to a file, to standard output in the foreground, to syslog.
struct MainLog<K: SystemCalls>: Sendable {
    private let kernel: K
    private(set) var level: LogLevel
    private let destination: LogDestination
    private var file: LogOutlet<K>
    private var mirror: InheritedLog<K>?
    private let usesSystemLog: Bool
    /// `nil` before there is a logger thread: then lines go to syslog directly.
    private var systemLog: SystemLogQueue<K>?
    /// What a collector did not take in time before there was a queue.
    private var unsent: [[UInt8]] = []
    private var isComplaining = false

    /// `mirrors`: to standard output as well.
    init(_ settings: DaemonSettings, mirrors: Bool, _ kernel: K) {
        self.kernel = kernel
        level = settings.logLevel
        usesSystemLog = settings.logToSyslog
        destination = settings.logFile.map { LogDestination(path: $0, rotation: settings.logRotation) } ?? .none
        let console = InheritedLog(.standardOutput, kernel)
        mirror = mirrors ? console : nil
        // One writer where both are the same: what waits keeps its order.
        file = LogOutlet(destination, kernel) { $0 == .standardOutput ? console : InheritedLog($0, kernel) }
    }

    /// From now on whatever may block goes through threads of its own.
    mutating func write(through link: LoggerLink<K>) {
        systemLog = link.systemLog
        for line in unsent { link.systemLog.send(line) }
        unsent = []
        if let early = mirror { mirror = link.inherited.log(.standardOutput, instead: early) }
        if case .inherited(let descriptor, _) = destination, case .inherited(let early) = file {
            file = .inherited(link.inherited.log(descriptor, instead: early))
        }
    }

    /// Writes what has to wait for threads that there will not be. Blocks.
    func flush() {
        mirror?.flush()
        if case .inherited(let early) = file { early.flush() }
    }

    /// The file's path, `nil` when there is none.
    var path: String? { destination.path }

    /// The path of a file that is ours to remove; `/dev/stdout` is not.
    var ownPath: String? { if case .file(let path, _, _, _) = destination { path } else { nil } }

    var isOpen: Bool { file.isOpen }

    mutating func open() throws(SystemError) { try file.open() }

    mutating func close() { file.close() }

    /// Writes one line. `wall`: nanoseconds since 1970.
    mutating func write(_ level: LogLevel, _ message: String, wall: Int64) {
        guard level >= self.level else { return }
        let stamp = "\(kernel.localTime(wall: wall).logStamp) \(level.tag)"
        let line = "\(stamp) \(message)\n"
        line.utf8CString.withUnsafeBytes { bytes in
            // Without the NUL at its end.
            let text = UnsafeRawBufferPointer(rebasing: bytes.dropLast())
            file.append(text)
            // Nobody reads standard output: its copy of the log has a gap then.
            if let mirror, !mirror.isFull { mirror.append(text) }
        }
        if usesSystemLog {
            for part in message.split(separator: "\n", omittingEmptySubsequences: false) {
                // As supervisord 4.3 hands it over, its own stamp and line end included.
                send(Array("\(stamp) \(part)\n".utf8), wall: wall)
            }
        }
        complain(wall: wall)
    }

    private mutating func send(_ line: [UInt8], wall: Int64) {
        if let systemLog { return systemLog.send(line) }
        do throws(SystemError) {
            // One that hangs is waited for once.
            guard unsent.isEmpty else { throw SystemError("sendto", .again) }
            try kernel.writeSystemLog(line, wall: wall)
        } catch {
            if error.number == .again { unsent.append(line) }
        }
    }

    /// Says what is wrong with the file where it can be said.
    private mutating func complain(wall: Int64) {
        guard !isComplaining else { return }
        isComplaining = true
        for complaint in file.takeComplaints() {
            write(.error, complaint.text(of: "this log"), wall: wall)
        }
        isComplaining = false
    }

    /// Lines that came in faster than the disk took them.
    mutating func tellLost(lines: Int, wall: Int64) {
        write(.warning, "\(lines) lines of this log were dropped: its disk is too slow", wall: wall)
    }
}
