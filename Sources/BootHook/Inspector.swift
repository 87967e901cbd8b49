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
    private var knownMeaning: Explanation?
    private var knownRivals: [Rival]?
    private var knownWords: [String: String] = [:]

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
        let questions = situation.procedure.questions
        let answers = questions.map { tools.run($0) }
        let state = situation.procedure.judge(answers)
        known = state
        knownMeaning = nil
        if state.silence != nil, let call = questions.first, let answer = answers.first {
            knownMeaning = meaning(call, answer)
        }
        return state
    }

    /// Why the init is silent, and what makes it speak.
    private func meaning(_ call: ToolCall, _ answer: ToolAnswer) -> Explanation? {
        let hook = situation.hook
        if hook.system == .systemd, hook.scope == .user, lingers(hook.userName) {
            return Explanation(
                "systemd of \(hook.userName) does not run, although linger is on",
                remedy: "sudo systemctl start user@\(hook.userID).service")
        }
        return situation.procedure.explain(call, answer)
    }

    /// Why nothing can be asked or told; `nil` = the init answers.
    var silence: Finding? {
        guard let words = manager.silence else { return nil }
        var finding = Finding(false, knownMeaning?.cause ?? words)
        finding.remedy = knownMeaning?.remedy
        return finding
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
            silence
                ?? Finding(
                    !manager.isStale && manager.isLoaded != false,
                    manager.isStale
                        ? "has an older \(situation.procedure.files.isEmpty ? "line" : "file") in mind"
                        : manager.isLoaded == false ? "does not know it" : "knows the file")
        case .linger(let user): linger(user)
        case .enabled(let link): enabled(link)
        case .notOverridden: overridden()
        case .loaded: answer(manager.isLoaded, yes: "loaded", no: "not loaded")
        case .running: running()
        case .answers(let socket): answers(socket)
        case .stopTime(let image): stopTime(image)
        }
    }

    private func answers(_ socket: String) -> Finding {
        if ControlSocket.responds(socket, within: StepRunner<K>.patience, kernel) { return Finding(true, socket) }
        // What may not be asked is not held against it.
        return ControlSocket.isClosed(socket, kernel)
            ? Finding(true, "\(socket), where only root may ask") : Finding(false, "nobody answers at \(socket)")
    }

    private func answer(_ value: Bool?, yes: String, no: String) -> Finding {
        if let silence { return silence }
        // What an init cannot tell is not held against it.
        return Finding(value ?? true, value ?? true ? yes : no)
    }

    // MARK: Files

    private func record(_ image: FileImage) -> Finding {
        guard let bytes = try? kernel.readFile(root + image.path, limit: 1 << 20) else {
            return Finding(false, "\(image.path) is not there")
        }
        if !situation.isImage, let status = try? kernel.status(of: image.path, followLinks: false) {
            if let finding = wrong(status, image) { return finding }
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
        let said = words(of: path)
        if said == version { return Finding(true, version) }
        return Finding(false, "\(path) is \(said.isEmpty ? "no svinstall" : said), and this is \(version)")
    }

    /// The first line of what a program answers to `--version`; empty where it fails.
    func words(of program: String) -> String {
        if let known = knownWords[program] { return known }
        let answer = ToolRunner(kernel: kernel).run(ToolCall([program, "--version"], limit: .seconds(10)))
        let line = answer.code == 0 ? answer.output.split(separator: "\n").first.map(String.init) ?? "" : ""
        let said = line.trimmed.oneLine
        knownWords[program] = said
        return said
    }

    private func configuration(_ path: String?) -> Finding {
        guard let path else { return Finding(true, "the built-in default") }
        guard let problem = facts.problem else { return Finding(true, path) }
        var finding = Finding(false, problem.hasPrefix("/") ? problem : "\(path): \(problem)")
        if facts.isMissing {
            let places = Places(situation.hook.daemonScope, environment: kernel.environment, home: situation.hook.home)
            finding.remedy =
                path == places.configurationFile
                ? "svinstall init" : "put it there, or name another: \(situation.install) -c PATH"
        }
        return finding
    }

    private func trust(_ paths: [String]) -> Finding {
        let judge = Trust(kernel, allowed: Set(situation.record.allowed))
        let places = paths + [parentDirectory(of: situation.procedure.files.first?.path ?? "/")]
        for path in places {
            guard let weakness = judge.weakness(of: path) else { continue }
            let whose = weakness.path == path ? "" : ", on the way to \(path),"
            let accepting = "\(situation.install) --allow \(ShellWords.quote(path))"
            var finding = Finding(
                false,
                "\(weakness.path)\(whose) \(weakness.reason): whoever writes it decides what root runs; \(accepting) "
                    + "accepts that")
            finding.remedy = remedy(path, weakness)
            return finding
        }
        return Finding(true, "only root can write what root runs")
    }

    /// What takes it out of others' hands. A home is its user's, and so is Homebrew's prefix: those are left alone.
    private func remedy(_ path: String, _ weakness: Weakness) -> String {
        let hook = situation.hook
        if path == hook.program { return "\(situation.install) --copy" }
        let places = Places(.system, environment: kernel.environment, home: hook.home)
        if path == hook.configuration, weakness.path != path,
            !(places.configuration + "/").hasPrefix(weakness.path + "/")
        {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            let free = ["", "copy-of-"].map { "\(places.configuration)/\($0)\(name)" }.first { !isFile($0, kernel) }
            let target = ShellWords.quote(free ?? "\(places.configuration)/NAME")
            return "mkdir -p \(places.configuration) && cp \(ShellWords.quote(path)) \(target) && "
                + "\(situation.install) -c \(target)"
        }
        // A file of theirs may be taken; a home may not.
        if weakness.isSomebodys, weakness.path != path {
            return "\(situation.install) --allow \(ShellWords.quote(path))"
        }
        let place = ShellWords.quote(weakness.path)
        return "chown root \(place) && chmod go-w \(place)"
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
            var finding = Finding(false, "\(link.path) does not lead to \(link.target)")
            if let kind = (try? kernel.status(of: root + link.path, followLinks: false))?.kind, kind != .symbolicLink {
                finding.remedy = movedAside(root + link.path)
            }
            return finding
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
            let isMask = situation.hook.system == .systemd && (try? kernel.readSymbolicLink(path)) == "/dev/null"
            var finding = Finding(
                false, isMask ? "\(file.path) leads to /dev/null: it is masked" : "\(file.path) is a symbolic link")
            finding.remedy =
                isMask && !situation.isImage
                ? "\(situation.hook.systemctl(["unmask", situation.hook.unitName])) && \(situation.install)"
                : "rm \(ShellWords.quote(path)) && \(situation.install)"
            return finding
        }
        guard status.kind == .regular else {
            var finding = Finding(false, "\(file.path) is no file")
            finding.remedy = movedAside(path)
            return finding
        }
        if let finding = wrong(status, file) { return finding }
        guard let bytes = try? kernel.readFile(path, limit: 1 << 20) else {
            return Finding(false, "\(file.path) cannot be read")
        }
        if bytes == file.bytes { return Finding(true, file.path) }
        guard situation.record.files[file.path] == HookRecord.fingerprint(bytes) else {
            return Finding(false, "\(file.path) was edited since it was installed")
        }
        return Finding(!wantsCurrent, "\(file.path)" + (wantsCurrent ? " is not up to date" : ""))
    }

    private func movedAside(_ path: String) -> String {
        "mv \(ShellWords.quote(path)) \(ShellWords.quote(path + ".old")) && \(situation.install)"
    }

    /// A mode or an owner that is not as it shall be. Whose the files of a tree are is the business of who makes it.
    private func wrong(_ status: FileStatus, _ file: FileImage) -> Finding? {
        if status.mode != file.mode {
            let wanted = Digits.octal(UInt64(file.mode), width: 4)
            return Finding(false, "\(file.path) has mode \(Digits.octal(UInt64(status.mode), width: 4)), not \(wanted)")
        }
        let owner = situation.hook.scope == .system ? 0 : situation.hook.userID
        guard status.user != owner, !situation.isImage else { return nil }
        return Finding(false, "\(file.path) belongs to user \(status.user), not \(owner)")
    }

    // MARK: The init

    private var changes: String? {
        manager.changedBy.isEmpty ? nil : "changed by \(manager.changedBy.joined(separator: ", "))"
    }

    /// What takes the settings of others away.
    private var withoutChanges: String {
        let hook = situation.hook
        return "rm \(ShellWords.join(manager.changedBy)) && \(hook.systemctl(["daemon-reload"]))"
    }

    private func overridden() -> Finding {
        if let override = manager.override { return Finding(false, override) }
        if let changes, let program = manager.program, program != situation.hook.program {
            var finding = Finding(false, "\(changes): it starts \(program)")
            finding.remedy = "\(withoutChanges) && \(situation.hook.agent("restart"))"
            return finding
        }
        return Finding(true, changes ?? "nothing overrides it")
    }

    private func lingers(_ user: String) -> Bool {
        (try? kernel.status(of: "\(HookPlaces.linger)/\(user)", followLinks: false)) != nil
    }

    private func linger(_ user: String) -> Finding {
        lingers(user)
            ? Finding(true, "on for \(user)")
            : Finding(false, "off for \(user): the hook starts at login and ends at logout")
    }

    private func enabled(_ link: BootLink?) -> Finding {
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

    private func running() -> Finding {
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
    private func stopTime(_ image: FileImage?) -> Finding {
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
