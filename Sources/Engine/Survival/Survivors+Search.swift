import Kernel
import SourceText

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
