import Kernel
import SourceText

/// A log that is one of our own descriptors: `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`.
///
/// Whoever started us shares it, so its flags and its position stay what they are: it is neither made non-blocking nor
/// opened anew. A thread of its own does the writing where a reader may stop to read (pipe, socket, terminal): a stopped
/// terminal holds up nobody else. Nothing is rotated.
final class InheritedLog<K: SystemCalls>: Sendable {
    /// Bytes that wait before `isFull` asks the sources to pause.
    static var softLimit: Int { 1 << 20 }
    /// Bytes that wait before further ones are lost: what programs leave behind that end while nobody reads.
    static var hardLimit: Int { 8 << 20 }
    private static var piece: Int { 65_536 }

    private struct State {
        var waiting: [UInt8] = []
        /// Bytes that the thread has taken and not yet written.
        var inHand = 0
        var hasThread = false
        /// Somebody was told that it is full.
        var owesNotice = false
        var complaints = LogComplaints()

        var backlog: Int { waiting.count + inHand }
    }

    private let kernel: K
    private let descriptor: Descriptor
    /// Its reader may stop to read; what may not is written at once, by the caller.
    private let mayStop: Bool
    /// `nil`: there are no threads yet.
    private let roomAgain: (@Sendable () -> Void)?
    private let state = Monitor(State())

    /// `roomAgain` is called, on another thread, when a log that was full takes bytes again; without it, what is appended
    /// waits for `takeWaiting` or `flush`.
    init(_ descriptor: Descriptor, _ kernel: K, roomAgain: (@Sendable () -> Void)? = nil) {
        self.kernel = kernel
        self.descriptor = descriptor
        let kind = try? kernel.status(of: descriptor).kind
        mayStop =
            switch kind {
            case .fifo, .socket: true
            case .characterDevice: kernel.isTerminal(descriptor)
            default: false
            }
        self.roomAgain = roomAgain
    }

    /// Whether sources that can pause should: the backlog is as long as it may be.
    var isFull: Bool {
        state.withLock { state in
            guard state.backlog >= Self.softLimit else { return false }
            state.owesNotice = true
            return true
        }
    }

    /// Appends bytes; never blocks where the reader may stop.
    func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        guard mayStop else { return write(bytes) }
        let startsThread = state.withLock { state in
            guard state.backlog + bytes.count <= Self.hardLimit else {
                state.complaints.lost(bytes.count, SystemError("write", .again))
                return false
            }
            state.waiting += bytes
            guard roomAgain != nil else { return false }
            defer { state.hasThread = true }
            return !state.hasThread
        }
        state.callAll()
        if startsThread, HostThread.start(stackBytes: 1 << 18, { [self] in work() }) != nil {
            state.withLock { $0.hasThread = false }
        }
    }

    /// What was appended before there were threads, for the writer that has one.
    func takeWaiting() -> [UInt8] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Writes it where there will be no threads. Blocks.
    func flush() { takeWaiting().withUnsafeBytes { write($0) } }

    var isWritten: Bool { state.withLock { $0.backlog == 0 } }

    func takeComplaints() -> [LogComplaint] { state.withLock { $0.complaints.take() } }

    /// Waits until everything is written, at most until `deadline` on the monotonic clock. Blocks.
    func finish(until deadline: Int64) {
        while state.withLock({ $0.backlog > 0 }), kernel.now().monotonic < deadline {
            kernel.sleep(nanoseconds: 1_000_000)
        }
    }

    private func work() {
        while true {
            let batch = state.sleep { state -> [UInt8]? in
                guard !state.waiting.isEmpty else { return nil }
                defer {
                    state.inHand = state.waiting.count
                    state.waiting = []
                }
                return state.waiting
            }
            batch.withUnsafeBytes { bytes in
                var rest = bytes
                while !rest.isEmpty {
                    let count = min(rest.count, Self.piece)
                    write(UnsafeRawBufferPointer(rebasing: rest[..<count]))
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                    if wrote(count) { roomAgain?() }
                }
            }
        }
    }

    /// Takes note of written bytes; whether those who paused are to go on.
    private func wrote(_ count: Int) -> Bool {
        state.withLock { state in
            state.inHand -= count
            guard state.owesNotice, state.backlog < Self.softLimit / 2 else { return false }
            state.owesNotice = false
            return true
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let result = Result { () throws(SystemError) in try kernel.write(descriptor, rest) }
            switch result {
            case .success(let count):
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                state.withLock { $0.complaints.written() }
            case .failure(let error) where error.number == .again && awaitRoom():
                continue
            case .failure(let error):
                state.withLock { $0.complaints.lost(rest.count, error) }
                return
            }
        }
    }

    /// Somebody else made the descriptor non-blocking, which is theirs to decide. `false` when it cannot be watched.
    private func awaitRoom() -> Bool {
        guard let poller = try? kernel.makePoller() else { return false }
        defer { poller.close() }
        var events: [PollEvent] = []
        return (try? poller.add(descriptor, token: 0, .writable)) != nil
            && (try? poller.wait(until: nil, into: &events)) != nil
    }
}

/// The inherited descriptors in use as logs, each with one writer, whoever writes there.
final class InheritedLogs<K: SystemCalls>: Sendable {
    private let kernel: K
    private let roomAgain: @Sendable () -> Void
    private let logs = Monitor<[Int32: InheritedLog<K>]>([:])

    init(_ kernel: K, roomAgain: @escaping @Sendable () -> Void) {
        self.kernel = kernel
        self.roomAgain = roomAgain
    }

    /// The one writer, in the place of one from before there were threads.
    func log(_ descriptor: Descriptor, instead early: InheritedLog<K>) -> InheritedLog<K> {
        let log = log(descriptor)
        if log !== early { early.takeWaiting().withUnsafeBytes { log.append($0) } }
        return log
    }

    func log(_ descriptor: Descriptor) -> InheritedLog<K> {
        logs.withLock { logs in
            if let known = logs[descriptor.number] { return known }
            let fresh = InheritedLog(descriptor, kernel, roomAgain: roomAgain)
            logs[descriptor.number] = fresh
            return fresh
        }
    }

    /// Whether nothing waits in any of them.
    var isWritten: Bool { logs.withLock { $0.values.allSatisfy(\.isWritten) } }

    /// Waits for all of them.
    func finish(until deadline: Int64) {
        for log in logs.withLock({ Array($0.values) }) { log.finish(until: deadline) }
    }
}
