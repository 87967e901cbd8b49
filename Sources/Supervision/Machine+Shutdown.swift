import ServiceModel
import SourceText

/// The daemon on its way down, for good or to begin anew.
struct Descent: Hashable, Sendable {
    /// Groups still to stop, ascending: the last is the one in hand.
    var groups: [String]
    /// The group in hand has been told to stop.
    var isTold = false
    /// When `waiting for a, b to die` is due again.
    var reportAt: Int64?
}

extension Machine {
    /// `waiting for a, b to die` comes this often (supervisord 4.3).
    private static let reportSpan: Int64 = 3_000_000_000

    mutating func received(_ request: DaemonSignal, _ signal: Signal) {
        switch request {
        case .shutdown:
            emit(LogLine.received(request, signal, ignored: false))
            state = .shutdown
        case .restart:
            let ignored = state == .shutdown
            emit(LogLine.received(request, signal, ignored: ignored))
            if !ignored { state = .restarting }
        }
    }

    /// One group after the other, descending by priority; each is told to stop when the one before has no process left.
    mutating func descend() {
        guard state != .running, !isFinished else { return }
        let isNew = descent == nil
        if isNew { beginDescent() }
        while let name = descent?.groups.last {
            if descent?.isTold == false {
                descent?.isTold = true
                tellToStop(name)
            }
            // The first report stands between the first group and the second, even if the first has nothing to stop.
            if isNew, descent?.reportAt == nil { reportDescent() }
            guard groups[name]?.unstopped ?? 0 == 0 else { break }
            descent?.groups.removeLast()
            descent?.isTold = false
        }
        if unstopped == 0 {
            isFinished = true
            descent?.reportAt = nil
            emit(.finished(state == .restarting ? .restart : .shutdown))
        }
    }

    private mutating func beginDescent() {
        descent = Descent(groups: groupsByPriority)
        emit(.announce(.daemonStopping))
        // Nothing is started any more: neither what waits for its restart nor what is still being checked.
        for id in listing {
            let program = programsByID[id]
            if program?.state == .backoff || program?.state == .exited { programsByID[id]?.wakeAt = nil }
        }
        let checked = checks.sorted { $0.key.number < $1.key.number }.map(\.value)
        checks = [:]
        for place in checked { refuse(place) }
    }

    /// Every group that is left at once, in the order in which its turn would have come.
    mutating func hurry() {
        guard let groups = descent?.groups, state == .shutdown, !isFinished else { return }
        emit(.log(.warning, "the time to stop in is nearly over: stopping all that is left together"))
        for name in groups.reversed() { tellToStop(name) }
    }

    /// What still runs is killed, as whoever stops us would do with us and leave it behind.
    mutating func killWhatIsLeft() {
        guard descent != nil, state == .shutdown, !isFinished else { return }
        hurry()
        for id in listing where programsByID[id]?.state == .stopping && programsByID[id]?.run?.isBorn == true {
            killLateborn(id)
        }
    }

    private mutating func refuse(_ place: CheckedEntry) {
        parked[place.request]?.orderUntil = nil
        settle(place.request, place.entry, Fault(.shutdownState), atOnce: true)
        // Those that were checked but held behind it.
        for (index, entry) in (parked[place.request]?.entries ?? []).enumerated() {
            if case .checked = entry.step { settle(place.request, index, Fault(.shutdownState), atOnce: true) }
        }
    }

    /// Descending priority, all at once; what only waits for another try gives up (supervisord 4.3, stop_all).
    private mutating func tellToStop(_ name: String) {
        for id in programsByPriority(name).reversed() {
            switch programsByID[id]?.state {
            case .running, .starting: stop(id)
            case .backoff:
                enter(id, .fatal)
                settle(id)
            case .stopped, .stopping, .exited, .fatal, .unknown, nil: break
            }
        }
    }

    mutating func reportDescent() {
        guard descent != nil, unstopped > 0 else { return }
        let waiting = groupOrder.flatMap { groups[$0]?.programs ?? [] }
            .compactMap { programsByID[$0] }
            .filter { !$0.state.isInStoppedSet }
        emit(LogLine.waitingToDie(waiting.map(\.name)))
        for program in waiting { emit(LogLine.state(program.name, program.state)) }
        guard let instant = later(now.monotonic, nanoseconds: Self.reportSpan) else { return }
        descent?.reportAt = instant
        deadlines.insert(Deadline(instant: instant, kind: .shutdownReport, subject: 0))
    }
}
