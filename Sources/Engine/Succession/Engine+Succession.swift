import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// How far a succession has come.
enum SuccessionPhase: Sendable {
    /// The other program shows whether it can.
    case trial
    /// It can. Who waits for what only we can answer gets that first, until then at the latest (monotonic clock).
    case courtesy(until: Int64)
    /// Clients get their answers or are handed over; these sockets wait for the other program, and so does whoever connects.
    case farewell([BoundListener])
    /// Nobody waits for us; what is under way ends, until then at the latest (monotonic clock).
    case waiting([BoundListener], until: Int64)
}

/// `svinstall upgrade`: another program takes our place in this process, and everything goes on.
///
/// Threads do not survive that (execve(2)), so it happens in a moment in which only the engine has anything to do: the
/// clients are answered, no worker has a job, the logger waits. Until the other program runs nothing is given up that
/// could not be taken up again.
extension Engine {
    /// For clients that read slowly.
    private static var answerTime: TimeSpan { .seconds(20) }
    /// For starts under way, for answers to several calls at once, and for a disk that is slow.
    private static var quietTime: Int64 { 10_000_000_000 }
    private static var look: Int64 { 5_000_000 }

    func prepareSuccession(_ answer: @escaping Answer) {
        guard let succession else { return refuse(answer, "this system does not tell what the daemon was started as") }
        guard successionPhase == nil else { return refuse(answer, "an upgrade is under way") }
        guard machine.daemonState == .running, next == nil else { return refuse(answer, "the daemon is stopping") }
        successionPhase = .trial
        // Whoever asks from now on is told of this attempt.
        publisher.tellUpgrade(nil)
        link.publish(publisher.snapshot)
        let state = handOver(streams: [], listeners: [])
        let active = configuration.activePlan
        pool.submit(lane: Lane.configuration) { [source, kernel, link] in
            let trial = SuccessionTrial(kernel: kernel, succession: succession)
            let problem = Self.difference(of: active, from: source) ?? trial.run(state)
            link.report(.successorTried(problem, answer))
        }
    }

    private func refuse(_ answer: @escaping Answer, _ reason: String) {
        reply(answer, .fault(Fault(.failed, reason)))
    }

    /// Why the configuration on disk is not what runs: whoever comes reads it. Blocks.
    private static func difference(of active: Plan, from source: any PlanSource) -> String? {
        do throws(Failure) {
            let plan = try source.load()
            let changes = source.changes(from: active, to: plan).changes
            let names = changes.changed + changes.removed
            if !names.isEmpty {
                return "what is configured differs from what runs: \(names.joined(separator: ", ")); apply it with "
                    + "svinstall update first"
            }
            return plan.daemon == active.daemon
                ? nil : "the daemon's own settings have changed; apply them with svinstall reload first"
        } catch {
            return "the configuration cannot be read: \(error.firstMessage)"
        }
    }

    /// The other program has shown what it can.
    func tried(_ problem: String?, _ answer: @escaping Answer) {
        guard problem == nil, machine.daemonState == .running else {
            let problem = problem ?? "the daemon is stopping"
            abandonSuccession(problem)
            return refuse(answer, problem)
        }
        log(.info, "another program file is to take over: answering clients first")
        reply(answer, .done)
        successionPhase = .courtesy(until: kernel.now().monotonic + Self.quietTime)
        setTimer(.succession, after: 0)
    }

    /// Whether everybody whose answer the machine owes can be handed over. What answers several calls knows of all of them,
    /// and nobody else does.
    private var canHandOverClients: Bool { parked.keys.allSatisfy { tickets[$0] != nil || travellers[$0] != nil } }

    private func beginFarewell() {
        guard let held = try? holdListeners() else { return abandonSuccession("the daemon has no descriptors left") }
        successionPhase = .farewell(held)
        farewell.open()
        pool.submit(lane: Lane.sockets) { [port, link] in
            link.report(.earsClosed(port.part(grace: Self.answerTime)))
        }
    }

    /// The sockets under numbers of our own: the port closes its.
    private func holdListeners() throws(SystemError) -> [BoundListener] {
        var held: [BoundListener] = []
        do throws(SystemError) {
            for listener in port.listeners {
                let copy = try kernel.duplicate(listener.descriptor, atLeast: 3)
                held.append(BoundListener(settings: listener.settings, descriptor: copy))
            }
            return held
        } catch {
            for listener in held { kernel.close(listener.descriptor) }
            throw error
        }
    }

    func earsClosed(_ clients: [WaitingClient]) {
        receive(clients)
        guard case .farewell(let listeners)? = successionPhase else { return }
        successionPhase = .waiting(listeners, until: kernel.now().monotonic + Self.quietTime)
        setTimer(.succession, after: 0)
    }

    /// Clients that go on waiting, for whoever answers them: us, should nobody take our place.
    private func receive(_ clients: [WaitingClient]) {
        let requests = Dictionary(tickets.map { ($0.value, $0.key) }) { first, _ in first }
        var answered: [UInt64: Answer] = [:]
        for client in clients {
            if let id = requests[client.ticket] {
                travel(client, as: id)
            } else {
                answered[client.ticket] = late(client)
            }
        }
        // Those who are not among them have gone.
        for id in tickets.keys { parked[id] = nil }
        tickets = [:]
        farewell.close(answered)
    }

    /// A client that waits for the answer to that request, and whose connection is ours.
    func travel(_ client: WaitingClient, as id: RequestID) {
        travellers[id] = client
        tickets[id] = nil
        parked[id] = late(client)
    }

    private func late(_ client: WaitingClient) -> Answer {
        { [pool, port] content in pool.submit { port.answer(client, content) } }
    }

    /// Whether the moment has come.
    func lookForSuccession() {
        let limit: Int64
        switch successionPhase {
        case .courtesy(let until)?, .waiting(_, let until)?: limit = until
        case .trial?, .farewell?, nil: return
        }
        guard machine.daemonState == .running else { return abandonSuccession("the daemon is stopping") }
        switch successionPhase {
        case .courtesy? where canHandOverClients: beginFarewell()
        case .waiting(let listeners, _)? where isQuiet:
            if let problem = succeed(listeners) { abandonSuccession(problem) }
        case _ where kernel.now().monotonic < limit: setTimer(.succession, after: Self.look)
        case .courtesy?:
            abandonSuccession(
                "a client waits for a program by several calls at once or by the web page; try again when it is answered"
            )
        default:
            abandonSuccession("there was no quiet moment: starts or requests are under way, or a disk is slow")
        }
    }

    /// Programs that end with their daemon end with the thread that started them, and only one thread goes on: these
    /// were started by another, because a start hung.
    private var boundPrograms: [String] {
        guard let keeper = births?.lentThread else { return [] }
        return runs.values.filter { $0.thread != keeper }.compactMap { programs[$0.program]?.spec.name }.sorted()
    }

    /// Nobody waits for anything that another program could not take up.
    private var isQuiet: Bool {
        parked.count == travellers.count && answers.isEmpty && machineAnswers.isEmpty && settlings.isEmpty
            && leavingHolders.isEmpty
            && pool.isQuiet && nursery.isQuiet && link.results.count == 0 && link.requests.count == 0
            && desk.outbox.isEmpty
            && !machine.awaitsBirthOrCheck
    }

    /// Puts the other program in our place; returns when that fails, with the reason and everything as it was.
    private func succeed(_ listeners: [BoundListener]) -> String? {
        guard let succession else { return nil }
        guard boundPrograms.isEmpty else {
            return "\(boundPrograms.joined(separator: ", ")) would end, having been started while another start hung; "
                + "restart that first"
        }
        let release = Monitor(false)
        defer {
            release.withLock { $0 = true }
            release.callAll()
        }
        guard let streams = stopLogger(release) else { return "a log takes no bytes at the moment" }
        // What the logger told before it stopped.
        takeOutputs()
        deliverEvents()
        let state = handOver(streams: streams, listeners: listeners)
        var inherited: [Descriptor] = []
        do throws(SystemError) {
            let memory = try state.store(kernel)
            // Without it there is no way back, but the trial has been passed.
            let own = try? kernel.openOwnProgram()
            defer { for descriptor in [memory, own].compactMap(\.self) { kernel.close(descriptor) } }
            for descriptor in state.descriptors + [memory, own].compactMap(\.self) {
                try kernel.setInherited(descriptor, true)
                inherited.append(descriptor)
            }
            defer { for descriptor in inherited { try? kernel.setInherited(descriptor, false) } }
            var environment = kernel.environment
            environment[Succession.variable] = "take \(memory.number) \(own?.number ?? -1)"
            if let directory = succession.startDirectory { try? kernel.changeDirectory(directory) }
            let error = execute(succession, environment)
            if let directory = state.directory { try? kernel.changeDirectory(directory) }
            return "\(error)"
        } catch {
            return "\(error)"
        }
    }

    /// The thread that does it is the one that survives: it must be the programs' parent where they end with that.
    private func execute(_ succession: Succession, _ environment: Environment) -> SystemError {
        let kernel = kernel
        let run: @Sendable () -> SystemError = {
            kernel.execute(.path(succession.program), arguments: succession.arguments, environment: environment)
        }
        guard let births else { return run() }
        let failure = Monitor<SystemError?>(nil)
        births.submit {
            let error = run()
            failure.withLock { $0 = error }
            failure.callAll()
        }
        return failure.sleep { $0 }
    }

    /// The streams of a logger that does nothing more until it is released; `nil` when it does not stop in time or has
    /// bytes left that nobody takes. Blocks, for as long as a clock tick where all is well.
    private func stopLogger(_ release: Monitor<Bool>) -> [HandOver.Stream]? {
        let result = Monitor<LoggerHandOver?>(nil)
        logger.send(.handOver(release: release, done: { handOver in result.withLock { $0 = handOver } }))
        let limit = kernel.now().monotonic + 3_000_000_000
        while kernel.now().monotonic < limit {
            if let handOver = result.withLock({ $0 }) { return handOver.isWritten ? handOver.streams : nil }
            kernel.sleep(nanoseconds: 200_000)
        }
        return nil
    }

    /// Everything goes on as before, and whoever asks is told why.
    private func abandonSuccession(_ problem: String) {
        let held: [BoundListener]
        switch successionPhase {
        case .farewell(let listeners)?, .waiting(let listeners, _)?: held = listeners
        case .trial?, .courtesy?, nil: held = []
        }
        successionPhase = nil
        log(.error, "no other program takes over: \(problem)")
        publisher.tellUpgrade(problem)
        link.publish(publisher.snapshot)
        guard !held.isEmpty else { return }
        do {
            try port.start(held, engine: link)
        } catch {
            log(.critical, "cannot answer on the control sockets any more: \(error)")
        }
    }
}
