import Kernel

/// A value that threads share, with a place to sleep until it changes.
final class Monitor<State>: @unchecked Sendable {
    // Safe to share: `state` is only touched by `withLock` and `sleep`, both of which hold the gate's lock.
    private let gate = ThreadGate()
    private var state: State

    init(_ state: State) {
        self.state = state
    }

    func withLock<R>(_ body: (inout State) -> R) -> R {
        gate.lock()
        defer { gate.unlock() }
        return body(&state)
    }

    /// Sleeps until `body` has a result; it is asked again at each call.
    func sleep<R>(until body: (inout State) -> R?) -> R {
        gate.lock()
        defer { gate.unlock() }
        while true {
            if let result = body(&state) { return result }
            gate.wait()
        }
    }

    func callOne() { gate.callOne() }
    func callAll() { gate.callAll() }
}
