#if canImport(Darwin)
import CPlatform
import SourceText

extension HostKernel {
    package func makePoller() throws(SystemError) -> any Poller { try KqueuePoller() }
}

/// kqueue(2): descriptors, signals, the ends of processes and waking in one queue.
final class KqueuePoller: Poller {
    /// The ident of the EVFILT_USER event that wakes the waiter.
    private static let wakeIdent: UInt = 0

    private let queue: Int32

    init() throws(SystemError) {
        queue = try retrying("kqueue") { kqueue() }
        // A kqueue is not inherited by children, so there is no close-on-exec to set.
        try change(ident: Self.wakeIdent, filter: EVFILT_USER, flags: EV_ADD | EV_CLEAR)
    }

    func add(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError) {
        try modify(descriptor, token: token, interest)
    }

    /// Both filters always exist, so that a hang-up is heard without interest; the unwanted ones are disabled.
    func modify(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError) {
        let ident = UInt(descriptor.number)
        let reading = EV_ADD | (interest.contains(.readable) ? EV_ENABLE : EV_DISABLE)
        try change(ident: ident, filter: EVFILT_READ, flags: reading, token: token)
        let writing = EV_ADD | (interest.contains(.writable) ? EV_ENABLE : EV_DISABLE)
        do throws(SystemError) {
            try change(ident: ident, filter: EVFILT_WRITE, flags: writing, token: token)
        } catch  where !interest.contains(.writable) {
            // The reading end of a pipe has no writing side to watch.
        }
    }

    func remove(_ descriptor: Descriptor) {
        for filter in [EVFILT_READ, EVFILT_WRITE] {
            do throws(SystemError) {
                try change(ident: UInt(descriptor.number), filter: filter, flags: EV_DELETE)
            } catch { continue }
        }
    }

    func watchExit(of process: SpawnedProcess, token: UInt64) throws(SystemError) {
        do throws(SystemError) {
            try change(
                ident: UInt(process.pid), filter: EVFILT_PROC, flags: EV_ADD, filterFlags: UInt32(NOTE_EXIT),
                token: token)
        } catch  where error.number == .noProcess {
            // It ended before it was watched. A user event of the same number says so at the next wait.
            let ident = UInt(process.pid)
            try change(ident: ident, filter: EVFILT_USER, flags: EV_ADD | EV_ONESHOT, token: token)
            try change(ident: ident, filter: EVFILT_USER, flags: 0, filterFlags: UInt32(NOTE_TRIGGER), token: token)
        }
    }

    func unwatchExit(of process: SpawnedProcess) {
        for filter in [EVFILT_PROC, EVFILT_USER] {
            do throws(SystemError) {
                try change(ident: UInt(process.pid), filter: filter, flags: EV_DELETE)
            } catch { continue }
        }
    }

    func watchSignals(_ signals: [Signal]) throws(SystemError) {
        for (_, number) in Signal.table where !signals.contains(Signal(number: number)) {
            do throws(SystemError) {
                try change(ident: UInt(number), filter: EVFILT_SIGNAL, flags: EV_DELETE)
            } catch { continue }
        }
        for signal in signals {
            try change(ident: UInt(signal.number), filter: EVFILT_SIGNAL, flags: EV_ADD)
        }
    }

    func wake() {
        do throws(SystemError) {
            try change(ident: Self.wakeIdent, filter: EVFILT_USER, flags: 0, filterFlags: UInt32(NOTE_TRIGGER))
        } catch { return }
    }

    func wait(until deadline: Int64?, into events: inout [PollEvent]) throws(SystemError) {
        events.removeAll(keepingCapacity: true)
        var found: [PollEvent] = []
        swap(&found, &events)
        defer { swap(&found, &events) }
        let capacity = 256
        try withUnsafeTemporaryAllocation(of: kevent.self, capacity: capacity) { buffer in
            Result { () throws(SystemError) in
                let count = try retrying("kevent") { () -> Int32 in
                    guard let deadline else {
                        return kevent(queue, nil, 0, buffer.baseAddress, Int32(capacity), nil)
                    }
                    let rest = max(0, deadline - svi_monotonic_clock())
                    var timeout = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
                    return kevent(queue, nil, 0, buffer.baseAddress, Int32(capacity), &timeout)
                }
                for event in buffer[..<Int(count)] { found.append(translate(event)) }
            }
        }.get()
    }

    private func translate(_ event: kevent) -> PollEvent {
        let token = UInt64(UInt(bitPattern: event.udata))
        let hangUp = Int32(event.flags) & EV_EOF != 0
        switch Int32(event.filter) {
        case EVFILT_READ: return .ready(token: token, .readable, hangUp: hangUp)
        case EVFILT_WRITE: return .ready(token: token, .writable, hangUp: hangUp)
        case EVFILT_PROC: return .exited(token: token)
        case EVFILT_SIGNAL: return .signal(Signal(number: Int32(truncatingIfNeeded: event.ident)))
        case EVFILT_USER where event.ident != Self.wakeIdent: return .exited(token: token)
        default: return .woken
        }
    }

    private func change(
        ident: UInt, filter: Int32, flags: Int32, filterFlags: UInt32 = 0, token: UInt64 = 0
    ) throws(SystemError) {
        var event = kevent(
            ident: ident, filter: Int16(filter), flags: UInt16(flags), fflags: filterFlags, data: 0,
            udata: UnsafeMutableRawPointer(bitPattern: UInt(token)))
        _ = try retrying("kevent") { kevent(queue, &event, 1, nil, 0, nil) }
    }

    func close() { _ = CPlatform.close(queue) }
}
#endif
