import SourceText

extension ProcessState {
    /// The edges of the state graph. supervisord 4.3's, and four of ours: from EXITED to STOPPED (stopped by hand while
    /// waiting for a delayed restart) and to FATAL (start limit), from UNKNOWN to STOPPED and EXITED (its process ended).
    package var successors: [ProcessState] {
        switch self {
        case .stopped: [.starting]
        case .starting: [.running, .backoff, .stopping, .unknown]
        case .running: [.exited, .stopping, .unknown]
        case .backoff: [.starting, .stopped, .fatal]
        case .stopping: [.stopped, .unknown]
        case .exited: [.starting, .stopped, .fatal]
        case .fatal: [.starting]
        case .unknown: [.stopped, .exited]
        }
    }
}

extension Machine {
    /// Moves a program into another state and tells the world. Its deadlines are those of the old state: they go.
    mutating func enter(_ id: ProgramID, _ next: ProcessState, expected: Bool = true) {
        guard let program = programsByID[id], program.state != next else { return }
        let previous = program.state
        programsByID[id]?.state = next
        programsByID[id]?.wakeAt = nil
        programsByID[id]?.reportAt = nil
        switch next {
        case .backoff: programsByID[id]?.history.tries += 1
        case .running, .exited, .fatal: programsByID[id]?.history.tries = 0
        case .stopped, .starting, .stopping, .unknown: break
        }
        count(program.group, from: previous, to: next)
        markChanged(id)
        emit(
            .announce(
                .processState(
                    ProcessStateChange(
                        program: id, group: program.group, name: program.name, from: previous, to: next,
                        pid: program.pid, tries: programsByID[id]?.history.tries ?? 0, expected: expected))))
    }

    private mutating func count(_ group: String, from previous: ProcessState, to next: ProcessState) {
        let step = (next.isInStoppedSet ? 0 : 1) - (previous.isInStoppedSet ? 0 : 1)
        unstopped += step
        groups[group]?.unstopped += step
    }
}
