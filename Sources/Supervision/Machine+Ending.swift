import ServiceModel
import SourceText

// The end of a run, and what it means in each state.
extension Machine {
    mutating func ended(_ run: RunID, _ termination: Termination) {
        guard let id = runs[run], let program = programsByID[id] else { return }
        runs[run] = nil
        let uptime = now.monotonic - (program.started?.monotonic ?? now.monotonic)
        programsByID[id]?.stopped = now
        programsByID[id]?.heldSignals = []

        switch program.state {
        case .stopping: stopEnded(id, termination)
        case .unknown where program.isBeingStopped: stopEnded(id, termination)
        case .starting where program.policy.isEarly(termination, uptime: uptime):
            endedEarly(id, termination, uptime: uptime)
        case .starting:
            becomeRunning(id)
            settle(id)
            exited(id, termination, uptime: uptime)
        case .running, .unknown: exited(id, termination, uptime: uptime)
        case .stopped, .backoff, .exited, .fatal: programsByID[id]?.run = nil
        }
    }

    /// To STOPPED: the end that was asked for.
    private mutating func stopEnded(_ id: ProgramID, _ termination: Termination) {
        guard let program = programsByID[id] else { return }
        programsByID[id]?.exitStatus = termination.status
        enter(id, .stopped)
        emit(
            LogLine.stopped(program.name, termination, expected: program.policy.success.contains(termination)))
        programsByID[id]?.run = nil
        settle(id)
    }

    /// To BACKOFF: it did not live long enough to be ready. The exit code does not matter (supervisord 4.3).
    private mutating func endedEarly(_ id: ProgramID, _ termination: Termination, uptime: Int64) {
        guard let program = programsByID[id] else { return }
        programsByID[id]?.spawnError = SpawnErrorText.tooQuickly
        countQuickEnd(id, uptime: uptime)
        enter(id, .backoff)
        emit(LogLine.exited(program.name, termination, expected: false))
        programsByID[id]?.run = nil
        settle(id)

        guard let history = programsByID[id]?.history else { return }
        retry(
            id, at: program.policy.restartAfterEarlyEnd(history, now: now.monotonic),
            givesUp: program.policy.givesUpAfterEarlyEnd(history, termination))
    }

    /// To EXITED, and on from there if the rules say so.
    private mutating func exited(_ id: ProgramID, _ termination: Termination, uptime: Int64) {
        guard let program = programsByID[id] else { return }
        let expected = program.policy.success.contains(termination)
        programsByID[id]?.exitStatus = termination.status
        if !expected { programsByID[id]?.spawnError = SpawnErrorText.badExit(termination.status) }
        countQuickEnd(id, uptime: uptime)
        enter(id, .exited, expected: expected)
        emit(LogLine.exited(program.name, termination, expected: expected))
        programsByID[id]?.run = nil
        settle(id)

        guard state == .running, program.policy.restartOn.contains(termination),
            let history = programsByID[id]?.history,
            let next = program.policy.restartAfterExit(history, now: now.monotonic)
        else { return }
        if next <= now.monotonic { restart(id) } else { wake(id, at: next) }
    }

    private mutating func countQuickEnd(_ id: ProgramID, uptime: Int64) {
        guard let program = programsByID[id] else { return }
        let count = CrashLoopBrake.count(program.history.quickEnds, uptime: uptime)
        programsByID[id]?.history.quickEnds = count
        let isNew = count == CrashLoopBrake.limit && program.history.quickEnds < count
        if isNew, program.policy.restartDelay == .supervisor, program.state != .starting {
            emit(LogLine.brakes(program.name))
        }
    }
}
