import Kernel
import SourceText
import Supervision

/// What a service manager kept for us of the daemon before us (sd_listen_fds(3)).
struct Survivors: Sendable {
    /// Ascending by number.
    var runs: [Survivor] = []
    /// Of FastCGI groups, by name.
    var sockets: [String: Descriptor] = [:]
    /// Output that was on its way into logs, in the order of its ferries: of more than one when the daemon before us was
    /// killed soon.
    var cargoes: [Cargo] = []
    /// Everything that was kept, with how many descriptors.
    var names: [StoreName: Int] = [:]
    /// Whether there was a daemon before us, as far as we are told.
    var followsDaemon = false

    /// Logs of theirs whose names the daemon before us chose.
    var logs: Set<String> { Set(runs.flatMap { [$0.record.logs?.output, $0.record.logs?.error].compactMap(\.self) }) }

    /// The last run of which something was kept.
    var lastRun: RunID? {
        names.keys.compactMap { name -> RunID? in if case .run(let run) = name { run } else { nil } }.max()
    }

    /// The number of the next ferry.
    var nextFerry: UInt64 {
        let numbers = names.keys.map { name -> UInt64 in if case .ferry(let number) = name { number } else { 0 } }
        return (numbers.max() ?? 0) + 1
    }

    /// Takes what was passed to us, out of our environment too; what bears a name that is none of ours stays where it is.
    /// To be called before anything else opens descriptors.
    static func take<K: SystemCalls>(_ kernel: K) -> Survivors {
        guard kernel.variable("LISTEN_PID") == "\(kernel.processID)" || kernel.holder != nil,
            let count = kernel.variable("LISTEN_FDS").flatMap({ Int32($0) })
        else { return Survivors() }
        let texts = (kernel.variable("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
        for variable in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"] {
            kernel.forgetVariable(variable)
        }
        var passed: [StoreName: [Descriptor]] = [:]
        for (number, text) in zip(3..<3 + min(max(count, 0), 1 << 20), texts) {
            guard let name = StoreName(text) else { continue }
            let descriptor = Descriptor(number: number)
            try? kernel.setInherited(descriptor, false)
            passed[name, default: []].append(descriptor)
        }
        return Survivors(passed, kernel)
    }

    init() {}

    private init<K: SystemCalls>(_ passed: [StoreName: [Descriptor]], _ kernel: K) {
        followsDaemon = true
        for (name, descriptors) in passed {
            names[name] = descriptors.count
            switch name {
            case .socket(let group):
                sockets[group] = descriptors.first
                for other in descriptors.dropFirst() { kernel.close(other) }
            case .ferry(let number):
                if let cargo = Cargo(number, descriptors, kernel) { cargoes.append(cargo) }
            case .run(let run):
                if let survivor = Survivor(run, descriptors, kernel) { runs.append(survivor) }
            }
        }
        runs.sort { $0.record.run < $1.record.run }
        cargoes.sort { $0.number < $1.number }
    }
}

/// A run of the daemon before us: its process, or what that has left in its pipes.
struct Survivor: Sendable {
    var record: StoredRun
    /// Our ends.
    var pipes: [StandardStream: Descriptor] = [:]
    /// `nil`: the daemon before us ended before it knew of a process.
    var process: SpawnedProcess?

    /// The most bytes of a record.
    private static let limit = 1 << 20

    /// Tells the descriptors apart; closes them where that cannot be.
    init?<K: SystemCalls>(_ run: RunID, _ descriptors: [Descriptor], _ kernel: K) {
        var found: [(descriptor: Descriptor, status: FileStatus)] = []
        for descriptor in descriptors {
            if let status = try? kernel.status(of: descriptor) { found.append((descriptor, status)) }
        }
        let files = found.filter { $0.status.kind == .regular }
        let record = files.lazy.compactMap { Self.record($0.descriptor, kernel) }.first { $0.run == run }
        for file in files { kernel.close(file.descriptor) }
        found.removeAll { $0.status.kind == .regular }
        guard let record else {
            for other in found { kernel.close(other.descriptor) }
            return nil
        }
        self.record = record
        for other in found {
            if let pipe = record.pipes.first(where: { $0.identity == other.status.identity && pipes[$0.stream] == nil })
            {
                pipes[pipe.stream] = other.descriptor
            } else if other.status.kind != .fifo, process == nil, let birth = record.birth {
                process = kernel.adopt(birth.pid, handle: other.descriptor)
            } else {
                kernel.close(other.descriptor)
            }
        }
    }

    private static func record(_ descriptor: Descriptor, _ kernel: some SystemCalls) -> StoredRun? {
        guard let bytes = try? kernel.readWhole(descriptor, limit: limit) else { return nil }
        return try? StoredRun(decoding: bytes)
    }
}
