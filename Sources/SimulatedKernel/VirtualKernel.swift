package import Kernel
package import SourceText

/// A machine that exists only in memory, for tests: clocks that stand still until the test moves them, processes that end
/// when the test says so, files, pipes and sockets enough for a supervisor, calls that fail or freeze on demand.
///
/// Calls are named as in `SystemError.call` (`open`, `write`, `rename`, `spawn`, `getpwnam`, …). For descriptors the path
/// is the one they were opened by.
package final class VirtualKernel: SystemCalls, @unchecked Sendable {
    // Safe to share: `state` is touched between `gate.lock()` and `gate.unlock()` only, by `locked` and the functions
    // it calls.
    private let machine: Machine
    /// The daemon whose calls these are; `nil`: the test's own.
    let life: Int?
    var gate: ThreadGate { machine.gate }
    private var state: VirtualState {
        get { machine.state }
        _modify { yield &machine.state }
    }

    /// What all who use a machine share.
    private final class Machine {
        var state = VirtualState()
        let gate = ThreadGate()

        // Every daemon on the machine holds it.
        deinit { for memory in state.mapped.values { memory.deallocate() } }
    }

    /// A machine with `/`, `/dev/null`, `/tmp`, `/bin`, the user root and its group; the clocks show `instant`.
    package init(
        at instant: Instant = Instant(monotonic: 1_000_000_000, boot: 1_000_000_000, wall: 1_700_000_000_000_000_000)
    ) {
        machine = Machine()
        life = nil
        state.clock = instant
        for directory in ["/", "/dev", "/tmp", "/bin"] {
            _ = state.files.add(directory, VirtualFile(.directory, mode: 0o755))
        }
        _ = state.files.add("/dev/null", VirtualFile(.characterDevice, mode: 0o666))
        state.users = [UserAccount(name: "root", id: 0, group: 0, home: "/root", shell: "/bin/sh")]
        state.groups = [GroupAccount(name: "root", id: 0)]
        for number in Int32(0)...2 { state.descriptors[number] = VirtualDescriptor(.null, path: "/dev/null") }
    }

    private init(_ machine: Machine, life: Int) {
        self.machine = machine
        self.life = life
    }

    /// The same machine for one more daemon. All calls of one that is killed stay where they are, whichever of its
    /// threads makes them and whenever it begins to.
    package func forDaemon() -> VirtualKernel { VirtualKernel(machine, life: locked { $0.death.begin() }) }

    /// Runs `body` with the state to itself, then lets sleepers look whether something changed for them.
    func locked<Result>(_ body: (inout VirtualState) -> Result) -> Result {
        gate.lock()
        parkIfDead()
        defer {
            gate.callAll()
            gate.unlock()
        }
        return body(&state)
    }

    /// The same for a system call: notes it, holds the caller while it is frozen, fails it when it is to fail.
    func call<Result>(
        _ name: String, _ path: String? = nil,
        _ body: (inout VirtualState) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        gate.lock()
        defer {
            gate.callAll()
            gate.unlock()
        }
        if let number = holdThenFail(name, path ?? "") { throw SystemError(name, number, path: path) }
        return try body(&state)
    }

    /// Notes a call and keeps its caller as long as it is frozen; the error it shall end with. The lock is held.
    func holdThenFail(_ name: String, _ subject: String) -> ErrorNumber? {
        parkIfDead()
        if life != nil, let count = state.death.before, count.match.matches(name, subject) {
            if count.times == 1 { state.death.isThere = true }
            state.death.before?.times -= 1
            parkIfDead()
        }
        if let left = state.callsLeft {
            guard left > 0 else { return .inputOutput }
            state.callsLeft = left - 1
        }
        state.calls[name, default: 0] += 1
        if state.freezes.contains(where: { $0.matches(name, subject) }) {
            state.held.append(VirtualMatch(call: name, text: subject))
            gate.callAll()
            while state.freezes.contains(where: { $0.matches(name, subject) }) { gate.wait() }
            if let index = state.held.firstIndex(of: VirtualMatch(call: name, text: subject)) {
                state.held.remove(at: index)
            }
        }
        guard let index = state.faults.firstIndex(where: { $0.match.matches(name, subject) && $0.times > 0 }) else {
            return nil
        }
        state.faults[index].times -= 1
        return state.faults[index].number
    }

    /// For `VirtualPoller.wait`, which sleeps at the gate itself. To be called with the lock held.
    func withState<Result>(_ body: (inout VirtualState) -> Result) -> Result { body(&state) }
}

// MARK: What a test does to the machine

extension VirtualKernel {
    /// Moves all clocks; whoever waits for a deadline that has come wakes.
    package func advance(nanoseconds: Int64) {
        locked { $0.clock = $0.clock.advanced(nanoseconds: nanoseconds) }
    }

    package func advance(milliseconds: Int64) { advance(nanoseconds: milliseconds * 1_000_000) }

    /// Steps the wall clock alone, as an administrator or NTP does.
    package func stepWallClock(nanoseconds: Int64) { locked { $0.clock.wall += nanoseconds } }

    /// Lets the machine sleep: the monotonic clock stands still meanwhile.
    package func suspend(nanoseconds: Int64) {
        locked {
            $0.clock.boot += nanoseconds
            $0.clock.wall += nanoseconds
        }
    }

    /// The next `times` calls of that name whose path (for `spawn`: program, directory or arguments) contains `text`
    /// fail with `number`.
    package func fail(_ call: String, _ number: ErrorNumber, matching text: String = "", times: Int = 1) {
        locked {
            $0.faults.append(VirtualFault(match: VirtualMatch(call: call, text: text), number: number, times: times))
        }
    }

    /// As if the caller were killed after so many more calls: those that follow do nothing and fail, whoever makes them.
    package func kill(afterCalls count: Int) { locked { $0.callsLeft = count } }

    /// The next caller lives again; whether the former was killed.
    package func revive() -> Bool {
        locked { state in
            defer { state.callsLeft = nil }
            return state.callsLeft == 0
        }
    }

    /// Takes back every `fail`.
    package func clearFaults() { locked { $0.faults = [] } }

    /// From now on such calls block their callers, until `thaw`.
    package func freeze(_ call: String, matching text: String = "") {
        locked { $0.freezes.append(VirtualMatch(call: call, text: text)) }
    }

    package func thaw(_ call: String, matching text: String = "") {
        locked { $0.freezes.removeAll { $0 == VirtualMatch(call: call, text: text) } }
    }

    /// Waits (in real time) until a caller is held by such a freeze; `false` after `realMilliseconds`.
    package func waitUntilHeld(_ call: String, matching text: String = "", realMilliseconds: Int = 5000) -> Bool {
        waitUntil(realMilliseconds) { state in state.held.contains { $0.call == call && $0.contains(text) } }
    }

    /// Waits (in real time) until every poller sleeps and has nothing to tell; `false` after `realMilliseconds`. A
    /// thread that works between two calls is not seen: whoever has workers also asks for what they bring about.
    package func settle(realMilliseconds: Int = 5000) -> Bool {
        waitUntil(realMilliseconds) { state in
            state.pollers.values.allSatisfy { $0.isWaiting && $0.readyEvents(in: state).isEmpty }
        }
    }

    /// Waits (in real time) until `condition` holds for the machine; `false` after `realMilliseconds`.
    func waitUntil(_ realMilliseconds: Int, _ condition: (VirtualState) -> Bool) -> Bool {
        let host = HostKernel()
        let end = host.now().monotonic + Int64(realMilliseconds) * 1_000_000
        while !locked({ condition($0) }) {
            if host.now().monotonic > end { return false }
            host.sleep(nanoseconds: 200_000)
        }
        return true
    }

    /// How often a call was made.
    package func count(of call: String) -> Int { locked { $0.calls[call] ?? 0 } }

    /// A signal to ourselves, as from an administrator: pollers that watch it tell.
    package func deliver(_ signal: Signal) { locked { $0.deliver(signal) } }
}
