package import SourceText

/// The control group of the service that we are the main process or a command of, where it is in the file tree. Only a
/// service's: never a session, where the processes are a person's.
package struct ControlGroup: Hashable, Sendable {
    package let path: String
    /// `NAME.service`
    package let name: String

    /// `nil` where we belong to no service, or whoever started us belongs to the same: then it is somebody else's.
    package init?(_ kernel: some SystemCalls) {
        guard let found = Self.find(kernel), !found.processes(kernel).contains(kernel.parentProcessID) else {
            return nil
        }
        self = found
    }

    private init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    private static func find(_ kernel: some SystemCalls) -> ControlGroup? {
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
            return ControlGroup(path: path, name: name)
        }
        return nil
    }

    /// Every process of the group and of those below it but ourselves, and but for those that systemd runs around the
    /// service; ascending.
    package func processes(_ kernel: some SystemCalls) -> [Int32] {
        Self.processes(kernel, in: path, depth: 0).filter { $0 != kernel.processID }.sorted()
    }

    private static func processes(_ kernel: some SystemCalls, in path: String, depth: Int) -> [Int32] {
        guard depth < 16 else { return [] }
        var found: [Int32] = []
        if let bytes = try? kernel.readFile(path + "/cgroup.procs", limit: 16 << 20) {
            found = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
        }
        for name in (try? kernel.list(path)) ?? [] where name != ".control" {
            guard (try? kernel.status(of: "\(path)/\(name)", followLinks: false))?.kind == .directory else { continue }
            found += processes(kernel, in: "\(path)/\(name)", depth: depth + 1)
        }
        return found
    }

    /// Ends processes of the group (`SystemCalls.end`). `chosen` says which of those that are there at the moment.
    package func end(
        _ kernel: some SystemCalls, patience: TimeSpan, chosen: ([Int32]) -> [Int32] = { $0 }
    ) -> [String] {
        kernel.end(patience: patience) { chosen(processes(kernel)) }
    }
}

extension SystemCalls {
    /// Ends processes: SIGTERM, and SIGKILL for those that are still there after `patience`. `left` says which are there
    /// at the moment. What was done, for people. Blocks.
    package func end(patience: TimeSpan, _ left: () -> [Int32]) -> [String] {
        end(patience: patience, left) { pid, signal in try? self.signal(pid: pid, signal) }
    }

    /// The same with the process groups that they lead.
    package func endGroups(patience: TimeSpan, _ left: () -> [Int32]) -> [String] {
        end(patience: patience, left) { pid, signal in
            // One that has left its group leads none.
            if (try? self.signal(pid: -pid, signal)) == nil { try? self.signal(pid: pid, signal) }
        }
    }

    private func end(
        patience: TimeSpan, _ left: () -> [Int32], _ signal: (Int32, Signal) -> Void
    ) -> [String] {
        func send(_ number: Signal, to pids: [Int32]) { for pid in pids { signal(pid, number) } }
        let first = left()
        if first.isEmpty { return [] }
        var lines = ["ending \(first.count) processes that are left: \(first.map { "\($0)" }.joined(separator: " "))"]
        send(.terminate, to: first)
        let end = now().monotonic + (patience.finiteNanoseconds ?? 0)
        while now().monotonic < end {
            if left().isEmpty { return lines }
            sleep(nanoseconds: 20_000_000)
        }
        // Those that fork while they are killed are met the next time round.
        for _ in 0..<100 {
            let rest = left()
            if rest.isEmpty { break }
            send(.kill, to: rest)
            sleep(nanoseconds: 20_000_000)
        }
        lines.append("some did not end within \(patience) and were killed")
        return lines
    }
}

/// A service manager that keeps descriptors for us while we are restarted (systemd, `FileDescriptorStoreMax=`).
extension SystemCalls {
    /// How many it keeps and can pass on; `nil` when there is none, or it keeps them for somebody else. To be asked before
    /// our limits are changed.
    ///
    /// systemd says the number in `FDSTORE` from 254 on; the boot hook's unit says it for older ones. It says whom it
    /// started in `SYSTEMD_EXEC_PID` from 248 on (systemd.exec(5)). A service of which it keeps more than its soft limit
    /// on descriptors (`LimitNOFILE=`) it cannot start again: exit status 202.
    package var descriptorStoreSize: Int? {
        guard variable("SYSTEMD_EXEC_PID") == "\(processID)" || holder != nil,
            let size = variable("FDSTORE").flatMap({ Int($0) }),
            size > 0
        else { return nil }
        guard let soft = (try? limit(.openFiles))?.soft else { return size }
        // Beside those that it passes it needs some.
        return max(min(size, Int(clamping: soft) - 64), 0)
    }
}
