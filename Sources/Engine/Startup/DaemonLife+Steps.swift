import Kernel
import ServiceModel
import SourceText

/// The steps of a start, each with what is told when it fails.
extension DaemonLife {
    func detaches(_ settings: DaemonSettings) -> Bool {
        switch options.detachment {
        case .never: false
        case .always: true
        case .asConfigured: !settings.staysInForeground
        }
    }

    /// Whether the lines of the log go to standard output as well.
    func mirrors(_ settings: DaemonSettings, detached: Bool) -> Bool {
        guard !detached, !settings.silent else { return false }
        if options.manners.repeatsLines { return true }
        let log = settings.logFile.map { LogDestination(path: $0, rotation: settings.logRotation) }
        if case .inherited(.standardOutput, _)? = log { return false }
        return true
    }

    /// At a restart, where a user that cannot be had is no reason to end: we stay who we are.
    func changeUser(_ settings: DaemonSettings) -> [PlanNotice] {
        let privileges = Privileges(kernel: kernel)
        do throws(StartFailure) {
            return try privileges.drop(to: privileges.account(settings))
        } catch {
            return [PlanNotice(.critical, error.failure.firstMessage)]
        }
    }

    /// Waits until one more life gets its descriptors, not for long: the life before has given back as many, but somebody
    /// may have lowered the limit meanwhile, and a daemon that ends leaves nothing running.
    func awaitDescriptors(for listeners: Int) {
        // Two for each socket; the log; what the ears need.
        for _ in 0..<30 {
            if (try? kernel.requireDescriptors(2 * listeners + 10)) != nil { return }
            kernel.sleep(nanoseconds: 100_000_000)
        }
    }

    func open(_ log: inout MainLog<K>) throws(StartFailure) {
        do throws(SystemError) {
            try log.open()
        } catch {
            throw StartFailure(
                .cannotCreate, code: "log", "cannot open the log: \(error)",
                remedy: "make its directory writable for the daemon's user, or set logfile= elsewhere",
                originalCode: 1)
        }
    }

    /// What a FastCGI group cannot listen on shall fail now and not at its first start (supervisord 4.3).
    /// Those of `kept` are open, and programs use them.
    func rehearseSockets(
        of plan: Plan, but kept: Set<String> = [], _ log: inout MainLog<K>
    ) throws(StartFailure) {
        for group in plan.groups where !kept.contains(group.name) {
            guard case .fastCGI(let settings) = group.kind else { continue }
            do throws(SharedSocket.Problem) {
                try SharedSocket(settings).rehearse(kernel) { write(PlanNotice(.info, $0), to: &log) }
            } catch {
                throw StartFailure(
                    .cannotCreate, code: "fcgi-socket", "\(error)", remedy: "correct socket= in its section",
                    original: "\(error)", originalCode: 1)
            }
        }
    }

    func checkPidFile(_ settings: DaemonSettings) throws(StartFailure) {
        guard let path = settings.pidFile, case .held(let pid)? = PidFile.holder(of: path, kernel) else { return }
        throw held(path, pid)
    }

    private func held(_ path: String, _ pid: Int32?) -> StartFailure {
        let who = pid.map { " (pid \($0))" } ?? ""
        return StartFailure(
            .cannotCreate, code: "pidfile-held", "another daemon\(who) holds the pidfile \(path)",
            remedy: "stop it first, or give this one another pidfile=",
            original: "Another supervisord\(who) is already running with the pidfile \(path).")
    }

    func writePidFile(_ settings: DaemonSettings, _ log: inout MainLog<K>) throws(StartFailure) -> PidFile? {
        defer { write(startedNotice, to: &log) }
        guard let path = settings.pidFile else { return nil }
        switch PidFile.write(path, kernel) {
        case .written(let file):
            return file
        case .held(let pid):
            throw held(path, pid)
        case .failed:
            write(PlanNotice(.critical, "could not write pidfile \(path)"), to: &log)
            return nil
        }
    }

    func detach(_ settings: DaemonSettings, _ log: inout MainLog<K>) throws(StartFailure) {
        write(PlanNotice(.info, "daemonizing the supervisord process"), to: &log)
        try essential("fork") { () throws(SystemError) in
            // The holder has a session of its own, and is in the background when it knows that we answer.
            if kernel.holder == nil { try kernel.daemonise() } else { try kernel.discardStandardDescriptors() }
        }
        if let directory = settings.directory {
            do throws(SystemError) {
                try kernel.changeDirectory(directory)
                write(PlanNotice(.info, "set current directory: \(PythonText.repr(directory))"), to: &log)
            } catch {
                let text = "can't chdir into \(PythonText.repr(directory)): \(error)"
                write(PlanNotice(.critical, text), to: &log)
            }
        }
        _ = kernel.setUmask(settings.umask)
    }

    var startedNotice: PlanNotice { PlanNotice(.info, "supervisord started with pid \(kernel.processID)") }

    /// What is most important first (supervisord's order).
    func write(_ notices: [PlanNotice], to log: inout MainLog<K>) {
        for level in LogLevel.allCases {
            for notice in notices where notice.level == level { write(notice, to: &log) }
        }
    }

    func write(_ notice: PlanNotice, to log: inout MainLog<K>) {
        log.write(notice.level, notice.text, wall: kernel.now().wall)
    }

    /// A call without which there is no daemon.
    @discardableResult
    func essential<R>(
        _ name: String, _ body: () throws(SystemError) -> R
    ) throws(StartFailure) -> R {
        do throws(SystemError) {
            return try body()
        } catch {
            throw fault(error)
        }
    }

    func fault(_ error: SystemError) -> StartFailure {
        StartFailure(.systemError, code: "system", "\(error)", remedy: "this is a limit or fault of the system")
    }
}
