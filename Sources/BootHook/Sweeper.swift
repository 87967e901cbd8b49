package import Kernel
import SourceText

/// Ends what is left in the control group of the service that we are called by (systemd.service(5), `KillMode=process`
/// leaves it): after an operator's stop for good, and before a start so that no program runs twice. Never between a
/// crash and the restart that follows it.
package struct Sweeper<K: SystemCalls> {
    package enum Moment: Sendable {
        case beforeStart, afterStop

        /// How long processes may take after SIGTERM. After a crash the daemon is to be back within three seconds, one of
        /// which is systemd's pause.
        fileprivate var patience: TimeSpan {
            switch self {
            case .beforeStart: .seconds(1)
            case .afterStop: .seconds(5)
            }
        }
    }

    let kernel: K

    package init(_ kernel: K) {
        self.kernel = kernel
    }

    /// What was done, for the journal.
    package func sweep(_ moment: Moment) -> [String] {
        guard let unit = controlGroup() else { return [] }
        if moment == .afterStop, !isForGood(unit) { return [] }
        let first = processes(unit)
        if first.isEmpty { return [] }
        var lines = ["ending \(first.count) processes that are left: \(first.map { "\($0)" }.joined(separator: " "))"]
        send(.terminate, to: first)
        let end = kernel.now().monotonic + (moment.patience.finiteNanoseconds ?? 0)
        while kernel.now().monotonic < end {
            if processes(unit).isEmpty { return lines }
            kernel.sleep(nanoseconds: 20_000_000)
        }
        // Those that fork while they are killed are met the next time round.
        for _ in 0..<100 {
            let rest = processes(unit)
            if rest.isEmpty { break }
            send(.kill, to: rest)
            kernel.sleep(nanoseconds: 20_000_000)
        }
        lines.append("some did not end within \(moment.patience) and were killed")
        return lines
    }

    private func send(_ signal: Signal, to pids: [Int32]) {
        for pid in pids { try? kernel.signal(pid: pid, signal) }
    }

    /// Our service's control group: where it is in the file tree. Only a service's: never a session, where the processes
    /// are a person's.
    private func controlGroup() -> (path: String, name: String)? {
        guard let bytes = try? kernel.readFile("/proc/self/cgroup", limit: 65_536) else { return nil }
        var places: [String] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[1] == "name=systemd" { places.append("/sys/fs/cgroup/systemd" + parts[2]) }
            if parts[0] == "0", parts[1].isEmpty {
                places += ["/sys/fs/cgroup" + parts[2], "/sys/fs/cgroup/unified" + parts[2]]
            }
        }
        for place in places {
            // The control processes of a delegated group have a group of their own in it.
            let path = place.hasSuffix("/.control") ? String(place.dropLast(9)) : place
            guard let name = path.split(separator: "/").last.map(String.init), name.hasSuffix(".service"),
                !name.hasPrefix("user@"), (try? kernel.status(of: path + "/cgroup.procs", followLinks: true)) != nil
            else { continue }
            return (path, name)
        }
        return nil
    }

    /// Every process of the group and of those below it, but for those that systemd runs around the service.
    private func processes(_ unit: (path: String, name: String)) -> [Int32] {
        processes(in: unit.path, depth: 0).filter { $0 != kernel.processID }.sorted()
    }

    private func processes(in path: String, depth: Int) -> [Int32] {
        guard depth < 16 else { return [] }
        var found: [Int32] = []
        if let bytes = try? kernel.readFile(path + "/cgroup.procs", limit: 16 << 20) {
            found = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
        }
        for name in (try? kernel.list(path)) ?? [] where name != ".control" {
            guard (try? kernel.status(of: "\(path)/\(name)", followLinks: false))?.kind == .directory else { continue }
            found += processes(in: "\(path)/\(name)", depth: depth + 1)
        }
        return found
    }

    /// Whether the service stays down: it ended well, or somebody is stopping it.
    private func isForGood(_ unit: (path: String, name: String)) -> Bool {
        if kernel.variable("SERVICE_RESULT") == "success" { return true }
        let isUser = unit.path.contains("/user@")
        let call = ToolCall(
            ["systemctl"] + (isUser ? ["--user"] : []) + ["list-jobs", "--no-legend", "--plain"], limit: .seconds(5))
        let answer = ToolRunner(kernel: kernel).run(call)
        return answer.output.split(separator: "\n").contains { (line: Substring) in
            let fields = line.split(separator: " ")
            return fields.count >= 3 && fields[1] == unit.name && (fields[2] == "stop" || fields[2] == "restart")
        }
    }
}
