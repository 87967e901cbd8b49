#if !canImport(Darwin)
import CPlatform
import SourceText
import Synchronization

extension HostKernel {
    package func makePoller() throws(SystemError) -> any Poller { try EpollPoller() }
}

/// epoll(7), with an eventfd for waking and a signalfd.
final class EpollPoller: Poller {
    /// What an epoll entry stands for; the two highest bits of its token. Callers' tokens are below 2^62.
    private enum Kind: UInt64 {
        case descriptor = 0
        case process = 1
        case wake = 2
        case signals = 3

        func tag(_ token: UInt64) -> UInt64 { token & (1 << 62 - 1) | rawValue << 62 }
    }

    private struct State {
        var signals: Int32 = -1
        /// Children without a process handle: their end is looked for when SIGCHLD comes.
        var handleless: [Int32: UInt64] = [:]
        /// A child without a handle was added; it may have ended before.
        var mustLook = false
    }

    private let epoll: Int32
    private let wakeUp: Int32
    private let state = Mutex(State())

    init() throws(SystemError) {
        epoll = try retrying("epoll_create") { svi_epoll_create() }
        let epoll = epoll
        do throws(SystemError) {
            wakeUp = try retrying("eventfd") { svi_eventfd() }
        } catch {
            _ = CPlatform.close(epoll)
            throw error
        }
        // Edge-triggered: every write is reported once and nobody needs to read the counter.
        let wakeUp = wakeUp
        _ = try retrying("epoll_ctl") {
            svi_epoll_add(epoll, wakeUp, SVI_READABLE | SVI_EDGE, Kind.wake.tag(0))
        }
    }

    func add(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError) {
        _ = try retrying("epoll_ctl", "\(descriptor)") {
            svi_epoll_add(epoll, descriptor.number, interest.flags, Kind.descriptor.tag(token))
        }
    }

    func modify(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError) {
        _ = try retrying("epoll_ctl", "\(descriptor)") {
            svi_epoll_modify(epoll, descriptor.number, interest.flags, Kind.descriptor.tag(token))
        }
    }

    func remove(_ descriptor: Descriptor) { _ = svi_epoll_remove(epoll, descriptor.number) }

    func watchExit(of process: SpawnedProcess, token: UInt64) throws(SystemError) {
        if let handle = process.handle {
            // How an adopted one has ended is known when its parent has reaped it: then the handle hangs up.
            let flags = process.isAdopted && svi_handles_tell_exits() != 0 ? 0 : SVI_READABLE
            _ = try retrying("epoll_ctl", "pid \(process.pid)") {
                svi_epoll_add(epoll, handle.number, flags, Kind.process.tag(token))
            }
        } else {
            state.withLock {
                $0.handleless[process.pid] = token
                $0.mustLook = true
            }
            wake()
        }
    }

    func unwatchExit(of process: SpawnedProcess) {
        if let handle = process.handle {
            _ = svi_epoll_remove(epoll, handle.number)
        } else {
            state.withLock { _ = $0.handleless.removeValue(forKey: process.pid) }
        }
    }

    func watchSignals(_ signals: [Signal]) throws(SystemError) {
        let numbers = signals.map(\.number)
        let old = state.withLock { $0.signals }
        let new = try retrying("signalfd") { svi_signalfd(old, numbers, Int32(numbers.count)) }
        guard old < 0 else { return }
        state.withLock { $0.signals = new }
        _ = try retrying("epoll_ctl") {
            svi_epoll_add(epoll, new, SVI_READABLE, Kind.signals.tag(0))
        }
    }

    func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
    }

    func wait(until deadline: Int64?, into events: inout [PollEvent]) throws(SystemError) {
        events.removeAll(keepingCapacity: true)
        var found: [PollEvent] = []
        swap(&found, &events)
        defer { swap(&found, &events) }
        let capacity = 256
        let count = try withUnsafeTemporaryAllocation(of: svi_event.self, capacity: capacity) { buffer in
            Result { () throws(SystemError) in
                // The time left is counted anew after an interruption.
                let count = try retrying("epoll_wait") { () -> Int32 in
                    let rest = deadline.map { max(0, $0 - svi_monotonic_clock()) } ?? -1
                    return svi_epoll_wait(epoll, buffer.baseAddress, Int32(capacity), rest)
                }
                for event in buffer[..<Int(count)] { translate(event, into: &found) }
                return Int(count)
            }
        }.get()
        if count > 0 { lookForHandleless(&found) }
    }

    private func translate(_ event: svi_event, into found: inout [PollEvent]) {
        let token = event.token & (1 << 62 - 1)
        switch Kind(rawValue: event.token >> 62) {
        case .descriptor:
            let hangUp = event.flags & (SVI_HANG_UP | SVI_ERROR) != 0
            found.append(.ready(token: token, Interest(flags: event.flags), hangUp: hangUp))
        case .process: found.append(.exited(token: token))
        case .wake, nil: found.append(.woken)
        case .signals: readSignals(into: &found)
        }
    }

    private func readSignals(into found: inout [PollEvent]) {
        let descriptor = state.withLock { $0.signals }
        var numbers = [Int32](repeating: 0, count: 16)
        while true {
            let count = Int(svi_signalfd_read(descriptor, &numbers, 16))
            guard count > 0 else { return }
            for number in numbers[..<count] { found.append(.signal(Signal(number: number))) }
        }
    }

    private func lookForHandleless(_ found: inout [PollEvent]) {
        let childSignal = found.contains(.signal(.child))
        let candidates = state.withLock { state -> [Int32: UInt64] in
            guard !state.handleless.isEmpty, childSignal || state.mustLook else { return [:] }
            state.mustLook = false
            return state.handleless
        }
        for (pid, token) in candidates {
            if case .stillRunning = waitOutcome(of: pid, keep: true) { continue }
            found.append(.exited(token: token))
        }
    }

    func close() {
        _ = CPlatform.close(epoll)
        _ = CPlatform.close(wakeUp)
        let signals = state.withLock { state in
            defer { state.signals = -1 }
            return state.signals
        }
        if signals >= 0 { _ = CPlatform.close(signals) }
    }
}

extension Interest {
    fileprivate var flags: UInt32 {
        (contains(.readable) ? SVI_READABLE : 0)
            | (contains(.writable) ? SVI_WRITABLE : 0)
    }

    fileprivate init(flags: UInt32) {
        self = []
        if flags & SVI_READABLE != 0 { insert(.readable) }
        if flags & SVI_WRITABLE != 0 { insert(.writable) }
    }
}
#endif
