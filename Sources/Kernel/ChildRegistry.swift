import CPlatform
import SourceText
import Synchronization

/// The children that are unreaped, and those about to be born.
///
/// The lock is what the promises of `ProcessCalls` rest on: whoever signals a pid holds it and finds the pid here, and
/// whoever reaps holds it too, so a pid cannot pass to a stranger in between.
final class ChildRegistry: Sendable {
    private struct State {
        var unreaped: Set<Int32> = []
        /// Jobs whose child may exist already although `svi_spawn_end` has not returned: addresses of `svi_spawn_job`.
        var pending: Set<UInt> = []
    }

    private let state = Mutex(State())

    /// Makes a child; its job is pending until `end`.
    func begin(_ job: UnsafeMutablePointer<svi_spawn_job>) {
        let address = UInt(bitPattern: job)
        state.withLock { _ = $0.pending.insert(address) }
        svi_spawn_begin(job)
    }

    /// Waits until the child runs its program, and registers it; `false` when it failed to.
    func end(_ job: UnsafeMutablePointer<svi_spawn_job>) -> Bool {
        let succeeded = svi_spawn_end(job) == 0
        let pid = job.pointee.pid
        state.withLock { state in
            state.pending.remove(UInt(bitPattern: job))
            if succeeded { state.unreaped.insert(pid) }
        }
        return succeeded
    }

    /// Counts a child that the program before us in this process started.
    func takeUp(_ pid: Int32) { state.withLock { _ = $0.unreaped.insert(pid) } }

    /// Calls `body` while `pid` cannot be reaped; `nil` when it is no unreaped child.
    func ifUnreaped<Result>(_ pid: Int32, _ body: () -> Result) -> Result? {
        state.withLock { $0.unreaped.contains(pid) ? body() : nil }
    }

    /// Takes the exit status of a child.
    func reap(_ pid: Int32) -> WaitOutcome {
        state.withLock { state in
            let outcome = waitOutcome(of: pid, keep: false)
            if case .stillRunning = outcome { return outcome }
            state.unreaped.remove(pid)
            return outcome
        }
    }

    /// Takes the exit status of an ended process that is nobody's child here.
    func reapOrphan() -> OrphanExit? {
        // The kernel looks at all children for it: not while somebody waits for the lock.
        guard case .ended = waitOutcome(of: 0, keep: true) else { return nil }
        return state.withLock { state in
            guard case .ended(let pid, _) = waitOutcome(of: 0, keep: true), !state.unreaped.contains(pid) else {
                return nil
            }
            for address in state.pending {
                // The job lives as long as its address is in the set: `end` takes it out under this lock.
                guard let job = UnsafePointer<svi_spawn_job>(bitPattern: address) else { continue }
                let child = svi_spawn_pid(job)
                if child == pid || child == 0 || svi_spawn_is_blind() != 0 { return nil }
            }
            guard case .ended(_, let termination) = waitOutcome(of: pid, keep: false) else { return nil }
            return OrphanExit(pid: pid, termination: termination)
        }
    }
}

/// What wait(2) knows of a process.
enum WaitOutcome {
    case stillRunning
    case ended(pid: Int32, Termination)
    /// It is no child of ours, or was reaped.
    case unknown
}

/// Looks at one process, or at any for 0; `keep` leaves it unreaped.
func waitOutcome(of pid: Int32, keep: Bool) -> WaitOutcome {
    var exit = svi_exit()
    while true {
        switch svi_wait(pid, keep ? 1 : 0, &exit) {
        case 1:
            return .ended(pid: exit.pid, Termination(exit))
        case 0:
            return .stillRunning
        default:
            if ErrorNumber.current != .interrupted { return .unknown }
        }
    }
}
