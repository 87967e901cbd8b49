import ServiceModel
import SourceText

/// Keys whose assignments add up, and what follows from several keys together.
extension SystemdReading {
    mutating func takeList(_ assignments: [Assignment], _ rule: SystemdKeys.Rule) {
        // An empty assignment resets the list.
        let lastReset = assignments.lastIndex { $0.value.isEmpty }
        for (index, assignment) in assignments.enumerated() {
            if let lastReset, index <= lastReset {
                ignore(
                    assignment, assignment.value.isEmpty ? "unit-reset" : "unit-overridden",
                    assignment.value.isEmpty ? "it empties the list" : "a later empty \(assignment.key)= resets it")
                continue
            }
            switch rule {
            case .command: takeCommand(assignment)
            case .environment: takeEnvironment(assignment)
            case .prevent: prevent = prevent.union(takeEnds(assignment, .restartOn))
            case .force: force = force.union(takeEnds(assignment, .restartOn))
            case .success:
                let ends = takeEnds(assignment, .success)
                addedSuccess = (addedSuccess ?? .none).union(ends)
            case .wantedBy:
                service.startsAtLoad = Setting(true, at: assignment.keySpan)
                account(assignment, [.startsAtLoad])
            default: keep([assignment])
            }
        }
    }

    private mutating func takeEnds(_ assignment: Assignment, _ field: ServiceField) -> TerminationSet {
        var unknown: [String] = []
        let ends = TerminationSet.reading(assignment.value, unknown: &unknown)
        for word in unknown {
            warn(
                "unit-bad-value", "'\(word.prefix(40))' in \(assignment.key)= is no exit status and no signal",
                remedy: "systemd ignores it; correct or remove it", at: assignment.valueSpan)
        }
        account(assignment, [field])
        return ends
    }

    private mutating func takeEnvironment(_ assignment: Assignment) {
        guard let (text, reservation) = resolved(assignment) else { return account(assignment, []) }
        let words: [UnitWords.Word]
        do throws(UnitWords.SplitError) {
            words = try UnitWords.split(text)
        } catch {
            warn(
                "unit-quotes", "Environment= has an unbalanced quote; systemd ignores the line",
                remedy: "close the quote", at: assignment.valueSpan)
            return ignore(assignment, "unit-quotes", "its quotes do not balance")
        }
        var fields: [ServiceField] = []
        for word in words {
            guard let equals = word.text.firstIndex(of: "="),
                case let name = String(word.text[..<equals]), UnitDraft.isVariableName(name)
            else {
                warn(
                    "unit-variable", "'\(word.text.prefix(40))' in Environment= is no NAME=value; systemd ignores it",
                    remedy: "quote the whole assignment: \"NAME=a b\"", at: assignment.valueSpan)
                continue
            }
            let value = String(word.text[word.text.index(after: equals)...])
            service.environment.removeAll { $0.name == name }
            service.environment.append(EnvironmentVariable(name, Setting(value, at: assignment.keySpan)))
            fields.append(.environment(name))
        }
        if fields.isEmpty { return ignore(assignment, "unit-variable", "it sets no variable") }
        account(assignment, fields, reservation)
    }

    private mutating func takeCommand(_ assignment: Assignment) {
        do throws(ExecCommand.ParseError) {
            let parsed = try ExecCommand.parse(assignment.value, specifiers: specifiers)
            commands.append((assignment, parsed))
        } catch {
            var (message, remedy) = Self.words(for: error)
            if TemplatePlaceholder.occurs(in: assignment.value) {
                message = "'\(assignment.value.prefix(60))' looks like a template's placeholder"
                remedy = "give the file that the template makes"
            }
            fail("unit-command", "ExecStart=: \(message)", remedy: remedy, at: assignment.valueSpan)
            account(assignment, [.command])
        }
    }

    static func words(for error: ExecCommand.ParseError) -> (String, String) {
        switch error {
        case .words(.unbalancedQuote): ("a quote is not closed", "close it, or write \\\" for a literal one")
        case .words(.nul): ("a NUL byte", "remove it")
        case .words(.notUTF8): ("an escape that makes no UTF-8", "correct it")
        case .empty: ("no program", "write an absolute path")
        case .relativePath(let path): ("'\(path)' is a relative path", "write the absolute path")
        case .noArgumentZero: ("'@' needs a second word", "write the program's name behind the path")
        case .unknownSpecifier(let letter): ("'%\(letter)' is no specifier", "write %% for a percent sign")
        case .prefixes(let text): ("the prefixes '\(text)' exclude each other", "use one of +, !, !!")
        }
    }

    mutating func finish() {
        // In the order in which the writer puts the sections, whatever the file's.
        let order = ["Unit": 0, "Service": 1, "Install": 2]
        service.foreign = service.foreign.enumerated().sorted { left, right in
            let places = [left.element, right.element].map {
                $0.dialect == .systemd ? order[$0.path.first ?? ""] ?? 3 : 4
            }
            return (places[0], left.offset) < (places[1], right.offset)
        }.map(\.element)
        finishCommand()
        finishRestart()
        if limitInterval != nil || limitBurst != nil {
            let interval = limitInterval?.span ?? .seconds(10)
            let count = limitBurst?.count ?? 5
            service.giveUp = Setting(
                interval == .zero || count == 0 ? .never : .starts(count, within: interval),
                at: limitInterval?.at ?? limitBurst?.at)
        }
    }

    private mutating func finishRestart() {
        let success = RestartRule.success(
            adding: addedSuccess ?? .none, isOneshot: service.readiness?.value == .completed)
        if addedSuccess != nil {
            let span = keys.first { $0.name == "Service.SuccessExitStatus" }?.span
            service.success = Setting(success, at: span)
        }
        if restart == nil && prevent.isEmpty && force.isEmpty { return }
        let word = restart?.word ?? .no
        if service.readiness?.value == .completed, word == .always || word == .onSuccess, let restart {
            fail(
                "unit-oneshot-restart",
                "Restart=\(word.rawValue) does not go with Type=oneshot; systemd refuses the unit",
                remedy: "write Restart=on-failure, or Type=exec", at: restart.assignment.valueSpan)
        }
        let rule = RestartRule(word, prevent: prevent, force: force)
        let span = restart?.assignment.keySpan ?? keys.first { $0.use == .fields([.restartOn]) }?.span
        service.restartOn = Setting(rule.ends(success: success), at: span)
    }

    private mutating func finishCommand() {
        guard let first = commands.first else {
            if document.assignments.contains(where: { $0.name == "Service.ExecStart" && !$0.value.isEmpty }) { return }
            let names = Set(document.assignments.map(\.name))
            guard names.contains("Service.ExecStop") || names.contains("Unit.SuccessAction") else {
                return fail(
                    "unit-no-command", "the unit has no ExecStart=; systemd refuses it",
                    remedy: "add ExecStart=/path/to/program", at: SourceSpan(file: document.path, at: .start))
            }
            // What only stops something has to count as running until then.
            if !names.contains("Unit.SuccessAction"),
                UnitValue.boolean(document.value("Service", "RemainAfterExit") ?? "no") != true
            {
                fail(
                    "unit-no-command", "the unit has ExecStop= alone; systemd refuses it",
                    remedy: "add ExecStart=, or RemainAfterExit=yes", at: SourceSpan(file: document.path, at: .start))
            }
            return
        }
        let all = commands.flatMap(\.commands)
        if service.readiness == nil && all.count > 1 || service.readiness?.value != .completed && all.count > 1 {
            fail(
                "unit-several-commands", "several ExecStart= commands need Type=oneshot; systemd refuses the unit",
                remedy: "write Type=oneshot, or keep one command",
                at: commands.last?.assignment.keySpan ?? first.assignment.keySpan)
        }
        var reservation: Reservation?
        let words: [String]
        let environment = Dictionary(
            service.environment.map { ($0.name, $0.value.value) }, uniquingKeysWith: { _, last in last })
        let isStatic = !document.assignments.contains {
            $0.name == "Service.EnvironmentFile" || $0.name == "Service.PassEnvironment"
        }
        var path: String?
        if all.count == 1, let only = all.first {
            warnDollars(only, isStatic ? environment : nil, at: first.assignment.valueSpan)
            if !only.usesVariables {
                path = only.path
                words = only.expanded([:]) ?? only.arguments
            } else if isStatic, let expanded = only.expanded(environment) {
                path = only.path
                words = expanded
                reservation = Reservation(
                    code: "unit-variables", why: "the variables are replaced by the values that Environment= gives them"
                )
            } else {
                words = ["/bin/sh", "-c", only.shellText]
                reservation = Reservation(
                    code: "unit-variables",
                    why: "a shell expands the variables, because their values are known at start only")
            }
        } else {
            words = ["/bin/sh", "-c", "set -ef; " + all.map(Self.step).joined(separator: "; ")]
            reservation = Reservation(
                code: "unit-several-commands", why: "one shell runs the commands one after the other")
        }
        if let specifier = all.lazy.compactMap(\.unresolved.first).first { reservation = Self.unresolved(specifier) }
        if all.contains(where: { $0.prefixes.contains(.privileged) }) {
            reservation = Reservation(
                code: "unit-privileged", why: "'+' and '!' lift the limits of User= and the sandbox")
        }
        if all.contains(where: { $0.prefixes.contains(.ignoresFailure) }) {
            reservation = Reservation(code: "unit-ignore-failure", why: "'-' counts every end as success")
            if all.count == 1 { service.success = Setting(.all, at: first.assignment.keySpan) }
        }
        service.command = Setting(
            .words(path: path ?? words.first ?? "/bin/sh", arguments: words), at: first.assignment.keySpan)
        for (assignment, _) in commands { account(assignment, [.command], reservation) }
    }

    private static func step(_ command: ExecCommand) -> String {
        String(command.shellText.dropFirst("set -f; exec ".count))
            + (command.prefixes.contains(.ignoresFailure) ? " || :" : "")
    }

    /// Dollars that do not do what a shell's would.
    private mutating func warnDollars(_ command: ExecCommand, _ environment: [String: String]?, at span: SourceSpan) {
        guard !command.prefixes.contains(.noVariables) else { return }
        for argument in command.arguments.dropFirst() {
            if argument.hasPrefix("$(") || argument.hasPrefix("`") {
                warn(
                    "unit-substitution", "'\(argument.prefix(40))' is no command substitution: systemd has no shell",
                    remedy: "write /bin/sh -c '…'", at: span)
                continue
            }
            guard let environment else { continue }
            for piece in VariableReference.pieces(of: argument) {
                switch piece {
                case .text: continue
                case .reference(let name), .splitReference(let name):
                    if environment[name] == nil, !Self.givenBySystemd.contains(name) {
                        warn(
                            "unit-unset-variable", "nothing sets $\(name.prefix(40)), so it becomes nothing",
                            remedy: "add Environment=\(name.prefix(40))=…, or write $$ for a dollar", at: span)
                    }
                }
            }
        }
    }

    /// Variables that systemd sets itself (systemd.exec(5)).
    private static let givenBySystemd: Set<String> = [
        "PATH", "LANG", "USER", "LOGNAME", "HOME", "SHELL", "INVOCATION_ID", "XDG_RUNTIME_DIR", "MAINPID", "MANAGERPID",
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
        "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
        "CREDENTIALS_DIRECTORY", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM", "TERM", "SERVICE_RESULT", "EXIT_CODE",
        "EXIT_STATUS", "TRIGGER_UNIT", "TRIGGER_PATH", "REMOTE_ADDR", "REMOTE_PORT", "PIDFILE",
    ]
}
