import ServiceModel
import SourceText

/// Upstart: one job file (init(5) of Upstart 1.12). The program stands in a `script` stanza, so that the shell's quotes
/// hold and not Upstart's.
extension InitDraft {
    mutating func upstart() -> [InitFile] {
        var lines = ["description " + UpstartText.quote(title)]
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad) && service.disabled?.value != true
        if starts { lines.append("start on runlevel [2345]") }
        lines.append("stop on runlevel [!2345]")
        judge(
            .startsAtLoad, "start", isSet: service.startsAtLoad != nil,
            target: starts ? "start on runlevel [2345]" : nil,
            other: "to wait for somebody to start it")
        if service.disabled != nil { log.exact(.disabled, "disabled", nil) }
        lines += upstartReadiness() + upstartRestart() + upstartStop() + upstartContext()
        let console = upstartConsole()
        lines.append("console \(console ? "log" : "none")")
        lines += ["", "script"]
        let (exports, env) = shellEnvironment()
        lines += limitLines(except: upstartLimits).map { "    " + $0 }
        lines += exports.map { "    " + ShellScript.oneLine($0) }
        let redirections = upstartRedirections()
        let words = env + [path] + arguments
        lines.append("    " + ShellScript.oneLine("\(ShellScript.exec(words)) \(redirections)"))
        lines.append("end script")
        judgeCommand(target: "script", needsAbsolutePath: false)
        return [InitFile("\(name).conf", lines.joined(separator: "\n") + "\n")]
            + scheduleFile(starting: "start \(name)")
    }

    private mutating func upstartReadiness() -> [String] {
        switch service.effective(\.readiness, \.readiness) {
        case .completed:
            log.exact(.readiness, "readiness", "task")
            return ["task"]
        case .forked:
            log.approximated(
                .readiness, "readiness", "expect daemon", why: "Upstart counts two forks; some programs fork once",
                remedy: "write 'expect fork' for those")
            return ["expect daemon"]
        case .executed, .alive, .notified:
            judgeReadiness()
            return []
        }
    }

    /// `normal exit` lists the ends after which it stays down.
    private mutating func upstartRestart() -> [String] {
        let ends = service.effective(\.restartOn, \.restartOn)
        let isSet = service.restartOn != nil
        guard !ends.isEmpty else {
            judgeSuccess()
            judgeNoRestart()
            return []
        }
        var lines = ["respawn"]
        let normal = ends.inverted
        var words = normal.exitCodes.map(String.init)
        words += normal.signalNumbers.map(Signal.init(number:)).filter(\.isKnown).map(\.shortName)
        if !words.isEmpty { lines.append("normal exit " + words.joined(separator: " ")) }
        judge(.restartOn, "restart", isSet: isSet, target: lines.joined(separator: ", "), other: "not to restart")
        judgeSuccess(target: service.success.map { _ in "normal exit" })
        return lines + upstartGiveUp() + upstartDelay()
    }

    private mutating func upstartGiveUp() -> [String] {
        let isSet = service.giveUp != nil
        switch service.effective(\.giveUp, \.giveUp) {
        case .never:
            judge(.giveUp, "give-up", isSet: isSet, target: "respawn limit unlimited", other: "10 in 5 s")
            return ["respawn limit unlimited"]
        case .starts(let count, let span):
            let line = "respawn limit \(max(1, count - 1)) \(max(1, seconds(span)))"
            judge(.giveUp, "give-up", isSet: isSet, target: line, other: "10 in 5 s")
            return [line]
        case .earlyExits(let count):
            var alive: Int64 = 0
            if case .alive(let span) = service.effective(\.readiness, \.readiness) { alive = seconds(span) }
            let line = "respawn limit \(max(1, count - 1)) \(Int64(max(1, count)) * (alive + 2))"
            judge(
                .giveUp, "give-up", isSet: isSet, target: line,
                why: "restarts are counted in a time, whether the program was ready or not")
            return [line]
        }
    }

    private mutating func upstartDelay() -> [String] {
        let (wait, why) = pauseBetweenRuns
        let line = "post-stop exec sleep \(wait)"
        judge(
            .restartDelay, "restart-delay", isSet: service.restartDelay != nil, target: wait > 0 ? line : nil, why: why,
            other: "none")
        return wait > 0 ? [line] : []
    }

    private mutating func upstartStop() -> [String] {
        var lines: [String] = []
        let signal = service.effective(\.stopSignal, \.stopSignal)
        if signal != .terminate { lines.append("kill signal \(ShellScript.name(of: signal))") }
        judge(.stopSignal, "stop-signal", isSet: service.stopSignal != nil, target: lines.first, other: "TERM")
        lines.append("kill timeout \(seconds(service.effective(\.stopTimeout, \.stopTimeout)))")
        judgeStopTime(lines.last ?? "kill timeout", isExact: false, other: "5 s")
        judgeScopes(stop: .processGroup, kill: .processGroup)
        return lines
    }

    private mutating func upstartContext() -> [String] {
        var lines: [String] = []
        for (stanza, setting) in [
            ("setuid", service.user), ("setgid", service.group), ("chroot", service.rootDirectory),
            ("chdir", service.workingDirectory),
        ] {
            guard let setting, !(isForUser && stanza.hasPrefix("set")) else { continue }
            lines.append("\(stanza) \(UpstartText.quote(setting.value))")
        }
        judgeAccount(target: "setuid")
        if service.rootDirectory != nil { log.exact(.rootDirectory, "root", "chroot") }
        if service.workingDirectory != nil { log.exact(.workingDirectory, "directory", "chdir") }
        if let umask = service.umask?.value {
            lines.append("umask \(Digits.octal(UInt64(umask), width: 4))")
            log.exact(.umask, "umask", "umask")
        }
        if let niceness = service.niceness?.value {
            lines.append("nice \(min(niceness, 19))")
            judgeNiceness("nice")
        }
        for kind in ResourceKind.allCases where upstartLimits.contains(kind) {
            guard let word = UpstartText.limits[kind], let limit = service.limits[kind], let hard = limit.hard?.value,
                let soft = limit.soft?.value
            else { continue }
            func text(_ value: UInt64) -> String { value == .max ? "unlimited" : "\(value)" }
            lines.append("limit \(word) \(text(min(soft, hard))) \(text(hard))")
            judgeLimit(kind, target: "limit \(word)")
        }
        return lines
    }

    /// Upstart sets both halves of a limit; a single half is the shell's.
    private var upstartLimits: Set<ResourceKind> {
        Set(service.limits.filter { $0.value.soft != nil && $0.value.hard != nil }.keys)
    }

    /// Whether Upstart's own log takes one of the streams.
    private func upstartConsole() -> Bool {
        [service.effective(\.standardOutput, \.standardOutput), service.effective(\.standardError, \.standardError)]
            .contains { sink in
                if case .file(let path) = sink { return Self.isManagersOwn(path) }
                return ![.null, .sameAsOutput].contains(sink)
            }
    }

    private mutating func upstartRedirections() -> String {
        var words = [inputRedirection()]
        for (field, sink, isSet) in outputStreams {
            let prefix = field == .standardError ? "2" : ""
            switch sink {
            case .sameAsOutput:
                words.append("2>&1")
                if isSet { log.exact(field, "output", nil) }
            case .null:
                words.append("\(prefix)>/dev/null")
                if isSet { log.exact(field, "output", "/dev/null") }
            case .file(let path) where !Self.isManagersOwn(path):
                words.append("\(prefix)>>\(ShellScript.quote(path))")
                let why = service.user == nil ? nil : "the file is opened as the program's user"
                judge(field, "output", isSet: isSet, target: ">>\(path)", why: why)
            case .file, .inherit, .automatic, .journal, .syslog:
                let why = "Upstart's own log, which logrotate keeps small"
                judge(field, "output", isSet: isSet, target: "/var/log/upstart/\(name).log", why: why)
            }
        }
        return words.joined(separator: " ")
    }
}

/// How Upstart writes its values.
enum UpstartText {
    static let limits: [ResourceKind: String] = [
        .core: "core", .cpuTime: "cpu", .data: "data", .fileSize: "fsize", .lockedMemory: "memlock",
        .openFiles: "nofile", .processes: "nproc", .residentSet: "rss", .stack: "stack", .addressSpace: "as",
    ]

    /// A value in double quotes, where it needs them.
    static func quote(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || "/._-:@".contains($0)
        }
        if isPlain, !text.isEmpty { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

extension StringProtocol {
    fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }
}
