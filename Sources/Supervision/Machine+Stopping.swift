import ServiceModel
import SourceText

// Towards STOPPED: the stop signal, SIGKILL, the reports meanwhile, and signals in general.
extension Machine {
    private static let second: Int64 = 1_000_000_000
    /// `waiting for N to stop` comes this often (supervisord 4.3).
    private static let reportSpan = 2 * second
    /// What a creation may take before a stopped program is given up, however short its stop time-out is.
    private static let birthPatience = TimeSpan.seconds(5)

    /// Stops a stoppable program: at once where there is no process, otherwise its end is awaited.
    mutating func stop(_ id: ProgramID) {
        guard let program = programsByID[id] else { return }
        switch program.state {
        case .backoff:
            emit(LogLine.killedInBackoff(program.name))
            enter(id, .stopped)
            settle(id)
        case .exited where program.awaitsRestart:
            enter(id, .stopped)
            settle(id)
        case .starting, .running:
            programsByID[id]?.isBeingStopped = true
            if program.run?.isBorn == true { logStopSignal(program) }
            enter(id, .stopping)
            if program.run?.isBorn == true {
                performStopSignal(id)
            } else {
                // The signal follows when there is a process; nobody waits for that longer than for its end.
                awaitEnd(id, atLeast: Self.birthPatience)
            }
            settle(id)
        case .stopped, .stopping, .exited, .fatal, .unknown: break
        }
    }

    /// The stop signal of a program that was stopped before it was born.
    mutating func sendStopSignal(_ id: ProgramID) {
        guard let program = programsByID[id] else { return }
        logStopSignal(program)
        performStopSignal(id)
    }

    private mutating func logStopSignal(_ program: Program) {
        emit(LogLine.killing(program.name, pid: program.pid, program.policy.stopSignal, program.policy.stopScope))
    }

    private mutating func performStopSignal(_ id: ProgramID) {
        guard let program = programsByID[id], let run = program.run else { return }
        emit(.signal(run.id, program.policy.stopSignal, program.policy.stopScope))
        awaitEnd(id)
    }

    private mutating func awaitEnd(_ id: ProgramID, atLeast: TimeSpan = .zero) {
        guard let policy = programsByID[id]?.policy else { return }
        if let instant = later(now.monotonic, max(policy.stopTimeout, atLeast)) {
            wake(id, at: instant)
        } else {
            programsByID[id]?.wakeAt = nil
        }
    }

    /// The stop time-out has passed: SIGKILL, and again after as long, but never without pause.
    mutating func escalate(_ id: ProgramID) {
        guard let program = programsByID[id], let run = program.run else { return }
        guard run.isBorn else { return giveUpBirth(id) }
        kill(id)
        let pause = max(program.policy.stopTimeout, .seconds(1))
        if let instant = later(now.monotonic, pause) { wake(id, at: instant) }
    }

    private mutating func kill(_ id: ProgramID) {
        guard let program = programsByID[id], let run = program.run else { return }
        programsByID[id]?.kills += 1
        emit(LogLine.killing(program.name, pid: run.pid))
        emit(LogLine.killing(program.name, pid: run.pid, .kill, program.policy.killScope))
        emit(.signal(run.id, .kill, program.policy.killScope))
    }

    /// Its creation hangs (a dead network path): nothing can be signalled and nobody can know how it will end. A
    /// shutdown does not wait for it; should it be born after all, it is killed.
    private mutating func giveUpBirth(_ id: ProgramID) {
        guard let program = programsByID[id] else { return }
        let text = "\(program.name) was stopped before its process existed, and its creation still hangs"
        enter(id, .unknown)
        emit(.log(.critical, text))
        settle(id, failure: text)
    }

    /// Born when nobody counted on it any more.
    mutating func killLateborn(_ id: ProgramID) { kill(id) }

    /// UNKNOWN: the process exists but cannot be signalled.
    mutating func signalFailed(_ run: RunID, _ signal: Signal, _ reason: String) {
        guard let id = runs[run], let program = programsByID[id], program.run?.isBorn == true,
            program.state != .unknown
        else { return }
        let what = program.isBeingStopped ? "killing" : "sending sig \(signal)"
        let text = "unknown problem \(what) \(program.name) (\(program.pid)):\(reason)"
        emit(.log(.critical, text))
        enter(id, .unknown)
        settle(id, failure: program.kills == 0 ? text : nil)
    }

    /// A client's signal: to the main process alone, whatever `stopasgroup` says (supervisord 4.3).
    mutating func send(_ signal: Signal, to id: ProgramID) {
        guard let program = programsByID[id], let run = program.run else { return }
        guard run.isBorn else {
            // Signals do not queue: one of a kind is enough.
            if !program.heldSignals.contains(signal) { programsByID[id]?.heldSignals.append(signal) }
            return
        }
        emit(LogLine.sending(program.name, pid: run.pid, signal))
        emit(.signal(run.id, signal, .main))
    }

    /// `waiting for N to stop`, now and while somebody waits.
    mutating func reportStopping(_ id: ProgramID) {
        guard let program = programsByID[id], program.state == .stopping,
            program.waiters.contains(where: { isAwaitingStop($0) })
        else { return }
        emit(LogLine.waitingToStop(program.name))
        guard let instant = later(now.monotonic, nanoseconds: Self.reportSpan) else { return }
        scheduleReport(id, at: instant)
    }

    private func isAwaitingStop(_ waiter: Waiter) -> Bool {
        waiter.purpose == .stopCompleted && parked[waiter.request]?.isAbandoned == false
    }
}
