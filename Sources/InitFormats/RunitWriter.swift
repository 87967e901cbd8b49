import ServiceModel
import SourceText

/// runit: a directory for runsv(8) with `run`, `finish`, `control/t`, `log/run` and `down`.
extension InitDraft {
    mutating func runit() -> [InitFile] {
        let streams = shellStreams(loggerName: "svlogd")
        var wrapper = ["chpst", "-P"] + runitAccount()
        if let shownName { wrapper += ["-b", shownName] }
        if let root = service.rootDirectory?.value {
            wrapper += ["-/", root]
            log.exact(.rootDirectory, "root", "chpst -/")
        }
        let run = runScript(streams: streams, directory: "/", wrapper: wrapper)
        judgeCommand(target: "run", needsAbsolutePath: false, showsName: true)
        judgeReadiness()
        var files = [InitFile("\(name)/run", run, isExecutable: true)]
        let finish = finishScript(signalled: "-1", giveUpLine: nil, stop: "sv down .; exit 0")
        if let finish { files.append(InitFile("\(name)/finish", finish, isExecutable: true)) }
        files.append(InitFile("\(name)/control/t", controlScript(), isExecutable: true))
        if streams.taker != .none {
            files.append(InitFile("\(name)/log/run", runitLogger(streams.taker), isExecutable: true))
        }
        files += downFile("\(name)/down", other: "up")
        return files + scheduleFile(starting: "sv once \(isForUser ? "\"$HOME\"/service" : "/etc/service")/\(name)")
    }

    /// A service that does not start by itself has a file `down`.
    mutating func downFile(_ path: String, other: String) -> [InitFile] {
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad) && service.disabled?.value != true
        let target = starts ? nil : "down"
        judge(.startsAtLoad, "start", isSet: service.startsAtLoad != nil, target: target, other: other)
        if service.disabled != nil { log.exact(.disabled, "disabled", target) }
        return starts ? [] : [InitFile(path, "")]
    }

    /// chpst(8) takes a colon in front for numbers; it looks nobody's further groups up.
    private mutating func runitAccount() -> [String] {
        judgeAccount(target: "chpst -u", hasFurtherGroups: false)
        guard let account else { return [] }
        let isNumber = service.user?.value.allSatisfy(\.isNumber) == true
        guard service.user != nil else { return ["chroot", "--userspec=\(account)", "--skip-chdir", "/"] }
        return ["-u", isNumber ? ":\(account)" : account]
    }

    private func runitLogger(_ taker: LogTaker) -> String {
        guard taker == .directory else { return "#!/bin/sh\nexec logger -t \(name)\n" }
        var lines = ["#!/bin/sh", "set -e"]
        if isForUser { lines.append("cd") }
        lines.append("mkdir -p \(logDirectory)")
        // 0 old logs would mean that none is ever removed.
        let settings = "s\(rotation.maximumBytes.bytes)\\nn\(max(1, rotation.backups))\\n"
        lines.append("[ -e \(logDirectory)/config ] || printf '\(settings)' >\(logDirectory)/config")
        lines.append("exec svlogd \(logDirectory)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// runsv asks it whenever TERM would be sent: it sends the program's own signal, and KILL when its time is up. A
    /// stop that was asked for leaves a mark for `finish`, which then does not judge the end.
    private mutating func controlScript() -> String {
        let signal = service.effective(\.stopSignal, \.stopSignal)
        let stopScope = service.effective(\.stopScope, \.stopScope)
        let killScope = service.effective(\.killScope, \.killScope)
        let timeout = service.effective(\.stopTimeout, \.stopTimeout)
        func whom(_ scope: SignalScope) -> String { scope == .main ? "\"$pid\"" : "-- \"-$pid\"" }
        var lines = [
            "#!/bin/sh", "pid=$(cat supervise/pid) && [ -n \"$pid\" ] || exit 0", ": >supervise/asked",
            "kill -s \(ShellScript.name(of: signal)) \(whom(stopScope)) 2>/dev/null",
        ]
        if timeout != .infinity {
            // As long as the file names it, the number is the program's own.
            lines += [
                "{", "    count=0",
                "    while [ \"$count\" -lt \(seconds(timeout)) ] && [ \"$(cat supervise/pid)\" = \"$pid\" ]; do",
                "        sleep 1", "        count=$((count + 1))", "    done",
                "    [ \"$(cat supervise/pid)\" != \"$pid\" ] || kill -s KILL \(whom(killScope))",
                "} >/dev/null 2>&1 &",
            ]
        }
        lines.append("exit 0")
        let isTerm = signal == .terminate
        judge(
            .stopSignal, "stop-signal", isSet: service.stopSignal != nil, target: isTerm ? nil : "control/t",
            other: "TERM")
        judgeStopTime("control/t", isExact: timeout == .infinity, other: "never to kill it")
        judgeScopes(
            stop: stopScope == .main ? .main : .processGroup, kill: killScope == .main ? .main : .processGroup,
            target: "control/t")
        return lines.joined(separator: "\n") + "\n"
    }
}
