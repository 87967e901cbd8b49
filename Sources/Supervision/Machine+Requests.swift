import SourceText

// What clients ask for.
extension Machine {
    /// How long a start of several holds up those behind one whose command check does not answer. On a busy machine
    /// each takes its time, and their order is to be seen.
    private static let orderSpan: Int64 = 500_000_000

    mutating func take(_ request: Request, _ id: RequestID) {
        guard state == .running else { return emit(.reply(id, .fault(Fault(.shutdownState)))) }
        switch request {
        case .start(let target, let waits): requestStart(target, waits: waits, id)
        case .stop(let target, let waits): requestStop(target, waits: waits, id)
        case .signal(let target, let signal): requestSignal(target, signal, id)
        case .addGroup(let policy): addGroup(policy, id)
        case .removeGroup(let name): removeGroup(name, id)
        case .shutdown:
            emit(.reply(id, .done))
            state = .shutdown
        case .restart:
            emit(.reply(id, .done))
            state = .restarting
        }
    }

    /// supervisord looks at the command before it looks at the state, and acts on those not running when it was asked.
    private mutating func requestStart(_ target: Target, waits: Bool, _ id: RequestID) {
        guard let all = resolve(target) else { return emit(.reply(id, .fault(Fault(.badName, target.text)))) }
        let chosen = target.isCollection ? all.filter { programsByID[$0]?.state.isInRunningSet == false } : all
        guard park(id, chosen, target, waits: waits) else { return }
        for (index, program) in chosen.enumerated() {
            lastCheck += 1
            let check = CheckID(number: lastCheck)
            checks[check] = CheckedEntry(request: id, entry: index)
            parked[id]?.entries[index].step = .checking(check)
            emit(.checkCommand(check, program))
        }
        guard chosen.count > 1, let instant = later(now.monotonic, nanoseconds: Self.orderSpan) else { return }
        parked[id]?.orderUntil = instant
        deadlines.insert(Deadline(instant: instant, kind: .order, subject: id.number))
    }

    mutating func commandChecked(_ check: CheckID, _ problem: CommandProblem?) {
        guard let place = checks.removeValue(forKey: check) else { return }
        parked[place.request]?.entries[place.entry].step = .checked(problem)
        if parked[place.request]?.keepsOrder == false {
            begin(place.request, place.entry, problem)
        } else {
            advance(place.request)
        }
    }

    /// Starts in order as far as the checks have come.
    private mutating func advance(_ id: RequestID) {
        while let (index, step) = parked[id]?.next {
            if case .checking = step { return }
            parked[id]?.cursor += 1
            if case .checked(let problem) = step { begin(id, index, problem) }
        }
        parked[id]?.orderUntil = nil
    }

    /// One check hangs: those behind it start without it.
    mutating func releaseOrder(_ id: RequestID) {
        parked[id]?.orderUntil = nil
        for (index, entry) in (parked[id]?.entries ?? []).enumerated() {
            if case .checked(let problem) = entry.step { begin(id, index, problem) }
        }
    }

    /// The start proper, after the check (supervisord 4.3, startProcess).
    private mutating func begin(_ id: RequestID, _ index: Int, _ problem: CommandProblem?) {
        // Nothing holds the request itself while it is changed: its entries would be copied.
        guard let entry = parked[id]?.entries[index], let waits = parked[id]?.waits else { return }
        guard let program = programsByID[entry.program] else {
            return settle(id, index, Fault(.badName, entry.namespec), atOnce: true)
        }
        if let fault = refusal(program, problem) { return settle(id, index, fault, atOnce: true) }
        if program.state == .stopping {
            emit(LogLine.alreadyRunning(program.name))
            return settle(
                id, index, waits ? Fault(.abnormalTermination, entry.namespec) : nil, atOnce: !waits)
        }
        enlist(program.id, Waiter(request: id, entry: index, purpose: waits ? .startCompleted : .startAsked))
        spawn(program.id, byHand: true)
    }

    private func refusal(_ program: Program, _ problem: CommandProblem?) -> Fault? {
        switch problem {
        case .notFound(let text): return Fault(.noFile, text)
        case .notExecutable(let text): return Fault(.notExecutable, text)
        case nil: break
        }
        if program.state.isInRunningSet { return Fault(.alreadyStarted, program.namespec) }
        if program.state == .unknown {
            return Fault(.failed, "\(program.namespec) is in an unknown process state")
        }
        return nil
    }

    /// Ascending priority and all at once, unlike the way down of the daemon (supervisord 4.3).
    private mutating func requestStop(_ target: Target, waits: Bool, _ id: RequestID) {
        guard let all = resolve(target) else { return emit(.reply(id, .fault(Fault(.badName, target.text)))) }
        let chosen = all.filter { programsByID[$0]?.isStoppable == true }
        guard target.isCollection || !chosen.isEmpty else {
            return emit(.reply(id, .fault(Fault(.notRunning, target.text))))
        }
        guard park(id, chosen, target, waits: waits) else { return }
        for (index, program) in chosen.enumerated() {
            stop(program)
            if waits, programsByID[program]?.state == .stopping {
                enlist(program, Waiter(request: id, entry: index, purpose: .stopCompleted))
                parked[id]?.entries[index].step = .waiting
            } else {
                settle(id, index, nil, atOnce: true)
            }
        }
        for program in chosen { reportStopping(program) }
    }

    private mutating func requestSignal(_ target: Target, _ signal: Signal, _ id: RequestID) {
        guard let all = resolve(target) else { return emit(.reply(id, .fault(Fault(.badName, target.text)))) }
        let chosen = target.isCollection ? all.filter { programsByID[$0]?.state.isSignallable == true } : all
        guard park(id, chosen, target, waits: false) else { return }
        for (index, program) in chosen.enumerated() {
            settle(id, index, signalFault(program, signal, target), atOnce: true)
        }
    }

    /// Sends the signal, or says why not. Signal 0 is one (supervisord 4.3).
    private mutating func signalFault(_ id: ProgramID, _ signal: Signal, _ target: Target) -> Fault? {
        guard signal.isKnown || signal.number == 0 else { return Fault(.badSignal, "\(signal.number)") }
        guard let program = programsByID[id], program.state.isSignallable else {
            return Fault(.notRunning, target.text)
        }
        send(signal, to: id)
        return nil
    }
}
