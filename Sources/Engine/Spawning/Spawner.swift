import Kernel
import ServiceModel
import SourceText
import Supervision

/// What came of a start.
enum SpawnOutcome: Sendable {
    /// The program runs; `input` is our non-blocking end of its standard input.
    /// `listener`: our end of the standard output of an event listener.
    case born(SpawnedProcess, input: Descriptor?, listener: Descriptor?)
    case failed(SpawnProblem)
}

/// Starts programs. Lives on worker threads: everything here may block.
struct Spawner<K: SystemCalls>: Sendable {
    let kernel: K
    let logger: LoggerLink<K>
    /// Where the logger tells of output that makes events.
    let outputs: OutputReports
    /// Whether the log shows what programs write: then even outputs without a log are read.
    let readsEverything: Bool
    let manners: Manners
    let environments: ChildEnvironment
    /// Where programs are kept for a daemon after us.
    var store: DescriptorStore<K>?
    /// What a program gets when we die, so that it does not outlive us; `nil` lets it.
    var deathSignal: Signal?

    /// What programs are born ignoring: a write to a closed pipe, or beyond the size a file may have, is an error they
    /// see, not their death. Python ignores both in itself and so in what it starts (supervisord 4.3 behaviour); systemd
    /// does with the first (`IgnoreSIGPIPE=yes`, systemd.exec(5)).
    static var ignored: [Signal] { ["PIPE", "XFSZ"].compactMap { Signal(named: $0) } }

    /// Whether the program's command can be executed.
    func check(_ spec: LaunchSpec) -> CommandProblem? {
        switch CommandLookup(kernel: kernel).find(spec.command, environment: environments.environment(of: spec)) {
        case .success: nil
        case .failure(let failed): failed.problem
        }
    }

    /// Makes the automatic log files of a program that comes under supervision, so that they can be read before its
    /// first start (supervisord 4.3). A start that cannot open them says why.
    func createAutomaticLogs(_ spec: LaunchSpec) {
        for case .file(let path, _, _, isPrivate: true) in spec.destinations {
            try? AutomaticLog.create(path, kernel)
        }
    }

    func spawn(_ spec: LaunchSpec, _ run: RunID) -> SpawnOutcome {
        switch prepare(spec, run) {
        case .failure(let failed): failed.outcome
        case .success(let birth): finish(birth, spec, run, kernel.spawn(birth.request))
        }
    }

    /// Brings a program on its way. What is returned waits until it is there, and must be called.
    func begin(_ spec: LaunchSpec, _ run: RunID) -> @Sendable () -> SpawnOutcome {
        switch prepare(spec, run) {
        case .failure(let failed): return { failed.outcome }
        case .success(let birth):
            let end = kernel.beginSpawn(birth.request)
            return { finish(birth, spec, run, end()) }
        }
    }

    /// A program that is about to be made.
    private struct Birth: Sendable {
        var request: SpawnRequest
        var channels: SpawnChannels<K>
        var record: Descriptor?
    }

    private struct Failed: Error {
        let outcome: SpawnOutcome
        init(_ outcome: SpawnOutcome) { self.outcome = outcome }
    }

    private func prepare(_ spec: LaunchSpec, _ run: RunID) -> Result<Birth, Failed> {
        var socket: Descriptor?
        do throws(SharedSocket.Problem) {
            socket = try spec.socket?.open(kernel) { logger.log(.info, $0, wall: kernel.now().wall) }
        } catch {
            return .failure(Failed(.failed(SpawnProblem("\(error)", crash: error.crash))))
        }
        let command: (path: String, arguments: [String])
        let environment = environments.environment(of: spec)
        switch CommandLookup(kernel: kernel).find(spec.command, environment: environment) {
        case .success(let found): command = found
        case .failure(let failed): return .failure(Failed(.failed(SpawnProblem(failed.problem.text))))
        }

        var channels = SpawnChannels(kernel)
        do throws(SystemError) {
            if manners.refusesSocketsAsLogs { try refuseSockets(as: spec.destinations) }
            try channels.open(spec, socket: socket, readsEverything: readsEverything)
        } catch {
            channels.closeAll()
            return .failure(Failed(.failed(SpawnTexts.preparing(spec.name, error))))
        }

        var request = SpawnRequest(path: command.path, arguments: command.arguments, environment: environment)
        request.workingDirectory = spec.workingDirectory
        request.umask = spec.umask
        request.standardInput = channels.childInput
        request.standardOutput = channels.childOutput
        request.standardError = channels.childError
        request.limits = limits(spec.limits)
        request.ignoredSignals = Self.ignored
        request.parentDeathSignal = deathSignal
        switch ChildIdentity(kernel: kernel).credentials(user: spec.user, group: spec.userGroup) {
        case .success(let credentials): request.credentials = credentials
        case .failure(let problem):
            return .failure(Failed(fail("couldn't setuid to \(problem.text)", spec, &channels, pid: 0)))
        }
        return .success(
            Birth(request: request, channels: channels, record: keep(run, spec, channels, socket)))
    }

    private func finish(
        _ birth: Birth, _ spec: LaunchSpec, _ run: RunID, _ result: Result<SpawnedProcess, SpawnFailure>
    ) -> SpawnOutcome {
        var channels = birth.channels
        let record = birth.record
        switch result {
        case .success(let process):
            if let record { store?.born(run, process, record: record) }
            let ends = channels.hand(over: spec, pid: process.pid, to: logger, outputs)
            return .born(process, input: ends.input, listener: ends.listener)
        case .failure(let failure) where failure.step == .creation || failure.step == .preparation:
            giveUp(run, record)
            channels.closeAll()
            return .failed(SpawnTexts.creating(spec.name, failure.number))
        case .failure(let failure):
            giveUp(run, record)
            return fail(SpawnTexts.child(failure, birth.request), spec, &channels, pid: failure.pid ?? 0)
        }
    }

    /// Keeps what a daemon after us needs to go on with the program; `nil` when it will not. What a listener was told and
    /// has said, nobody would know: it is started anew.
    private func keep(
        _ run: RunID, _ spec: LaunchSpec, _ channels: SpawnChannels<K>, _ socket: Descriptor?
    ) -> Descriptor? {
        guard let store, !spec.isListener else { return nil }
        if let socket, !store.keep([socket], as: .socket(group: spec.group)) { return nil }
        let ends = channels.ours
        let pipes = ends.compactMap { stream, descriptor in
            (try? kernel.status(of: descriptor)).map { StoredRun.Pipe(stream: stream, identity: $0.identity) }
        }
        let stored = StoredRun(
            run: run, group: spec.group, process: spec.name, fingerprint: spec.fingerprint, logs: spec.automaticLogs,
            pipes: pipes)
        return store.keep(stored, ends.map(\.descriptor))
    }

    /// There is no process to go on with.
    private func giveUp(_ run: RunID, _ record: Descriptor?) {
        guard let store, let record else { return }
        kernel.close(record)
        store.forget(.run(run))
        store.flush()
    }

    /// As the original fails that opens what lies behind the path.
    private func refuseSockets(as destinations: [LogDestination]) throws(SystemError) {
        for case .inherited(let descriptor, let path) in destinations
        where (try? kernel.status(of: descriptor))?.kind == .socket {
            throw SystemError("open", .noDeviceOrAddress, path: path)
        }
    }

    /// A child that did not get to its program: its last words go the way its standard error goes.
    private func fail(
        _ reason: String, _ spec: LaunchSpec, _ channels: inout SpawnChannels<K>, pid: Int32
    ) -> SpawnOutcome {
        try? kernel.writeAll(channels.childError, Array(SpawnTexts.lines(reason).utf8))
        let ends = channels.hand(over: spec, pid: pid, to: logger, outputs)
        if let input = ends.input { kernel.close(input) }
        if let listener = ends.listener {
            kernel.close(listener)
            logger.send(.endFeed(spec.program))
        }
        return .failed(SpawnProblem(reason, failedInChild: true, pid: pid))
    }

    private func limits(_ limits: [ResourceKind: ResourceLimit]) -> [LimitSetting] {
        limits.compactMap { kind, limit in
            guard let resource = kind.resource, let current = try? kernel.limit(resource) else { return nil }
            func value(_ setting: Setting<UInt64>?, else other: UInt64?) -> UInt64? {
                guard let setting else { return other }
                return setting.value == .max ? nil : setting.value
            }
            return LimitSetting(
                resource, soft: value(limit.soft, else: current.soft), hard: value(limit.hard, else: current.hard))
        }
    }
}

extension ResourceKind {
    fileprivate var resource: Resource? {
        switch self {
        case .core: .coreSize
        case .cpuTime: .cpuSeconds
        case .data: .dataSize
        case .fileSize: .fileSize
        case .lockedMemory: .lockedMemory
        case .openFiles: .openFiles
        case .processes: .processes
        case .residentSet: .residentSet
        case .stack: .stackSize
        case .addressSpace: .addressSpace
        }
    }
}
