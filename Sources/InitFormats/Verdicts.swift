import ServiceModel
import SourceText

/// Verdicts that several of the managers share.
extension InitDraft {
    /// A field that is set: exact where `why` is nil, else approximated; one that is not: `generated` where the value in
    /// force had to be written.
    mutating func judge(
        _ field: ServiceField, _ topic: String, isSet: Bool, target: String?, why: String? = nil, remedy: String? = nil,
        other: String? = nil
    ) {
        switch (isSet, why) {
        case (true, let why?): log.approximated(field, topic, target, why: why, remedy: remedy)
        case (true, nil): log.exact(field, topic, target)
        case (false, let why?):
            if let target { log.differing(field, topic, target, why: why) }
        case (false, nil):
            if let target, let other { log.generated(field, topic, target, why: differs(from: other)) }
        }
    }

    /// - Parameter showsName: whether the format can show the program another name than its path.
    mutating func judgeCommand(target: String, needsAbsolutePath: Bool, showsName: Bool = false) {
        if service.summary != nil { log.exact(.summary, "description", "description") }
        if shownName != nil, !showsName {
            log.approximated(
                .command, "command", target, why: "the program sees its path as its name",
                remedy: "start it through a script that sets the name")
        } else if !path.contains("/") {
            log.approximated(
                .command, "command", target,
                why: "'\(path)' is looked for in the PATH that \(dialect.rawValue) gives it",
                remedy: "write the program's absolute path")
        } else if needsAbsolutePath, !path.hasPrefix("/") {
            log.approximated(.command, "command", target, why: "the relative path is taken from the directory")
        } else {
            log.exact(.command, "command", target)
        }
    }

    /// - Parameters:
    ///   - setsHome: whether the manager gives the program the user's HOME.
    ///   - hasGroup: whether a group other than the user's own can be named.
    ///   - hasFurtherGroups: whether it is a member of all of its user's groups.
    mutating func judgeAccount(
        target: String, setsHome: Bool = false, hasGroup: Bool = true, hasFurtherGroups: Bool = true
    ) {
        for (field, setting) in [(ServiceField.user, service.user), (.group, service.group)] {
            guard setting != nil, isForUser || hasGroup || field == .user else { continue }
            if isForUser {
                log.dropped(
                    field, "user", why: "a user's own manager runs programs as that user only",
                    remedy: "install it for the system")
            } else if field == .user, !setsHome, service.dialect == .systemd || service.dialect == .launchd {
                log.approximated(
                    field, "user", target, why: "HOME, USER and LOGNAME stay the manager's",
                    remedy: "set them in the environment where the program needs them")
            } else if field == .user, !hasFurtherGroups {
                log.approximated(
                    field, "user", target, why: "it is in its user's own group only",
                    remedy: "name further groups behind the user, with colons")
            } else {
                log.exact(field, field == .user ? "user" : "group", target)
            }
        }
    }

    /// When it counts as running.
    mutating func judgeReadiness() {
        guard let readiness = service.readiness?.value else { return }
        let remedy: String?
        let why: String
        switch readiness {
        case .executed:
            log.exact(.readiness, "readiness", nil)
            return
        case .alive(let span) where span <= .zero:
            log.exact(.readiness, "readiness", nil)
            return
        case .alive(let span):
            why = "it counts as started once it is executed, not after \(span)"
            remedy = nil
        case .notified:
            why = "it counts as started once it is executed, not when it says so"
            remedy = nil
        case .forked:
            why = "a program that leaves for the background is lost to the manager"
            remedy = "give it the option that keeps it in the foreground"
        case .completed:
            why = "what starts behind it does not wait for its end"
            remedy = nil
        }
        log.approximated(.readiness, "readiness", nil, why: why, remedy: remedy)
    }

    /// Which exit codes are good ones: nobody but the restart rule asks here.
    mutating func judgeSuccess(target: String? = nil) {
        guard let success = service.success?.value else { return }
        if target != nil || success == .codes([0]) {
            log.exact(.success, "success", target)
        } else {
            log.approximated(
                .success, "success", nil, why: "\(dialect.rawValue) does not tell good ends from bad ones by a list")
        }
    }

    /// - Parameters:
    ///   - signal: whom the stop signal reaches; `kill`: whom the KILL behind it.
    mutating func judgeScopes(stop signal: SignalScope, kill: SignalScope, target: String? = nil) {
        for (field, setting, reached) in [
            (ServiceField.stopScope, service.stopScope, signal), (.killScope, service.killScope, kill),
        ] {
            guard let wanted = setting?.value else { continue }
            if wanted == reached {
                log.exact(field, "scope", target)
            } else {
                let whom =
                    switch reached {
                    case .main: "the main process only"
                    case .processGroup: "the whole process group"
                    case .everything: "everything it has started"
                    }
                log.approximated(field, "scope", target, why: "the signal reaches \(whom)")
            }
        }
        guard let ends = service.endsStragglers?.value else { return }
        if ends {
            log.dropped(
                .endsStragglers, "stragglers", why: "what the program leaves behind stays when it ends by itself",
                remedy: "let the program end its children")
        } else {
            log.exact(.endsStragglers, "stragglers", nil)
        }
    }

    mutating func judgeStopTime(_ target: String, isExact: Bool = true, other: String) {
        let timeout = service.effective(\.stopTimeout, \.stopTimeout)
        var why: String?
        if timeout == .infinity {
            why = isExact ? nil : "it is killed after a year"
        } else if !isExact, let span = timeout.finiteMilliseconds, span % 1000 != 0 || span < 0 {
            why = "whole seconds only: rounded up"
        }
        judge(.stopTimeout, "stop-timeout", isSet: service.stopTimeout != nil, target: target, why: why, other: other)
    }

    /// What starts it at boot is no part of its file, but a command or a link.
    mutating func judgeStart(_ command: String) {
        let starts = service.effective(\.startsAtLoad, \.startsAtLoad) && service.disabled?.value != true
        if let disabled = service.disabled?.value { log.exact(.disabled, "disabled", disabled ? nil : command) }
        guard service.startsAtLoad != nil else { return }
        if starts {
            log.approximated(
                .startsAtLoad, "start", nil, why: "the file alone does not start it at boot", remedy: "run '\(command)'"
            )
        } else {
            log.exact(.startsAtLoad, "start", nil)
        }
    }
}
