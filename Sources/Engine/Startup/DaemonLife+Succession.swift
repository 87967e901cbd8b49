import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// What a daemon's life goes on from, when another program lived it before.
struct Inheritance {
    var state: HandOver
    var machine: Machine
}

/// The daemon's program in the place of another one (`Engine+Succession`).
extension DaemonLife {
    /// Goes on where another program was; `predecessor` takes the place back when that cannot be.
    func succeed(with descriptor: Descriptor, _ predecessor: Descriptor?) throws(StartFailure) -> Int32 {
        // Open until we have taken over or it has.
        if let predecessor { try? kernel.setInherited(predecessor, false) }
        let life: Life
        let inheritance: Inheritance
        do throws(StartFailure) {
            (life, inheritance) = try takeOver(descriptor, problem: nil)
        } catch {
            throw giveBack(descriptor, to: predecessor, because: error)
        }
        if let predecessor { kernel.close(predecessor) }
        return try live(life, inheritance: inheritance)
    }

    /// Goes on where we were ourselves, since our successor could not.
    func returned(with descriptor: Descriptor, _ problem: String) throws(StartFailure) -> Int32 {
        let (life, inheritance) = try takeOver(descriptor, problem: problem)
        life.logger.log(
            .error, "no other program takes over: it could not go on: \(problem)", wall: kernel.now().wall)
        return try live(life, inheritance: inheritance)
    }

    /// Shows, as a child of the daemon, that we could take over.
    func consent(to state: Descriptor) throws(StartFailure) -> Int32 {
        _ = try read(state)
        do throws(SystemError) {
            try kernel.writeAll(.standardOutput, Array(Succession.consent.utf8))
            return 0
        } catch {
            throw StartFailure(.inputOutput, code: "succession", "\(error)")
        }
    }

    /// The state, and the configuration that it was under.
    private func read(_ descriptor: Descriptor) throws(StartFailure) -> (Plan, Inheritance) {
        do throws(Failure) {
            let state = try HandOver.load(descriptor, kernel)
            let plan = try source.load()
            return (plan, Inheritance(state: state, machine: try state.check(against: plan)))
        } catch {
            throw StartFailure(error)
        }
    }

    /// As `begin`, with what is there already instead of what a start makes.
    private func takeOver(
        _ descriptor: Descriptor, problem: String?
    ) throws(StartFailure) -> (Life, Inheritance) {
        var succession = Succession(kernel)
        let (plan, inheritance) = try read(descriptor)
        let state = inheritance.state
        if let directory = state.directory { try? kernel.changeDirectory(directory) }
        try prepareProcess()
        let settings = plan.daemon
        let (listeners, privateListener) = try take(state.listeners, settings)
        var log = MainLog(settings, mirrors: mirrors(settings, detached: state.isDetached), kernel)
        try open(&log)
        for notice in plan.notices where notice.level >= LogLevel.error { write(notice, to: &log) }
        var pidFile: PidFile?
        if let path = settings.pidFile { pidFile = state.pidFile.map { PidFile(path: path, descriptor: $0) } }
        var life = try assemble(
            plan, stamps: FileStamps(plan, kernel), log, listeners: listeners, privateListener: privateListener,
            pidFile: pidFile, detached: state.isDetached, storeSize: state.storeSize, ferry: (state.ferry ?? 0) + 1)
        // From here on there is nobody to give it back to.
        for open in state.descriptors { try? kernel.setInherited(open, false) }
        kernel.close(descriptor)
        life.serial = EventSerial(state.nextSerial)
        succession?.program = state.program
        succession?.startDirectory = state.startDirectory
        // One that came back was not replaced.
        succession?.upgrades = problem == nil ? state.upgrades : state.upgrades - min(state.upgrades, 1)
        succession?.problem = problem
        life.succession = succession
        return (life, inheritance)
    }

    /// The sockets with the settings that they were bound for.
    private func take(
        _ open: [HandOver.Listener], _ settings: DaemonSettings
    ) throws(StartFailure) -> ([BoundListener], BoundListener?) {
        var listeners: [BoundListener] = []
        for wanted in settings.listeners {
            guard let found = open.first(where: { !$0.isPrivate && $0.address == "\(wanted.address)" }) else {
                throw StartFailure(
                    .badConfiguration, code: "succession-socket", "[\(wanted.section)] has no socket that is open",
                    remedy: "apply the configuration with svinstall reload first")
            }
            listeners.append(BoundListener(settings: wanted, descriptor: found.descriptor))
        }
        guard let own = open.first(where: \.isPrivate) else { return (listeners, nil) }
        guard let wanted = privateSettings(owner: try Privileges(kernel: kernel).account(settings)) else {
            return (listeners, nil)
        }
        return (listeners, BoundListener(settings: wanted, descriptor: own.descriptor))
    }

    /// Lets the program before us take its place again, as if we had never been; returns only when that fails.
    private func giveBack(
        _ state: Descriptor, to predecessor: Descriptor?, because failure: StartFailure
    ) -> StartFailure {
        guard let predecessor else { return failure }
        let known = try? HandOver.load(state, kernel)
        if let directory = known?.startDirectory { try? kernel.changeDirectory(directory) }
        var environment = kernel.environment
        environment[Succession.variable] = "back \(state.number)"
        environment[Succession.problemVariable] = failure.failure.firstMessage.oneLine
        let error = kernel.execute(
            .open(predecessor), arguments: known?.arguments ?? kernel.arguments ?? [], environment: environment)
        return StartFailure(
            .internalError, code: "succession", "\(failure.failure); the program before cannot go on either: \(error)")
    }
}
