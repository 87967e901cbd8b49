package import ServiceModel
package import SourceText

/// Writes services as program sections of a supervisord.conf.
package struct SupervisorWriter: Sendable {
    /// One service, written.
    package struct Result: Sendable {
        /// `[program:x]`, and `[x-svinstall:x]` where something is carried. It ends with a line feed.
        package var text: String
        package var verdicts: [FieldVerdict]
    }

    package init() {}

    /// The sections of a service. Fails for one without a command that can be written down.
    package func write(_ service: Service) throws(Failure) -> Result {
        var section = ProgramText(service)
        try section.writeCommand()
        section.writeEnvironment()
        section.writeRows()
        section.writeRest()
        section.writeForeign()
        section.log.closeWith(service)
        return Result(text: section.text, verdicts: section.log.verdicts)
    }

    /// One configuration fragment for several services, and the verdicts for each. Names that clash after supervisord's
    /// rules are numbered.
    package func document(_ services: [Service]) throws(Failure) -> (text: String, verdicts: [[FieldVerdict]]) {
        var texts: [String] = []
        var verdicts: [[FieldVerdict]] = []
        var names: Set<String> = []
        for service in services {
            var named = service
            var number = 2
            while !names.insert(ValueWords.programName(named.name.value)).inserted {
                named.name.value = "\(service.name.value)-\(number)"
                number += 1
            }
            let result = try write(named)
            texts.append(result.text)
            verdicts.append(result.verdicts)
        }
        return (texts.joined(separator: "\n"), verdicts)
    }
}

/// One program's sections while they are being written.
struct ProgramText {
    let service: Service
    let name: String
    /// Keys and values as they will stand in the file, `%` doubled.
    private var entries: [(key: String, value: String)] = []
    private var carried: [String] = []
    var log = VerdictLog(.supervisor)

    init(_ service: Service) {
        self.service = service
        name = ValueWords.programName(service.name.value)
        if name == service.name.value {
            log.exact(.name, "name", "[program:\(name)]")
        } else {
            log.approximated(
                .name, "name", "[program:\(name)]",
                why: "supervisord's names have no blanks, colons, slashes or control characters")
        }
    }

    /// The finished sections.
    var text: String {
        var result = "[program:\(name)]\n"
        for entry in entries { result += "\(entry.key)=\(ValueWords.continued(entry.value))\n" }
        guard !carried.isEmpty else { return result }
        result += "\n; What supervisord has no key for; svinstall needs it on the way back.\n"
        result += "[\(CarrierSection.prefix)\(name)]\n"
        for (number, line) in carried.enumerated() { result += "\(number + 1)=\(line)\n" }
        return result
    }

    mutating func writeCommand() throws(Failure) {
        let setting = service.command
        switch setting?.value {
        case .words(let path, let arguments)?:
            // Who wrote the line by hand keeps it as it is.
            let own = service.dialect == .supervisor ? service.supervisor.commandText : nil
            let seesPath = arguments.first == path
            let words = seesPath ? arguments : [path] + arguments.dropFirst()
            var text = ValueWords.command(words)
            if let own, (try? ShellWords.split(own)) == words, ValueWords.isSayable(own) { text = own }
            try putCommand(text)
            if seesPath {
                log.exact(.command, "command", "command")
            } else {
                log.approximated(
                    .command, "command", "command",
                    why: "the program sees '\(path)' as its name instead of '\(arguments.first ?? "")'")
            }
        case .malformed(let text, _)?:
            try putCommand(text)
            log.exact(.command, "command", "command")
        case nil:
            throw Failure(
                .badInput, code: "supervisor-no-command",
                "'\(service.name.value)' has no program that supervisord could start", remedy: "name an executable",
                at: service.name.span)
        }
    }

    private mutating func putCommand(_ text: String) throws(Failure) {
        guard put("command", text, expansions: 1) else {
            throw Failure(
                .badInput, code: "supervisor-command",
                "the command of '\(service.name.value)' cannot be written in a supervisord.conf",
                remedy: "put it into a script: carriage returns, or comment signs after blanks, are in it",
                at: service.command?.span)
        }
    }

    /// Adds a key; `false` when the file's grammar cannot say the value.
    private mutating func put(_ key: String, _ value: String, expansions: Int) -> Bool {
        let escaped = ValueWords.escaped(value, expansions: expansions)
        guard ValueWords.isSayable(escaped) else { return false }
        entries.append((key, escaped))
        return true
    }

    mutating func writeEnvironment() {
        var parts: [String] = []
        for variable in service.environment {
            let value = variable.value.value
            guard let text = ValueWords.variable(variable.name, ValueWords.escaped(value, expansions: 1)) else {
                log.dropped(
                    .environment(variable.name), "environment",
                    why: "supervisord 4.3 cannot say a value with both kinds of quotes, a quote at an end or ' ;' in "
                        + "it, nor every name",
                    remedy: "set the variable in a script that starts the program")
                continue
            }
            parts.append(text)
            log.exact(.environment(variable.name), "environment", "environment")
        }
        let hasPath = service.environment.contains { $0.name == "PATH" }
        if !hasPath, let path = service.dialect.defaults.searchPath, let text = ValueWords.variable("PATH", path) {
            parts.append(text)
            log.generated(.environment("PATH"), "environment", text, why: differs)
        }
        if !parts.isEmpty { entries.append(("environment", parts.joined(separator: ","))) }
        judgeInheritance()
    }

    /// What a program finds in its environment although no key says so.
    private mutating func judgeInheritance() {
        let why: String
        switch service.dialect {
        case .systemd: why = "systemd hands on nothing and, for a User=, sets HOME, LOGNAME, SHELL and USER"
        case .launchd: why = "launchd sets HOME, LOGNAME, SHELL, TMPDIR and USER for the program's user"
        default: return
        }
        log.differing(
            .environment(""), "environment", "environment",
            why: "supervisord hands on its own environment, whoever the program runs as; \(why)")
    }

    private var differs: String {
        "what holds without a word differs between \(service.dialect.rawValue) and supervisord"
    }

    private static let isOurs = "svinstall obeys it, supervisord passes it over"

    mutating func writeRows() {
        for row in SettingRow.all {
            let isSet = row.isSet(service)
            let rendered = row.render(service)
            guard let text = rendered.text else {
                if case .unsayable(let why, let remedy) = rendered, isSet, let field = row.field {
                    log.dropped(field, row.topic, why: why, remedy: remedy)
                }
                continue
            }
            let isUsual = text == row.usual(service)
            if isUsual, !isSet { continue }
            guard put(row.key, text, expansions: row.expansions) else {
                if let field = row.field, isSet {
                    log.dropped(
                        field, row.topic, why: "the file's grammar cannot say '\(text.oneLine)'",
                        remedy: "choose a text without blanks at its ends, line ends and comment signs after blanks")
                }
                continue
            }
            guard let field = row.field else { continue }
            let target = "\(row.key)=\(text)"
            switch rendered {
            case .approximated(_, let why, let remedy) where isSet:
                log.approximated(field, row.topic, target, why: why, remedy: remedy)
            case .approximated(_, let why, _):
                log.differing(field, row.topic, target, why: why)
            case .ours where isSet:
                log.carried(field, row.topic, target, why: Self.isOurs)
            case .ours:
                log.differing(field, row.topic, target, why: Self.isOurs)
            case .text, .nothing, .unsayable:
                log.written(field, row.topic, target, isSet: isSet, why: differs)
            }
        }
    }

    /// Fields without a key of their own.
    mutating func writeRest() {
        judgeRedirection()
        judgeDelay()
        if let disabled = service.disabled {
            if disabled.value {
                log.approximated(
                    .disabled, "disabled", "autostart=false",
                    why: "supervisord loads every program; this one is not started by itself")
            } else {
                log.exact(.disabled, "disabled", nil)
            }
        }
        switch service.standardInput?.value {
        case nil: break
        case .pipe?: log.exact(.standardInput, "input", nil)
        case .null?:
            log.approximated(
                .standardInput, "input", nil, why: "the program reads from a pipe that stays empty, not from /dev/null")
        case .file?, .socket?:
            log.dropped(
                .standardInput, "input", why: "supervisord connects standard input to a pipe of its own",
                remedy: "let a script redirect it")
        }
        judgeStragglers()
        if service.group != nil {
            log.dropped(
                .group, "group", why: "supervisord takes the primary group of the user",
                remedy: "make the group that user's primary group, or start the program with sg or setpriv")
        }
    }

    private mutating func judgeStragglers() {
        let isSet = service.endsStragglers != nil
        guard service.effective(\.endsStragglers, \.endsStragglers) else {
            if isSet { log.exact(.endsStragglers, "stragglers", nil) }
            return
        }
        let why = "supervisord leaves running what a program has started and what outlives the program"
        if isSet {
            log.dropped(.endsStragglers, "stragglers", why: why)
        } else {
            log.differing(.endsStragglers, "stragglers", "stopasgroup=true", why: why)
        }
    }

    /// Standard error that follows standard output is said by a key of its own, after the fact.
    private mutating func judgeRedirection() {
        guard service.effective(\.standardError, \.standardError) == .sameAsOutput else { return }
        log.written(
            .standardError, "redirect", "redirect_stderr=true", isSet: service.standardError != nil, why: differs)
    }

    private mutating func judgeDelay() {
        let isSet = service.restartDelay != nil
        switch service.effective(\.restartDelay, \.restartDelay) {
        case .supervisor:
            if isSet { log.exact(.restartDelay, "restart-delay", nil) }
        case .sinceStart:
            guard let text = LifeWords.restartThrottle(service).text else { return }
            let target = "restart_throttle=\(text)"
            if isSet {
                log.carried(.restartDelay, "restart-delay", target, why: Self.isOurs)
            } else {
                log.differing(.restartDelay, "restart-delay", target, why: Self.isOurs)
            }
        case .none, .afterExit: break
        }
    }

    mutating func writeForeign() {
        for setting in service.foreign {
            let field = ServiceField.foreign(setting.dialect, setting.path)
            guard setting.dialect == .supervisor else {
                // A key that begins with `#` must not begin a comment here.
                carried.append(setting.carrierText.replacing(" #", with: " ~23"))
                log.carried(
                    field, "carried", "[\(CarrierSection.prefix)\(name)]",
                    why: "only \(setting.dialect.rawValue) knows it", remedy: field.remedy)
                continue
            }
            if setting.path.count == 2 {
                // A key of the whole file: who puts the programs together writes it.
                log.exact(field, "native", "[\(setting.path[0])] \(setting.path[1])")
                continue
            }
            if restore(setting) {
                log.exact(field, "native", setting.path.joined(separator: "."))
            } else {
                log.dropped(field, "edited", why: "the file says something else by now, and that holds")
            }
        }
    }

    /// Puts back a key of ours that travelled through another dialect, unless it has been edited there.
    private mutating func restore(_ setting: ForeignSetting) -> Bool {
        guard setting.path.count == 1, let key = setting.path.first else { return false }
        let place = entries.firstIndex { $0.key == key }
        guard place.map({ entries[$0].value }) == setting.replaces else { return false }
        guard let value = setting.value else {
            if let place { entries.remove(at: place) }
            return true
        }
        guard ValueWords.isSayable(value), ValueWords.isKey(key) else { return false }
        if let place { entries[place].value = value } else { entries.append((key, value)) }
        return true
    }
}
