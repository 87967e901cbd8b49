import Kernel
import Locations
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

    /// The first line of what a program answers to `--version`; empty where it fails.
    func words(of program: String) -> String {
        if let known = knownWords[program] { return known }
        let answer = ToolRunner(kernel: kernel).run(ToolCall([program, "--version"], limit: .seconds(10)))
        let line = answer.code == 0 ? answer.output.split(separator: "\n").first.map(String.init) ?? "" : ""
        let said = line.trimmed.oneLine
        knownWords[program] = said
        return said
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

    func answer(_ value: Bool?, yes: String, no: String) -> Finding {
        if let silence { return silence }
        // What an init cannot tell is not held against it.
        return Finding(value ?? true, value ?? true ? yes : no)
    }
}
