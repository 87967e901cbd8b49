import SourceText

// What follows from the rest of the state and is therefore not written down, and what must agree with it.
extension Machine {
    /// Whether the parts of a state that was read agree with each other.
    var isConsistent: Bool {
        var runs: Set<RunID> = []
        for program in programsByID.values {
            guard agrees(program), program.waiters.allSatisfy({ isExpected($0, by: program.id) }) else { return false }
            if let run = program.run {
                guard run.id.number <= lastRun, runs.insert(run.id).inserted else { return false }
            }
        }
        return parked.values.allSatisfy(agrees) && descent?.groups.allSatisfy { groups[$0] != nil } ?? true
    }

    /// A state that needs a process has one, and only states that can have one do.
    private func agrees(_ program: Program) -> Bool {
        switch program.state {
        case .running: program.run?.isBorn == true
        case .starting, .stopping: program.run != nil
        case .unknown: true
        case .stopped, .backoff, .exited, .fatal: program.run == nil
        }
    }

    private func isExpected(_ waiter: Waiter, by program: ProgramID) -> Bool {
        guard let request = parked[waiter.request], request.entries.indices.contains(waiter.entry) else { return false }
        let entry = request.entries[waiter.entry]
        return entry.program == program && entry.step == .waiting
    }

    private func agrees(_ request: ParkedRequest) -> Bool {
        var open = 0
        for entry in request.entries {
            switch entry.step {
            case .settled: break
            case .checked: open += 1
            case .checking(let check):
                open += 1
                guard check.number <= lastCheck else { return false }
            case .waiting:
                open += 1
                guard programsByID[entry.program] != nil else { return false }
            }
        }
        return open > 0 && request.cursor <= request.entries.count
            && request.completed.allSatisfy { request.entries.indices.contains($0) }
    }

    /// Fills every index from the programs and requests.
    mutating func rebuildIndexes() {
        for name in groupOrder {
            for id in groups[name]?.programs ?? [] { rebuildIndexes(id, in: name) }
        }
        for (id, request) in parked {
            var open = 0
            for (index, entry) in request.entries.enumerated() {
                if case .settled = entry.step { continue }
                open += 1
                if case .checking(let check) = entry.step { checks[check] = CheckedEntry(request: id, entry: index) }
            }
            parked[id]?.open = open
            if let instant = request.orderUntil {
                deadlines.insert(Deadline(instant: instant, kind: .order, subject: id.number))
            }
        }
        if let instant = descent?.reportAt {
            deadlines.insert(Deadline(instant: instant, kind: .shutdownReport, subject: 0))
        }
    }

    private mutating func rebuildIndexes(_ id: ProgramID, in group: String) {
        guard let program = programsByID[id] else { return }
        if let run = program.run { runs[run.id] = id }
        if !program.state.isInStoppedSet {
            unstopped += 1
            groups[group]?.unstopped += 1
        }
        if let instant = program.wakeAt { insertDeadline(.wake, of: id, at: instant) }
        if let instant = program.reportAt { insertDeadline(.stopReport, of: id, at: instant) }
        list(id)
        markChanged(id)
    }
}
