import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// One daemon from start to end, with as many lives as it is told to restart.
///
/// The order is supervisord's (`main`, `run`): configuration, user, limits, log, old logs, sockets, detaching, pidfile;
/// only then threads. Whatever fails before the detaching is told on standard error.
struct DaemonLife<K: SystemCalls> {
    let kernel: K
    let options: DaemonOptions
    let source: any PlanSource
    let port: any ControlPort

    func run() -> Int32 {
        let holder = HolderRole.take(kernel)
        let role = SuccessionRole.take(kernel)
        let code: Int32
        do throws(StartFailure) {
            if let holder {
                code = try essential("holder") { () throws(SystemError) in
                    var holder = try Holder(kernel, holder)
                    return try holder.run()
                }
            } else {
                switch role {
                case .tried(let state)?: return try consent(to: state)
                case .successor(let state, let predecessor)?: code = try succeed(with: state, predecessor)
                case .returned(let state, let problem)?: code = try returned(with: state, problem)
                case nil: code = try runThrowing()
                }
            }
        } catch {
            try? kernel.writeAll(.standardError, Array(error.text(for: options.persona).utf8))
            code = error.exitCode(for: options.persona)
        }
        if options.persona == .svinstall, MeantEnd.isMeant(code) { MeantEnd.tellParent(kernel) }
        kernel.end(within: nil, status: code)
        return code
    }

    private func runThrowing() throws(StartFailure) -> Int32 {
        // Before anything else opens descriptors.
        var survivors = Survivors.take(kernel)
        let storeSize = kernel.descriptorStoreSize
        let succession = Succession(kernel)
        try prepareProcess()
        var plan: Plan
        do throws(Failure) { plan = try source.load() } catch { throw StartFailure(error) }
        if options.liveRestore || plan.daemon.liveRestore, storeSize == nil, let succession {
            do throws(SystemError) {
                return try HolderRole.begin(succession, detaches: detaches(plan.daemon), kernel)
            } catch {
                plan.notices.append(PlanNotice(.warning, "programs will not outlive a crash of the daemon: \(error)"))
            }
        }
        survivors.search(kernel)
        var life = try begin(plan, survivors, storeSize: storeSize)
        life.survivors = survivors
        life.succession = succession
        return try live(life)
    }

    /// What is this process's and not of one life of the daemon.
    func prepareProcess() throws(StartFailure) {
        for signal in Self.unheeded { kernel.ignoreSignal(signal) }
        try essential("sigprocmask") { () throws(SystemError) in try kernel.blockSignals(Engine<K>.signals) }
        if options.becomesSubreaper { try? kernel.becomeSubreaper() }
    }

    /// Runs the engine; where programs end with us, on a thread of its own: they end with the thread that started them
    /// (prctl(2), `PR_SET_PDEATHSIG`), which must be the one that another program's image begins on (execve(2)).
    func live(_ first: Life, inheritance: Inheritance? = nil) throws(StartFailure) -> Int32 {
        guard let births = first.births else { return try lives(first, inheritance) }
        let outcome = Monitor<Result<Int32, StartFailure>?>(nil)
        let failure = HostThread.start(stackBytes: 8 << 20) {
            let result = Result { () throws(StartFailure) in try lives(first, inheritance) }
            outcome.withLock { $0 = result }
            births.stop()
            if case .success(let code) = result { endUnless(code) { !births.lentThreadWorks } }
        }
        if let failure {
            throw StartFailure(.systemError, code: "system", "\(SystemError("pthread_create", failure))")
        }
        births.serve()
        return try outcome.sleep { $0 }.get()
    }

    /// Ends this process where the thread that was lent hangs in a birth for ever; `isBack`: it does not.
    private func endUnless(_ code: Int32, _ isBack: () -> Bool) {
        for _ in 0..<100 {
            if isBack() { return }
            kernel.sleep(nanoseconds: 10_000_000)
        }
        kernel.end(within: .milliseconds(1), status: code)
        // The others may hear no signal.
        kernel.sleep(nanoseconds: 1_000_000_000)
    }

    /// One life after another, from the first on. `inheritance`: it goes on where another program was.
    private func lives(_ first: Life, _ inheritance: Inheritance?) throws(StartFailure) -> Int32 {
        var life = first
        var inheritance = inheritance
        while true {
            let (end, next) = try supervise(life, inheritance)
            inheritance = nil
            guard end == .restart, let next else {
                release([life.privateListener].compactMap(\.self))
                life.pidFile?.remove(kernel)
                return 0
            }
            do throws(StartFailure) {
                life = try continueWith(next, after: life)
                life.survivors = nil
            } catch {
                // Who is detached has nobody to tell but the log.
                life.logger.log(.critical, error.failure.description, wall: kernel.now().wall)
                life.logger.stop(kernel, within: options.farewell)
                release([life.privateListener].compactMap(\.self))
                life.pidFile?.remove(kernel)
                throw error
            }
        }
    }

    /// What one life of the daemon has.
    struct Life {
        var plan: Plan
        var stamps: FileStamps
        var listeners: [BoundListener]
        /// The private control socket: bound once, for all lives, while root could still do it.
        var privateListener: BoundListener?
        var pidFile: PidFile?
        var detached: Bool
        var logPath: String?
        var logger: LoggerLink<K>
        var pool: WorkerPool
        /// See `Engine.births`.
        var births: WorkerPool?
        var loop: EventLoop<K>
        /// See `Engine.watchedHolder`.
        var holder: SpawnedProcess?
        var serial = EventSerial()
        var succession: Succession?
        /// See `Engine.store`.
        var store: DescriptorStore<K>?
        var ferry: UInt64?
        /// What the daemon before us left, for our first life.
        var survivors: Survivors?
    }

    // MARK: The first start

    private func begin(_ plan: Plan, _ survivors: Survivors, storeSize: Int?) throws(StartFailure) -> Life {
        let settings = plan.daemon
        let stamps = FileStamps(plan, kernel)
        var notices = plan.notices + NotServedYet.notices(of: plan)
        let privileges = Privileges(kernel: kernel)
        let account = try privileges.account(settings)
        notices += MissingDirectories(kernel: kernel).make(plan.directoriesToMake, owner: account)
        let (privateListener, remark) = try bindPrivate(owner: account)
        notices += [remark].compactMap(\.self)
        notices += try privileges.drop(to: account)
        notices += try ResourceFloors(kernel: kernel).raise(settings)
        notices += DescriptorNeeds(plan).notices(limit: kernel.descriptorLimit)

        // Before anything is written or deleted: another daemon may live in the same places.
        let (listeners, remarks) = try bind(settings, orRelease: privateListener)
        let detaches = detaches(settings)
        var log = MainLog(settings, mirrors: mirrors(settings, detached: detaches), kernel)
        var pidFile: PidFile?
        do throws(StartFailure) {
            try checkPidFile(settings)
            try open(&log)
            notices += ChildLogCleaner(kernel: kernel).clean(settings, but: survivors.logs)
            write(notices, to: &log)
            try rehearseSockets(of: plan, but: Set(survivors.sockets.keys), &log)
            for remark in remarks { write(remark, to: &log) }
            if detaches { try detach(settings, &log) }
            pidFile = try writePidFile(settings, &log)
        } catch {
            // Standard error may be gone by now.
            if log.isOpen { write(PlanNotice(.critical, error.failure.description), to: &log) }
            log.flush()
            release(listeners + [privateListener].compactMap(\.self))
            throw error
        }

        return try assemble(
            plan, stamps: stamps, log, listeners: listeners, privateListener: privateListener, pidFile: pidFile,
            detached: detaches, storeSize: storeSize, ferry: survivors.nextFerry)
    }

    /// Whether programs are to end with us. A service manager that can be told has means of its own to end what we leave.
    private var endsPrograms: Bool {
        !options.manners.leavesProgramsBehind && kernel.notifySocket == nil
    }

    /// Whether a daemon after us may find what nobody has ended: programs that are to outlive us under a holder, which
    /// can be killed with us, and those that no kernel ends and no service manager sweeps up.
    private var wantsLedger: Bool {
        kernel.holder != nil || endsPrograms && !kernel.signalsAtParentDeath
    }

    /// The threads, last of all.
    func assemble(
        _ plan: Plan, stamps: FileStamps, _ log: MainLog<K>, listeners: [BoundListener],
        privateListener: BoundListener?, pidFile: PidFile?, detached: Bool, storeSize: Int?, ferry: UInt64
    ) throws(StartFailure) -> Life {
        let loop = try essential("epoll_create") { () throws(SystemError) in try EventLoop(kernel: kernel) }
        try essential("epoll_ctl") { () throws(SystemError) in try loop.poller.watchSignals(Engine<K>.signals) }
        let holder = watchHolder(loop)
        let logPath = log.path
        let store = DescriptorStore(kernel, size: storeSize)
        let logger: LoggerLink<K>
        do throws(SystemError) {
            logger = try LoggerThread.start(kernel, mainLog: log, store: store, ferry: ferry)
        } catch {
            log.flush()
            throw fault(error)
        }
        return Life(
            plan: plan, stamps: stamps, listeners: listeners, privateListener: privateListener, pidFile: pidFile,
            detached: detached, logPath: logPath,
            logger: logger, pool: WorkerPool(base: endsPrograms ? 2 : 3),
            births: endsPrograms ? WorkerPool(base: 1, isLent: true) : nil, loop: loop, holder: holder,
            store: store, ferry: store == nil ? nil : ferry)
    }

    /// Has the end of our holder told to the engine.
    private func watchHolder(_ loop: EventLoop<K>) -> SpawnedProcess? {
        guard let pid = kernel.holder, let handle = try? kernel.openHandle(of: pid) else { return nil }
        let process = SpawnedProcess(pid: pid, handle: handle)
        try? loop.poller.watchExit(of: process, token: Engine<K>.holderToken)
        return process
    }

    /// A restart: everything but limits and detaching is done anew, in the same process.
    private func continueWith(_ plan: Plan, after last: Life) throws(StartFailure) -> Life {
        let settings = plan.daemon
        var life = last
        life.plan = plan
        life.stamps = FileStamps(plan, kernel)
        awaitDescriptors(for: settings.listeners.count + 1)
        life.privateListener = renewPrivate(life.privateListener)
        var notices = plan.notices + NotServedYet.notices(of: plan)
        notices += MissingDirectories(kernel: kernel).make(plan.directoriesToMake, owner: nil)
        notices += changeUser(settings)
        notices += DescriptorNeeds(plan).notices(limit: kernel.descriptorLimit)
        let (listeners, remarks) = try bind(settings, orRelease: nil)
        life.listeners = listeners
        var log = MainLog(settings, mirrors: mirrors(settings, detached: last.detached), kernel)
        try open(&log)
        notices += ChildLogCleaner(kernel: kernel).clean(settings)
        write(notices, to: &log)
        do throws(StartFailure) {
            try rehearseSockets(of: plan, &log)
            for remark in remarks { write(remark, to: &log) }
            if last.pidFile?.path != settings.pidFile {
                last.pidFile?.remove(kernel)
                life.pidFile = try writePidFile(settings, &log)
            } else {
                write(startedNotice, to: &log)
            }
        } catch {
            log.flush()
            throw error
        }
        life.logPath = log.path
        life.logger.send(.replaceMain(log))
        return life
    }

    // MARK: Supervising

    private func supervise(
        _ life: Life, _ inheritance: Inheritance?
    ) throws(StartFailure) -> (DaemonEnd, Plan?) {
        let settings = life.plan.daemon
        var snapshot = Snapshot(
            generation: inheritance?.state.generation ?? 0, daemonState: .running, pid: kernel.processID,
            identifier: settings.identifier,
            offersSupervisorNamespace: settings.offersSupervisorNamespace, logFile: life.logPath, programs: [],
            groups: [])
        var succession = life.succession
        succession?.isDetached = life.detached
        succession?.pidFile = life.pidFile?.descriptor
        snapshot.upgrades = succession?.upgrades ?? 0
        snapshot.upgradeProblem = succession?.problem
        let link = EngineLink(
            kernel, waking: life.loop.poller, logger: life.logger, leastLevel: settings.logLevel, snapshot)
        let engine = Engine(
            kernel: kernel, loop: life.loop, link: link, logger: life.logger, pool: life.pool, source: source,
            port: port, configuration: Configuration(life.plan, stamps: life.stamps), snapshot: snapshot,
            boundListeners: (life.listeners + [life.privateListener].compactMap(\.self)).map(\.settings),
            serial: life.serial, manners: options.manners, shutdownTimeout: options.shutdownTimeout,
            succession: succession, births: life.births, store: life.store,
            ferry: life.ferry)
        engine.watchedHolder = life.holder
        if let inheritance {
            engine.resume(inheritance.state, inheritance.machine)
        } else {
            engine.prepare(keeping: life.survivors?.runs.map(\.record) ?? [])
            if let survivors = life.survivors { engine.takeUp(survivors) }
        }
        if case .unix(let path, _, _)? = life.privateListener?.settings.address {
            engine.settle(RunLedger(kernel, beside: path), keeps: wantsLedger)
        }
        if inheritance == nil { engine.begin() }
        do {
            // Opening the ears takes as much of a processor as ten births do.
            try engine.attendBirths()
            var served = life.listeners
            if let listener = life.privateListener {
                // The port owns what it serves; the private socket outlives it.
                let copy = try kernel.duplicate(listener.descriptor, atLeast: 3)
                served.append(BoundListener(settings: listener.settings, descriptor: copy))
            }
            try port.start(served, engine: link)
        } catch {
            engine.ask(.shutdown) { _ in }
            _ = try? engine.run()
            throw StartFailure(.systemError, code: "control", "cannot answer on the control sockets: \(error)")
        }
        engine.tellReady()
        let end = try essential("epoll_wait") { () throws(SystemError) in try engine.run() }
        // All programs have ended. What is left to do has its time; nothing that hangs keeps us.
        if end == .shutdown, let farewell = options.farewell.finiteMilliseconds {
            kernel.end(within: .milliseconds(2 * farewell + 10_000), status: 0)
        }
        engine.stopRemakingSockets()
        // First the names, then the sockets: nobody finds a name behind which nobody answers.
        for listener in life.listeners {
            if case .unix(let path, _, _) = listener.settings.address { try? kernel.unlink(path) }
        }
        port.stop(grace: options.farewell)
        // The next life writes its first lines itself: those of this one stand before them.
        let patience = options.farewell.finiteNanoseconds ?? 0
        try? engine.awaitLogger(ending: end == .shutdown, until: kernel.now().monotonic + patience)
        if end == .shutdown {
            life.pool.stop()
            engine.ledger?.remove()
            life.store?.forgetAll()
            life.store?.flush()
        }
        return (end, engine.next)
    }
}
