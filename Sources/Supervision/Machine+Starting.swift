import ServiceModel
import SourceText

// From STOPPED to RUNNING: asking for a process, and what becomes of the asking.
extension Machine {
    /// Asks for a program's main process. The caller has seen to it that it has none.
    mutating func spawn(_ id: ProgramID, byHand: Bool) {
        guard var program = programsByID[id], program.run == nil else { return }
        lastRun += 1
        let run = RunID(number: lastRun)
        program.run = Run(id: run, role: .main)
        program.latestRun = lastRun
        program.started = now
        program.spawnError = ""
        program.exitStatus = 0
        program.isBeingStopped = false
        program.kills = 0
        program.heldSignals = []
        program.policy.noteStart(&program.history, now: now.monotonic, byHand: byHand)
        programsByID[id] = program
        runs[run] = id
        enter(id, .starting)
        emit(.spawn(run, id, .main))
    }

    /// Starts a program again because its rules say so.
    mutating func restart(_ id: ProgramID) {
        guard state == .running, let program = programsByID[id] else { return }
        if program.policy.givesUpBeforeStart(program.history, now: now.monotonic) {
            giveUp(id)
        } else {
            spawn(id, byHand: false)
        }
    }

    mutating func giveUp(_ id: ProgramID) {
        guard let program = programsByID[id] else { return }
        enter(id, .fatal)
        emit(LogLine.gaveUp(program.name))
        settle(id)
    }

    /// The process exists. What was asked for meanwhile, signals and stop, is done now.
    mutating func spawned(_ run: RunID, pid: Int32) {
        guard let id = runs[run], let program = programsByID[id], program.run?.isBorn == false else { return }
        programsByID[id]?.run?.pid = pid
        programsByID[id]?.started = now
        programsByID[id]?.history.lastStart = now.monotonic
        markChanged(id)
        emit(LogLine.spawned(program.name, pid: pid))

        for signal in program.heldSignals {
            emit(LogLine.sending(program.name, pid: pid, signal))
            emit(.signal(run, signal, .main))
        }
        programsByID[id]?.heldSignals = []

        switch program.state {
        case .starting: awaitReadiness(id, since: now.monotonic)
        case .stopping: sendStopSignal(id)
        case .unknown where program.isBeingStopped: killLateborn(id)
        case .stopped, .running, .backoff, .exited, .fatal, .unknown: break
        }
        settle(id, atOnce: true)
    }

    /// A process of a daemon that is no more goes on as ours.
    mutating func survived(_ run: RunID, _ id: ProgramID, pid: Int32, since: Instant) {
        guard var program = programsByID[id], state == .running, program.state == .stopped, program.run == nil, pid > 0,
            run.number > lastRun
        else { return }
        lastRun = run.number
        program.run = Run(id: run, role: .main, pid: pid)
        program.latestRun = run.number
        program.started = since
        let start = min(since.monotonic, now.monotonic)
        program.policy.noteStart(&program.history, now: start, byHand: false)
        programsByID[id] = program
        runs[run] = id
        enter(id, .starting)
        emit(LogLine.survived(program.name, pid: pid))
        awaitReadiness(id, since: start)
    }

    private mutating func awaitReadiness(_ id: ProgramID, since start: Int64) {
        guard let span = programsByID[id]?.policy.readyAfter, let instant = later(start, nanoseconds: span) else {
            return
        }
        if instant <= now.monotonic { becomeRunning(id) } else { wake(id, at: instant) }
    }

    /// STARTING to RUNNING.
    mutating func becomeRunning(_ id: ProgramID) {
        guard let program = programsByID[id] else { return }
        enter(id, .running)
        emit(LogLine.success(program.name, program.policy.readiness))
    }

    /// No process came to life.
    mutating func spawnFailed(_ run: RunID, _ problem: SpawnProblem) {
        guard let id = runs[run], let program = programsByID[id], program.run?.isBorn == false else { return }
        guard !problem.failedInChild else { return failedInChild(id, run, problem) }

        runs[run] = nil
        programsByID[id]?.run = nil
        programsByID[id]?.spawnError = problem.text
        programsByID[id]?.heldSignals = []
        emit(LogLine.spawnError(problem.text))
        if program.state == .starting {
            enter(id, .backoff)
            settle(id, atOnce: true, crash: problem.crash)
            retryAfterFailedSpawn(id)
        } else {
            // Stopped before it was born: no process, nothing to wait for.
            enter(id, .stopped)
            settle(id)
        }
    }

    private mutating func retryAfterFailedSpawn(_ id: ProgramID) {
        guard let program = programsByID[id] else { return }
        let policy = program.policy
        retry(
            id, at: policy.restartAfterFailedSpawn(program.history, now: now.monotonic),
            givesUp: !policy.retriesFailedSpawns || policy.givesUpAfterEarlyEnd(program.history, .exited(code: 127)))
    }

    /// To supervisord such a process is one that was born and ended with 127.
    private mutating func failedInChild(_ id: ProgramID, _ run: RunID, _ problem: SpawnProblem) {
        guard let program = programsByID[id] else { return }
        programsByID[id]?.run?.pid = problem.pid
        programsByID[id]?.started = now
        programsByID[id]?.history.lastStart = now.monotonic
        programsByID[id]?.heldSignals = []
        if problem.pid != 0 { emit(LogLine.spawned(program.name, pid: problem.pid)) }
        emit(.log(.debug, "\(program.name): \(problem.text)"))
        ended(run, .exited(code: 127))
    }

    /// From BACKOFF: gives up, or tries again at an instant (`nil` = never).
    mutating func retry(_ id: ProgramID, at instant: Int64?, givesUp: Bool) {
        guard let instant, !givesUp else { return giveUp(id) }
        guard state == .running else { return }
        if instant <= now.monotonic { restart(id) } else { wake(id, at: instant) }
    }
}
