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
        /// What a person types to mend it.
        package var remedy: String { finding.remedy ?? link.remedy }
    }

    package var isInstalled = true
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
        return report
    }

    func report(_ situation: Situation, _ inspector: Inspector<K>) -> AgentReport {
        var report = AgentReport(situation, root: root)
        for link in situation.chain {
            report.links.append(AgentReport.Item(link: link, finding: inspector.look(link.check)))
        }
        guard !situation.isImage else { return report }
        report.pid = inspector.manager.pid
        report.log = inspector.facts.logFile ?? situation.procedure.logs?.description
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
