import Kernel
import Supervision

/// An open log with everybody who writes to it: two programs may share one.
final class SharedLog<K: SystemCalls> {
    let path: String
    fileprivate(set) var outlet: LogOutlet<K>
    fileprivate var users = 0
    /// Under which it is watched for room.
    fileprivate var watch: UInt64?

    fileprivate init(_ path: String, _ outlet: LogOutlet<K>) {
        self.path = path
        self.outlet = outlet
    }

    /// Appends bytes; what is wrong, and was not told yet, is returned.
    func append(_ bytes: UnsafeRawBufferPointer) -> [LogComplaint] {
        outlet.append(bytes)
        return outlet.takeComplaints()
    }
}

/// The logs in use. The logger thread's own.
///
/// By path: whatever two programs that share a file say of its rotation, it is rotated by one. A log that is a pipe or a
/// device and takes nothing is watched until it has room.
final class LogFiles<K: SystemCalls> {
    private let kernel: K
    private let poller: any Poller
    private let inherited: (Descriptor) -> InheritedLog<K>
    private var logs: [String: SharedLog<K>] = [:]
    private var crowded: [UInt64: SharedLog<K>] = [:]
    /// Of logs that were closed while they could not be written: who opens them again goes on with it.
    private var losses: [String: LogComplaints] = [:]
    private var nextToken = LogFiles.firstToken

    /// Streams have the lower ones; pollers take none from 2^62 on.
    private static var firstToken: UInt64 { 1 << 61 }

    init(_ kernel: K, _ poller: any Poller, inherited: @escaping (Descriptor) -> InheritedLog<K>) {
        self.kernel = kernel
        self.poller = poller
        self.inherited = inherited
    }

    // MARK: Who uses them

    /// The log of a destination, with one user more; it is not opened. `nil` where output goes nowhere.
    func join(_ destination: LogDestination) -> SharedLog<K>? {
        guard let path = destination.path else { return nil }
        let log =
            logs[path]
            ?? SharedLog(
                path, LogOutlet(destination, kernel, complaints: losses.removeValue(forKey: path), inherited: inherited)
            )
        logs[path] = log
        log.users += 1
        return log
    }

    /// Uses `opened` for a log, unless the file in use is the one that the path names: between the opening and now it may
    /// have been rotated.
    func take(_ opened: Descriptor, for log: SharedLog<K>) throws(SystemError) {
        let named = (try? kernel.status(of: log.path, followLinks: true))?.identity
        if let named, log.outlet.identity == named {
            kernel.close(opened)
        } else if let named, (try? kernel.status(of: opened))?.identity != named {
            kernel.close(opened)
            try open(log)
        } else {
            log.outlet.adopt(opened, kernel)
            forgetRoom(log)
        }
    }

    /// Closes a log with its last user; what is wrong with it, and was not told yet, is returned.
    func leave(_ log: SharedLog<K>) -> [LogComplaint] {
        log.users -= 1
        guard log.users == 0 else { return [] }
        log.outlet.close()
        logs[log.path] = nil
        forgetRoom(log)
        let news = log.outlet.takeComplaints()
        losses[log.path] = log.outlet.loss
        return news
    }

    /// What was lost of logs that nobody has written since: their paths and bytes.
    var lost: [(path: String, bytes: Int64)] {
        losses.map { ($0, $1.lostBytes) }.sorted { $0.path < $1.path }
    }

    // MARK: The files

    private func open(_ log: SharedLog<K>) throws(SystemError) {
        try log.outlet.open()
        forgetRoom(log)
    }

    /// Opens every log anew: its file may have been renamed. What cannot be opened is returned.
    func reopen() -> [SystemError] {
        logs.values.compactMap { log in
            do throws(SystemError) {
                try open(log)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Removes a log's file and begins a new one.
    func clear(_ destination: LogDestination) throws(SystemError) {
        guard case .file(let path, _, _, _) = destination else { return }
        do throws(SystemError) { try kernel.unlink(path) } catch  where error.number == .noEntry {}
        if let log = logs[path] { return try open(log) }
        var fresh = RotatingFile(destination, kernel)
        try fresh.open()
        fresh.close()
    }

    // MARK: Room

    /// Whether it will be said when a full log has room again: one that cannot be watched gets what waits with the next
    /// bytes.
    func watchForRoom(_ log: SharedLog<K>) -> Bool {
        guard log.watch == nil, let descriptor = log.outlet.crowded else { return true }
        guard (try? poller.add(descriptor, token: nextToken, .writable)) != nil else { return false }
        log.watch = nextToken
        crowded[nextToken] = log
        nextToken += 1
        return true
    }

    /// Writes what waits for the log that is watched under `token`; `false`: none is.
    func hasRoom(_ token: UInt64) -> Bool {
        guard let log = crowded.removeValue(forKey: token) else { return token >= Self.firstToken }
        log.watch = nil
        if let descriptor = log.outlet.crowded { poller.remove(descriptor) }
        log.outlet.writeWaiting()
        _ = watchForRoom(log)
        return true
    }

    /// Its file is closed, or another one is in its place: nobody waits for the old one.
    private func forgetRoom(_ log: SharedLog<K>) {
        if let token = log.watch { crowded[token] = nil }
        log.watch = nil
    }
}
