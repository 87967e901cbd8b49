import Kernel
import SourceText
import Supervision

/// The processes that were started and have not ended, in a file beside the private control socket: a daemon after one
/// that was killed ends those that nobody goes on with, before it starts anything, so that no program runs twice. For
/// where nobody else sees to that: no kernel ends them with their parent, no service manager sweeps up, and a holder can be
/// killed at the same time.
///
/// After a head that names the machine's boot a line for each birth and each end, the newest last: `+RUN PID START`,
/// `-RUN`. A process is told from a later one of the same pid by when it started. Blocks: lives on a worker's lane.
final class RunLedger<K: SystemCalls>: Sendable {
    /// A process that was alive when something was written last.
    struct Entry: Hashable, Sendable {
        var pid: Int32
        /// `SystemCalls.startOfProcess`
        var start: UInt64
    }

    private struct State {
        var file: Descriptor?
        var living: [RunID: Entry] = [:]
        var lines = 0
        var hasFailed = false
    }

    private let kernel: K
    private let path: String
    private let state = Monitor(State())

    /// The most bytes of a file that are read, and the lines beyond those of living processes after which it is written
    /// anew.
    private static var limit: Int { 4 << 20 }
    private static var spareLines: Int { 1000 }

    /// `socket`: the path of the private control socket.
    init(_ kernel: K, beside socket: String) {
        self.kernel = kernel
        let name = socket.hasSuffix(".sock") ? String(socket.dropLast(5)) : socket
        path = "\(name).runs"
    }

    // MARK: Of the daemon before us

    /// Those of whose ends it has written nothing: a file that somebody else could have written says nothing.
    func left() -> [Entry] {
        guard let descriptor = try? kernel.open(path, OpenOptions(.read, nonBlocking: true, refuseLink: true)) else {
            return []
        }
        defer { kernel.close(descriptor) }
        guard let status = try? kernel.status(of: descriptor), status.kind == .regular,
            status.user == kernel.userID || status.user == 0, status.mode & 0o022 == 0,
            let bytes = try? kernel.readWhole(descriptor, limit: Self.limit)
        else { return [] }
        return Self.entries(bytes, boot: boot)
    }

    /// Whether it is still that process.
    func isAlive(_ entry: Entry) -> Bool { kernel.startOfProcess(entry.pid) == entry.start }

    /// The processes that were born and have not ended; a line that is torn has not been written.
    static func entries(_ bytes: [UInt8], boot: String) -> [Entry] {
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast() != nil, lines.first.map(String.init) == head(boot) else { return [] }
        var living: [UInt64: Entry] = [:]
        for line in lines.dropFirst() {
            let fields = line.dropFirst().split(separator: " ")
            guard let run = fields.first.flatMap({ UInt64($0) }) else { continue }
            if line.hasPrefix("-") {
                living[run] = nil
            } else if fields.count == 3, let pid = Int32(fields[1]), pid > 1, let start = UInt64(fields[2]) {
                living[run] = Entry(pid: pid, start: start)
            }
        }
        return living.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func head(_ boot: String) -> String { "svinstall runs 1 \(boot)" }

    /// Which boot of the machine this is, where start times count from it (random(4)).
    private var boot: String {
        let bytes = (try? kernel.readFile("/proc/sys/kernel/random/boot_id", limit: 100)) ?? []
        return String(trimming(String(decoding: bytes, as: UTF8.self)[...]))
    }

    // MARK: Of ours

    /// Begins a file of what runs.
    func begin(_ running: [(RunID, Int32)]) throws(SystemError) {
        var living: [RunID: Entry] = [:]
        for (run, pid) in running { living[run] = entry(pid) }
        state.withLock { $0.living = living }
        try rewrite()
    }

    func born(_ run: RunID, _ pid: Int32) throws(SystemError) {
        guard let entry = entry(pid) else { return }
        state.withLock { $0.living[run] = entry }
        try write(Self.line(run, entry))
    }

    func ended(_ run: RunID) throws(SystemError) {
        guard state.withLock({ $0.living.removeValue(forKey: run) }) != nil else { return }
        try write("-\(run.number)\n")
    }

    /// Nothing runs any more, or somebody else sees to it.
    func remove() {
        closeFile()
        try? kernel.unlink(path)
    }

    /// Whether a failure is the first one.
    func isNews() -> Bool {
        state.withLock { state in
            defer { state.hasFailed = true }
            return !state.hasFailed
        }
    }

    private func entry(_ pid: Int32) -> Entry? { kernel.startOfProcess(pid).map { Entry(pid: pid, start: $0) } }

    private static func line(_ run: RunID, _ entry: Entry) -> String { "+\(run.number) \(entry.pid) \(entry.start)\n" }

    private func write(_ line: String) throws(SystemError) {
        let (file, isLong) = state.withLock { state in
            state.lines += 1
            return (state.file, state.lines > 4 * state.living.count + Self.spareLines)
        }
        guard let file, !isLong else { return try rewrite() }
        try kernel.writeAll(file, line.utf8)
    }

    /// A new file in the place of the old one.
    private func rewrite() throws(SystemError) {
        closeFile()
        let living = state.withLock { $0.living }
        let lines = living.sorted { $0.key < $1.key }.map { Self.line($0.key, $0.value) }
        try kernel.writeFileAtomically(path, Array("\(Self.head(boot))\n\(lines.joined())".utf8), mode: 0o600)
        let file = try kernel.open(path, OpenOptions(.write, append: true, refuseLink: true))
        state.withLock { state in
            state.file = file
            state.lines = living.count
        }
    }

    private func closeFile() {
        let file = state.withLock { state in
            defer { state.file = nil }
            return state.file
        }
        if let file { kernel.close(file) }
    }
}
