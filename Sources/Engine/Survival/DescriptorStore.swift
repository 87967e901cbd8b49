import Kernel
import SourceText
import Supervision

/// What a service manager keeps for us, for a daemon after us should we be killed: of each run the pipes, before its
/// process exists, and the process's handle, right after (sd_notify(3), `FDSTORE=1`).
///
/// With `FDPOLL=0`, or systemd would let go of a pipe whose program has ended, with what is in it, and of the handle that
/// tells how it ended. Lives on worker threads: sending blocks, for a second at most.
final class DescriptorStore<K: SystemCalls>: Sendable {
    private let kernel: K
    private let address: String
    /// How many descriptors the service manager keeps and can pass on.
    let size: Int
    /// How many bytes their names may take at the next start; `LISTEN_FDNAMES` holds 131,071 with its own name.
    private static var nameBytes: Int { 120_000 }

    /// The most that a run needs: three pipes, its record, its handle.
    static var descriptorsOfRun: Int { 5 }

    private struct State {
        /// Descriptors by name.
        var kept: [StoreName: Int] = [:]
        var descriptors = 0
        var nameBytes = 0
        /// To be let go of, in that order.
        var leaving: [StoreName] = []
    }

    private let state = Monitor(State())
    /// Held while something is sent: what is let go of goes before what is kept next.
    private let turn = Monitor(())

    /// `nil` where there is no service manager that keeps anything for us.
    /// `size`: what `descriptorStoreSize` was when the daemon was started.
    init?(_ kernel: K, size: Int?) {
        guard let size, let address = kernel.notifySocket else { return nil }
        self.kernel = kernel
        self.address = address
        self.size = size
    }

    /// The runs of which something is kept.
    var keptRuns: [RunID] {
        let names = state.withLock { Array($0.kept.keys) + $0.leaving }
        return Set(names.compactMap { name -> RunID? in if case .run(let run) = name { run } else { nil } }).sorted()
    }

    func isKept(_ name: StoreName) -> Bool { state.withLock { $0.kept[name] != nil } }

    /// Counts what the daemon, or the program, before us had kept.
    func resume(_ name: StoreName, descriptors: Int) { _ = reserve(name, descriptors, however: true) }

    // MARK: A run

    /// Keeps a run's pipes; to be called before its process exists. Its record, for `born`; `nil` when it is not kept and
    /// so will not survive us.
    func keep(_ run: StoredRun, _ pipes: [Descriptor]) -> Descriptor? {
        let name = StoreName.run(run.run)
        // With its record and its handle.
        guard reserve(name, pipes.count + 2) else { return nil }
        do throws(SystemError) {
            let record = try kernel.openMemory()
            do throws(SystemError) {
                try kernel.writeAll(record, run.encoded())
                try send(name, [record] + pipes)
                return record
            } catch {
                kernel.close(record)
                throw error
            }
        } catch {
            forget(name)
            return nil
        }
    }

    /// The process exists. Closes the record.
    func born(_ run: RunID, _ process: SpawnedProcess, record: Descriptor) {
        defer { kernel.close(record) }
        let birth = StoredRun.Birth(pid: process.pid, instant: kernel.now())
        // First: who finds the handle knows whose it is.
        guard (try? kernel.writeAll(record, birth.encoded())) != nil, let handle = process.handle else { return }
        try? send(.run(run), [handle])
    }

    /// Keeps descriptors that are not a run's; whether they are kept.
    func keep(_ descriptors: [Descriptor], as name: StoreName) -> Bool {
        if isKept(name) { return true }
        guard reserve(name, descriptors.count) else { return false }
        if (try? send(name, descriptors)) != nil { return true }
        forget(name)
        return false
    }

    // MARK: Letting go

    /// What is kept under that name is no longer needed. Does not block; `flush` tells the service manager.
    func forget(_ name: StoreName) {
        state.withLock { state in
            guard let count = state.kept.removeValue(forKey: name) else { return }
            state.descriptors -= count
            state.nameBytes -= Self.bytes(of: name, count)
            state.leaving.append(name)
        }
    }

    func forgetAll() {
        for name in state.withLock({ Array($0.kept.keys) }) { forget(name) }
    }

    /// Tells the service manager what is not needed any more.
    func flush() { turn.withLock { _ in sendLeaving() } }

    private func sendLeaving() {
        let names = state.withLock { state in
            defer { state.leaving = [] }
            return state.leaving
        }
        for name in names {
            guard let text = name.text else { continue }
            let bytes = Array("FDSTOREREMOVE=1\nFDNAME=\(text)".utf8)
            // Who does not listen is not waited for once for each.
            guard (try? kernel.sendDatagram(bytes, to: address, passing: [])) != nil else { return }
        }
    }

    private func send(_ name: StoreName, _ descriptors: [Descriptor]) throws(SystemError) {
        guard let text = name.text else { throw SystemError("sendmsg", .invalid) }
        let bytes = Array("FDSTORE=1\nFDNAME=\(text)\nFDPOLL=0".utf8)
        let result = turn.withLock { _ in
            Result { () throws(SystemError) in
                sendLeaving()
                try kernel.sendDatagram(bytes, to: address, passing: descriptors)
            }
        }
        try result.get()
    }

    // MARK: Room

    private static func bytes(of name: StoreName, _ count: Int) -> Int {
        count * ((name.text?.utf8.count ?? 0) + 1)
    }

    /// `however`: it is kept already.
    private func reserve(_ name: StoreName, _ count: Int, however: Bool = false) -> Bool {
        guard name.text != nil else { return false }
        let bytes = Self.bytes(of: name, count)
        return state.withLock { state in
            guard state.kept[name] == nil else { return false }
            guard however || state.descriptors + count <= size && state.nameBytes + bytes <= Self.nameBytes else {
                return false
            }
            state.kept[name] = count
            state.descriptors += count
            state.nameBytes += bytes
            return true
        }
    }
}
