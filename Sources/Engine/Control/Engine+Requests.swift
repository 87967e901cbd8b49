import Kernel
import ServiceModel
import SourceText
import Supervision

typealias Answer = @Sendable (ControlAnswer) -> Void

/// What clients ask for, and what workers found out.
extension Engine {
    func take(_ request: ControlRequest, _ answer: @escaping Answer) {
        switch request {
        case .supervise(.restart): readConfiguration(for: .restart(.client(answer)))
        case .supervise(let request): ask(request, answer)
        case .reread: readConfiguration(for: .reread(answer))
        case .staleness: readConfiguration(for: .staleness(answer))
        case .addGroup(let name): addGroup(name, answer)
        case .configuration:
            reply(
                answer,
                .configuration(
                    plan: configuration.lastRead, activeGroups: Set(configuration.active.keys),
                    taken: configuration.takenFromLastRead,
                    left: Dictionary(
                        configuration.leftLogs.map { ($0.key.namespec, $0.value) },
                        uniquingKeysWith: { first, _ in first })))
        case .readLog(let source, let offset, let length):
            withLog(source, missing: { .fault(Fault(.noFile, $0)) }, answer) { reader, path in
                reader.read(path, offset: offset, length: length)
            }
        case .tailLog(let source, let offset, let length):
            withLog(source, missing: { _ in LogReader<K>.emptyTail }, answer) { reader, path in
                reader.tail(path, offset: offset, length: length)
            }
        case .clearLog(.daemon): clearMainLog(answer)
        case .clearLog(.program(let target, let channel)): clearLogs(target, [channel], answer)
        case .clearProcessLogs(let target): clearLogs(target, OutputChannel.allCases, answer)
        case .clearAllProcessLogs: clearAllLogs(answer)
        case .reopenLogs:
            reopenLogs()
            reply(answer, .done)
        case .writeInput(let target, let bytes): writeInput(bytes, to: target, answer)
        case .remoteEvent(let type, let data):
            raiseRemote(type: type, data: data)
            reply(answer, .done)
        case .upgrade: prepareSuccession(answer)
        }
    }

    func take(_ result: WorkerResult) {
        switch result {
        case .checked(let check, let problem): handle(.commandChecked(check, problem))
        case .spawned(let run, let outcome, let thread): take(outcome, of: run, thread: thread)
        case .read(let reading, let purpose): take(reading, for: purpose)
        case .answered(let content, let answer): reply(answer, content)
        case .groupPrepared(let group, let result, let answer): take(result, for: group, answer)
        case .successorTried(let problem, let answer): tried(problem, answer)
        case .earsClosed(let clients): earsClosed(clients)
        case .listenerRemade(let listener): port.add([listener])
        case .note(let message, let isError): log(isError ? .error : .info, message)
        case .loggerDone: break
        }
    }

    func received(_ signal: Signal) {
        switch signal {
        case _ where Self.endingSignals.contains(signal):
            handle(.signalReceived(.shutdown, signal))
        case .hangUp where machine.daemonState == .running:
            readConfiguration(for: .restart(.signal(signal)))
        case .hangUp:
            handle(.signalReceived(.restart, signal))
        case Signal(named: "USR2"):
            log(.info, "received SIGUSR2 indicating log reopen request")
            reopenLogs()
            remakeSockets()
        case Signal(named: "CHLD"):
            log(.debug, "received SIGCHLD indicating a child quit")
            childrenChanged()
        default:
            log(.blather, "received \(signal) indicating nothing")
        }
    }

    // MARK: Groups

    private func addGroup(_ name: String, _ answer: @escaping Answer) {
        guard configuration.active[name] == nil else {
            return reply(answer, .fault(Fault(.alreadyAdded, name)))
        }
        guard let group = configuration.lastRead.groups.first(where: { $0.name == name }) else {
            return reply(answer, .fault(Fault(.badName, name)))
        }
        prepare(group, answer)
    }

    /// Takes a group into service; the machine adopts its programs.
    func activate(_ group: ServiceGroup, answer: @escaping Answer) {
        configuration.activate(group)
        openPool(group)
        provideSocket(for: group)
        ask(.addGroup(GroupPolicy(group)), answer)
    }

    // MARK: Logs

    func programName(_ target: Target) -> ProgramName? {
        if case .process(let group, let name) = target { ProgramName(group: group, process: name) } else { nil }
    }

    private func spec(_ target: Target) -> LaunchSpec? {
        programName(target).flatMap { programIDs[$0] }.flatMap { programs[$0]?.spec }
    }

    private func withLog(
        _ source: LogSource, missing: (String?) -> ControlAnswer, _ answer: @escaping Answer,
        _ body: @escaping @Sendable (LogReader<K>, String) -> ControlAnswer
    ) {
        var writer: ProgramID?
        let path: String?
        switch source {
        case .daemon: path = publisher.snapshot.logFile
        case .program(let target, let channel):
            guard let spec = spec(target) else {
                return reply(answer, .fault(Fault(.badName, target.namespec)))
            }
            path = spec.logPath(channel)
            writer = spec.program
        }
        guard let path else {
            let isSystemLog = if case .daemon = source { configuration.settings.logToSyslog } else { false }
            return reply(answer, missing(isSystemLog ? "syslog" : nil))
        }
        let job: @Sendable () -> Void = { [kernel, link] in
            link.report(.answered(body(LogReader(kernel: kernel), path), answer))
        }
        // What was logged may be on its way still, what the program has written in its pipe.
        settleOutput(of: writer.map { [$0] } ?? [], isEnd: false, for: .job(job))
    }

    private func clearMainLog(_ answer: @escaping Answer) {
        guard publisher.snapshot.logFile != nil else { return reply(answer, .fault(Fault(.noFile))) }
        logger.send(
            .clearMain(done: { [link] error in
                let content: ControlAnswer =
                    switch error?.number {
                    case nil: .done
                    case .noEntry?: .fault(Fault(.noFile))
                    case _?: .fault(Fault(.failed))
                    }
                link.report(.answered(content, answer))
            }))
    }

    private func clearLogs(_ target: Target, _ channels: [OutputChannel], _ answer: @escaping Answer) {
        guard let spec = spec(target) else { return reply(answer, .fault(Fault(.badName, target.namespec))) }
        logger.send(
            .clear(
                clearable(spec.program, channels),
                done: { [link] error in
                    link.report(.answered(error == nil ? .done : .fault(Fault(.failed, target.namespec)), answer))
                }))
    }

    /// The logs that clearing a program empties: those it writes to at this moment. Those of a program that does not
    /// run stay as they are (supervisord 4.3).
    private func clearable(_ program: ProgramID, _ channels: [OutputChannel]) -> [LogDestination] {
        guard let record = programs[program], record.run != nil else { return [] }
        return channels.compactMap { channel in
            if case .logged(let destination) = record.spec.plan(channel) { destination } else { nil }
        }
    }

    private func clearAllLogs(_ answer: @escaping Answer) {
        let names = machine.programs.map { ProgramName(group: $0.group, process: $0.name) }
        let jobs = names.map { name in
            (name, programIDs[name].map { clearable($0, OutputChannel.allCases) } ?? [])
        }
        let tally = Monitor<[ProcessStatus]>([])
        guard !jobs.isEmpty else { return reply(answer, .statuses([])) }
        for (name, destinations) in jobs {
            logger.send(
                .clear(
                    destinations,
                    done: { [link] error in
                        let fault = error.map { _ in Fault(.failed, name.namespec) }
                        let status = ProcessStatus(
                            group: name.group, name: name.process, code: fault?.code ?? .success,
                            description: fault?.text ?? "OK")
                        let all = tally.withLock { statuses in
                            statuses.append(status)
                            return statuses
                        }
                        if all.count == jobs.count { link.report(.answered(.statuses(all), answer)) }
                    }))
        }
    }

    private func reopenLogs() {
        logger.send(.reopen)
    }
}
