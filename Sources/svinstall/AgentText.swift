import BootHook
import Kernel
import Locations
import PropertyList
import SourceText

/// What `svinstall agent` tells: for people, and for scripts.
enum AgentText {
    static func show(_ outcome: InstallOutcome, isImage: Bool) {
        for line in outcome.differences { print(line) }
        for line in outcome.changes { print(line) }
        if outcome.changes.isEmpty { print("nothing to change") }
        if !isImage { facts(outcome.report) }
        for remark in outcome.remarks { Terminal.note(remark) }
    }

    static func show(_ report: AgentReport) {
        guard report.isInstalled else {
            broken("no hook '\(report.hook.label)' is installed", report.installCommand)
            if let elsewhere = report.elsewhere { print(elsewhere) }
            return
        }
        facts(report)
        for item in report.links where !item.finding.holds {
            broken("\(item.link.name.rawValue): \(item.finding.detail)", item.remedy)
        }
        for line in report.lastWords { print("  log: \(line)") }
        if report.runsAsBefore {
            print(
                "the daemon was started as the hook was before; \(report.hook.agent("restart")) starts it as it is now")
        }
        if report.holds { print("everything holds") }
    }

    private static func broken(_ what: String, _ remedy: String) {
        let line = "broken: \(what); mend it with: \(remedy)"
        let isColoured = HostKernel().isTerminal(.standardOutput) && HostKernel().environment["NO_COLOR"] == nil
        print(isColoured ? "\u{1B}[31m\(line)\u{1B}[0m" : line)
    }

    private static func facts(_ report: AgentReport) {
        let hook = report.hook
        let rows: [(String, String?)] = [
            ("file", report.file), ("label", hook.label), ("scope", "\(hook.scope.rawValue), \(hook.system.title)"),
            ("runs", hook.configuration ?? "the built-in default"), ("pid", report.pid.map { "\($0)" } ?? "-"),
            ("socket", report.socket), ("log", report.log), ("starts at boot", report.moment.words),
            ("changed by", report.changedBy.isEmpty ? nil : report.changedBy.joined(separator: ", ")),
        ]
        for case (let name, let value?) in rows { print("\(name + ":")".padded(to: 16) + value) }
    }

    /// One object; the links in their order.
    static func json(_ report: AgentReport) -> [UInt8] {
        let hook = report.hook
        let bytes = JSONWriter.bytes { json in
            json.object { json in
                json.member("installed", report.isInstalled)
                json.member("holds", report.holds)
                json.member("label", hook.label)
                json.member("scope", hook.scope.rawValue)
                json.member("init", hook.system.rawValue)
                json.member("file", report.file)
                json.member("configuration", hook.configuration)
                json.member("program", hook.program)
                json.member("pid", report.pid.map { Int($0) })
                json.member("socket", report.socket)
                json.member("log", report.log)
                json.member("starts", report.moment.rawValue)
                json.array("links") { json in
                    for item in report.links {
                        json.object { json in
                            json.member("name", item.link.name.rawValue)
                            json.member("holds", item.finding.holds)
                            json.member("detail", item.finding.detail)
                            json.member("remedy", item.finding.holds ? nil : item.remedy)
                        }
                    }
                }
                json.array("last_words") { json in for line in report.lastWords { json.value(line) } }
            }
        }
        return bytes + [UInt8(ascii: "\n")]
    }
}
