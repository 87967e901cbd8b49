import SourceText

// Parked replies: every request is answered once, as soon as its answer is known.
extension Machine {
    /// Parks a request about these programs; `false` when there are none and it was answered.
    mutating func park(_ id: RequestID, _ programs: [ProgramID], _ target: Target, waits: Bool) -> Bool {
        let entries = programs.compactMap { programsByID[$0] }.map {
            ParkedRequest.Entry(program: $0.id, group: $0.group, name: $0.name, step: .checked(nil))
        }
        guard !entries.isEmpty else {
            emit(.reply(id, .statuses([])))
            return false
        }
        parked[id] = ParkedRequest(isCollection: target.isCollection, waits: waits, entries: entries)
        return true
    }

    mutating func enlist(_ program: ProgramID, _ waiter: Waiter) {
        parked[waiter.request]?.entries[waiter.entry].step = .waiting
        programsByID[program]?.waiters.append(waiter)
    }

    /// Answers whoever has waited for a program to become what it now is.
    ///
    /// - Parameters:
    ///   - atOnce: This is the first news of its start: an immediate result of a call for several.
    ///   - failure: Why the stop did not work.
    ///   - crash: What the original's start trips over.
    mutating func settle(_ id: ProgramID, atOnce: Bool = false, failure: String? = nil, crash: String? = nil) {
        guard let program = programsByID[id], !program.waiters.isEmpty else { return }
        var remaining: [Waiter] = []
        var settled: [(waiter: Waiter, fault: Fault?)] = []
        for waiter in program.waiters {
            switch verdict(program, waiter.purpose, atOnce: atOnce, failure: failure, crash: crash) {
            case .wait: remaining.append(waiter)
            case .success: settled.append((waiter, nil))
            case .failure(let fault): settled.append((waiter, fault))
            }
        }
        programsByID[id]?.waiters = remaining
        for (waiter, fault) in settled {
            settle(waiter.request, waiter.entry, fault, atOnce: atOnce || waiter.purpose == .startAsked)
        }
    }

    private enum Verdict {
        case wait, success
        case failure(Fault)
    }

    /// supervisord 4.3's `onwait`, as a table.
    private func verdict(
        _ program: Program, _ purpose: Waiter.Purpose, atOnce: Bool, failure: String?, crash: String?
    ) -> Verdict {
        switch (purpose, program.state) {
        case (.startAsked, _) where atOnce && !program.spawnError.isEmpty:
            .failure(Fault(.spawnError, program.namespec, crash: crash))
        case (.startAsked, .starting) where !atOnce: .wait
        case (.startAsked, _): .success
        case (.startCompleted, _) where !program.spawnError.isEmpty:
            .failure(Fault(.spawnError, program.namespec, crash: crash))
        case (.startCompleted, .starting): .wait
        case (.startCompleted, .running): .success
        case (.startCompleted, _): .failure(Fault(.abnormalTermination, program.namespec))
        case (.stopCompleted, .unknown) where failure != nil: .failure(Fault(.failed, failure))
        case (.stopCompleted, let state): state.isInStoppedSet ? .success : .wait
        }
    }

    /// Settles one entry; the last one brings the reply.
    mutating func settle(_ id: RequestID, _ index: Int, _ fault: Fault?, atOnce: Bool) {
        guard let step = parked[id]?.entries[index].step else { return }
        if case .settled = step { return }
        parked[id]?.entries[index].step = .settled(fault, atOnce: atOnce)
        parked[id]?.open -= 1
        if !atOnce { parked[id]?.completed.append(index) }
        guard parked[id]?.open == 0, let complete = parked.removeValue(forKey: id) else { return }
        if !complete.isAbandoned { emit(.reply(id, complete.reply)) }
    }
}
