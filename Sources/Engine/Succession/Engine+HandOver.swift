import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

// What the engine knows, for whoever comes, and from whoever was before.
extension Engine {
    func handOver(streams: [HandOver.Stream], listeners: [BoundListener]) -> HandOver {
        var state = HandOver()
        state.program = succession?.program ?? ""
        state.arguments = succession?.arguments ?? []
        state.startDirectory = succession?.startDirectory
        state.directory = try? kernel.currentDirectory()
        state.isDetached = succession?.isDetached ?? false
        state.pidFile = succession?.pidFile
        state.upgrades = (succession?.upgrades ?? 0) + 1
        state.generation = publisher.snapshot.generation
        state.machine = machine.encoded()
        state.listeners = listeners.map { listener in
            HandOver.Listener(
                address: "\(listener.settings.address)", isPrivate: listener.settings.isPrivate,
                descriptor: listener.descriptor)
        }
        state.programs = programs.sorted { $0.key < $1.key }.compactMap { id, record in
            record.spec.automaticLogs.map { HandOver.Program(id: id, logs: $0) }
        }
        state.runs = runs.sorted { $0.key < $1.key }.map { id, record in
            HandOver.Run(
                id: id, program: record.program, pid: record.process.pid,
                handle: record.process.isAdopted ? record.process.handle : nil, input: record.input?.descriptor,
                pendingInput: record.input?.pending ?? [],
                listener: listenerRuns[id].map { listener in
                    HandOver.ListenerState(
                        output: listener.output, conversation: listener.conversation, event: listener.event,
                        isRunning: listener.isRunning)
                })
        }
        state.streams = streams
        state.storeSize = store?.size
        state.keptRuns = store?.keptRuns ?? []
        state.ferry = ferry
        state.nextSerial = desk.serial.upcoming
        state.ticks = desk.ticks
        state.pools = desk.pools.map(\.handOver)
        state.sockets = sharedSockets.sorted { $0.key < $1.key }.map { group, socket in
            HandOver.Socket(
                group: group, descriptor: socket.handOver, holders: socketHolders.holders(of: group))
        }
        state.lastRequest = lastRequest
        state.clients = travellers.sorted { $0.key.number < $1.key.number }.map {
            HandOver.Client(request: $0.key, client: $0.value)
        }
        return state
    }

    /// Goes on where the program before us was; instead of `prepare` and `begin`. Opens log files: blocks.
    func resume(_ state: HandOver, _ machine: Machine) {
        self.machine = machine
        let logs = Dictionary(state.programs.map { ($0.id, $0.logs) }) { first, _ in first }
        let ids = Dictionary(
            machine.programs.map { (ProgramName(group: $0.group, process: $0.name), $0.id) }
        ) { first, _ in first }
        let groups = Set(machine.programs.map(\.group)).union(machine.groupNames)
        for group in configuration.lastRead.groups where groups.contains(group.name) {
            configuration.activate(group)
            openPool(group)
            provideSocket(for: group)
            for service in group.services {
                let name = ProgramName(group: group.name, process: service.name.value)
                guard let id = ids[name] else { continue }
                if let left = logs[id] { configuration.leave(left, of: name) }
                adopt(id, group: name.group, name: name.process)
            }
        }
        desk.ticks = state.ticks
        setTickTimer(kernel.now())
        desk.resume(state.pools)
        for socket in state.sockets {
            if let descriptor = socket.descriptor { sharedSockets[socket.group]?.resume(descriptor) }
            for run in socket.holders { socketHolders.take(run, of: socket.group) }
        }
        lastRequest = state.lastRequest
        for entry in state.clients { travel(entry.client, as: entry.request) }
        for stream in state.streams { resume(stream) }
        for run in state.runs { resume(run) }
        resumeStore(state)
        let running = machine.programs.count { $0.state == .running }
        log(
            .info,
            "this program file has taken over: \(machine.programs.count) programs go on, \(running) of them running")
        settle(awaitingLogger: false)
    }

    /// Counts what the program before us had kept for whoever comes after a crash.
    private func resumeStore(_ state: HandOver) {
        guard let store else { return }
        let living = Set(state.runs.map(\.id))
        for run in state.keptRuns {
            store.resume(.run(run), descriptors: DescriptorStore<K>.descriptorsOfRun)
            if !living.contains(run) { store.forget(.run(run)) }
        }
        if let number = state.ferry {
            store.resume(.ferry(number), descriptors: Ferry<K>.descriptors)
            store.forget(.ferry(number))
        }
        for socket in state.sockets where socket.descriptor != nil {
            store.resume(.socket(group: socket.group), descriptors: 1)
        }
        flushStore()
    }

    /// `cargoes`: what of it was on its way to its log.
    func resume(_ stream: HandOver.Stream, _ cargoes: [Cargo] = []) {
        guard let spec = programs[stream.program]?.spec, case .logged(let destination) = spec.plan(stream.channel)
        else {
            if let reader = stream.reader { kernel.close(reader) }
            return
        }
        var attachment = StreamAttachment(
            spec, stream.channel, to: destination, pid: stream.pid, logger.systemLog, link.outputs)
        attachment.reader = stream.reader
        attachment.resumed = stream
        for cargo in cargoes {
            attachment.missing += destination.path.map { cargo.missing(in: $0, kernel) } ?? cargo.bytes
        }
        attachment.cargoes = cargoes
        do throws(SystemError) {
            attachment.opened = try destination.open(kernel)
        } catch {
            log(.error, "cannot open the log of \(spec.name) again: \(error)")
        }
        logger.send(.attach(attachment))
    }

    private func resume(_ run: HandOver.Run) {
        let process = run.handle.map { kernel.adopt(run.pid, handle: $0) } ?? kernel.takeUp(child: run.pid)
        var record = RunRecord(program: run.program, process: process)
        record.thread = births?.lentThread
        record.input = run.input.map { InputWriter($0, pending: run.pendingInput) }
        runs[run.id] = record
        watch(record, of: run.id)
        // One may have ended while nobody looked.
        childrenChanged()
        if programs[run.program] != nil { programs[run.program]?.run = run.id }
        if !run.pendingInput.isEmpty { flushInput(run.id) }
        guard let listener = run.listener else { return }
        if let output = listener.output { watchListener(run.id, output) }
        listenerRuns[run.id]?.conversation = listener.conversation
        listenerRuns[run.id]?.event = listener.event
        listenerRuns[run.id]?.isRunning = listener.isRunning
    }
}
