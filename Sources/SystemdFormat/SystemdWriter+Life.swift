import ServiceModel
import SourceText

/// When the service starts, restarts and stops.
extension UnitDraft {
    mutating func writeLife() {
        // Where every end is a success, the `-` before the command says so.
        let all = service.effective(\.success, \.success)
        let isOneshot = service.effective(\.readiness, \.readiness) == .completed
        let usual = RestartRule.success(adding: .none, isOneshot: isOneshot && service.success != nil)
        let added = all == .all ? .none : all.subtracting(usual)
        let success = RestartRule.success(adding: added, isOneshot: isOneshot)
        if !added.tokens.isEmpty {
            unit.put("Service", "SuccessExitStatus", added.tokens.joined(separator: " "))
        }
        if let wanted = service.success?.value {
            let target = added.tokens.isEmpty ? wanted == .all ? "ExecStart=-" : nil : "SuccessExitStatus"
            if wanted.contains(.exited(code: 0)) {
                log.exact(.success, "success", target)
            } else {
                log.approximated(.success, "success", target, why: "systemd always counts exit code 0 as success")
            }
        }
        let restarts = writeRestart(success: success)
        writeDelay(restarts: restarts)
        writeGiveUp(restarts: restarts)
        if service.priority != nil {
            log.dropped(
                .priority, "priority", why: "systemd orders by After= and Before=, not by number",
                remedy: "name the units that must start first in After=")
        }
    }

    /// Whether it is restarted after any end.
    private mutating func writeRestart(success: TerminationSet) -> Bool {
        if keepsSilence && service.restartOn == nil { return false }
        let ends = service.effective(\.restartOn, \.restartOn)
        let isOneshot = service.effective(\.readiness, \.readiness) == .completed
        let (rule, isExact) = RestartRule.saying(ends, success: success, isOneshot: isOneshot)
        unit.put("Service", "Restart", rule.word.rawValue)
        var target = "Restart=\(rule.word.rawValue)"
        for (key, set) in [("RestartPreventExitStatus", rule.prevent), ("RestartForceExitStatus", rule.force)]
        where !set.isEmpty {
            let text = set.tokens.joined(separator: " ")
            unit.put("Service", key, text)
            target += " \(key)=\(text)"
        }
        let isSet = service.restartOn != nil
        if !isExact {
            log.approximated(
                .restartOn, "restart", target, why: "a time-out or a silent watchdog leads to another decision")
        } else if isSet {
            log.exact(.restartOn, "restart", target)
        } else if rule.word != .no {
            log.generated(.restartOn, "restart", target, why: differs(from: "not to restart"))
        }
        return rule.word != .no || !rule.force.isEmpty
    }

    private mutating func writeDelay(restarts: Bool) {
        let isSet = service.restartDelay != nil
        guard isSet || restarts && !keepsSilence else { return }
        let text: String
        let why: String?
        switch service.effective(\.restartDelay, \.restartDelay) {
        case .afterExit(let span):
            text = "\(span)"
            why = nil
        case .none:
            text = "0"
            why = nil
        case .sinceStart(let span):
            text = "\(span)"
            why = span == .zero ? nil : "systemd waits after each end, not since the previous start"
        case .supervisor:
            text = "1s"
            why = "supervisord waits 1, 2, 3 … s after early ends only, systemd always the same"
        }
        unit.put("Service", "RestartSec", text)
        let target = "RestartSec=\(text)"
        switch (isSet, why) {
        case (true, let why?): log.approximated(.restartDelay, "restart-delay", target, why: why)
        case (true, nil): log.exact(.restartDelay, "restart-delay", target)
        case (false, let why?): log.differing(.restartDelay, "restart-delay", target, why: why)
        case (false, nil): log.generated(.restartDelay, "restart-delay", target, why: differs(from: "100ms"))
        }
    }

    private mutating func writeGiveUp(restarts: Bool) {
        let isSet = service.giveUp != nil
        guard isSet || restarts && !keepsSilence else { return judgeEarlyEnds(isSet: isSet) }
        switch service.effective(\.giveUp, \.giveUp) {
        case .never:
            unit.put("Unit", "StartLimitIntervalSec", "0")
            log.written(
                .giveUp, "give-up", "StartLimitIntervalSec=0", isSet: isSet, why: differs(from: "5 starts in 10 s"))
        case .earlyExits where !restarts:
            judgeEarlyEnds(isSet: isSet)
        case .earlyExits:
            unit.put("Unit", "StartLimitIntervalSec", "0")
            var why = "systemd's limit counts healthy starts too, so it is off and the program is restarted for ever"
            if triesEarlyEndsAgain, service.effective(\.restartOn, \.restartOn) != .all {
                why += "; what ends early is not tried again where its end asks for no restart"
            }
            if isSet {
                log.approximated(.giveUp, "give-up", "StartLimitIntervalSec=0", why: why)
            } else {
                log.differing(.giveUp, "give-up", "StartLimitIntervalSec=0", why: why)
            }
        case .starts(let count, let span):
            unit.put("Unit", "StartLimitIntervalSec", "\(span)")
            unit.put("Unit", "StartLimitBurst", "\(count)")
            log.written(.giveUp, "give-up", "StartLimitBurst=\(count)", isSet: isSet, why: "systemd's own default")
        }
    }

    /// Whether the source tries a program again that ends before it counts as running, whatever its end
    /// (supervisord's startsecs and startretries).
    private var triesEarlyEndsAgain: Bool {
        guard case .alive(let span) = service.effective(\.readiness, \.readiness), span > .zero,
            case .earlyExits(let count) = service.effective(\.giveUp, \.giveUp)
        else { return false }
        return count > 1
    }

    /// A program that systemd never restarts.
    private mutating func judgeEarlyEnds(isSet: Bool) {
        let why = "what ends before startsecs is tried again by supervisord, not by systemd"
        switch (isSet, triesEarlyEndsAgain) {
        case (true, true): log.approximated(.giveUp, "give-up", "Restart=no", why: why)
        case (true, false): log.exact(.giveUp, "give-up", nil)
        case (false, true): log.differing(.giveUp, "give-up", "Restart=no", why: why)
        case (false, false): break
        }
    }

    mutating func writeStop() {
        let signal = service.effective(\.stopSignal, \.stopSignal)
        if signal != .terminate || keepsSilence && service.stopSignal != nil {
            unit.put("Service", "KillSignal", TerminationSet.signals([signal]).tokens.first ?? "TERM")
        }
        if service.stopSignal != nil {
            log.exact(.stopSignal, "stop-signal", signal == .terminate ? nil : "KillSignal=\(signal)")
        }
        if service.stopTimeout != nil || service.dialect != .systemd {
            let timeout = service.effective(\.stopTimeout, \.stopTimeout)
            // 0 would mean never.
            let text = timeout <= .zero ? "1ms" : "\(timeout)"
            unit.put("Service", "TimeoutStopSec", text)
            let target = "TimeoutStopSec=\(text)"
            if timeout <= .zero {
                log.approximated(.stopTimeout, "stop-timeout", target, why: "0 would mean never")
            } else {
                log.written(
                    .stopTimeout, "stop-timeout", target, isSet: service.stopTimeout != nil,
                    why: differs(from: "90s"))
            }
        }
        writeKillMode()
    }

    private mutating func writeKillMode() {
        let stop = service.effective(\.stopScope, \.stopScope)
        let kill = service.effective(\.killScope, \.killScope)
        let stragglers = service.effective(\.endsStragglers, \.endsStragglers)
        let mode: String
        var why: String?
        switch (stop, kill) {
        case (.main, .main):
            mode = stragglers ? "mixed" : "process"
            if stragglers {
                why = "what is left of the control group gets SIGKILL at once, not its process group SIGTERM"
            }
        case (.main, _):
            mode = "mixed"
            if kill == .processGroup {
                why = "what is left gets SIGKILL as soon as the main process ends, not only after the time-out"
            }
        default:
            mode = "control-group"
            if stop != .everything { why = "the signal reaches the whole control group, not the process group only" }
        }
        let target = "KillMode=\(mode)"
        let settings: [(field: ServiceField, isSet: Bool)] = [
            (.stopScope, service.stopScope != nil), (.killScope, service.killScope != nil),
            (.endsStragglers, service.endsStragglers != nil),
        ]
        guard service.dialect != .systemd || settings.contains(where: \.isSet) else { return }
        unit.put("Service", "KillMode", mode)
        for (field, isSet) in settings where isSet {
            if let why {
                log.approximated(field, "kill-mode", target, why: why)
            } else {
                log.exact(field, "kill-mode", target)
            }
        }
        if !settings.contains(where: \.isSet) {
            if let why {
                log.differing(.stopScope, "kill-mode", target, why: why)
            } else {
                log.generated(.stopScope, "kill-mode", target, why: differs(from: "control-group"))
            }
        }
    }

    mutating func writeInstall() {
        let isDisabled = service.disabled?.value == true
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad)
        let wantedBy = isUser ? "default.target" : "multi-user.target"
        if starts && !isDisabled { unit.put("Install", "WantedBy", wantedBy) }
        if service.startsAtLoad != nil {
            if starts && !isDisabled {
                log.exact(.startsAtLoad, "install", "WantedBy=\(wantedBy)")
            } else if starts {
                log.approximated(.startsAtLoad, "install", nil, why: "it is disabled, so nothing enables it")
            } else {
                log.exact(.startsAtLoad, "install", nil)
            }
        } else if starts && !isDisabled {
            log.generated(.startsAtLoad, "install", "WantedBy=\(wantedBy)", why: differs(from: "to start by hand"))
        }
        if service.disabled != nil {
            if isDisabled {
                log.approximated(
                    .disabled, "disabled", nil, why: "the unit has no [Install] section; it can be started")
            } else {
                log.exact(.disabled, "disabled", nil)
            }
        }
        writeTimer(isDisabled: isDisabled)
        writePath(isDisabled: isDisabled)
        writeSocket(isDisabled: isDisabled)
    }

    private mutating func writeTimer(isDisabled: Bool) {
        guard service.calendar != nil || service.interval != nil else { return }
        var timer = UnitLines()
        for text in unit.values("Unit", "Description") { timer.put("Unit", "Description", text) }
        if let rules = service.calendar?.value {
            for line in CalendarSpec.lines(of: rules) { timer.put("Timer", "OnCalendar", line) }
            if rules.contains(where: CalendarSpec.isImpossible) {
                log.approximated(
                    .calendar, "calendar", "OnCalendar", why: "systemd never starts it on a day that does not exist",
                    remedy: "name a day that every month has")
            } else {
                log.exact(.calendar, "calendar", "OnCalendar")
            }
        }
        if let interval = service.interval?.value {
            // OnUnitActiveSec alone never fires a first time.
            timer.put("Timer", "OnActiveSec", "\(interval)")
            timer.put("Timer", "OnUnitActiveSec", "\(interval)")
            log.approximated(
                .interval, "interval", "OnUnitActiveSec=\(interval)",
                why: "systemd counts from each start of the program and drifts")
        }
        timer.put("Timer", "AccuracySec", "1s")
        if !isDisabled { timer.put("Install", "WantedBy", UnitKind.timer.installTarget) }
        starters[StarterName(.timer)] = timer
    }

    private mutating func writePath(isDisabled: Bool) {
        var conditions = UnitLines()
        for (field, setting, key, why) in [
            (
                ServiceField.watchedPaths, service.watchedPaths, "PathModified",
                "systemd starts it for writes into a path; launchd for every change"
            ),
            (.queueDirectories, service.queueDirectories, "DirectoryNotEmpty", nil),
        ] as [(ServiceField, Setting<[String]>?, String, String?)] {
            guard let setting else { continue }
            let usable = setting.value.filter { $0.hasPrefix("/") && $0.oneLine == $0 && $0.trimmed == $0 }
            if usable.count < setting.value.count {
                log.dropped(field, "path", why: "systemd watches absolute paths only", remedy: "write absolute paths")
            } else if let why {
                log.approximated(field, "path", key, why: why)
            } else {
                log.exact(field, "path", key)
            }
            for path in usable {
                conditions.put("Path", key, UnitWords.escapeSpecifiers(path))
            }
        }
        guard !conditions.isEmpty else { return }
        var path = UnitLines()
        for text in unit.values("Unit", "Description") { path.put("Unit", "Description", text) }
        for line in conditions.lines { path.put(line.section, line.key, line.value) }
        if !isDisabled { path.put("Install", "WantedBy", UnitKind.path.installTarget) }
        starters[StarterName(.path)] = path
    }
}
