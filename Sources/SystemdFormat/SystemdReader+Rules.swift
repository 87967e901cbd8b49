import ServiceModel
import SourceText

/// Keys of which the last assignment counts.
extension SystemdReading {
    mutating func take(_ assignment: Assignment, _ rule: SystemdKeys.Rule) {
        let span = assignment.keySpan
        guard let (text, reservation) = resolved(assignment) else { return keep([assignment]) }
        switch rule {
        case .text(let field, let name):
            guard !text.isEmpty else { return ignore(assignment, "unit-empty", "an empty value means the default") }
            service[keyPath: field] = Setting(text, at: span)
            account(assignment, [name], reservation)
        case .user:
            takeUser(assignment, text, reservation)
        case .directory:
            takeDirectory(assignment, text, reservation)
        case .type:
            type = Setting(text, at: span)
            takeType(assignment, text)
        case .restart:
            guard let word = RestartRule.Word(rawValue: text) else {
                return reject(
                    assignment, "one of \(RestartRule.Word.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            restart = (word, assignment)
            account(assignment, [.restartOn])
        case .restartDelay:
            guard let delay = TimeSpan(text) else { return reject(assignment, "a time span") }
            service.restartDelay = Setting(delay == .zero ? .none : .afterExit(delay), at: span)
            account(assignment, [.restartDelay])
        case .stopTimeout, .bothTimeouts:
            takeTimeout(assignment, text, isBoth: assignment.key == "TimeoutSec")
        case .killMode:
            takeKillMode(assignment, text)
        case .killSignal:
            guard let signal = UnitValue.signal(text) else { return reject(assignment, "a signal") }
            service.stopSignal = Setting(signal, at: span)
            account(assignment, [.stopSignal])
        case .umask:
            guard let mode = UnitValue.mode(text) else { return reject(assignment, "an octal mode") }
            service.umask = Setting(mode, at: span)
            account(assignment, [.umask])
        case .niceness:
            guard let nice = Int(text), (-20...19).contains(nice) else {
                return reject(assignment, "a number from -20 to 19")
            }
            service.niceness = Setting(nice, at: span)
            account(assignment, [.niceness])
        case .limit:
            takeLimit(assignment, text)
        case .startLimitInterval:
            guard let interval = TimeSpan(text) else { return reject(assignment, "a time span") }
            limitInterval = (interval, span)
            account(assignment, [.giveUp])
        case .startLimitBurst:
            guard let count = Int(text), count >= 0 else { return reject(assignment, "a number") }
            limitBurst = (count, span)
            account(assignment, [.giveUp])
        case .input, .output, .error:
            takeStream(assignment, text, rule)
        case .command, .environment, .prevent, .force, .success, .wantedBy:
            keep([assignment])
        }
    }

    /// A value that systemd warns about and ignores.
    private mutating func reject(_ assignment: Assignment, _ wanted: String) {
        if TemplatePlaceholder.occurs(in: assignment.value) {
            warn(
                "unit-placeholder",
                "\(assignment.key)=\(assignment.value.prefix(60)) looks like a template's placeholder",
                remedy: "give the file that the template makes", at: assignment.valueSpan)
        } else {
            warn(
                Self.unreadable,
                "\(assignment.key)=\(assignment.value.prefix(60)) is not \(wanted); systemd ignores it",
                remedy: "correct or remove it", at: assignment.valueSpan)
        }
        keep([assignment])
    }

    /// A value that systemd ignores behind one that holds.
    mutating func warnIgnored(_ assignment: Assignment) {
        warn(
            Self.unreadable,
            assignment.value.isEmpty
                ? "\(assignment.key)= without a value resets nothing; the value before it stays"
                : "systemd cannot read \(assignment.key)=\(assignment.value.prefix(60)); the value before it stays",
            remedy: "remove it, or write the value that is meant", at: assignment.valueSpan)
    }

    private mutating func takeUser(_ assignment: Assignment, _ text: String, _ reservation: Reservation?) {
        guard !text.isEmpty else { return ignore(assignment, "unit-empty", "an empty value means the default") }
        let startsWithDigit = text.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? false
        if startsWithDigit && UInt32(text) == nil {
            fail(
                "unit-user", "User=\(text) is no user name: it begins with a digit",
                remedy: "name an existing user; older systemd ignored this and ran the program as root",
                at: assignment.valueSpan)
        }
        service.user = Setting(text, at: assignment.keySpan)
        account(assignment, [.user], reservation)
    }

    private mutating func takeDirectory(_ assignment: Assignment, _ text: String, _ reservation: Reservation?) {
        if text.isEmpty { return ignore(assignment, "unit-empty", "an empty value means the default") }
        if text.hasPrefix("~") {
            return keep(
                [assignment],
                Reservation(code: "unit-home", why: "the user's home directory is not known here"))
        }
        let isOptional = text.hasPrefix("-")
        let path = isOptional ? String(text.dropFirst()) : text
        guard path.hasPrefix("/") else {
            if TemplatePlaceholder.occurs(in: text) {
                fail(
                    "unit-placeholder",
                    "WorkingDirectory=\(text.prefix(60)) looks like a template's placeholder",
                    remedy: "give the file that the template makes", at: assignment.valueSpan)
                return keep([assignment])
            }
            fail(
                "unit-relative-path", "WorkingDirectory=\(text) is not an absolute path; systemd refuses the unit",
                remedy: "write the absolute path", at: assignment.valueSpan)
            return keep([assignment])
        }
        service.workingDirectory = Setting(path, at: assignment.keySpan)
        let optional = Reservation(
            code: "unit-optional-directory", why: "'-' lets the program run in / where the directory is missing")
        account(assignment, [.workingDirectory], isOptional ? optional : reservation)
    }

    private mutating func takeType(_ assignment: Assignment, _ text: String) {
        let span = assignment.keySpan
        switch text {
        case "simple", "exec":
            service.readiness = Setting(.executed, at: span)
            account(assignment, [.readiness])
        case "idle":
            service.readiness = Setting(.executed, at: span)
            account(
                assignment, [.readiness],
                Reservation(code: "unit-idle", why: "only systemd waits until other jobs are done"))
        case "notify":
            service.readiness = Setting(.notified, at: span)
            account(assignment, [.readiness])
        case "notify-reload":
            service.readiness = Setting(.notified, at: span)
            account(
                assignment, [.readiness],
                Reservation(code: "unit-notify-reload", why: "only systemd reloads by signal and message"))
        case "forking":
            service.readiness = Setting(.forked, at: span)
            account(assignment, [.readiness])
        case "oneshot":
            service.readiness = Setting(.completed, at: span)
            account(assignment, [.readiness])
        case "dbus":
            service.readiness = Setting(.executed, at: span)
            if !document.assignments.contains(where: { $0.name == "Service.BusName" }) {
                fail(
                    "unit-bus-name", "Type=dbus needs BusName=; systemd refuses the unit", remedy: "add BusName=",
                    at: assignment.valueSpan)
            }
            account(
                assignment, [.readiness],
                Reservation(code: "unit-dbus", why: "only systemd waits for a name on the bus"))
        default:
            reject(assignment, "one of simple, exec, forking, oneshot, dbus, notify, notify-reload, idle")
        }
    }

    private mutating func takeTimeout(_ assignment: Assignment, _ text: String, isBoth: Bool) {
        guard let timeout = TimeSpan(text) else { return reject(assignment, "a time span") }
        if timeout == .zero {
            warn(
                "unit-timeout-zero", "\(assignment.key)=0 means never: a program that ignores the signal is not killed",
                remedy: "write the seconds that it needs, or infinity", at: assignment.valueSpan)
        }
        service.stopTimeout = Setting(timeout == .zero ? .infinity : timeout, at: assignment.keySpan)
        let start = Reservation(code: "unit-start-timeout", why: "only systemd limits the time of a start")
        account(assignment, [.stopTimeout], isBoth ? start : nil)
    }

    private mutating func takeKillMode(_ assignment: Assignment, _ text: String) {
        let span = assignment.keySpan
        let stop: SignalScope
        let kill: SignalScope
        switch text {
        case "control-group": (stop, kill) = (.everything, .everything)
        case "mixed": (stop, kill) = (.main, .everything)
        case "process": (stop, kill) = (.main, .main)
        case "none":
            warn(
                "unit-kill-none", "KillMode=none leaves every process running", remedy: "write mixed or process",
                at: assignment.valueSpan)
            return keep([assignment])
        default: return reject(assignment, "one of control-group, mixed, process, none")
        }
        service.stopScope = Setting(stop, at: span)
        service.killScope = Setting(kill, at: span)
        service.endsStragglers = Setting(text != "process", at: span)
        account(assignment, [.stopScope, .killScope, .endsStragglers])
    }

    private mutating func takeLimit(_ assignment: Assignment, _ text: String) {
        guard let row = UnitValue.limits.first(where: { $0.key == assignment.key }),
            let (soft, hard) = UnitValue.limit(text, unit: row.unit)
        else { return reject(assignment, "a limit") }
        let span = assignment.keySpan
        service.limits[row.kind] = ResourceLimit(soft: Setting(soft, at: span), hard: Setting(hard, at: span))
        account(assignment, [.softLimit(row.kind), .hardLimit(row.kind)])
    }

    private mutating func takeStream(_ assignment: Assignment, _ text: String, _ rule: SystemdKeys.Rule) {
        let span = assignment.keySpan
        if case .input = rule {
            let source: InputSource
            if text == "null" {
                source = .null
            } else if text == "socket" {
                source = .socket
            } else if text.hasPrefix("file:/") {
                source = .file(String(text.dropFirst(5)))
            } else {
                return keep([assignment])
            }
            service.standardInput = Setting(source, at: span)
            return account(assignment, [.standardInput])
        }
        var isError = false
        if case .error = rule { isError = true }
        var reservation: Reservation?
        let sink: OutputSink
        switch text {
        case "null": sink = .null
        case "journal": sink = .journal
        case "inherit":
            if isError {
                sink = .sameAsOutput
            } else if document.value("Service", "StandardInput") == "socket" {
                // It goes where the input comes from, and says no more than that key.
                return account(assignment, [.standardInput])
            } else {
                sink = .null
                reservation = Reservation(
                    code: "unit-inherit", why: "it follows the standard input, which is /dev/null")
            }
        case "syslog", "kmsg", "journal+console", "syslog+console", "kmsg+console":
            sink = .journal
            reservation = Reservation(code: "unit-log-target", why: "'\(text)' is taken as the journal")
        case _ where text.hasPrefix("append:/"):
            sink = .file(String(text.dropFirst(7)))
        case _ where text.hasPrefix("file:/") || text.hasPrefix("truncate:/"):
            sink = .file(String(text.drop { $0 != "/" }))
            reservation = Reservation(
                code: "unit-log-append", why: "the file is appended to; systemd writes it from its beginning")
        default:
            if text.hasPrefix("/") {
                warn(
                    "unit-bad-value", "\(assignment.key)=\(text.prefix(60)) is a bare path; systemd ignores it",
                    remedy: "write append:\(text)", at: assignment.valueSpan)
            }
            return keep([assignment])
        }
        if isError {
            service.standardError = Setting(sink, at: span)
        } else {
            service.standardOutput = Setting(sink, at: span)
        }
        account(assignment, [isError ? .standardError : .standardOutput], reservation)
    }
}
