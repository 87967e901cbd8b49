import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// What the machine wants done.
extension Engine {
    func perform(_ action: Action) {
        switch action {
        case .checkCommand(let check, let program): checkCommand(check, program)
        case .spawn(let run, let program, _): spawn(run, program)
        case .signal(let run, let signal, let scope): send(signal, to: run, scope)
        case .reply(let id, let content):
            guard let answer = parked.removeValue(forKey: id) else { return }
            tickets[id] = nil
            travellers[id] = nil
            machineAnswers.append((answer, ControlAnswer(content)))
        case .log(let level, let text): log(level, text)
        case .announce(let announcement): announce(announcement)
        case .adopt(let program, let group, let name): adopt(program, group: group, name: name)
        case .release(let program): release(program)
        case .finished(let end): finish(end)
        }
    }

    private func checkCommand(_ check: CheckID, _ program: ProgramID) {
        guard let spec = programs[program]?.spec else { return handle(.commandChecked(check, nil)) }
        pool.submit(lane: lane(of: program)) { [spawner, link] in
            link.report(.checked(check, spawner.check(spec)))
        }
    }

    private func spawn(_ run: RunID, _ program: ProgramID) {
        guard let spec = programs[program]?.spec else {
            return handle(.spawnFailed(run, SpawnProblem("the program is not configured any more")))
        }
        // Before the next one takes it.
        giveBackSockets()
        takeSocket(for: run, spec)
        // A shared socket is opened and closed in the order of the births, each with its end.
        let isOrdered = keepsBirthsInOrder || spec.socket != nil
        // Several threads do not wait for several children at once: they would tell of them in any order. One that comes
        // back by itself is there a little sooner.
        let isAlone = spec.socket != nil || births == nil || birthsUnderWay == 0
        birthsUnderWay += 1
        nursery.submit(
            lane: isOrdered ? Lane.births : lane(of: program), isBirth: births != nil
        ) { [spawner, link] () -> WorkerPool.Rest? in
            let parent = HostThread.current
            if isAlone {
                link.report(.spawned(run, spawner.spawn(spec, run), thread: parent))
                return nil
            }
            let end = spawner.begin(spec, run)
            return { link.report(.spawned(run, end(), thread: parent)) }
        }
    }

    /// A worker has started a program, or could not.
    func take(_ outcome: SpawnOutcome, of run: RunID, thread: UInt) {
        birthsUnderWay -= 1
        switch outcome {
        case .failed(let problem):
            // Such a child may have hidden an orphan.
            if problem.failedInChild { childrenChanged() }
            if problem.failedInChild, let program = machine.program(of: run) { holdEvents(for: program) }
            if let spec = machine.program(of: run).flatMap({ programs[$0]?.spec }) {
                leavingHolders.append((run, spec))
            }
            handle(.spawnFailed(run, problem))
            giveBackSockets()
        case .born(let process, let input, let listenerOutput):
            let program = machine.program(of: run)
            var record = RunRecord(program: program ?? ProgramID(number: 0), process: process)
            record.input = input.map { InputWriter($0) }
            record.thread = thread
            runs[run] = record
            watch(record, of: run)
            writeDown(born: run, process.pid)
            if let program { programs[program]?.run = run }
            if let listenerOutput { watchListener(run, listenerOutput) }
            handle(.spawned(run, pid: process.pid))
        }
    }

    /// Has the end of a run told.
    func watch(_ record: RunRecord, of run: RunID) {
        do throws(SystemError) {
            try loop.poller.watchExit(of: record.process, token: run.number)
        } catch {
            log(.error, "cannot watch pid \(record.process.pid): \(error)")
            cannotWatch(run)
        }
    }

    private func send(_ signal: Signal, to run: RunID, _ scope: SignalScope) {
        guard let process = runs[run]?.process else { return }
        do throws(SystemError) {
            switch scope {
            case .main: try kernel.signal(process, signal)
            case .processGroup, .everything: try kernel.signalGroup(process, signal)
            }
        } catch  where error.number == .noProcess {
            // It has ended already; its end is on its way to us.
            return
        } catch {
            handle(.signalFailed(run, signal, reason: error.name))
        }
    }

    private func announce(_ announcement: Announcement) {
        switch announcement {
        case .groupRemoved(let name):
            configuration.deactivate(name)
            closePool(name)
            sharedSockets[name] = nil
        case .daemonStopping: tellStopping()
        case .processState, .groupAdded, .daemonRunning: break
        }
        raise(announcement)
    }

    func adopt(_ program: ProgramID, group: String, name: String) {
        guard let service = configuration.service(group: group, name: name) else { return }
        let kind = configuration.active[group]?.kind ?? .program
        let spec = LaunchSpec(
            service, program: program, group: group, kind: kind, daemon: configuration.settings,
            socket: sharedSockets[group],
            left: configuration.leftLogs[ProgramName(group: group, process: name)])
        programs[program] = ProgramRecord(spec: spec)
        programIDs[ProgramName(group: group, process: name)] = program
        desk.add(program, to: group)
        if spec.automaticLogs != nil {
            nursery.submit(lane: Lane.births) { [spawner] in spawner.createAutomaticLogs(spec) }
        }
    }

    private func release(_ program: ProgramID) {
        logger.send(.release(program))
        guard let record = programs.removeValue(forKey: program) else { return }
        let name = ProgramName(group: record.spec.group, process: record.spec.name)
        programIDs[name] = nil
        if let logs = record.spec.automaticLogs { configuration.leave(logs, of: name) }
    }

    func lane(of program: ProgramID) -> WorkerPool.Lane { UInt64(program.number) }
}

/// Lanes of workers that are no program's.
enum Lane {
    static let configuration: WorkerPool.Lane = .max
    static let notices: WorkerPool.Lane = .max - 1
    static let sockets: WorkerPool.Lane = .max - 2
    /// Programs come to life in the order in which the machine wants them, each after its log files. One that hangs is
    /// overtaken (`WorkerPool.overtake`). One that comes back by itself waits for nobody.
    static let births: WorkerPool.Lane = .max - 3
    static let ledger: WorkerPool.Lane = .max - 4
}

extension Event {
    /// Whether programs are born of it that somebody wants in an order: at the start or by a request.
    var startsPrograms: Bool {
        switch self {
        case .started, .request, .commandChecked: true
        case .abandoned, .spawned, .survived, .numbered, .spawnFailed, .exited, .signalFailed, .deadline,
            .signalReceived,
            .hurried,
            .overdue:
            false
        }
    }
}

extension ControlAnswer {
    init(_ reply: Reply) {
        switch reply {
        case .done: self = .done
        case .statuses(let statuses): self = .statuses(statuses)
        case .fault(let fault): self = .fault(fault)
        }
    }
}
