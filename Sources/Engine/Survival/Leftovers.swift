import Kernel
import SourceText

/// Ends what the daemon before us left and nobody takes up: whatever was started in its place would run twice.
struct Leftovers<K: SystemCalls> {
    let kernel: K
    /// Programs that go on, with their main processes.
    let spared: [ProgramName: Int32]

    /// After a crash the daemon is to be back within three seconds, one of which is systemd's pause.
    private static var patience: TimeSpan { .seconds(1) }
    private static var look: Int64 { 20_000_000 }

    /// `processes`: those of which we have handles; closes them. What was done, for the log. Blocks.
    func end(_ processes: [SpawnedProcess]) -> [String] {
        var lines = ControlGroup(kernel)?.end(kernel, patience: Self.patience) { strangers(among: $0) } ?? []
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
