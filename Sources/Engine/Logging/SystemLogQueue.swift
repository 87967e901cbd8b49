import Kernel
import SourceText

/// Lines on their way to syslog. A collector that hangs or is not there holds up a thread of this queue and nobody
/// else; what it does not take is dropped, counted and told in the daemon's log once.
final class SystemLogQueue<K: SystemCalls>: Sendable {
    /// Bytes and lines that may wait.
    static var byteLimit: Int { 4 << 20 }
    static var lineLimit: Int { 20_000 }

    private struct Line: Sendable {
        var text: [UInt8]
        var wall: Int64
    }

    private struct State {
        var waiting: [Line] = []
        var bytes = 0
        /// Lines of the batch that the thread has taken and not yet sent.
        var inHand = 0
        /// Lines that were refused since the thread looked last.
        var refused = 0
        var hasThread = false

        var isEmpty: Bool { waiting.isEmpty && inHand == 0 }
    }

    private let kernel: K
    private let state = Monitor(State())
    private let tell: @Sendable (String) -> Void

    /// `tell` is given sentences for the daemon's log, on a thread of the queue's own.
    init(_ kernel: K, tell: @escaping @Sendable (String) -> Void) {
        self.kernel = kernel
        self.tell = tell
    }

    /// Queues a line. Never blocks.
    func send(_ text: [UInt8]) {
        let wall = kernel.now().wall
        let startsThread = state.withLock { state in
            guard state.bytes + text.count <= Self.byteLimit, state.waiting.count < Self.lineLimit else {
                state.refused += 1
                return false
            }
            state.waiting.append(Line(text: text, wall: wall))
            state.bytes += text.count
            defer { state.hasThread = true }
            return !state.hasThread
        }
        state.callAll()
        if startsThread, HostThread.start(stackBytes: 1 << 18, { [self] in work() }) != nil {
            state.withLock { $0.hasThread = false }
        }
    }

    /// Waits until everything is sent, at most until `deadline` on the monotonic clock. Blocks.
    func finish(until deadline: Int64) {
        while !state.withLock({ $0.isEmpty }), kernel.now().monotonic < deadline {
            kernel.sleep(nanoseconds: 1_000_000)
        }
    }

    private func work() {
        var outage = SystemLogOutage()
        while true {
            let (batch, refused) = state.sleep { state -> ([Line], Int)? in
                guard !state.waiting.isEmpty else { return nil }
                defer {
                    state.inHand = state.waiting.count
                    state.waiting = []
                    state.bytes = 0
                    state.refused = 0
                }
                return (state.waiting, state.refused)
            }
            outage.missed(refused)
            for line in batch {
                let result = Result { () throws(SystemError) in
                    try kernel.writeSystemLog(line.text, wall: line.wall)
                }
                if let sentence = outage.saw(result) { tell(sentence) }
                state.withLock { $0.inHand -= 1 }
            }
        }
    }
}

/// What there is to say of a syslog that does not take lines: once when it begins, once when it is over.
struct SystemLogOutage {
    private var lost = 0
    private var isOn = false

    /// Lines that never came to be sent.
    mutating func missed(_ lines: Int) { lost += lines }

    /// Takes note of one line's fate; the sentence to be told, if any.
    mutating func saw(_ result: Result<Void, SystemError>) -> String? {
        switch result {
        case .failure(let error):
            lost += 1
            if isOn { return nil }
            isOn = true
            return "syslog does not take lines, they are dropped until it does: \(error)"
        case .success:
            guard lost > 0 else { return nil }
            defer {
                lost = 0
                isOn = false
            }
            return "syslog takes lines again; \(lost) were dropped"
        }
    }
}
