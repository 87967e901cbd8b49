import Kernel
import Locations
import SourceText

/// Where nothing may be begun: no init, no program, a file that others can write, a rival, a stranger's daemon.
extension Agent {
    func requirePreconditions(_ situation: Situation, _ inspector: Inspector<K>) throws(Failure) {
        if !situation.isImage { try requireInit(situation, inspector) }
        try requireLinks(situation, inspector)
        if !situation.isImage { try requireNoStranger(situation, inspector) }
    }

    private func requireInit(_ situation: Situation, _ inspector: Inspector<K>) throws(Failure) {
        let hook = situation.hook
        if let tool = situation.procedure.questions.first?.words.first, find(tool) == nil, !tool.contains("/") {
            throw Failure(
                .unreachable, code: "agent-init", "\(tool) is not installed: \(hook.system.title) does not run here",
                remedy: "name the init that runs with --init, or install into an image with --root DIR")
        }
        if let names = inspector.missingStarters {
            throw Failure(
                .unreachable, code: "agent-init", "\(names) is not installed: nobody would start it at boot",
                remedy: "install a \(hook.system.title), or name the init that runs with --init")
        }
        // A user's manager may come up once linger is on; the machine's is there or not.
        if hook.system == .systemd, hook.scope == .system, let silence = inspector.silence {
            throw Failure(.unreachable, code: "agent-init", silence.detail, remedy: silence.remedy ?? "")
        }
    }

    private func requireLinks(_ situation: Situation, _ inspector: Inspector<K>) throws(Failure) {
        var problems: [Diagnostic] = []
        var status = ExitStatus.badConfiguration
        for link in situation.chain where link.isPrecondition || link.name == .rivals {
            if link.name == .rivals, request.replacesRivals,
                inspector.activeRivals().allSatisfy({ $0.isWithinReach(situation.hook) })
            {
                continue
            }
            let finding = inspector.look(link.check)
            if finding.holds { continue }
            switch link.name {
            case .trust: status = .noPermission
            case .rivals, .program: status = .cannotCreate
            default: status = .badConfiguration
            }
            let remedy =
                link.name == .program && request.program != nil
                ? "name a svinstall that is there with --program" : finding.remedy ?? link.remedy
            problems.append(
                Diagnostic(.error, code: "agent-\(link.name.rawValue)", finding.detail, remedy: remedy))
        }
        let program = situation.hook.program
        if !situation.isImage, situation.record.copy == nil, inspector.look(.program(program)).holds,
            !inspector.look(.version(program)).holds, !inspector.words(of: program).hasPrefix("svinstall ")
        {
            status = .cannotCreate
            problems.append(
                Diagnostic(
                    .error, code: "agent-program", "\(program) is no svinstall",
                    remedy: "name svinstall itself with --program"))
        }
        guard problems.isEmpty else { throw Failure(status, problems) }
    }

    /// A daemon that neither this hook nor one that it replaces has started.
    private func requireNoStranger(_ situation: Situation, _ inspector: Inspector<K>) throws(Failure) {
        // A daemon of a hook that is about to be replaced ends with it.
        let isReplaced = request.replacesRivals && situation.record.replaced.contains(where: \.wasRunning)
        // A script that is broken cannot tell whether it runs.
        let files = Check.files(situation.procedure.files, links: [])
        let cannotTell = situation.procedure.asksItsFile && installed() != nil && !inspector.look(files).holds
        guard !isReplaced, !cannotTell, !inspector.look(.running).holds,
            ControlSocket.answers(situation.socket, kernel)
        else { return }
        do throws(Failure) {
            // One that has just been told to end needs a moment.
            try runner(situation).perform(.wait(.silent(socket: situation.socket), within: .seconds(3)))
        } catch {
            let words = situation.hook.configuration.map { " -c \(ShellWords.quote($0))" } ?? ""
            throw Failure(
                .cannotCreate, code: "agent-stranger",
                "a daemon for this configuration runs already, started by hand or by another hook",
                remedy: "svinstall\(words) shutdown && \(situation.install)")
        }
    }
}
