package import Kernel
import Locations
package import SourceText

/// `svinstall agent`: makes a chain hold, tells whether it does, takes it back.
package struct Agent<K: SystemCalls> {
    let kernel: K
    let request: HookRequest
    /// `svinstall 1.2.3`
    let version: String
    /// Told what is being waited for.
    let progress: (String) -> Void

    package init(_ kernel: K, _ request: HookRequest, version: String, progress: @escaping (String) -> Void) {
        self.kernel = kernel
        self.request = request
        self.version = version
        self.progress = progress
        // A tool that does not read what it is given must not end us.
        if let pipe = Signal(named: "PIPE") { kernel.ignoreSignal(pipe) }
    }

    var root: String { request.treePath(kernel) }

    /// The record of the hook that is meant; `nil` when none is installed.
    func installed() -> HookRecord? {
        let system = request.system ?? InitSystem.detect(root: request.root, kernel) ?? .systemd
        let label = request.label ?? Hook.defaultLabel(system)
        let scope = request.scope ?? .own(userID: kernel.userID)
        return HookRecord.load(scope, home: homeDirectory(kernel), label: label, root: root, kernel)
    }

    /// The hook as it is asked for, over what is installed. `renews`: a program that is gone, or of another version, is
    /// no longer what shall be started.
    func hook(_ record: HookRecord?, renews: Bool = false) throws(Failure) -> Hook {
        var hook = try request.hook(kernel, record: record)
        if renews, request.program == nil, request.root == nil, let record, record.copy == nil,
            hook.program == record.program, let own = kernel.executablePath(), own != hook.program,
            !isThisVersion(hook.program)
        {
            hook.program = own
        }
        if let record, record.system != hook.system {
            throw Failure(
                .usage, code: "agent-init", "the hook '\(record.label)' is installed for \(record.system.title)",
                remedy: "\(hook.agent("uninstall")) first, or choose another --label")
        }
        if hook.system == .launchd, hook.scope == .user, hook.options.domain == nil, request.root == nil {
            // Without a graphical session there is no gui domain: over SSH, or with nobody at the screen.
            let answer = ToolRunner(kernel: kernel).run(ToolCall(["launchctl", "print", "gui/\(hook.userID)"]))
            if answer.code != 0 { hook.options.domain = "user/\(hook.userID)" }
        }
        return hook
    }

    private func isThisVersion(_ program: String) -> Bool {
        ToolRunner(kernel: kernel).run(ToolCall([program, "--version"], limit: .seconds(10))).output.trimmed == version
    }

    func places(_ hook: Hook) -> Places {
        Places(hook.daemonScope, environment: kernel.environment, home: hook.home)
    }

    /// Everything the chain is made from. `record` is what it shall be.
    func situation(_ hook: Hook, _ record: HookRecord, _ facts: Facts) throws(Failure) -> Situation {
        let places = places(hook)
        let path = hook.configuration ?? places.state + "/default.conf"
        return Situation(
            hook: hook, procedure: try hook.procedure(), record: record,
            recordPath: HookRecord.path(hook.scope, home: hook.home, label: hook.label),
            socket: ControlSocket.path(for: path, in: places), configurationFiles: facts.files,
            executable: kernel.executablePath(), tree: request.root.map { _ in root.isEmpty ? "/" : root })
    }

    func runner(_ situation: Situation) -> StepRunner<K> {
        StepRunner(
            kernel: kernel, root: root, scope: situation.hook.scope, home: situation.hook.home,
            explain: situation.procedure.explain, progress: progress)
    }

    func inspector(_ situation: Situation, _ facts: Facts, wantsCurrent: Bool) -> Inspector<K> {
        Inspector(
            kernel, root: root, situation: situation, facts: facts, version: version, wantsCurrent: wantsCurrent)
    }

    func facts(_ hook: Hook) -> Facts {
        Facts(hook.configuration ?? places(hook).state + "/default.conf", tree: root, kernel)
    }

    /// The hook's files, as the converter's writers make them.
    package func files() throws(Failure) -> [FileImage] {
        let hook = try hook(nil)
        let files = try hook.procedure().files
        guard !files.isEmpty else {
            throw Failure(
                .usage, code: "agent-print", "a user's cron hook is a line in the crontab and no file",
                remedy: "svinstall agent install --init cron --dry-run shows what would be done")
        }
        return files
    }

    /// Only root has a hand in the system's hooks.
    func requireRights(_ hook: Hook) throws(Failure) {
        guard hook.scope == .system, kernel.userID != 0, request.root == nil else { return }
        throw Failure(
            .noPermission, code: "agent-root", "the system's hook is root's",
            remedy: "sudo svinstall agent, or --user for a hook of your own")
    }

    // MARK: Start, stop, restart, logs

    package enum Verb: String, Sendable {
        case start, stop, restart
    }

    /// What was done, for people.
    package func control(_ verb: Verb) throws(Failure) -> String {
        try refuseTree()
        let (situation, facts) = try existing()
        try requireRights(situation.hook)
        let runner = runner(situation)
        let inspector = inspector(situation, facts, wantsCurrent: false)
        switch verb {
        case .start:
            if inspector.look(.running).holds, inspector.look(.answers(socket: situation.socket)).holds {
                return "\(situation.hook.label) is running already"
            }
            if inspector.look(.loaded).holds {
                try runner.perform(situation.procedure.start)
            } else {
                try runner.perform(situation.procedure.load + situation.procedure.start)
            }
        case .stop:
            try runner.perform(situation.procedure.stop)
            try runner.perform(.wait(.silent(socket: situation.socket), within: situation.hook.stopPatience))
            return "\(situation.hook.label) is stopped; it starts again at the next boot"
        case .restart:
            try runner.perform(situation.procedure.restart)
        }
        try runner.perform(.wait(.answers(socket: situation.socket), within: .seconds(60)))
        inspector.forget()
        return "\(situation.hook.label) is running" + (inspector.manager.pid.map { ", pid \($0)" } ?? "")
    }

    /// What shows the daemon's own words.
    package func logs() throws(Failure) -> ToolCall {
        try refuseTree()
        let (situation, _) = try existing()
        guard let call = situation.procedure.logs else {
            throw Failure(.noInput, code: "agent-logs", "\(situation.hook.system.title) keeps no log of its jobs")
        }
        return call
    }

    private func refuseTree() throws(Failure) {
        guard request.root != nil else { return }
        throw Failure(
            .usage, code: "agent-tree", "nothing runs in a tree",
            remedy: "--root goes with install, status, uninstall and print")
    }

    /// What installs the hook that was asked for and is not there.
    func installCommand(_ hook: Hook) -> String {
        hook.agent("install") + (request.system.map { " --init \($0.rawValue)" } ?? "")
            + (request.root.map { " --root \(ShellWords.quote($0))" } ?? "")
    }

    /// The absolute path of a tool, to become it.
    package func find(_ tool: String) -> String? { ToolRunner(kernel: kernel).find(tool) }

    func existing() throws(Failure) -> (Situation, Facts) {
        let record = installed()
        let hook = try hook(record)
        let facts = facts(hook)
        let situation = try situation(hook, record ?? HookRecord(hook), facts)
        guard record != nil || isFile(root + (situation.procedure.files.first?.path ?? ""), kernel) else {
            throw Failure(
                .noInput, code: "agent-none", "no hook '\(hook.label)' is installed",
                remedy: installCommand(hook))
        }
        return (situation, facts)
    }
}
