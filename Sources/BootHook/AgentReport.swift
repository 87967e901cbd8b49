import Kernel
import Locations
package import SourceText

/// What holds and what does not.
package struct AgentReport: Sendable {
    /// When the hook starts the daemon.
    package enum Moment: String, Sendable {
        case boot, login
        /// At boot once linger is on.
        case needsLinger = "needs-linger"
        case never

        package var words: String {
            switch self {
            case .boot: "yes"
            case .login: "no, at login"
            case .needsLinger: "no, at login; it needs linger"
            case .never: "no"
            }
        }
    }

    /// A link and what was seen of it.
    package struct Item: Sendable {
        package var link: ChainLink
        package var finding: Finding
        /// Who looks may not mend it.
        package var needsRoot = false
        /// What a person types to mend it.
        package var remedy: String { (needsRoot ? "as root: " : "") + (finding.remedy ?? link.remedy) }
    }

    package var isInstalled = true
    /// What installs it where it is not.
    package var installCommand = ""
    /// Settings of others that change the hook.
    package var changedBy: [String] = []
    /// Not this hook, but another one that the person may mean, and how it is asked for.
    package var elsewhere: String?
    /// The daemon was started as the hook was before; nothing for where nobody knows.
    package var runsAsBefore = false
    package var hook: Hook
    package var file: String?
    package var socket: String
    package var pid: Int32?
    package var log: String?
    package var moment = Moment.boot
    package var links: [Item] = []
    /// The daemon's last words, where it does not run.
    package var lastWords: [String] = []

    init(_ situation: Situation, root: String) {
        hook = situation.hook
        file = situation.procedure.files.first.map { root + $0.path }
        socket = situation.socket
    }

    /// Whether everything holds.
    package var holds: Bool { isInstalled && links.allSatisfy(\.finding.holds) }
}

extension Agent {
    /// Looks at every link. The chain is that of the record; the programs' stop times are today's.
    package func status() throws(Failure) -> AgentReport {
        let known = installed()
        let hook = try hook(known)
        let facts = facts(hook)
        let situation = try situation(hook, known ?? HookRecord(hook), facts)
        let inspector = inspector(situation, facts, wantsCurrent: false)
        let isThere = situation.procedure.files.contains { isFile(root + $0.path, kernel) }
        var report = report(situation, inspector)
        report.isInstalled =
            known != nil || isThere || situation.procedure.files.isEmpty && inspector.manager.isEnabled == true
        report.installCommand = installCommand(hook)
        if !report.isInstalled, hook.scope == .user, request.root == nil,
            HookRecord.load(.system, home: hook.home, label: hook.label, kernel) != nil
        {
            report.elsewhere =
                "the system has one: svinstall agent status --system"
                + (hook.label == Hook.defaultLabel(hook.system) ? "" : " --label \(hook.label)")
        }
        return report
    }

    /// When a tree's hook will start the daemon, once the tree is booted.
    private func imageMoment(_ situation: Situation) -> AgentReport.Moment {
        if situation.procedure.bootObstacle != nil { return .never }
        switch (situation.hook.system, situation.hook.scope) {
        case (.launchd, .user): return .login
        case (.systemd, .user): return imageLingers(situation.hook) ? .boot : .needsLinger
        default: return .boot
        }
    }

    func imageLingers(_ hook: Hook) -> Bool {
        (try? kernel.status(of: "\(root)\(HookPlaces.linger)/\(hook.userName)", followLinks: false)) != nil
    }

    /// Whether a process has other words than the hook gives it now.
    func runsAsBefore(_ situation: Situation, _ pid: Int32?) -> Bool {
        guard let pid, let bytes = try? kernel.readFile("/proc/\(pid)/cmdline", limit: 1 << 20), !bytes.isEmpty else {
            return false
        }
        let words = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
        // Under some inits the first word is how it was found.
        return Array(words.dropFirst()) != situation.hook.commandWords
            || words.first?.hasPrefix("/") == true
                && words.first != situation.hook.program
    }

    /// What the daemon itself says where its init does not know: a script, or cron.
    private func toldPid(_ situation: Situation, _ report: AgentReport) -> Int32? {
        guard report.links.contains(where: { $0.link.name == .answers && $0.finding.holds }),
            let program = situation.executable
        else { return nil }
        let named = situation.hook.configuration.map { ["-c", $0] } ?? []
        return Int32(
            ToolRunner(kernel: kernel).run(ToolCall([program] + named + ["pid"], limit: .seconds(10))).output.trimmed)
    }

    private func ownLog(_ situation: Situation, _ facts: Facts) -> String? {
        guard facts.namesNoLog, let path = situation.hook.configuration else { return nil }
        return places(situation.hook).ownLog(of: path, workingDirectory: "/")
    }

    func report(_ situation: Situation, _ inspector: Inspector<K>) -> AgentReport {
        var report = AgentReport(situation, root: root)
        for link in situation.chain {
            let needsRoot = situation.hook.scope == .system && kernel.userID != 0 && !situation.isImage
            report.links.append(
                AgentReport.Item(link: link, finding: inspector.look(link.check), needsRoot: needsRoot))
        }
        guard !situation.isImage else {
            report.moment = imageMoment(situation)
            return report
        }
        report.pid = inspector.manager.pid ?? toldPid(situation, report)
        report.changedBy = inspector.manager.changedBy
        report.runsAsBefore = inspector.manager.isRunning == true && runsAsBefore(situation, inspector.manager.pid)
        report.log =
            inspector.facts.logFile ?? ownLog(situation, inspector.facts) ?? situation.procedure.logs?.description
        let isEnabled = report.links.first { $0.link.name == .enabled }?.finding.holds ?? false
        let lingers = report.links.first { $0.link.name == .linger }?.finding.holds
        report.moment =
            switch (situation.hook.system, situation.hook.scope) {
            case _ where !isEnabled: .never
            case (.launchd, .user): .login
            case (.systemd, .user): lingers == true ? .boot : .needsLinger
            default: .boot
            }
        if report.links.contains(where: { [.running, .answers].contains($0.link.name) && !$0.finding.holds }) {
            report.lastWords = lastWords(situation)
        }
        return report
    }
}
