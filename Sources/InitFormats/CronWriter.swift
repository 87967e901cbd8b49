import ServiceModel
import SourceText

/// cron: a file for /etc/cron.d, or a user's crontab (crontab(5)): `@reboot` for what starts with the machine, a line
/// for each time.
extension InitDraft {
    mutating func cron() -> [InitFile] {
        let command = CronSchedule.escape(ShellScript.oneLine(cronCommand()))
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad)
        var times = schedule(target: "a line")
        if starts { times.insert("@reboot", at: 0) }
        judge(
            .startsAtLoad, "start", isSet: service.startsAtLoad != nil, target: starts ? "@reboot" : nil,
            other: "not to start it")
        if times.isEmpty { times = ["@reboot"] }
        let isOff = service.disabled?.value == true || (!starts && times == ["@reboot"])
        if service.disabled != nil { log.exact(.disabled, "disabled", isOff ? "#" : nil) }
        let user = isForUser ? "" : " " + (service.user?.value ?? "root")
        judgeAccount(target: "its field of the user", setsHome: true, hasGroup: false)
        judgeReadiness()
        judgeSuccess()
        judgeNoRestart()
        let lines = times.map { "\(isOff ? "# " : "")\($0)\(user) \(command)" }
        if lines.contains(where: { $0.utf8.count > CronSchedule.longest }) {
            problem = Failure(
                .badInput, code: "cron-too-long", "the command of '\(service.name.value)' is too long for a crontab",
                remedy: "put it into a script and name that", at: service.command?.span ?? service.name.span)
        }
        // cron(8) reads no file of its directory with a dot in the name.
        let file = name.replacing(".", with: "_")
        return [InitFile(file, (["# \(title)"] + lines).joined(separator: "\n") + "\n")]
    }

    /// One line for sh(1): the process is prepared, then becomes the program.
    private mutating func cronCommand() -> String {
        var steps: [String] = []
        if let directory = service.workingDirectory?.value {
            steps.append("cd \(ShellScript.quote(directory))")
            log.exact(.workingDirectory, "directory", "cd")
        }
        if let umask = service.umask?.value {
            steps.append("umask \(Digits.octal(UInt64(umask), width: 4))")
            log.exact(.umask, "umask", "umask")
        }
        steps += limitLines()
        let (exports, env) = shellEnvironment()
        steps += exports
        let streams = cronStreams()
        let words = niceWords() + env + [path] + arguments
        judgeCommand(target: "its command", needsAbsolutePath: false)
        steps.append("\(ShellScript.exec(words)) \(streams.redirections)")
        let line = steps.joined(separator: " && ")
        return streams.taker == .none ? line : "{ \(line); } 2>&1 | logger -t \(name)"
    }

    /// cron mails what nobody takes; a program that runs for ever would fill a mail.
    private mutating func cronStreams() -> ShellStreams {
        shellStreams(loggerName: "logger", keepsDirectory: false)
    }
}
