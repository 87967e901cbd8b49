import Kernel
import SourceText

extension SystemCalls {
    /// Writes to standard error. Without `waits` whoever does not read that is waited for a moment only: neither a holder
    /// nor a daemon that comes back may hang by a reader that has stopped.
    func tellStandardError(_ text: String, waits: Bool) {
        let bytes = Array(text.utf8)
        if waits {
            try? writeAll(.standardError, bytes)
            return
        }
        let isWritten = Monitor(false)
        let failure = HostThread.start(stackBytes: 1 << 18) { [self] in
            try? writeAll(.standardError, bytes)
            isWritten.withLock { $0 = true }
        }
        let end = now().monotonic + 100_000_000
        while failure == nil, !isWritten.withLock({ $0 }), now().monotonic < end { sleep(nanoseconds: 1_000_000) }
    }
}
