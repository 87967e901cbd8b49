import Kernel
import SourceText

/// What /proc tells of a process (proc(5), `/proc/PID/stat`).
struct ProcessFacts: Hashable, Sendable {
    var pid: Int32
    var parent: Int32
    /// The numbers of its process group and session: the pids of their leaders.
    var group: Int32
    var session: Int32
    /// In clock ticks since the machine started.
    var start: UInt64
    /// It waits to be reaped.
    var hasEnded: Bool

    init?(_ pid: Int32, _ kernel: some SystemCalls) {
        guard let bytes = try? kernel.readFile("/proc/\(pid)/stat", limit: 65_536),
            // The program's name may hold anything.
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // From the third field on, the state.
        let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let session = Int32(fields[3]), let start = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        hasEnded = fields[0] == "Z" || fields[0] == "X"
        self.parent = parent
        self.group = group
        self.session = session
        self.start = start
    }
}

extension Survivors {
    /// Looks for the processes that the daemon before us started and did not live to write down: each leads a process
    /// group and has a pipe of its run. Of several the oldest: others have it from that one. Blocks.
    mutating func search<K: SystemCalls>(_ kernel: K) {
        var missing: [String: Int] = [:]
        for (index, survivor) in runs.enumerated() where survivor.process == nil {
            // A pipe's device is the same for all.
            for pipe in survivor.record.pipes { missing["pipe:[\(pipe.identity.inode)]"] = index }
        }
        guard !missing.isEmpty, let names = try? kernel.list("/proc") else { return }
        var found: [Int: ProcessFacts] = [:]
        for pid in names.compactMap({ Int32($0) }) {
            guard let index = Self.run(of: pid, missing, kernel), let facts = ProcessFacts(pid, kernel),
                facts.group == pid,
                facts.start < found[index]?.start ?? .max
            else { continue }
            found[index] = facts
        }
        for (index, facts) in found {
            guard let handle = try? kernel.openHandle(of: facts.pid) else { continue }
            // What was found is what the handle is of, or the number has changed hands.
            guard Self.run(of: facts.pid, missing, kernel) == index, ProcessFacts(facts.pid, kernel) == facts else {
                kernel.close(handle)
                continue
            }
            runs[index].record.birth = StoredRun.Birth(pid: facts.pid, instant: kernel.now())
            runs[index].process = kernel.adopt(facts.pid, handle: handle)
        }
    }

    private static func run(of pid: Int32, _ pipes: [String: Int], _ kernel: some SystemCalls) -> Int? {
        for number in 0...2 {
            if let link = try? kernel.readSymbolicLink("/proc/\(pid)/fd/\(number)"), let index = pipes[link] {
                return index
            }
        }
        return nil
    }
}
