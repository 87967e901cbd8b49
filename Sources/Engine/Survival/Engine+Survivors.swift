import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// What the daemon before us left behind when it was killed, and what a daemon after us would find.
extension Engine {
    /// Goes on with the programs that outlived the daemon before us, and ends what else is left of it; between `prepare`
    /// and `begin`. Opens log files and waits for processes to end: blocks.
    func takeUp(_ survivors: Survivors) {
        let runs = Set(survivors.runs.map { StoreName.run($0.record.run) })
        for (name, count) in survivors.names {
            store?.resume(name, descriptors: count)
            if case .run = name, !runs.contains(name) { store?.forget(name) }
        }
        takeUp(survivors.sockets)
        defer { letGoOfFerries(in: survivors) }
        let chosen = survivors.chosen { fingerprint(of: $0) }
        var spared: [ProgramName: Int32] = [:]
        var left: [SpawnedProcess] = []
        for survivor in survivors.runs {
            if let isSame = chosen[survivor.record.run], let process = survivor.process,
                let program = programIDs[survivor.record.name]
            {
                spared[survivor.record.name] = process.pid
                takeUp(survivor, process, as: program, survivors.cargoes)
                if !isSame { replace(survivor.record.name) }
            } else {
                if let process = survivor.process { left.append(process) }
                leave(survivor, survivors.cargoes)
            }
        }
        if let last = survivors.lastRun { handle(.numbered(after: last)) }
        guard store != nil || !left.isEmpty else { return }
        let leftovers = Leftovers(kernel: kernel, spared: spared)
        for line in leftovers.end(left, sweepsFamily: survivors.followsDaemon) { log(.warning, line) }
        flushStore()
    }

    /// A program that lives and is configured otherwise now ends by its rule and is started anew, as by an update.
    private func replace(_ name: ProgramName) {
        guard let service = configuration.service(group: name.group, name: name.process) else { return }
        log(.info, "\(name.namespec) is configured otherwise now, and is started anew")
        let target = Target.process(group: name.group, name: name.process)
        let starts = ProgramPolicy(service).startsAtLoad
        ask(.stop(target, waits: true)) { [link] _ in
            if starts { link.submit(.supervise(.start(target, waits: false))) { _ in } }
        }
    }

    private func takeUp(_ sockets: [String: Descriptor]) {
        for (group, descriptor) in sockets {
            if let socket = sharedSockets[group] {
                socket.resume(descriptor)
            } else {
                kernel.close(descriptor)
                store?.forget(.socket(group: group))
            }
        }
    }

    /// What a process of that program would be like now; `nil` where none could go on.
    private func fingerprint(of name: ProgramName) -> UInt64? {
        guard let spec = programIDs[name].flatMap({ programs[$0]?.spec }), spec.socket?.isOpen ?? true else {
            return nil
        }
        return spec.fingerprint
    }

    private func takeUp(
        _ survivor: Survivor, _ process: SpawnedProcess, as program: ProgramID, _ cargoes: [Cargo]
    ) {
        let run = survivor.record.run
        var record = RunRecord(program: program, process: process)
        record.input = survivor.pipes[.input].map { InputWriter($0) }
        runs[run] = record
        watch(record, of: run)
        programs[program]?.run = run
        if let spec = programs[program]?.spec { takeSocket(for: run, spec) }
        resumeOutputs(of: survivor, program, cargoes)
        handle(
            .survived(run, program, pid: process.pid, since: survivor.record.birth?.instant ?? kernel.now()))
    }

    /// Goes on reading what it writes, beginning with what was on its way.
    private func resumeOutputs(of survivor: Survivor, _ program: ProgramID, _ cargoes: [Cargo]) {
        for pipe in survivor.record.pipes {
            guard let channel = pipe.stream.channel, let reader = survivor.pipes[pipe.stream] else { continue }
            let stream = HandOver.Stream(
                program: program, channel: channel, reader: reader, pid: survivor.process?.pid ?? 0)
            resume(stream, cargoes.filter { $0.source == pipe.identity })
        }
    }

    /// Nobody goes on with it: what it has written still belongs in its log.
    private func leave(_ survivor: Survivor, _ cargoes: [Cargo]) {
        if let input = survivor.pipes[.input] { kernel.close(input) }
        if let program = programIDs[survivor.record.name] {
            resumeOutputs(of: survivor, program, cargoes)
            letGo(of: survivor.record.run, program)
        } else {
            for (stream, descriptor) in survivor.pipes where stream != .input { kernel.close(descriptor) }
            store?.forget(.run(survivor.record.run))
        }
    }

    /// A run is over: when its log has what is in its pipes, the service manager need not keep them any more.
    func letGo(of run: RunID, _ program: ProgramID) {
        guard let store, store.isKept(.run(run)) else { return }
        logger.send(
            .settle([program], isEnd: false) { [pool] in
                store.forget(.run(run))
                pool.submit(lane: Lane.notices) { store.flush() }
            })
    }

    /// What was on its way has arrived when the logger has done what it was told so far.
    private func letGoOfFerries(in survivors: Survivors) {
        guard let store else { return }
        let ferries = survivors.names.keys.filter { if case .ferry = $0 { true } else { false } }
        if ferries.isEmpty { return }
        logger.send(
            .settle([], isEnd: false) { [pool] in
                for name in ferries { store.forget(name) }
                pool.submit(lane: Lane.notices) { store.flush() }
            })
    }

    func flushStore() {
        guard let store else { return }
        pool.submit(lane: Lane.notices) { store.flush() }
    }
}

extension Survivors {
    /// Which runs are their programs' still: of each program that is configured the newest; whether it is what it would be
    /// started as now.
    /// `fingerprint`: what a process of a program would be like now; `nil` for none that could go on.
    func chosen(_ fingerprint: (ProgramName) -> UInt64?) -> [RunID: Bool] {
        var newest: [ProgramName: (run: RunID, isSame: Bool)] = [:]
        for survivor in runs where survivor.process != nil {
            guard let now = fingerprint(survivor.record.name) else { continue }
            newest[survivor.record.name] = (survivor.record.run, survivor.record.fingerprint == now)
        }
        return Dictionary(newest.values.map { ($0.run, $0.isSame) }) { first, _ in first }
    }
}
