import Kernel
import SourceText

/// The terminal, key by key. As long as one exists, signals that would end or stop the program are noticed instead, so
/// that the terminal is never left in our mode.
final class RawKeyboard {
    enum Input {
        case key(UInt8)
        case interrupted
        /// The program was stopped and goes on; the screen may show anything.
        case resumed
        case end
    }

    private let kernel: any SystemCalls
    private let mode: TerminalMode
    private let poller: any Poller
    private var events: [PollEvent] = []

    private static let watched = OwnSignals.ending + [OwnSignals.stop, OwnSignals.goOn].compactMap(\.self)

    /// `nil` when standard input is no terminal.
    init?(_ kernel: any SystemCalls) {
        guard let mode = TerminalMode(), let poller = try? kernel.makePoller() else { return nil }
        do throws(SystemError) {
            try kernel.blockSignals(Self.watched)
            try poller.watchSignals(Self.watched)
            try poller.add(.standardInput, token: 0, .readable)
        } catch {
            poller.close()
            OwnSignals.unblock(Self.watched)
            return nil
        }
        self.kernel = kernel
        self.mode = mode
        self.poller = poller
        mode.raw().apply()
    }

    /// Gives the terminal back.
    func close() {
        TerminalMode.restore()
        poller.close()
        OwnSignals.unblock(Self.watched)
    }

    /// Waits for what comes next.
    func next() -> Input {
        while true {
            if events.isEmpty {
                do throws(SystemError) { try poller.wait(until: nil, into: &events) } catch { return .end }
            }
            guard !events.isEmpty else { continue }
            switch events.removeFirst() {
            case .signal(.interrupt): return .interrupted
            case .signal(let signal):
                if let input = take(signal) { return input }
            case .ready: return read()
            case .exited, .woken: break
            }
        }
    }

    private func take(_ signal: Signal) -> Input? {
        if signal == OwnSignals.stop {
            // Here the program stands still until somebody lets it go on.
            OwnSignals.deliver(signal)
            try? kernel.blockSignals([signal])
        } else if signal != OwnSignals.goOn {
            OwnSignals.deliver(signal)
            return .end
        }
        // Stopped by a signal that nobody can notice, the terminal may have changed hands meanwhile.
        mode.raw().apply()
        return signal == OwnSignals.goOn ? .resumed : nil
    }

    /// One byte and no more: what is behind it may be meant for a program in the foreground.
    private func read() -> Input {
        var byte: UInt8 = 0
        let result = withUnsafeMutableBytes(of: &byte) { bytes in
            Result { () throws(SystemError) in try kernel.read(.standardInput, into: bytes) }
        }
        guard case .success(let count) = result, count > 0 else { return .end }
        return .key(byte)
    }
}
