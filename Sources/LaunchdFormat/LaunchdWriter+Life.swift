import PropertyList
import ServiceModel
import SourceText

/// When the job runs, restarts and stops.
extension LaunchdJob {
    mutating func writeStart() {
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad)
        let isSet = service.startsAtLoad != nil
        if starts {
            put("RunAtLoad", value: true)
            log.written(.startsAtLoad, "run-at-load", "RunAtLoad", isSet: isSet, why: differs(from: "false"))
        } else if isSet {
            log.exact(.startsAtLoad, "run-at-load", nil)
        }
        writeKeepAlive(starts: starts)
        writeThrottle()
        writeTriggers()
        switch service.readiness?.value {
        case nil: break
        case .executed?, .completed?: log.exact(.readiness, "readiness", nil)
        case .alive?:
            log.approximated(
                .readiness, "readiness", nil, why: "launchd counts a job as running as soon as it is executed")
        case .notified?:
            log.dropped(.readiness, "readiness", why: "launchd does not listen for a program's readiness")
        case .forked?:
            log.dropped(
                .readiness, "forking", why: "a job that puts itself in the background looks ended to launchd",
                remedy: "give the program its option for the foreground")
        }
        switch service.giveUp?.value {
        case nil: break
        case .never?: log.exact(.giveUp, "give-up", nil)
        case .earlyExits?, .starts?:
            log.dropped(.giveUp, "give-up", why: "launchd never gives up, it only waits between starts")
        }
        if let success = service.success?.value {
            if success == .codes([0]) {
                log.exact(.success, "success", nil)
            } else {
                log.approximated(.success, "success", nil, why: "launchd knows no success but exit code 0")
            }
        }
        if service.priority != nil {
            log.dropped(.priority, "priority", why: "launchd starts jobs in no order")
        }
    }

    private mutating func writeKeepAlive(starts: Bool) {
        let isSet = service.restartOn != nil
        let (form, isExact) = KeepAliveRule.form(of: service.effective(\.restartOn, \.restartOn))
        var target = "KeepAlive"
        switch form {
        case .absent:
            if isSet { log.exact(.restartOn, "keep-alive", nil) }
            return
        case .always:
            if starts {
                put("KeepAlive", value: true)
                target += "=true"
            } else {
                put("KeepAlive", "AfterInitialDemand", value: true)
                target += ".AfterInitialDemand"
            }
        case .conditions(let rule):
            if let flag = rule.successfulExit {
                put("KeepAlive", "SuccessfulExit", value: .boolean(flag))
                target += ".SuccessfulExit=\(flag)"
            }
            if let flag = rule.crashed {
                put("KeepAlive", "Crashed", value: .boolean(flag))
                target += ".Crashed=\(flag)"
            }
            if !starts {
                put("KeepAlive", "AfterInitialDemand", value: true)
                target += " with AfterInitialDemand"
            }
        }
        if !isExact {
            log.approximated(
                .restartOn, "keep-alive", target,
                why: "launchd tells only success, failure and crash apart, not single exit codes or signals")
        } else if !starts {
            log.approximated(
                .restartOn, "keep-alive", target,
                why: "AfterInitialDemand, which keeps launchd from starting the job at load, is undocumented",
                remedy: "start the program at load, or do without its restarts")
        } else {
            log.written(.restartOn, "keep-alive", target, isSet: isSet, why: differs(from: "not to restart"))
        }
    }

    private mutating func writeThrottle() {
        let delay = service.effective(\.restartDelay, \.restartDelay)
        let isSet = service.restartDelay != nil
        guard isSet || !service.effective(\.restartOn, \.restartOn).isEmpty else { return }
        let why = "launchd counts from the previous start, in whole seconds"
        switch delay {
        case .sinceStart(let span):
            let seconds = span.wholeSecondsUp ?? Int64(UInt32.max)
            if seconds != 10 { put("ThrottleInterval", value: .integer(Int(seconds))) }
            guard isSet else { return }
            if TimeSpan.seconds(seconds) == span {
                log.exact(.restartDelay, "throttle", seconds == 10 ? nil : "ThrottleInterval=\(seconds)")
            } else {
                log.approximated(.restartDelay, "throttle", "ThrottleInterval=\(seconds)", why: why)
            }
        case .afterExit(let span):
            let seconds = min(span.wholeSecondsUp ?? Int64(UInt32.max), Int64(UInt32.max))
            throttle(seconds, isSet: isSet, why: "\(why); the wait was counted from the end")
        case .supervisor:
            throttle(1, isSet: isSet, why: "\(why); supervisord waits 1, 2, 3 … s after early ends only")
        case .none:
            throttle(0, isSet: isSet, why: "launchd may keep a pause of its own")
        }
    }

    private mutating func throttle(_ seconds: Int64, isSet: Bool, why: String) {
        if seconds != 10 { put("ThrottleInterval", value: .integer(Int(seconds))) }
        let target = "ThrottleInterval=\(seconds)"
        if isSet {
            log.approximated(.restartDelay, "throttle", target, why: why)
        } else {
            log.differing(.restartDelay, "throttle", target, why: why)
        }
    }

    private mutating func writeTriggers() {
        if let rules = service.calendar?.value {
            let dictionaries = rules.map(Self.dictionary(of:))
            let value: PropertyValue
            if dictionaries.count == 1, let only = dictionaries.first {
                value = only
            } else {
                value = .array(dictionaries)
            }
            put("StartCalendarInterval", value: value)
            log.exact(.calendar, "calendar", "StartCalendarInterval")
        }
        if let interval = service.interval?.value {
            let seconds = min(max(1, interval.wholeSecondsUp ?? Int64(UInt32.max)), Int64(UInt32.max))
            put("StartInterval", value: .integer(Int(seconds)))
            if TimeSpan.seconds(seconds) == interval {
                log.exact(.interval, "interval", "StartInterval=\(seconds)")
            } else {
                log.approximated(
                    .interval, "interval", "StartInterval=\(seconds)", why: "launchd counts in whole seconds")
            }
        }
        if let paths = service.watchedPaths?.value {
            put("WatchPaths", value: .array(paths.map { .string($0) }))
            log.exact(.watchedPaths, "watch-paths", "WatchPaths")
        }
        if let paths = service.queueDirectories?.value {
            put("QueueDirectories", value: .array(paths.map { .string($0) }))
            log.exact(.queueDirectories, "queue-directories", "QueueDirectories")
        }
    }

    private static func dictionary(of rule: CalendarRule) -> PropertyValue {
        var members = PropertyDictionary()
        for (key, value) in [
            ("Minute", rule.minute), ("Hour", rule.hour), ("Day", rule.day), ("Month", rule.month),
            ("Weekday", rule.weekday),
        ] {
            if let value { members[key] = .integer(value) }
        }
        return .dictionary(members)
    }

    mutating func writeStop() {
        if let signal = service.stopSignal?.value {
            if signal == .terminate {
                log.exact(.stopSignal, "stop-signal", nil)
            } else {
                log.dropped(
                    .stopSignal, "stop-signal", why: "launchd always sends SIGTERM",
                    remedy: "let a wrapper turn SIGTERM into \(signal)")
            }
        }
        writeStopTimeout()
        for (field, scope) in [
            (ServiceField.stopScope, service.stopScope), (.killScope, service.killScope),
        ] {
            guard let scope else { continue }
            if scope.value == .main {
                log.exact(field, "stop-scope", nil)
            } else {
                log.approximated(
                    field, "stop-scope", nil,
                    why: "launchd signals the main process, and sends its group SIGTERM once that has ended")
            }
        }
        let reachesGroup =
            service.effective(\.stopScope, \.stopScope) != .main
            || service.effective(\.killScope, \.killScope) != .main
        let abandons = !service.effective(\.endsStragglers, \.endsStragglers) && !reachesGroup
        let isSet = service.endsStragglers != nil
        if abandons {
            put("AbandonProcessGroup", value: true)
            log.written(
                .endsStragglers, "stragglers", "AbandonProcessGroup=true", isSet: isSet, why: differs(from: "false"))
        } else if isSet {
            log.exact(.endsStragglers, "stragglers", nil)
        }
    }

    private mutating func writeStopTimeout() {
        let isSet = service.stopTimeout != nil
        guard isSet || service.dialect != .launchd else { return }
        let timeout = service.effective(\.stopTimeout, \.stopTimeout)
        // 0 means for ever, so "at once" becomes the shortest that there is.
        let seconds = timeout.wholeSecondsUp.map { min(max(1, $0), Int64(UInt32.max)) } ?? 0
        put("ExitTimeOut", value: .integer(Int(seconds)))
        let target = "ExitTimeOut=\(seconds)"
        if timeout == .infinity || TimeSpan.seconds(seconds) == timeout {
            log.written(
                .stopTimeout, "exit-time-out", target, isSet: isSet, why: differs(from: "5 or 20 s, by its version"))
        } else {
            log.approximated(
                .stopTimeout, "exit-time-out", target, why: "launchd counts in whole seconds, and 0 means never")
        }
    }
}
