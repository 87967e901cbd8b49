import SourceText

extension Machine {
    /// Sets when a program's state ends by itself.
    mutating func wake(_ id: ProgramID, at instant: Int64) {
        programsByID[id]?.wakeAt = instant
        insertDeadline(.wake, of: id, at: instant)
    }

    /// Sets when `waiting for N to stop` is due again.
    mutating func scheduleReport(_ id: ProgramID, at instant: Int64) {
        programsByID[id]?.reportAt = instant
        insertDeadline(.stopReport, of: id, at: instant)
    }

    mutating func insertDeadline(_ kind: Deadline.Kind, of id: ProgramID, at instant: Int64) {
        let order = programsByID[id]?.latestRun ?? 0
        deadlines.insert(Deadline(instant: instant, kind: kind, order: order, subject: UInt64(id.number)))
    }

    /// Does everything that is due.
    mutating func expire() {
        while let due = deadlines.first, due.instant <= now.monotonic {
            deadlines.removeFirst()
            guard isCurrent(due) else { continue }
            perform(due)
        }
    }

    private mutating func perform(_ due: Deadline) {
        let program = ProgramID(number: UInt32(truncatingIfNeeded: due.subject))
        switch due.kind {
        case .wake:
            programsByID[program]?.wakeAt = nil
            wakeUp(program)
        case .stopReport:
            programsByID[program]?.reportAt = nil
            reportStopping(program)
        case .order:
            releaseOrder(RequestID(number: due.subject))
        case .shutdownReport:
            descent?.reportAt = nil
            reportDescent()
        }
    }

    private mutating func wakeUp(_ id: ProgramID) {
        switch programsByID[id]?.state {
        case .starting:
            becomeRunning(id)
            settle(id)
        case .backoff, .exited: restart(id)
        case .stopping: escalate(id)
        case .stopped, .running, .fatal, .unknown, nil: break
        }
    }

    /// Whether a deadline still holds: what it is about says so. One of an earlier run that falls on the very instant of
    /// a later one's does not: it would ring in its own place among others.
    func isCurrent(_ deadline: Deadline) -> Bool {
        let program = programsByID[ProgramID(number: UInt32(truncatingIfNeeded: deadline.subject))]
        let isOfItsRun = program?.latestRun == deadline.order
        return switch deadline.kind {
        case .wake: isOfItsRun && program?.wakeAt == deadline.instant
        case .stopReport: isOfItsRun && program?.reportAt == deadline.instant
        case .order: parked[RequestID(number: deadline.subject)]?.orderUntil == deadline.instant
        case .shutdownReport: descent?.reportAt == deadline.instant
        }
    }

    /// Lets go of what no longer holds: at the head always, so that `nextDeadline` is true; elsewhere when it has grown
    /// to be more than twice of what can be current, so that the cost is spread.
    mutating func pruneDeadlines() {
        while let first = deadlines.first, !isCurrent(first) { deadlines.removeFirst() }
        if deadlines.count > 2 * (2 * programsByID.count + parked.count) + 64 {
            let machine = self
            deadlines.keep { machine.isCurrent($0) }
        }
    }
}

/// The instant so many nanoseconds after another; `nil` = never.
func later(_ instant: Int64, nanoseconds: Int64) -> Int64? {
    let sum = instant.addingReportingOverflow(nanoseconds)
    return sum.overflow || nanoseconds == .max ? nil : sum.partialValue
}
