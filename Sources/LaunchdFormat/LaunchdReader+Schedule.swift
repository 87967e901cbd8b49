import PropertyList
import ServiceModel
import SourceText

/// `KeepAlive` and `StartCalendarInterval`.
extension LaunchdReading {
    mutating func takeKeepAlive(_ member: PropertyMember) {
        let span = member.keySpan
        keepAliveSpan = span
        if case .boolean(let flag) = member.value.content {
            service.restartOn = Setting(flag ? .all : .none, at: span)
            if flag {
                account(member.key, at: span, .restartOn, .startsAtLoad)
            } else {
                keepAliveSpan = nil
                account(member.key, at: span, .restartOn)
            }
            return
        }
        let conditions = member.value.members ?? []
        guard !conditions.isEmpty else {
            keepAliveSpan = nil
            return keep([member.key], member.value, at: span)
        }
        var rule = KeepAliveRule()
        var others = 0
        var afterDemand = false
        for condition in conditions {
            let path = [member.key, condition.key]
            switch (condition.key, condition.value.content) {
            case ("SuccessfulExit", .boolean(let flag)):
                rule.successfulExit = flag
                account(path.joined(separator: "."), at: condition.keySpan, .restartOn, .startsAtLoad)
            case ("Crashed", .boolean(let flag)):
                rule.crashed = flag
                account(path.joined(separator: "."), at: condition.keySpan, .restartOn, .startsAtLoad)
            case ("AfterInitialDemand", .boolean(true)):
                afterDemand = true
                account(path.joined(separator: "."), at: condition.keySpan, .restartOn, .startsAtLoad)
            case ("PathState", .dictionary), ("OtherJobEnabled", .dictionary), ("OtherJobActive", .dictionary):
                others += 1
                keep(path, condition.value, at: condition.keySpan)
            case ("NetworkState", .boolean):
                others += 1
                warn(
                    "launchd-network-state", "'NetworkState' no longer has an effect (since OS X 10.10)",
                    remedy: "remove it; let the program wait for the network", at: condition.keySpan)
                keep(path, condition.value, at: condition.keySpan)
            default:
                let known = ["SuccessfulExit", "Crashed", "PathState", "NetworkState", "OtherJobEnabled"]
                let near = nearestWord(to: condition.key, among: known)
                if !known.contains(condition.key) && condition.key != "AfterInitialDemand" {
                    warn(
                        "launchd-unknown-key", "KeepAlive has no condition '\(condition.key)'; launchd ignores it",
                        remedy: near.map { "did you mean \($0)?" } ?? "use one of \(known.joined(separator: ", "))",
                        at: condition.keySpan)
                } else if condition.value.kind != .boolean || condition.key == "OtherJobEnabled" {
                    warn(
                        "launchd-wrong-type",
                        "'KeepAlive.\(condition.key)' is \(condition.value.kind.named); launchd ignores it",
                        remedy: condition.key.hasPrefix("Other") || condition.key == "PathState"
                            ? "write a <dict>" : "write <true/> or <false/>",
                        at: condition.value.span)
                }
                keep(path, condition.value, at: condition.keySpan)
            }
        }
        if rule == KeepAliveRule() {
            keepAliveSpan = nil
            // Alone, "after the initial demand" means: kept alive once somebody has started it.
            guard afterDemand, others == 0 else { return }
            service.restartOn = Setting(.all, at: span)
            service.startsAtLoad = service.startsAtLoad ?? Setting(false, at: span)
            return
        }
        service.restartOn = Setting(rule.restartOn, at: span)
        if afterDemand {
            keepAliveSpan = nil
            service.startsAtLoad = service.startsAtLoad ?? Setting(false, at: span)
        }
    }

    mutating func takeCalendar(_ member: PropertyMember) {
        let dictionaries = member.value.elements ?? [member.value]
        var rules: [CalendarRule] = []
        var isComplete = true
        for node in dictionaries {
            guard let rule = calendarRule(node) else {
                isComplete = false
                continue
            }
            rules.append(rule)
        }
        guard isComplete, !rules.isEmpty else {
            if rules.isEmpty && isComplete {
                warn(
                    "launchd-calendar-empty", "an empty StartCalendarInterval never starts the job",
                    remedy: "write at least one <dict>", at: member.value.span)
            }
            return keep([member.key], member.value, at: member.keySpan)
        }
        service.calendar = Setting(rules, at: member.keySpan)
        account(member.key, at: member.keySpan, .calendar)
    }

    private static let calendarKeys:
        [(key: String, range: ClosedRange<Int>, field: any WritableKeyPath<CalendarRule, Int?> & Sendable)] = [
            ("Minute", 0...59, \.minute), ("Hour", 0...23, \.hour), ("Day", 1...31, \.day),
            ("Month", 1...12, \.month), ("Weekday", 0...7, \.weekday),
        ]

    /// `nil` when launchd ignores the dictionary, or a part of it that no rule can hold.
    private mutating func calendarRule(_ node: PropertyNode) -> CalendarRule? {
        guard let members = node.members else {
            warn(
                "launchd-wrong-type",
                "an element of 'StartCalendarInterval' is \(node.kind.named), not a dictionary",
                remedy: "write <dict>…</dict>: launchd ignores it", at: node.span)
            return nil
        }
        var rule = CalendarRule()
        var isComplete = true
        for member in members {
            guard let row = Self.calendarKeys.first(where: { $0.key.lowercased() == member.key.lowercased() }) else {
                warn(
                    "launchd-unknown-key", "StartCalendarInterval has no '\(member.key)'; launchd ignores it",
                    remedy: nearestWord(to: member.key, among: Self.calendarKeys.map(\.key))
                        .map { "did you mean \($0)?" } ?? "use Minute, Hour, Day, Month, Weekday",
                    at: member.keySpan)
                isComplete = false
                continue
            }
            if row.key != member.key {
                warn(
                    "launchd-key-case", "the key is spelled '\(row.key)', not '\(member.key)'",
                    remedy: "write <key>\(row.key)</key>: only old launchd did not look at case", at: member.keySpan)
            }
            guard let value = member.value.plain.integer else {
                warn(
                    "launchd-wrong-type",
                    "'\(row.key)' is \(member.value.kind.named); launchd drops the whole rule",
                    remedy: "write <integer>…</integer>", at: member.value.span)
                isComplete = false
                continue
            }
            guard value >= 0 else {
                warn(
                    "launchd-range", "'\(row.key)' is \(value), and launchd passes over a negative number: any will do",
                    remedy: "write \(row.range.lowerBound) to \(row.range.upperBound), or remove the key",
                    at: member.value.span)
                continue
            }
            guard row.range.contains(value) else {
                warn(
                    "launchd-range",
                    "'\(row.key)' is \(value), it must be \(row.range.lowerBound) to \(row.range.upperBound)",
                    remedy: "correct it: launchd does not run the job then", at: member.value.span)
                isComplete = false
                continue
            }
            rule[keyPath: row.field] = row.key == "Weekday" ? value % 7 : value
        }
        guard isComplete else { return nil }
        warnTraps(rule, at: node.span)
        return rule
    }

    private mutating func warnTraps(_ rule: CalendarRule, at span: SourceSpan) {
        if rule.minute == nil {
            let when = rule.hour.map { "of hour \($0)" } ?? "of the day"
            let remedy = rule.hour == nil && rule == CalendarRule() ? "use StartInterval 60" : "add Minute 0"
            warn("launchd-every-minute", "without Minute the job starts every minute \(when)", remedy: remedy, at: span)
        }
        if rule.day != nil && rule.weekday != nil {
            warn(
                "launchd-day-or-weekday", "Day and Weekday together mean either of them, not both",
                remedy: "let the program test the other condition", at: span)
        }
        if rule.month != nil && rule.weekday != nil {
            warn(
                "launchd-month-weekday", "launchd ignores Month where Weekday is given",
                remedy: "let the program test the month", at: span)
        }
        if let day = rule.day, let month = rule.month, day > CalendarRule.longestMonths[month - 1] {
            warn(
                "launchd-impossible-date", "month \(month) has no day \(day)",
                remedy: "launchd moves it into the next month; write a day that exists", at: span)
        }
    }

    /// What needs more than one key.
    mutating func finish(isAgent: Bool?) {
        finishLabel()
        finishCommand()
        if let keepAliveSpan, service.startsAtLoad?.value != true {
            if let explicit = service.startsAtLoad {
                warn(
                    "launchd-run-at-load", "RunAtLoad false does not keep a job with KeepAlive from starting at load",
                    remedy: "remove RunAtLoad", at: explicit.span ?? keepAliveSpan)
            }
            service.startsAtLoad = Setting(true, at: keepAliveSpan)
        }
        if service.socketHandover != nil { service.standardInput = Setting(.socket, at: service.socketHandover?.span) }
        let isAgent = isAgent ?? (sessionsAreOfAgents ? true : nil)
        if isAgent == true {
            for (key, setting) in [("UserName", service.user), ("GroupName", service.group)] {
                guard let setting else { continue }
                warn(
                    "launchd-agent-user", "launchd ignores \(key) in a LaunchAgent",
                    remedy: "remove it, or install the job in LaunchDaemons", at: setting.span ?? root.span)
            }
        }
        finishPaths()
        warnTraps(isAgent: isAgent)
    }

    /// Whether the session types are such as only agents have.
    private var sessionsAreOfAgents: Bool {
        guard let types = root["LimitLoadToSessionType"] else { return false }
        let words = (types.elements ?? [types]).compactMap(\.plain.string)
        return !words.isEmpty && !words.contains("System")
    }

    private mutating func finishLabel() {
        guard let label else {
            // One of another kind has been told.
            guard root["Label"] == nil else { return }
            return fail(
                "launchd-no-label", "the job has no 'Label'; launchd refuses it",
                remedy: "add <key>Label</key><string>org.example.job</string>", at: root.span)
        }
        service.name = label
        let span = label.span ?? root.span
        let lowered = label.value.lowercased()
        if label.value.isEmpty {
            fail("launchd-label", "the 'Label' is empty; launchd refuses the job", remedy: "give it a name", at: span)
        } else if label.value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            fail(
                "launchd-label", "the 'Label' holds a control character; launchd refuses the job",
                remedy: "remove it", at: span)
        } else if lowered.hasPrefix("com.apple.launchd") || lowered.hasPrefix("com.apple.launchctl") {
            fail(
                "launchd-label", "the 'Label' begins with '\(label.value.prefix(17))', which launchd keeps to itself",
                remedy: "choose another name", at: span)
        }
    }

    private mutating func finishCommand() {
        let words = programArguments?.value ?? []
        if let program {
            service.command = Setting(
                .words(path: program.value, arguments: words.isEmpty ? [program.value] : words), at: program.span)
        } else if let first = words.first {
            service.command = Setting(.words(path: first, arguments: words), at: programArguments?.span)
        } else if root["ProgramArguments"].map({ $0.kind != .array }) == true {
            // Of another kind: told already.
            return
        } else if root["BundleProgram"] == nil {
            let span = programArguments?.span ?? root.span
            return fail(
                "launchd-no-program", "the job has neither 'Program' nor 'ProgramArguments' with a word in it",
                remedy: "add <key>ProgramArguments</key><array><string>/path/to/program</string></array>", at: span)
        }
        guard case .words(let path, _)? = service.command?.value, !path.hasPrefix("/") else { return }
        let span = service.command?.span ?? root.span
        if TemplatePlaceholder.occurs(in: path) {
            warnPlaceholder(path, at: span)
        } else if program != nil || path.contains("/") {
            warn(
                "launchd-relative-program", "the program '\(path)' is not an absolute path",
                remedy: "write the absolute path: launchd does not find it", at: span)
        } else {
            warn(
                "launchd-path-search",
                "launchd looks for '\(path)' in /usr/bin:/bin:/usr/sbin:/sbin only, not in the job's PATH",
                remedy: "write the absolute path", at: span)
        }
    }

    private mutating func warnPlaceholder(_ text: String, at span: SourceSpan) {
        warn(
            "launchd-placeholder", "'\(text.prefix(60))' looks like a template's placeholder",
            remedy: "give the file that the template makes", at: span)
    }

    private mutating func finishPaths() {
        var paths: [(key: String, text: String, span: SourceSpan)] = []
        func add(_ key: String, _ setting: Setting<String>?) {
            if let setting { paths.append((key, setting.value, setting.span ?? root.span)) }
        }
        add("WorkingDirectory", service.workingDirectory)
        add("RootDirectory", service.rootDirectory)
        for (key, sink) in [("StandardOutPath", service.standardOutput), ("StandardErrorPath", service.standardError)] {
            if case .file(let path)? = sink?.value { paths.append((key, path, sink?.span ?? root.span)) }
        }
        if case .file(let path)? = service.standardInput?.value {
            paths.append(("StandardInPath", path, service.standardInput?.span ?? root.span))
        }
        for (key, list) in [("WatchPaths", service.watchedPaths), ("QueueDirectories", service.queueDirectories)] {
            for path in list?.value ?? [] { paths.append((key, path, list?.span ?? root.span)) }
        }
        for (key, text, span) in paths where !text.hasPrefix("/") {
            if TemplatePlaceholder.occurs(in: text) {
                warnPlaceholder(text, at: span)
                continue
            }
            warnUnexpanded(text, at: span)
            if !text.hasPrefix("~") && !text.hasPrefix("$") {
                warn(
                    "launchd-relative-path", "'\(key)' is '\(text)', which is not an absolute path",
                    remedy: "write the absolute path", at: span)
            }
        }
    }
}

extension CalendarRule {
    /// Days of each month, in a leap year.
    package static let longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}
