import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// Reading the configuration again: on a worker, only when somebody asks.
extension Engine {
    func readConfiguration(for purpose: ReadingPurpose) {
        let seen = configuration.seen
        // A look needs no reading while the files are as they were.
        let mayReuse = if case .staleness = purpose { true } else { false }
        let active: Plan? = if case .restart = purpose { nil } else { configuration.activePlan }
        // A restart binds all of them anew.
        if active != nil { remakeSockets() }
        pool.submit(lane: Lane.configuration) { [source, kernel, link] in
            let stamps = FileStamps(seen.basis, kernel)
            var reading = ConfigurationReading(plan: seen.plan, stamps: seen.stamps)
            if !(mayReuse && stamps.matches(seen.stamps)) {
                reading.plan = Result { () throws(Failure) in try source.load() }
                // A plan that could be read may have other files than the last one.
                let basis = (try? reading.plan.get()) ?? seen.basis
                reading.stamps = FileStamps(basis, kernel)
            }
            if let active, case .success(let fresh) = reading.plan {
                let (changes, details) = source.changes(from: active, to: fresh)
                reading.difference = ConfigurationReading.Difference(changes: changes, details: details)
            }
            link.report(.read(reading, purpose: purpose))
        }
    }

    func take(_ reading: ConfigurationReading, for purpose: ReadingPurpose) {
        let plan = try? reading.plan.get()
        configuration.seen = Configuration.Seen(
            plan: reading.plan, basis: plan ?? configuration.seen.basis, stamps: reading.stamps)
        switch (purpose, reading.plan) {
        case (.reread(let answer), .success(let plan)):
            for notice in plan.notices + newDescriptorNeeds(of: plan) { log(notice.level, notice.text) }
            configuration.lastRead = plan
            // The one setting of the daemon that takes effect at once (supervisord 4.3).
            publisher.identify(as: plan.daemon.identifier)
            link.publish(publisher.snapshot)
            reply(answer, .groupChanges(reading.difference?.changes ?? GroupChanges()))
        case (.reread(let answer), .failure(let failure)):
            reply(answer, .fault(Fault(.cantReread, failure.firstMessage)))
        case (.staleness(let answer), .success):
            let difference = reading.difference
            reply(
                answer,
                .staleness(
                    Staleness(changes: difference?.changes ?? GroupChanges(), details: difference?.details ?? [])))
        case (.staleness(let answer), .failure(let failure)):
            reply(answer, .staleness(Staleness(problem: failure.description)))
        case (.restart(let origin), .success(let plan)):
            next = plan
            restart(origin)
        case (.restart(let origin), .failure(let failure)):
            refuseRestart(origin, failure)
        }
    }

    /// Said when it is not what was said of the plan before.
    private func newDescriptorNeeds(of plan: Plan) -> [PlanNotice] {
        let limit = kernel.descriptorLimit
        let notices = DescriptorNeeds(plan).notices(limit: limit)
        if notices.isEmpty { return [] }
        return notices == DescriptorNeeds(configuration.lastRead).notices(limit: limit) ? [] : notices
    }

    private func restart(_ origin: RestartOrigin) {
        switch origin {
        case .signal(let signal): handle(.signalReceived(.restart, signal))
        case .client(let answer): ask(.restart, answer)
        }
    }

    /// The original stops everything and only then finds out that it cannot start again.
    private func refuseRestart(_ origin: RestartOrigin, _ failure: Failure) {
        switch origin {
        case .signal(let signal): log(.warning, "received \(signal) indicating restart request")
        case .client(let answer): reply(answer, .fault(Fault(.cantReread, failure.firstMessage)))
        }
        log(.error, "not restarted, everything goes on as before: the configuration cannot be read: \(failure)")
    }

    /// Makes unix sockets again whose files were deleted, as cleaners of /tmp do.
    func remakeSockets() {
        let listeners = boundListeners
        pool.submit(lane: Lane.sockets) { [kernel, link, remakesSockets] in
            for settings in listeners {
                remakesSockets.withLock { if $0 { Self.remake(settings, kernel, link) } }
            }
        }
    }

    private static func remake(_ settings: ListenerSettings, _ kernel: K, _ link: EngineLink<K>) {
        guard case .unix(let path, _, _) = settings.address else { return }
        do throws(SystemError) {
            _ = try kernel.status(of: path, followLinks: false)
        } catch  where error.number == .noEntry {
            switch SocketBinder(kernel: kernel, manners: .own).bind(settings) {
            case .success(let listener):
                link.report(.listenerRemade(listener))
                link.report(.note(message: "made the deleted socket \(path) again", isError: false))
            case .failure(let failure):
                link.report(.note(message: "cannot make the deleted socket again: \(failure)", isError: true))
            }
        } catch {}
    }

    /// From now on none is made again: they are about to be deleted by ourselves. One that was is the port's.
    func stopRemakingSockets() {
        remakesSockets.withLock { $0 = false }
        for message in link.results.takeAll() { take(message) }
    }
}

extension Failure {
    /// What is wrong, in the words of the reader, without position and remedy: what `CANT_REREAD` shows.
    var firstMessage: String { diagnostics.first?.message ?? "" }
}
