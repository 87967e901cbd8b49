import ServiceModel
import SourceText

/// dinit: a service description, and a file with its environment (dinit-service(5)).
extension InitDraft {
    mutating func dinit() -> [InitFile] {
        var lines = ["# \(title)"]
        let isTask = service.effective(\.readiness, \.readiness) == .completed
        lines.append("type = \(isTask ? "scripted" : "process")")
        if isTask { log.exact(.readiness, "readiness", "type = scripted") } else { judgeReadiness() }
        lines.append("command = " + DinitText.command(dinitCommand()))
        lines.append("working-dir = " + DinitText.value(service.workingDirectory?.value ?? "/"))
        judge(
            .workingDirectory, "directory", isSet: service.workingDirectory != nil, target: "working-dir",
            other: "the directory of its description")
        if !isForUser, let user = service.user?.value { lines.append("run-as = " + DinitText.value(user)) }
        judgeAccount(target: "run-as", hasGroup: false)
        var files: [InitFile] = []
        let variables = lastVariables { variable in
            if variable.value.value.contains(where: \.isNewline) {
                return "dinit's environment files hold no line ends"
            }
            let isName = !variable.name.contains { $0.isWhitespace } && !["#", "!"].contains(variable.name.prefix(1))
            return isName ? nil : "dinit's environment files have no such names"
        }
        if !variables.isEmpty {
            lines.append("env-file = \(name).env")
            let text = variables.map { "\($0.name)=\($0.value.value)\n" }.joined()
            files.append(InitFile("\(name).env", text))
        }
        lines += dinitLimits()
        if let niceness = service.niceness?.value {
            lines.append("nice = \(niceness)")
            judgeNiceness("nice")
        }
        lines += dinitRestart() + dinitStop() + dinitStreams()
        judgeSuccess()
        judgeStart("dinitctl enable \(name)")
        return [InitFile(name, lines.joined(separator: "\n") + "\n")] + files
            + scheduleFile(starting: "dinitctl start \(name)")
    }

    /// What dinit has no setting for, a shell does first: umask, further limits, standard input, a log of its own for
    /// standard error.
    private mutating func dinitCommand() -> [String] {
        judgeCommand(target: "command", needsAbsolutePath: true)
        var steps: [String] = []
        if let umask = service.umask?.value {
            steps.append("umask \(Digits.octal(UInt64(umask), width: 4))")
            log.exact(.umask, "umask", "umask")
        }
        steps += limitLines(except: Set(DinitText.limits.keys))
        var redirection = ""
        if case .file? = service.standardInput?.value {
            redirection = " " + inputRedirection()
        } else {
            _ = inputRedirection()
        }
        let output = service.effective(\.standardOutput, \.standardOutput)
        switch service.effective(\.standardError, \.standardError) {
        case .null where output != .null: redirection += " 2>/dev/null"
        case .file(let path) where output != .file(path) && !Self.isManagersOwn(path):
            redirection += " 2>>" + ShellScript.quote(path)
        default: break
        }
        let words = [absolutePath] + arguments
        if words.contains(where: { $0.contains(where: \.isNewline) }) {
            steps.append(ShellScript.exec(words) + redirection)
            return ["/bin/sh", "-c", ShellScript.oneLine(steps.joined(separator: " && "))]
        }
        guard !steps.isEmpty || !redirection.isEmpty else { return words }
        steps.append("exec \"$0\" \"$@\"\(redirection)")
        return ["/bin/sh", "-c", steps.joined(separator: " && ")] + words
    }

    private mutating func dinitLimits() -> [String] {
        func text(_ value: UInt64?) -> String { value.map { $0 == .max ? "-" : "\($0)" } ?? "" }
        return ResourceKind.allCases.compactMap { kind in
            guard let key = DinitText.limits[kind], let limit = service.limits[kind] else { return nil }
            let soft = limit.soft.map { min($0.value, limit.hard?.value ?? .max) }
            judgeLimit(kind, target: key)
            return "\(key) = \(text(soft)):\(text(limit.hard?.value))"
        }
    }

    /// `on-failure` means any end but exit code 0 and the signals that ask a program to end.
    private static let onFailure = TerminationSet.unsuccessful.subtracting(
        .signals(["HUP", "INT", "USR1", "USR2", "TERM"].compactMap { Signal(named: $0) }))

    private mutating func dinitRestart() -> [String] {
        let ends = service.effective(\.restartOn, \.restartOn)
        let word = ends.isEmpty ? "no" : ends == .all ? "yes" : "on-failure"
        let isSame = ends.isEmpty || ends == .all || ends == Self.onFailure
        judge(
            .restartOn, "restart", isSet: service.restartOn != nil, target: "restart = \(word)",
            why: isSame ? nil : "exit codes but 0 and signals but HUP, INT, TERM, USR1 and USR2", other: "no")
        var lines = ["restart = \(word)"]
        guard !ends.isEmpty else {
            if service.giveUp != nil { log.exact(.giveUp, "give-up", nil) }
            if service.restartDelay != nil { log.exact(.restartDelay, "restart-delay", nil) }
            return lines
        }
        // dependents stay up while the process is replaced
        lines.append("smooth-recovery = \(ends == .all ? "yes" : "no")")
        let delay: (span: TimeSpan, why: String?) =
            switch service.effective(\.restartDelay, \.restartDelay) {
            case .none: (.zero, nil)
            case .supervisor: (.seconds(1), "always 1 s, where supervisord waits 1, 2, 3 … s after early ends only")
            case .afterExit(let span): (span, "dinit counts from the previous start, not from the end")
            case .sinceStart(let span): (span, nil)
            }
        lines.append("restart-delay = \(DinitText.seconds(delay.span))")
        judge(
            .restartDelay, "restart-delay", isSet: service.restartDelay != nil, target: lines.last, why: delay.why,
            other: "0.2")
        return lines + dinitGiveUp(delay: delay.span)
    }

    private mutating func dinitGiveUp(delay: TimeSpan) -> [String] {
        let isSet = service.giveUp != nil
        switch service.effective(\.giveUp, \.giveUp) {
        case .never:
            judge(.giveUp, "give-up", isSet: isSet, target: "restart-limit-count = 0", other: "3 restarts in 10 s")
            return ["restart-limit-count = 0"]
        case .starts(let count, let span):
            let line = "restart-limit-count = \(max(1, count - 1))"
            judge(.giveUp, "give-up", isSet: isSet, target: line, other: "3 restarts in 10 s")
            return [line, "restart-limit-interval = \(DinitText.seconds(span))"]
        case .earlyExits(let count):
            var alive: Int64 = 0
            if case .alive(let span) = service.effective(\.readiness, \.readiness) { alive = seconds(span) }
            let line = "restart-limit-count = \(max(1, count - 1))"
            judge(
                .giveUp, "give-up", isSet: isSet, target: line,
                why: "restarts are counted in a time, whether the program was ready or not")
            return [line, "restart-limit-interval = \(Int64(max(1, count)) * (alive + seconds(delay) + 1))"]
        }
    }

    private mutating func dinitStop() -> [String] {
        var lines: [String] = []
        let signal = service.effective(\.stopSignal, \.stopSignal)
        if signal != .terminate { lines.append("term-signal = \(ShellScript.name(of: signal))") }
        judge(
            .stopSignal, "stop-signal", isSet: service.stopSignal != nil, target: lines.first, other: "TERM")
        let timeout = service.effective(\.stopTimeout, \.stopTimeout)
        // 0 means never.
        lines.append("stop-timeout = \(timeout == .infinity ? "0" : DinitText.seconds(max(timeout, .milliseconds(1))))")
        judgeStopTime(lines.last ?? "stop-timeout", other: "10 s")
        let isMain = service.effective(\.stopScope, \.stopScope) == .main
        if isMain { lines.append("options = signal-process-only") }
        let scope = isMain ? SignalScope.main : .processGroup
        judgeScopes(stop: scope, kill: scope, target: isMain ? "signal-process-only" : nil)
        return lines
    }

    private mutating func dinitStreams() -> [String] {
        let output = service.effective(\.standardOutput, \.standardOutput)
        let error = service.effective(\.standardError, \.standardError)
        var why: String?
        var lines = ["log-type = none"]
        switch output {
        case .null: break
        case .file(let path) where !Self.isManagersOwn(path):
            lines = ["log-type = file", "logfile = " + DinitText.value(path)]
        default:
            lines = ["log-type = file", "logfile = /var/log/\(name).log"]
            why = "a file of its own, which nobody rotates"
        }
        judge(
            .standardOutput, "output", isSet: service.standardOutput != nil, target: lines.joined(separator: ", "),
            why: why, other: output == .null ? nil : "none")
        switch error {
        case .file(let path) where error != output && !Self.isManagersOwn(path):
            judge(
                .standardError, "output", isSet: service.standardError != nil, target: "2>>\(path)",
                why: "the file is opened as the program's user")
        case .null where error != output:
            judge(.standardError, "output", isSet: service.standardError != nil, target: "2>/dev/null", other: "none")
        case .sameAsOutput:
            if service.standardError != nil { log.exact(.standardError, "output", nil) }
        default:
            let same = error == output ? why : "it goes where standard output goes"
            judge(.standardError, "output", isSet: service.standardError != nil, target: nil, why: same)
        }
        for (field, setting) in [
            (ServiceField.outputRotation, service.outputRotation), (.errorRotation, service.errorRotation),
        ]
        where setting?.value.maximumBytes.bytes == 0 { log.exact(field, "rotation", nil) }
        return lines
    }
}

/// How dinit writes its values.
enum DinitText {
    static let limits: [ResourceKind: String] = [
        .openFiles: "rlimit-nofile", .core: "rlimit-core", .data: "rlimit-data", .addressSpace: "rlimit-addrspace",
    ]

    /// Seconds with their fraction.
    static func seconds(_ span: TimeSpan) -> String {
        let count = max(0, span.finiteMilliseconds ?? 31_536_000_000)
        return count.isMultiple(of: 1000)
            ? "\(count / 1000)" : "\(count / 1000).\(Digits.decimal(count % 1000, width: 3))"
    }

    static func command(_ words: [String]) -> String { words.map(value).joined(separator: " ") }

    /// One value or word: a backslash takes every special character's meaning, `$$` is a dollar sign.
    static func value(_ text: String) -> String {
        var result = ""
        var isPlain = !text.isEmpty
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                result += "\\"
                result.unicodeScalars.append(scalar)
                isPlain = false
            case "$": result += "$$"
            default:
                if scalar.isBlank || scalar == "#" { isPlain = false }
                result.unicodeScalars.append(scalar)
            }
        }
        return isPlain ? result : "\"\(result)\""
    }
}
