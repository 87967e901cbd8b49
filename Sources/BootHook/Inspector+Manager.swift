import Kernel
import Locations
import ServiceFormats
import ServiceModel
import SourceText

// What the init says, beside what it should say.
extension Inspector {
    private var changes: String? {
        manager.changedBy.isEmpty ? nil : "changed by \(manager.changedBy.joined(separator: ", "))"
    }

    /// What takes the settings of others away.
    private var withoutChanges: String {
        let hook = situation.hook
        return "rm \(ShellWords.join(manager.changedBy)) && \(hook.systemctl(["daemon-reload"]))"
    }

    func overridden() -> Finding {
        if let override = manager.override { return Finding(false, override) }
        if let changes, let program = manager.program, program != situation.hook.program {
            var finding = Finding(false, "\(changes): it starts \(program)")
            finding.remedy = "\(withoutChanges) && \(situation.hook.agent("restart"))"
            return finding
        }
        return Finding(true, changes ?? "nothing overrides it")
    }

    func lingers(_ user: String) -> Bool {
        (try? kernel.status(of: "\(HookPlaces.linger)/\(user)", followLinks: false)) != nil
    }

    func linger(_ user: String) -> Finding {
        lingers(user)
            ? Finding(true, "on for \(user)")
            : Finding(false, "off for \(user): the hook starts at login and ends at logout")
    }

    func enabled(_ link: BootLink?) -> Finding {
        if let obstacle = situation.procedure.bootObstacle {
            var finding = Finding(false, obstacle.cause)
            finding.remedy = obstacle.remedy
            return finding
        }
        if let names = missingStarters {
            var finding = Finding(false, "\(names) is not installed: nobody reads what starts it at boot")
            finding.remedy = "install a \(situation.hook.system.title) that reads it"
            return finding
        }
        if let link {
            let names = (try? kernel.list(root + link.directory)) ?? []
            let found = names.first { name in
                name.hasPrefix(link.prefix) && name.hasSuffix(link.suffix)
                    && name.dropFirst(link.prefix.utf8.count).dropLast(link.suffix.utf8.count).allSatisfy(\.isNumber)
            }
            return found.map { Finding(true, "\(link.directory)/\($0)") }
                ?? Finding(false, "no link in \(link.directory) starts it")
        }
        return answer(manager.isEnabled, yes: "starts at boot", no: "does not start at boot")
    }

    func running() -> Finding {
        if let silence { return silence }
        // cron knows nothing of what it started: the socket has to tell.
        let isUp = manager.isRunning ?? ControlSocket.answers(situation.socket, kernel)
        if isUp { return Finding(true, manager.pid.map { "pid \($0)" } ?? "running") }
        return Finding(false, "not running" + (manager.lastExit.map { "; last end: \($0)" } ?? ""))
    }

    /// The programs of which one has to be there, when none is.
    var missingStarters: String? {
        let names = situation.procedure.starters
        let tools = ToolRunner(kernel: kernel)
        return names.isEmpty || names.contains { tools.find($0) != nil } ? nil : names.joined(separator: " or ")
    }

    /// The manager's patience, as the installed file and settings of others have it, against what the programs need
    /// today.
    func stopTime(_ image: FileImage?) -> Finding {
        let needed = facts.stopTimeout
        if let changes, let given = manager.stopTimeout, given < needed {
            var finding = Finding(
                false, "\(changes): systemd grants \(given), and the programs need \(needed) to stop")
            finding.remedy = withoutChanges
            return finding
        }
        guard let image, let bytes = try? kernel.readFile(root + image.path, limit: 1 << 20) else {
            return Finding(true, "\(needed)")
        }
        if bytes == image.bytes { return Finding(true, "\(needed)") }
        let read = try? FormatRegistry.read(
            InputFile(path: image.path, bytes: bytes, looksAround: false), world: HostWorld(kernel))
        guard let service = read?.services.first else { return Finding(true, "\(needed)") }
        let given = service.effective(\.stopTimeout, \.stopTimeout)
        return given >= needed
            ? Finding(true, "\(given)")
            : Finding(false, "the hook grants \(given), and the programs need \(needed) to stop")
    }
}
