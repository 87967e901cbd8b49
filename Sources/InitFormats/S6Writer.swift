import ServiceModel
import SourceText

/// s6: a source directory for s6-rc-compile with `type`, `run`, `finish` and the files that s6-supervise reads.
extension InitDraft {
    mutating func s6() -> [InitFile] {
        let streams = shellStreams(loggerName: "s6-log")
        let run = runScript(streams: streams, directory: "/", wrapper: s6Wrapper())
        judgeCommand(target: "run", needsAbsolutePath: false)
        judgeAccount(target: "s6-applyuidgid")
        judgeReadiness()
        var files = [InitFile("\(name)/run", run, isExecutable: true), InitFile("\(name)/type", "longrun\n")]
        if let finish = finishScript(signalled: "256", giveUpLine: permanentFailure, stop: "exit 125") {
            files.append(InitFile("\(name)/finish", finish, isExecutable: true))
            // The wait of `finish` is part of its time: 5 s where nothing else is said.
            files.append(InitFile("\(name)/timeout-finish", "0\n"))
        }
        files += s6Stop()
        if streams.taker != .none {
            files += [
                InitFile("\(name)/producer-for", "\(name)-log\n"), InitFile("\(name)-log/type", "longrun\n"),
                InitFile("\(name)-log/run", s6Logger(streams.taker), isExecutable: true),
                InitFile("\(name)-log/consumer-for", "\(name)\n"), InitFile("\(name)-log/notification-fd", "3\n"),
            ]
            if streams.taker == .syslog { files.removeLast() }
        }
        return files + s6Bundle() + scheduleFile(starting: "s6-rc -u change \(name)")
    }

    private mutating func s6Wrapper() -> [String] {
        var words: [String] = []
        if let root = service.rootDirectory?.value {
            // chroot(8) of coreutils looks the account up outside and changes to it inside.
            words = ["chroot"] + (account.map { ["--userspec=\($0)"] } ?? []) + [root]
            log.exact(.rootDirectory, "root", "chroot")
            return words
        }
        guard let account else { return [] }
        guard let user = service.user?.value else { return ["chroot", "--userspec=\(account)", "--skip-chdir", "/"] }
        words = ["s6-envuidgid", user]
        if let group = service.group?.value { words += ["s6-envuidgid", "-g", group] }
        return words + ["s6-applyuidgid", "-Uz"]
    }

    /// s6-permafailon ends with 125 when there were too many ends in a time.
    private var permanentFailure: String? {
        let count: Int
        let time: Int64
        switch service.effective(\.giveUp, \.giveUp) {
        case .never: return nil
        case .starts(let number, let span): (count, time) = (number, seconds(span))
        case .earlyExits(let number):
            var alive: Int64 = 0
            if case .alive(let span) = service.effective(\.readiness, \.readiness) { alive = seconds(span) }
            (count, time) = (number, Int64(number) * (alive + 1))
        }
        return
            "s6-permafailon \(max(1, time)) \(max(1, count)) 0-255,SIGSEGV,SIGBUS,SIGABRT,SIGKILL,SIGILL,SIGFPE true || exit $?"
    }

    private mutating func s6Stop() -> [InitFile] {
        var files: [InitFile] = []
        let signal = service.effective(\.stopSignal, \.stopSignal)
        let isTerm = signal == .terminate
        judge(
            .stopSignal, "stop-signal", isSet: service.stopSignal != nil,
            target: isTerm ? nil : "down-signal", other: "SIGTERM")
        if !isTerm { files.append(InitFile("\(name)/down-signal", "SIG\(ShellScript.name(of: signal))\n")) }
        let timeout = service.effective(\.stopTimeout, \.stopTimeout)
        // 0 would mean never.
        let limit = timeout.finiteMilliseconds.map { max(1, $0) } ?? 0
        files.append(InitFile("\(name)/timeout-kill", "\(limit)\n"))
        judgeStopTime("timeout-kill", other: "never to kill it")
        judgeScopes(stop: .main, kill: .main)
        return files
    }

    private func s6Logger(_ taker: LogTaker) -> String {
        guard taker == .directory else { return "#!/bin/sh\nexec logger -t \(name)\n" }
        var lines = ["#!/bin/sh", "set -e"]
        if isForUser { lines.append("cd") }
        lines.append("mkdir -p \(logDirectory)")
        var directives = ["n\(max(0, rotation.backups))"]
        if rotation.maximumBytes.bytes > 0 {
            // The sizes that s6-log takes.
            directives.append("s\(min(max(rotation.maximumBytes.bytes, 4096), 268_435_455))")
        }
        lines.append("exec s6-log -d 3 -b \(directives.joined(separator: " ")) \(logDirectory)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// What starts at boot is in the bundle `default`.
    private mutating func s6Bundle() -> [InitFile] {
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad) && service.disabled?.value != true
        let target = starts ? "default/contents.d/\(name)" : nil
        judge(.startsAtLoad, "start", isSet: service.startsAtLoad != nil, target: target)
        if service.disabled != nil { log.exact(.disabled, "disabled", target) }
        guard starts else { return [] }
        return [InitFile("default/type", "bundle\n"), InitFile("default/contents.d/\(name)", "")]
    }
}
