import Kernel
import SourceText

/// Ends what the daemon before us left and nobody takes up: whatever was started in its place would run twice.
struct Leftovers<K: SystemCalls> {
    let kernel: K
    /// Programs that go on, with their main processes.
    let spared: [ProgramName: Int32]

    /// After a crash the daemon is to be back within three seconds, one of which is systemd's pause.
    static var patience: TimeSpan { .seconds(1) }
    private static var look: Int64 { 20_000_000 }

    /// `processes`: those of which we have handles; closes them. `sweepsFamily`: what our holder has inherited is the
    /// daemon's before us. What was done, for the log. Blocks.
    func end(_ processes: [SpawnedProcess], sweepsFamily: Bool) -> [String] {
        var lines: [String] = []
        if let holder = kernel.holder {
            if sweepsFamily { lines = endFamily(of: holder) }
        } else if let group = ControlGroup(kernel) {
            lines = group.end(kernel, patience: Self.patience) { strangers(among: $0) }
        }
        for signal in [Signal.terminate, .kill] {
            let living = processes.filter { kernel.peekExit($0) == nil }
            if living.isEmpty { break }
            lines.append("ending what is left: \(living.map { "\($0.pid)" }.joined(separator: " ")) (\(signal))")
            for process in living { try? kernel.signalGroup(process, signal) }
            let end = kernel.now().monotonic + (Self.patience.finiteNanoseconds ?? 0)
            while kernel.now().monotonic < end, living.contains(where: { kernel.peekExit($0) == nil }) {
                kernel.sleep(nanoseconds: Self.look)
            }
        }
        for process in processes { if let handle = process.handle { kernel.close(handle) } }
        return lines
    }

    /// Ends what descends from a process, but for ourselves and the programs that go on.
    func endFamily(of ancestor: Int32) -> [String] {
        kernel.end(patience: Self.patience) { strangers(among: family(of: ancestor)) }
    }

    /// What lives and descends from a process, but for ourselves; ascending.
    private func family(of ancestor: Int32) -> [Int32] {
        let pids = ((try? kernel.list("/proc")) ?? []).compactMap { Int32($0) }
        var children: [Int32: [Int32]] = [:]
        var ended: Set<Int32> = []
        for facts in pids.compactMap({ ProcessFacts($0, kernel) }) {
            children[facts.parent, default: []].append(facts.pid)
            if facts.hasEnded { ended.insert(facts.pid) }
        }
        var found: [Int32] = []
        var open = [ancestor]
        while let next = open.popLast() {
            // A pid is somebody's child once, unless it passed on while we looked.
            let here = children.removeValue(forKey: next) ?? []
            found += here
            open += here
        }
        return found.filter { !ended.contains($0) && $0 != kernel.processID }.sorted()
    }

    /// Those that belong to no program that goes on: neither by descent nor by process group or session, nor, having
    /// left all these, by the environment that they had from it.
    func strangers(among pids: [Int32]) -> [Int32] {
        let facts = Dictionary(pids.compactMap { pid in ProcessFacts(pid, kernel).map { (pid, $0) } }) { first, _ in
            first
        }
        let mains = Set(spared.values)
        return pids.filter { pid in
            var next = pid
            // A chain is no longer than there are processes.
            for _ in 0...pids.count {
                if mains.contains(next) { return false }
                guard let here = facts[next] else { break }
                if mains.contains(here.group) || mains.contains(here.session) { return false }
                next = here.parent
            }
            return program(of: pid).map { spared[$0] == nil } ?? true
        }
    }

    /// Which program a process has its environment from (`ChildEnvironment`).
    private func program(of pid: Int32) -> ProgramName? {
        guard let bytes = try? kernel.readFile("/proc/\(pid)/environ", limit: 1 << 20) else { return nil }
        var environment = Environment()
        for entry in bytes.split(separator: 0) { environment.add(entry: entry) }
        guard let group = environment["SUPERVISOR_GROUP_NAME"], let name = environment["SUPERVISOR_PROCESS_NAME"] else {
            return nil
        }
        return ProgramName(group: group, process: name)
    }
}
