import Kernel
import SourceText

/// What a poller watches, kept in the machine's state.
struct VirtualPollerState {
    var descriptors: [Int32: (token: UInt64, interest: Interest)] = [:]
    var exits: [Int32: UInt64] = [:]
    var signals: Set<Signal> = []
    var pendingSignals: Set<Signal> = []
    var isWoken = false
    /// Its thread sleeps in `wait`.
    var isWaiting = false

    /// Everything there is to tell now, in a fixed order.
    func readyEvents(in state: VirtualState) -> [PollEvent] {
        var events: [PollEvent] = isWoken ? [.woken] : []
        events += pendingSignals.sorted { $0.number < $1.number }.map { .signal($0) }
        for (pid, token) in exits.sorted(by: { $0.key < $1.key }) where state.processes[pid]?.termination != nil {
            events.append(.exited(token: token))
        }
        for (number, watch) in descriptors.sorted(by: { $0.key < $1.key }) {
            guard let descriptor = state.descriptors[number] else { continue }
            let (ready, hangUp) = state.readiness(of: descriptor)
            let wanted = ready.intersection(watch.interest)
            if !wanted.isEmpty || hangUp { events.append(.ready(token: watch.token, wanted, hangUp: hangUp)) }
        }
        return events
    }
}

extension VirtualState {
    fileprivate func readiness(of descriptor: VirtualDescriptor) -> (Interest, hangUp: Bool) {
        var ready: Interest = []
        var hangUp = false
        if let pipe = descriptor.incoming.flatMap({ pipes[$0] }) {
            if !pipe.bytes.isEmpty { ready.insert(.readable) }
            if pipe.writers == 0 { hangUp = true }
        }
        if let pipe = descriptor.outgoing.flatMap({ pipes[$0] }) {
            if pipe.bytes.count < pipe.capacity { ready.insert(.writable) }
            if pipe.readers == 0 { hangUp = true }
        }
        if case .listener(let address) = descriptor.kind, listeners[address]?.isEmpty == false {
            ready.insert(.readable)
        }
        return (ready, hangUp)
    }
}

/// A poller of a virtual machine. It sleeps at the machine's gate until the test brings something about.
final class VirtualPoller: Poller {
    private let kernel: VirtualKernel
    private let id: Int

    init(_ kernel: VirtualKernel, id: Int) {
        self.kernel = kernel
        self.id = id
    }

    func add(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError) {
        try kernel.call("epoll_ctl", "\(descriptor)") { state throws(SystemError) in
            guard let open = state.descriptors[descriptor.number] else {
                throw SystemError("epoll_ctl", .badDescriptor, path: "\(descriptor)")
            }
            if case .file = open.kind { throw SystemError("epoll_ctl", .notPermitted, path: "\(descriptor)") }
            if state.pollers[id]?.descriptors[descriptor.number] != nil {
                throw SystemError("epoll_ctl", .exists, path: "\(descriptor)")
            }
            state.pollers[id]?.descriptors[descriptor.number] = (token, interest)
        }
    }

    func modify(_ descriptor: Descriptor, token: UInt64, _ interest: Interest) throws(SystemError) {
        try kernel.call("epoll_ctl", "\(descriptor)") { state throws(SystemError) in
            guard state.pollers[id]?.descriptors[descriptor.number] != nil else {
                throw SystemError("epoll_ctl", .noEntry, path: "\(descriptor)")
            }
            state.pollers[id]?.descriptors[descriptor.number] = (token, interest)
        }
    }

    func remove(_ descriptor: Descriptor) {
        kernel.locked { $0.pollers[id]?.descriptors[descriptor.number] = nil }
    }

    func watchExit(of process: SpawnedProcess, token: UInt64) throws(SystemError) {
        try kernel.call("epoll_ctl", "pid \(process.pid)") { $0.pollers[id]?.exits[process.pid] = token }
    }

    func unwatchExit(of process: SpawnedProcess) {
        kernel.locked { $0.pollers[id]?.exits[process.pid] = nil }
    }

    func watchSignals(_ signals: [Signal]) throws(SystemError) {
        try kernel.call("signalfd") { $0.pollers[id]?.signals = Set(signals) }
    }

    func wake() { kernel.locked { $0.pollers[id]?.isWoken = true } }

    func wait(until deadline: Int64?, into events: inout [PollEvent]) throws(SystemError) {
        events.removeAll(keepingCapacity: true)
        kernel.gate.lock()
        defer { kernel.gate.unlock() }
        while true {
            kernel.parkIfDead()
            let found = kernel.withState { state -> [PollEvent]? in
                let ready = state.pollers[id]?.readyEvents(in: state) ?? [.woken]
                let isDue = deadline.map { $0 <= state.clock.monotonic } ?? false
                guard !ready.isEmpty || isDue else {
                    state.pollers[id]?.isWaiting = true
                    return nil
                }
                state.pollers[id]?.isWaiting = false
                state.pollers[id]?.isWoken = false
                state.pollers[id]?.pendingSignals = []
                return ready
            }
            if let found {
                events = found
                return
            }
            kernel.gate.wait()
        }
    }

    func close() { kernel.locked { _ = $0.pollers.removeValue(forKey: id) } }
}
