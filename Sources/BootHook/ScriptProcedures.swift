import Locations
import ServiceFormats
import ServiceModel
import SourceText

/// The inits whose jobs are scripts: OpenRC, SysV, runit, s6. Their hooks are the system's; users have none there.
extension Hook {
    /// The files that the converter's writer makes, below `directory`; what it writes for a set of services, as s6-rc's
    /// bundles, is the machine's own.
    private func scripts(_ format: Format, below directory: String) throws(Failure) -> [FileImage] {
        try FormatRegistry.files(of: service, as: format, isForUser: false)
            .filter { $0.name == label || $0.name.hasPrefix(label + "/") }
            .map { FileImage("\(directory)/\($0.name)", $0.bytes, mode: $0.isExecutable ? 0o755 : 0o644) }
    }

    /// openrc-run(8), rc-update(8), rc-service(8).
    func openRCProcedure() throws(Failure) -> Procedure {
        let name = label
        var row = Procedure(files: try scripts(.openrc, below: "/etc/init.d")) { answers in
            var state = ManagerState()
            guard let status = answers.first, status.code != ToolAnswer.missing else {
                state.silence = "rc-service is not installed"
                return state
            }
            // 0 started, 3 stopped, 32 crashed.
            state.isRunning = status.code == 0
            if status.code == 32 { state.lastExit = "crashed" }
            if answers.count > 1 {
                state.isEnabled = answers[1].output.split(separator: "\n").contains { (line: Substring) in
                    line.split(separator: "|").first.map { trimming($0) == name } ?? false
                }
            }
            return state
        }
        row.directories = [logDirectory]
        row.imageLinks = [LinkImage("/etc/runlevels/default/\(name)", target: "/etc/init.d/\(name)")]
        row.enable = [.call(ToolCall(["rc-update", "add", name, "default"]))]
        row.disable = [.call(ToolCall(["rc-update", "del", name, "default"]), fine: [0, 1])]
        row.start = [.call(ToolCall(["rc-service", name, "start"]))]
        row.stop = [.call(ToolCall(["rc-service", name, "stop"], limit: stopPatience), fine: [0, 1])]
        row.restart = row.stop + row.start
        row.questions = [
            ToolCall(["rc-service", name, "status"]), ToolCall(["rc-update", "show", "default"]),
        ]
        row.asksItsFile = true
        row.logs = fileLog
        return row
    }

    /// init.d scripts of the Linux Standard Base, and Debian's update-rc.d(8).
    func sysVProcedure() throws(Failure) -> Procedure {
        let path = "/etc/init.d/\(label)"
        var row = Procedure(files: try scripts(.sysv, below: "/etc/init.d")) { answers in
            var state = ManagerState()
            // 0 running, 1 dead with a pidfile, 3 stopped.
            state.isRunning = answers.first.map { $0.code == 0 }
            if answers.first?.code == 1 { state.lastExit = "died and left its pidfile" }
            return state
        }
        row.directories = [logDirectory]
        row.bootLink = BootLink(directory: "/etc/rc2.d", prefix: "S", suffix: label)
        row.imageLinks =
            ["2", "3", "4", "5"].map { LinkImage("/etc/rc\($0).d/S01\(label)", target: "../init.d/\(label)") }
            + ["0", "1", "6"].map { LinkImage("/etc/rc\($0).d/K01\(label)", target: "../init.d/\(label)") }
        // `defaults` leaves links as they are where there are some, also those that switch it off.
        row.enable = [
            .call(ToolCall(["update-rc.d", "-f", label, "remove"]), fine: [0, 1]),
            .call(ToolCall(["update-rc.d", label, "defaults"])),
        ]
        // After the script is gone: update-rc.d refuses to take away the links of one that is there.
        row.forget = [.call(ToolCall(["update-rc.d", label, "remove"]), fine: [0, 1])]
        row.start = [.call(ToolCall([path, "start"]))]
        row.stop = [.call(ToolCall([path, "stop"], limit: stopPatience), fine: [0, ToolAnswer.missing])]
        row.restart = row.stop + row.start
        row.questions = [ToolCall([path, "status"])]
        row.asksItsFile = true
        row.logs = fileLog
        row.remarks = ["SysV init starts svinstall once: should svinstall itself die, nobody brings it back"]
        return row
    }

    /// runsv(8), sv(8): the directory is linked into the one that runsvdir(8) looks at.
    func runitProcedure() throws(Failure) -> Procedure {
        let directory = "/etc/sv/\(label)"
        let scan = options.serviceDirectory ?? "/etc/service"
        let link = "\(scan)/\(label)"
        var row = Procedure(files: try scripts(.runit, below: "/etc/sv")) { answers in
            var state = ManagerState()
            guard let words = answers.first?.output else { return state }
            state.isRunning = words.hasPrefix("run:")
            state.isLoaded = words.hasPrefix("run:") || words.hasPrefix("down:")
            if let pid = words.split(separator: "(pid ").dropFirst().first?.prefix(while: \.isNumber) {
                state.pid = Int32(pid)
            }
            return state
        }
        row.directories = [logDirectory]
        row.links = [LinkImage(link, target: directory)]
        // runsvdir looks every 5 seconds.
        row.load = [.wait(.exists("\(link)/supervise/ok"), within: .seconds(15))]
        row.start = [.call(ToolCall(["sv", "-w", "15", "start", link]))]
        let seconds = stopTimeout.wholeSecondsUp.map { "\($0)" } ?? "86400"
        row.stop = [.call(ToolCall(["sv", "-w", seconds, "stop", link], limit: stopPatience), fine: [0, 1])]
        row.restart = row.stop + row.start
        row.unload = [
            .call(
                ToolCall(["sv", "-w", seconds, "exit", link], limit: stopPatience), fine: [0, 1, ToolAnswer.missing])
        ]
        // What runsv keeps beside the scripts.
        row.leftovers = ["supervise", "log/supervise"].flatMap { place in
            ["lock", "status", "stat", "pid", "control", "ok"].map { "\(directory)/\(place)/\($0)" }
        }
        row.questions = [ToolCall(["sv", "status", link])]
        row.logs = fileLog
        return row
    }

    /// s6-supervise(8), s6-svc(8): the directory is linked into the one that s6-svscan(8) looks at.
    func s6Procedure() throws(Failure) -> Procedure {
        let directory = "/etc/s6/sv/\(label)"
        let scan = options.serviceDirectory ?? "/run/service"
        let link = "\(scan)/\(label)"
        var row = Procedure(files: try scripts(.s6, below: "/etc/s6/sv")) { answers in
            var state = ManagerState()
            guard let answer = answers.first, answer.code == 0 else {
                state.isLoaded = answers.first.map { _ in false }
                return state
            }
            state.isLoaded = true
            state.isRunning = answer.output.hasPrefix("up")
            if let pid = answer.output.split(separator: "(pid ").dropFirst().first?.prefix(while: \.isNumber) {
                state.pid = Int32(pid)
            }
            return state
        }
        row.directories = [logDirectory]
        let here = LinkImage(link, target: directory)
        if let boot = options.bootServiceDirectory {
            row.links = [LinkImage("\(boot)/\(label)", target: directory)]
            row.liveLinks = [here]
        } else if ["/run/", "/var/run/", "/tmp/", "/dev/shm/"].contains(where: scan.hasPrefix) {
            row.liveLinks = [here]
            row.bootObstacle = Explanation(
                "a boot empties \(scan), and no other directory starts it",
                remedy: agent("install") + " --service-directory DIR, which s6-svscan looks at and no boot empties")
        } else {
            row.links = [here]
        }
        row.load = [
            .call(ToolCall(["s6-svscanctl", "-a", scan])),
            .wait(.exists("\(link)/supervise/control"), within: .seconds(15)),
        ]
        row.start = [.call(ToolCall(["s6-svc", "-u", "-wu", "-T", "15000", link]))]
        row.stop = [
            .call(ToolCall(["s6-svc", "-d", "-wD", link], limit: stopPatience), fine: [0, 99, 100, 111])
        ]
        row.restart = row.stop + row.start
        // After the link is gone: s6-svscan lets go of what it no longer finds.
        row.forget = [.call(ToolCall(["s6-svscanctl", "-an", scan]), fine: [0, 100, 111, ToolAnswer.missing])]
        row.leftovers = ["supervise", "log/supervise", "event", "log/event"].flatMap { place in
            ["lock", "status", "death_tally", "control"].map { "\(directory)/\(place)/\($0)" }
        }
        // A pipe of who waited for an event (ftrig): s6-ftrigrd removes it by the link's path a moment after its client has
        // ended, and cannot any more once the link is gone.
        row.leftoverFamilies = [LeftoverFamily("\(directory)/event", prefix: "ftrig1:")]
        row.questions = [ToolCall(["s6-svstat", link])]
        row.logs = fileLog
        row.remarks = ["\(scan) must be what s6-svscan looks at; name another with --service-directory"]
        return row
    }

    /// crontab(5): the last resort.
    func cronProcedure() throws(Failure) -> Procedure {
        let files = try FormatRegistry.files(of: service, as: .cron, isForUser: scope == .user)
        let words = [program] + commandWords
        let control = [program] + (configuration.map { ["-c", $0] } ?? [])
        var row: Procedure
        switch scope {
        case .system:
            // cron(8) reads no file of its directory with a dot in the name.
            row = Procedure(files: files.map { FileImage("/etc/cron.d/\($0.name)", $0.bytes) }) { _ in ManagerState() }
        case .user:
            let line = files.first.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
            row = Procedure(files: []) { answers in
                var state = ManagerState()
                let known = answers.first.flatMap { CronTable.entry(of: $0.output) }
                state.isEnabled = known != nil
                state.isStale = known.map { $0 != line } ?? false
                return state
            }
            row.settle = [.crontab(entry: line)]
            row.enable = [.crontab(entry: line)]
            row.disable = [.crontab(entry: nil)]
            row.questions = [ToolCall(["crontab", "-l"])]
        }
        row.directories = [logDirectory]
        row.starters = ["cron", "crond"]
        row.start = [.call(ToolCall(words + ["--daemon"]))]
        row.stop = [
            .call(ToolCall(control + ["shutdown"], limit: stopPatience), fine: [0, 1, 2, 69])
        ]
        row.restart = row.stop + row.start
        row.logs = fileLog
        row.remarks = [
            "cron is the last resort: it starts svinstall at boot, but nobody restarts it, stops it or waits for it"
        ]
        return row
    }

    private var fileLog: ToolCall { ToolCall(["tail", "-n", "100", "\(logDirectory)/\(label).out.log"]) }
}
