import Kernel
import Locations
import ServiceFormats
import ServiceModel
import SourceText

/// Looks at the links of a chain. What the init says is asked once, until something was changed.
final class Inspector<K: SystemCalls> {
    let kernel: K
    /// The tree that is looked at; empty for this machine.
    let root: String
    let situation: Situation
    let facts: Facts
    /// `svinstall 1.2.3`: what the hook's program shall answer to `--version`.
    let version: String
    /// Whether a file must be what would be written now, and not only what was written then.
    let wantsCurrent: Bool
    private var known: ManagerState?
    private var knownRivals: [Rival]?

    init(
        _ kernel: K, root: String, situation: Situation, facts: Facts, version: String,
        wantsCurrent: Bool
    ) {
        self.kernel = kernel
        self.root = root
        self.situation = situation
        self.facts = facts
        self.version = version
        self.wantsCurrent = wantsCurrent
    }

    /// What the init says of the hook.
    var manager: ManagerState {
        if let known { return known }
        let tools = ToolRunner(kernel: kernel)
        let state = situation.procedure.judge(situation.procedure.questions.map { tools.run($0) })
        known = state
        return state
    }

    /// Something was changed, in the init or in that link.
    func forget(_ link: LinkName? = nil) {
        known = nil
        if link == .rivals { knownRivals = nil }
    }

    func look(_ check: Check) -> Finding {
        switch check {
        case .record(let image): record(image)
        case .program(let path): program(path)
        case .version(let path): version(of: path)
        case .configuration(let path): configuration(path)
        case .trust(let paths): trust(paths)
        case .rivals: rivals()
        case .directories(let paths): directories(paths)
        case .files(let files, let links): self.files(files, links)
        case .settled:
            manager.silence.map { Finding(false, $0) }
                ?? Finding(
                    !manager.isStale && manager.isLoaded != false,
                    manager.isStale
                        ? "has an older file in mind"
                        : manager.isLoaded == false ? "does not know it" : "knows the file")
        case .linger(let user): linger(user)
        case .enabled(let link): enabled(link)
        case .notOverridden:
            Finding(manager.override == nil, manager.override ?? changes ?? "nothing overrides it")
        case .loaded: answer(manager.isLoaded, yes: "loaded", no: "not loaded")
        case .running: running()
        case .answers(let socket):
            ControlSocket.answers(socket, kernel)
                ? Finding(true, socket) : Finding(false, "nobody answers at \(socket)")
        case .stopTime(let image): stopTime(image)
        }
    }

    private func answer(_ value: Bool?, yes: String, no: String) -> Finding {
        if let silence = manager.silence { return Finding(false, silence) }
        // What an init cannot tell is not held against it.
        return Finding(value ?? true, value ?? true ? yes : no)
    }

    // MARK: Files

    private func record(_ image: FileImage) -> Finding {
        guard let bytes = try? kernel.readFile(root + image.path, limit: 1 << 20) else {
            return Finding(false, "\(image.path) is not there")
        }
        if bytes == image.bytes { return Finding(true, image.path) }
        return Finding(
            false, HookRecord(bytes) == nil ? "\(image.path) is damaged" : "it tells of another installation")
    }

    private func program(_ path: String) -> Finding {
        guard let status = try? kernel.status(of: root + path, followLinks: true) else {
            return Finding(false, "\(path) is not there")
        }
        guard status.kind == .regular, status.mode & 0o111 != 0 else {
            return Finding(false, "\(path) cannot be executed")
        }
        return Finding(true, path)
    }

    private func version(of path: String) -> Finding {
        let here = try? kernel.status(of: path, followLinks: true).identity
        let own = kernel.executablePath().flatMap { try? kernel.status(of: $0, followLinks: true).identity }
        if let here, here == own { return Finding(true, version) }
        let answer = ToolRunner(kernel: kernel).run(ToolCall([path, "--version"], limit: .seconds(10)))
        let said = answer.output.trimmed
        if answer.code == 0, said == version { return Finding(true, version) }
        return Finding(false, "\(path) is \(said.isEmpty ? "no svinstall" : said.oneLine), and this is \(version)")
    }

    private func configuration(_ path: String?) -> Finding {
        guard let path else { return Finding(true, "the built-in default") }
        return facts.problem.map { Finding(false, "\(path): \($0)") } ?? Finding(true, path)
    }

    private func trust(_ paths: [String]) -> Finding {
        let judge = Trust(kernel, allowed: Set(situation.record.allowed))
        let places = paths + [parentDirectory(of: situation.procedure.files.first?.path ?? "/")]
        for path in places {
            guard let weakness = judge.weakness(of: path) else { continue }
            let whose = weakness.path == path ? "" : ", on the way to \(path),"
            var finding = Finding(
                false, "\(weakness.path)\(whose) \(weakness.reason): whoever writes it decides what root runs")
            let copy =
                path == situation.hook.program
                ? "let --copy put svinstall at \(HookPlaces.programCopy), which only root writes; or " : ""
            let mend = "chown root \(weakness.path) && chmod go-w \(weakness.path)"
            finding.remedy = "\(copy)\(mend); or accept it with --allow \(weakness.path)"
            return finding
        }
        return Finding(true, "only root can write what root runs")
    }

    /// Rivals that would start at the next boot or run now.
    func activeRivals() -> [Rival] {
        if let knownRivals { return knownRivals }
        // The built-in default is nobody else's.
        guard let path = situation.hook.configuration else { return [] }
        let found = RivalSearch(
            kernel: kernel, hook: situation.hook, configuration: path, sockets: facts.sockets,
            own: Set(situation.procedure.files.map(\.path))
        ).active()
        knownRivals = found
        return found
    }

    private func rivals() -> Finding {
        let rivals = activeRivals()
        guard let first = rivals.first else { return Finding(true, "no other hook starts this configuration") }
        var finding = Finding(
            false, "\(rivals.map(\.title).joined(separator: ", ")) starts a supervisor over the same configuration")
        let hook = situation.hook
        if let far = rivals.first(where: { !$0.isWithinReach(hook) }) {
            finding.remedy = far.remedy(hook)
        } else if situation.record.replaced.contains(where: { $0.isSame(as: first) }) {
            // It was switched off once, and somebody switched it on again.
            finding.remedy = first.remedy(hook)
        }
        return finding
    }

    private func directories(_ paths: [String]) -> Finding {
        for path in paths where (try? kernel.status(of: root + path, followLinks: true))?.kind != .directory {
            return Finding(false, "\(path) is not there")
        }
        return Finding(true, paths.joined(separator: ", "))
    }

    private func files(_ files: [FileImage], _ links: [LinkImage]) -> Finding {
        for file in files {
            let finding = self.file(file)
            if !finding.holds { return finding }
        }
        for link in links where (try? kernel.readSymbolicLink(root + link.path)) != link.target {
            return Finding(false, "\(link.path) does not lead to \(link.target)")
        }
        return Finding(true, files.first?.path ?? links.first?.path ?? "the crontab")
    }

    private func file(_ file: FileImage) -> Finding {
        let path = root + file.path
        guard let status = try? kernel.status(of: path, followLinks: false) else {
            return Finding(false, "\(file.path) is not there")
        }
        if status.kind == .symbolicLink {
            // Nothing is written through it or in its place: whose it is only a person can say.
            var finding = Finding(false, "\(file.path) is a symbolic link")
            finding.remedy = "rm \(ShellWords.quote(path)), then install again"
            return finding
        }
        guard status.kind == .regular, let bytes = try? kernel.readFile(path, limit: 1 << 20) else {
            return Finding(false, "\(file.path) cannot be read")
        }
        if status.mode != file.mode {
            let wanted = Digits.octal(UInt64(file.mode), width: 4)
            return Finding(false, "\(file.path) has mode \(Digits.octal(UInt64(status.mode), width: 4)), not \(wanted)")
        }
        let owner = situation.hook.scope == .system ? 0 : situation.hook.userID
        if status.user != owner, !situation.isImage {
            return Finding(false, "\(file.path) belongs to user \(status.user), not \(owner)")
        }
        if bytes == file.bytes { return Finding(true, file.path) }
        guard situation.record.files[file.path] == HookRecord.fingerprint(bytes) else {
            return Finding(false, "\(file.path) was edited since it was installed")
        }
        return Finding(!wantsCurrent, "\(file.path)" + (wantsCurrent ? " is not up to date" : ""))
    }

    // MARK: The init

    private var changes: String? {
        manager.changedBy.isEmpty ? nil : "changed by \(manager.changedBy.joined(separator: ", "))"
    }

    private func linger(_ user: String) -> Finding {
        (try? kernel.status(of: "/var/lib/systemd/linger/\(user)", followLinks: false)) != nil
            ? Finding(true, "on for \(user)")
            : Finding(false, "off for \(user): the hook starts at login and ends at logout")
    }

    private func enabled(_ link: BootLink?) -> Finding {
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

    private func running() -> Finding {
        if let silence = manager.silence { return Finding(false, silence) }
        // cron knows nothing of what it started: the socket has to tell.
        let isUp = manager.isRunning ?? ControlSocket.answers(situation.socket, kernel)
        if isUp { return Finding(true, manager.pid.map { "pid \($0)" } ?? "running") }
        return Finding(false, "not running" + (manager.lastExit.map { "; last end: \($0)" } ?? ""))
    }

    /// The manager's patience, as the installed file has it, against what the programs need today.
    private func stopTime(_ image: FileImage?) -> Finding {
        let needed = facts.stopTimeout
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
