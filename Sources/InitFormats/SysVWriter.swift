import ServiceModel
import SourceText

/// SysV: a script of the Linux Standard Base's form for /etc/init.d around Debian's start-stop-daemon(8).
extension InitDraft {
    mutating func sysV() -> [InitFile] {
        let streams = sysVStreams()
        let limits = limitLines()
        let (exports, env) = shellEnvironment()
        judgeCommand(target: "--startas", needsAbsolutePath: true)
        judgeReadiness()
        judgeSuccess()
        judgeNoRestart()
        var lines = ["#!/bin/sh"] + header()
        if !limits.isEmpty { lines.append("# shellcheck disable=SC3045") }
        lines += [
            "", "PIDFILE=/run/\(name).pid", "", "is_running() {",
            "    start-stop-daemon --status --pidfile \"$PIDFILE\"", "}", "", "do_start() {",
            "    is_running && return 0", "    (", "        set -e",
        ]
        lines += (limits + exports).map { "        " + $0 }
        lines.append("        exec \(ShellWords.join(sysVStart(env))) \(streams)")
        lines += [
            "    )", "}", "", "do_stop() {",
            "    start-stop-daemon --stop --quiet --oknodo --remove-pidfile --retry=\(sysVRetry()) --pidfile \"$PIDFILE\"",
            "}", "", "case \"$1\" in", "    start) do_start ;;", "    stop) do_stop ;;",
            "    restart | force-reload) do_stop && do_start ;;", "    try-restart)", "        is_running || exit 0",
            "        do_stop && do_start", "        ;;", "    status)", "        is_running", "        code=$?",
            "        case $code in", "            0) echo \"\(name) is running\" ;;",
            "            *) echo \"\(name) is not running\" ;;", "        esac", "        exit $code", "        ;;",
            "    *)",
            "        echo \"Usage: $0 {start|stop|restart|force-reload|try-restart|status}\" >&2", "        exit 2",
            "        ;;", "esac",
        ]
        judgeStart("update-rc.d \(name) defaults")
        let file = InitFile(name, lines.joined(separator: "\n") + "\n", isExecutable: true)
        return [file] + scheduleFile(starting: "/etc/init.d/\(name) start")
    }

    /// The comment that insserv(8) and update-rc.d(8) read. What does not start at boot has no runlevels.
    private func header() -> [String] {
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad) && service.disabled?.value != true
        let fields = [
            ("Provides", name), ("Required-Start", "$remote_fs $syslog"), ("Required-Stop", "$remote_fs $syslog"),
            ("Should-Start", "$network $named $time"), ("Should-Stop", "$network $named $time"),
            ("Default-Start", starts ? "2 3 4 5" : ""), ("Default-Stop", "0 1 6"),
            ("Short-Description", String(title.prefix(80))), ("Description", title),
        ]
        let lines = fields.map { key, value in "# \(key + ":")".padded(to: 21) + value }.map(\.trimmed)
        return ["### BEGIN INIT INFO"] + lines + ["### END INIT INFO"]
    }

    /// start-stop-daemon with what it does to the process, and the program behind it.
    private mutating func sysVStart(_ env: [String]) -> [String] {
        var words = [
            "start-stop-daemon", "--start", "--quiet", "--background", "--no-close", "--make-pidfile", "--pidfile",
            "/run/\(name).pid",
        ]
        if !isForUser, let user = service.user?.value {
            words += ["--chuid", user + (service.group.map { ":" + $0.value } ?? "")]
        } else if !isForUser, let group = service.group?.value {
            words += ["--group", group]
        }
        judgeAccount(target: "--chuid")
        for (option, setting, field) in [
            ("--chdir", service.workingDirectory, ServiceField.workingDirectory),
            ("--chroot", service.rootDirectory, .rootDirectory),
        ] {
            guard let setting else { continue }
            words += [option, setting.value]
            log.exact(field, "directory", option)
        }
        if let umask = service.umask?.value {
            words += ["--umask", Digits.octal(UInt64(umask), width: 4)]
            log.exact(.umask, "umask", "--umask")
        }
        if let niceness = service.niceness?.value {
            words += ["--nicelevel", "\(min(niceness, 19))"]
            judgeNiceness("--nicelevel")
        }
        // start-stop-daemon executes a path only; env looks a bare name up.
        if !env.isEmpty || !path.contains("/") {
            return words + ["--startas", "/usr/bin/env", "--"] + env.dropFirst() + [path] + arguments
        }
        return words + ["--startas", absolutePath, "--"] + arguments
    }

    private mutating func sysVRetry() -> String {
        let signal = ShellScript.name(of: service.effective(\.stopSignal, \.stopSignal))
        let retry = "\(signal)/\(seconds(service.effective(\.stopTimeout, \.stopTimeout)))/KILL/5"
        judge(
            .stopSignal, "stop-signal", isSet: service.stopSignal != nil,
            target: signal == "TERM" ? nil : "--retry=\(retry)", other: "TERM")
        judgeStopTime("--retry=\(retry)", isExact: false, other: "none")
        judgeScopes(stop: .main, kill: .main)
        return retry
    }

    /// Files take everything: nobody stands behind the program who could listen.
    private mutating func sysVStreams() -> String {
        let file = "/var/log/\(name).log"
        var words = [inputRedirection()]
        var outputTarget = ""
        for (field, sink, isSet) in outputStreams {
            let prefix = field == .standardError ? "2" : ""
            switch sink {
            case .sameAsOutput:
                words.append("2>&1")
                if isSet { log.exact(field, "output", "2>&1") }
            case .null:
                words.append("\(prefix)>/dev/null")
                if isSet { log.exact(field, "output", "/dev/null") }
            case .file(let path) where !Self.isManagersOwn(path):
                let target = ">>" + ShellScript.quote(path)
                words.append(target == outputTarget ? "2>&1" : prefix + target)
                outputTarget = target
                judge(field, "output", isSet: isSet, target: target, other: "/dev/null")
            case .file, .inherit, .automatic, .journal, .syslog:
                words.append(outputTarget == ">>" + file ? "2>&1" : prefix + ">>" + file)
                outputTarget = ">>" + file
                judge(field, "output", isSet: isSet, target: file, why: "a file of its own, which nobody rotates")
            }
        }
        for (field, setting) in [
            (ServiceField.outputRotation, service.outputRotation), (.errorRotation, service.errorRotation),
        ]
        where setting?.value.maximumBytes.bytes == 0 { log.exact(field, "rotation", nil) }
        return words.joined(separator: " ")
    }

    /// For managers that start a program once.
    mutating func judgeNoRestart() {
        let ends = service.effective(\.restartOn, \.restartOn)
        if ends.isEmpty {
            for (field, isSet) in [
                (ServiceField.restartOn, service.restartOn != nil), (.giveUp, service.giveUp != nil),
                (.restartDelay, service.restartDelay != nil),
            ] where isSet { log.exact(field, "restart", nil) }
        } else if service.restartOn == nil {
            log.differing(
                .restartOn, "restart", "no restart", why: "\(dialect.rawValue) never starts a program again")
        }
    }
}
