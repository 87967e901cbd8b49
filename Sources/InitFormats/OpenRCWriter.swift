import ServiceModel
import SourceText

/// OpenRC: a script for openrc-run(8). What is restarted runs under supervise-daemon(8), what is not under OpenRC's
/// start-stop-daemon(8).
///
/// OpenRC splits its variables into words, then has the shell read the result again (`eval`). A word that is not plain
/// therefore stands in a variable of its own, and only the variable's name, in quotes, goes through that mill.
extension InitDraft {
    mutating func openRC() -> [InitFile] {
        var script = OpenRCScript()
        let restarts = !service.effective(\.restartOn, \.restartOn).isEmpty
        script.put("description", title)
        if restarts { script.put("supervisor", "supervise-daemon") }
        script.put("pidfile", "/run/\(name).pid")
        openRCCommand(&script)
        openRCContext(&script, restarts: restarts)
        openRCRestart(&script, restarts: restarts)
        openRCStop(&script)
        openRCStreams(&script)
        let limits = limitLines()
        if !limits.isEmpty { script.comments.append("# shellcheck disable=SC3045") }
        script.beforeStart = limits + script.beforeStart
        judgeReadiness()
        judgeSuccess()
        judgeStart("rc-update add \(name) default")
        return [InitFile(name, script.text, isExecutable: true)] + scheduleFile(starting: "rc-service \(name) start")
    }

    private mutating func openRCCommand(_ script: inout OpenRCScript) {
        judgeCommand(target: "command", needsAbsolutePath: true)
        var words = [absolutePath] + arguments
        if case .file? = service.standardInput?.value {
            words = ["/bin/sh", "-c", "exec \"$0\" \"$@\" \(inputRedirection())"] + words
        } else {
            _ = inputRedirection()
        }
        script.putWords("command", Array(words.prefix(1)))
        if words.count > 1 { script.putWords("command_args", Array(words.dropFirst())) }
    }

    private mutating func openRCContext(_ script: inout OpenRCScript, restarts: Bool) {
        if let account { script.putWords("command_user", [account]) }
        judgeAccount(target: "command_user", setsHome: true)
        for (key, setting, field) in [
            ("directory", service.workingDirectory, ServiceField.workingDirectory),
            ("chroot", service.rootDirectory, .rootDirectory),
        ] {
            guard let setting else { continue }
            script.putWords(key, [setting.value])
            log.exact(field, key, key)
        }
        if let umask = service.umask?.value {
            script.put("umask", Digits.octal(UInt64(umask), width: 4))
            log.exact(.umask, "umask", "umask")
        }
        var words: [String] = []
        for variable in lastVariables() {
            words += ["--env", "\(variable.name)=\(variable.value.value)"]
        }
        if let niceness = service.niceness?.value {
            words += ["--nicelevel", "\(min(niceness, 19))"]
            judgeNiceness("--nicelevel")
        }
        if !words.isEmpty { script.putWords(restarts ? "supervise_daemon_args" : "start_stop_daemon_args", words) }
    }

    private mutating func openRCRestart(_ script: inout OpenRCScript, restarts: Bool) {
        let ends = service.effective(\.restartOn, \.restartOn)
        guard restarts else {
            script.put("command_background", "yes")
            judge(
                .restartOn, "restart", isSet: service.restartOn != nil, target: "command_background=yes",
                other: "to restart it after any end")
            for (field, isSet) in [
                (ServiceField.giveUp, service.giveUp != nil), (.restartDelay, service.restartDelay != nil),
            ] where isSet { log.exact(field, "restart", nil) }
            return
        }
        judge(
            .restartOn, "restart", isSet: service.restartOn != nil, target: "supervise-daemon",
            why: ends == .all ? nil : "supervise-daemon restarts it after any end",
            remedy: "let svinstall run it where an end shall be the end")
        let (wait, why) = pauseBetweenRuns
        // supervise-daemon(8) takes no 0 here, though it is its default.
        if wait > 0 { script.put("respawn_delay", "\(wait)") }
        judge(
            .restartDelay, "restart-delay", isSet: service.restartDelay != nil, target: "respawn_delay=\(wait)",
            why: why,
            other: "0")
        openRCGiveUp(&script, wait: wait)
    }

    private mutating func openRCGiveUp(_ script: inout OpenRCScript, wait: Int64) {
        let isSet = service.giveUp != nil
        switch service.effective(\.giveUp, \.giveUp) {
        case .never:
            script.put("respawn_max", "0")
            judge(.giveUp, "give-up", isSet: isSet, target: "respawn_max=0", other: "10 restarts")
        case .starts(let count, let span):
            script.put("respawn_max", "\(max(1, count - 1))")
            script.put("respawn_period", "\(max(1, seconds(span)))")
            judge(.giveUp, "give-up", isSet: isSet, target: "respawn_max=\(max(1, count - 1))", other: "10 restarts")
        case .earlyExits(let count):
            var alive: Int64 = 0
            if case .alive(let span) = service.effective(\.readiness, \.readiness) { alive = seconds(span) }
            script.put("respawn_max", "\(max(1, count - 1))")
            script.put("respawn_period", "\(Int64(max(1, count)) * (alive + wait + 1))")
            judge(
                .giveUp, "give-up", isSet: isSet, target: "respawn_max=\(max(1, count - 1))",
                why: "restarts are counted in a time, whether the program was ready or not")
        }
    }

    private mutating func openRCStop(_ script: inout OpenRCScript) {
        let signal = ShellScript.name(of: service.effective(\.stopSignal, \.stopSignal))
        let timeout = service.effective(\.stopTimeout, \.stopTimeout)
        let retry = "\(signal)/\(seconds(timeout))/KILL/5"
        script.put("retry", retry)
        judge(
            .stopSignal, "stop-signal", isSet: service.stopSignal != nil,
            target: signal == "TERM" ? nil : "retry=\(retry)", other: "TERM")
        judgeStopTime("retry=\(retry)", isExact: false, other: "5 s")
        judgeScopes(stop: .main, kill: .main)
    }

    private mutating func openRCStreams(_ script: inout OpenRCScript) {
        let output = service.effective(\.standardOutput, \.standardOutput)
        let error = service.effective(\.standardError, \.standardError)
        for (key, field, sink, isSet) in [
            ("output_log", ServiceField.standardOutput, output, service.standardOutput != nil),
            ("error_log", .standardError, error == .sameAsOutput ? output : error, service.standardError != nil),
        ] {
            let file: String
            var why: String?
            switch sink {
            case .null:
                if isSet { log.exact(field, "output", nil) }
                continue
            case .file(let path) where !Self.isManagersOwn(path): file = path
            case .file, .inherit, .automatic, .journal, .syslog, .sameAsOutput:
                file = "/var/log/\(name).log"
                why = "a file of its own, which nobody rotates"
            }
            script.putWords(key, [file])
            // The file is opened as the program's user, who may not be allowed to make it.
            let line =
                "checkpath -f -m 0644\(account.map { " -o " + ShellScript.quote($0) } ?? "") \(ShellScript.quote(file))"
            if account != nil, !script.beforeStart.contains(line) { script.beforeStart.append(line) }
            judge(field, "output", isSet: isSet, target: "\(key)=\(file)", why: why, other: "/dev/null")
        }
        for (field, setting) in [
            (ServiceField.outputRotation, service.outputRotation), (.errorRotation, service.errorRotation),
        ]
        where setting?.value.maximumBytes.bytes == 0 { log.exact(field, "rotation", nil) }
    }
}

/// The lines of an OpenRC script.
struct OpenRCScript {
    var comments: [String] = []
    private var lines: [String] = []
    private var strays = 0
    /// What happens right before the start, in the process that starts it.
    var beforeStart: [String] = []

    /// A variable that is taken as it is.
    mutating func put(_ key: String, _ value: String) { lines.append("\(key)=\(ShellScript.quote(value))") }

    /// A variable that OpenRC splits into words and evaluates.
    mutating func putWords(_ key: String, _ words: [String]) {
        let texts = words.map { word -> String in
            if ShellScript.quote(word) == word { return word }
            strays += 1
            lines.append("word_\(strays)=\(ShellScript.quote(word))")
            return "\"$word_\(strays)\""
        }
        lines.append("\(key)=\(ShellScript.quote(texts.joined(separator: " ")))")
    }

    var text: String {
        var all = ["#!/sbin/openrc-run"] + comments + [""] + lines
        if !beforeStart.isEmpty {
            all += ["", "start_pre() {"] + beforeStart.map { "    \($0) || return 1" } + ["}"]
        }
        return all.joined(separator: "\n") + "\n"
    }
}
