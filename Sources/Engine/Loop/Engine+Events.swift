import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// Event listeners: what they are told of. What they answer is in `Engine+Listeners`.
extension Engine {
    // MARK: Pools

    /// Opens the pool of a group of listeners; its programs are adopted next.
    func openPool(_ group: ServiceGroup) {
        guard case .eventListener(let settings) = group.kind else { return }
        desk.open(ListenerPool(name: group.name, settings))
        poolsChanged()
    }

    func closePool(_ name: String) {
        guard desk.pools.contains(where: { $0.name == name }) else { return }
        desk.close(name)
        poolsChanged()
    }

    /// Only what somebody subscribes to is made: the logger and the clock are told what that is.
    private func poolsChanged() {
        let outputs: [EventType] = [.outputLog, .errorLog, .outputCommunication, .errorCommunication]
        link.outputs.listen(to: Set(outputs.filter { desk.isHeard($0) }))
        let periods = TickPeriod.allCases.filter { desk.isHeard($0.type) }
        desk.ticks.count(Set(periods), wall: kernel.now().wall)
        setTickTimer(kernel.now())
    }

    // MARK: What happens

    func raise(_ announcement: Announcement) {
        guard desk.isHeard else { return }
        switch announcement {
        case .processState(let change):
            followListener(change)
            post(.processState(change))
        case .groupAdded(let name): post(.groupAdded(name))
        case .groupRemoved(let name): post(.groupRemoved(name))
        case .daemonRunning: post(.daemonRunning)
        case .daemonStopping:
            post(.daemonStopping)
            // While they still run: what comes next may be their own end.
            deliverEvents()
        }
    }

    func raiseRemote(type: String, data: String) {
        guard desk.isHeard else { return }
        post(.remote(type: type, data: data))
    }

    private func post(_ event: EventPayload) {
        if desk.isHeard(event.type) { desk.outbox.post(event) }
    }

    /// A run has ended: what happens from here on is told after what it wrote.
    func holdEvents(for program: ProgramID) {
        guard let spec = programs[program]?.spec, spec.isObserved else { return }
        let channels = OutputChannel.allCases
        guard
            channels.contains(where: {
                desk.isHeard(EventPayload.logType($0)) || desk.isHeard(EventPayload.communicationType($0))
            })
        else { return }
        desk.outbox.hold(settleOutput(of: [program], isEnd: true, for: .events), for: program)
    }

    /// Takes in what the logger tells.
    func takeOutputs() {
        let (reports, dropped) = link.outputs.takeAll()
        for report in reports {
            switch report {
            case .output(let event): desk.outbox.post(event.payload, of: event.program)
            case .settled(let number): settled(number)
            }
            deliverEvents()
        }
        if dropped > 0 {
            log(.warning, "\(dropped) events of programs' output were dropped: they came faster than they can be told")
        }
    }

    // MARK: Ticks

    /// Looks at the clock; it may have been set.
    func lookAtClock(_ now: Instant) {
        for tick in desk.ticks.due(wall: now.wall) { post(.tick(tick)) }
    }

    func setTickTimer(_ now: Instant) {
        if let timer = tickTimer { loop.timers.cancel(timer) }
        tickTimer = desk.ticks.wait(wall: now.wall).map { wait in
            loop.timers.set(at: now.monotonic + wait, token: TimerToken.ticks.number)
        }
    }

    // MARK: Delivery

    /// Brings events to the pools and from there to the listeners that are ready.
    func deliverEvents() {
        guard desk.isHeard else { return }
        write(desk.distribute())
        write(desk.dispatch { pool, program, event in hand(event, of: pool, to: program) })
    }

    /// Sends an event to a process; `false` when it cannot take one now.
    private func hand(_ event: QueuedEvent, of pool: String, to program: ProgramID) -> Bool {
        guard let record = programs[program], let run = record.run, let listener = listenerRuns[run],
            listener.isRunning, listener.conversation.state == .ready
        else { return false }
        let bytes = event.envelope(server: publisher.snapshot.identifier, pool: pool)
        switch sendInput(bytes, to: run, however: true) {
        case .written, .waiting:
            listenerRuns[run]?.conversation.sent()
            listenerRuns[run]?.event = event
            log(.debug, "event \(event.serial) sent to listener \(record.spec.name)")
            return true
        case .full:
            return false
        case .closed, nil:
            log(
                .debug,
                "epipe occurred while sending event \(event.serial) to listener \(record.spec.name), listener state "
                    + "unchanged")
            return false
        }
    }

    func write(_ notes: [PoolNote]) {
        for note in notes { log(note.level, note.text) }
    }
}
