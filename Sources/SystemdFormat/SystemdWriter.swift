package import ServiceModel
package import SourceText

/// Writes a service as systemd units: a `.service`, and a `.timer`, `.path` or `.socket` where
/// it is started by time, by files or by connections.
package struct SystemdWriter: Sendable {
    package struct Unit: Hashable, Sendable {
        /// File name with suffix, escaped.
        package var name: String
        package var text: String
    }

    package struct Result: Sendable {
        /// The service first.
        package var units: [Unit]
        package var verdicts: [FieldVerdict]
    }

    /// Whether the units are for a user's manager.
    package var isUser: Bool

    package init(isUser: Bool = false) {
        self.isUser = isUser
    }

    /// The units of a service. Fails for one without a command, and for values that no unit can hold.
    package func write(_ service: Service) throws(Failure) -> Result {
        var draft = UnitDraft(service: service, isUser: isUser)
        let baseName = draft.baseName
        guard baseName.utf8.count + ".service".utf8.count <= UnitName.longest else {
            throw Failure(
                .badInput, code: "systemd-name-too-long", "the name '\(service.name.value.prefix(40))…' is too long",
                remedy: "a unit's name has at most 255 characters, escapes included", at: service.name.span)
        }
        try draft.writeIdentity()
        draft.writeContext()
        draft.writeLife()
        draft.writeStop()
        draft.writeStreams()
        draft.writeInstall()
        draft.writeForeign()
        draft.log.closeWith(service)
        if let problem = draft.problem { throw problem }
        var units = [Unit(name: draft.serviceName, text: draft.unit.text)]
        for name in draft.starters.keys.sorted(by: StarterName.precedes) {
            guard let lines = draft.starters[name], !lines.isEmpty else { continue }
            units.append(Unit(name: name.own ?? "\(baseName).\(name.kind.rawValue)", text: lines.text))
        }
        return Result(units: units, verdicts: draft.log.verdicts)
    }

    /// What the fields alone, without any kept key, make of the units that start the service.
    func starterLines(_ service: Service) -> [StarterName: UnitLines] {
        var draft = UnitDraft(service: service, isUser: isUser)
        draft.writeDescription()
        draft.writeInstall()
        return draft.starters
    }
}

/// The units of one service while they are being written.
struct UnitDraft {
    let service: Service
    let isUser: Bool
    var unit = UnitLines()
    /// The units that start the service.
    var starters: [StarterName: UnitLines] = [:]
    var log = VerdictLog(.systemd)
    /// The first value that no unit can hold.
    var problem: Failure?

    init(service: Service, isUser: Bool) {
        self.service = service
        self.isUser = isUser
    }

    /// The name of the units, without suffix.
    var baseName: String { UnitName.escape(service.name.value) }

    var serviceName: String { baseName + (servesConnections ? "@" : "") + ".service" }

    /// Why a key stands there that nobody wrote.
    func differs(from other: String) -> String {
        "the default of a \(service.dialect.rawValue) file, where systemd's is \(other)"
    }

    /// Writes a value that systemd takes as it is, but for specifiers.
    mutating func putPlain(_ section: String, _ key: String, _ value: String, at span: SourceSpan?) {
        let text = UnitWords.escapeSpecifiers(value)
        var isEscaped = false
        for byte in text.utf8 { isEscaped = byte == UInt8(ascii: "\\") && !isEscaped }
        let isBroken = text.unicodeScalars.contains { $0 == "\n" || $0 == "\r" || $0 == "\0" }
        if isBroken || isEscaped || text.trimmed != text || text.isEmpty {
            problem =
                problem
                ?? Failure(
                    .badInput, code: "systemd-value", "\(key)= cannot hold '\(value.prefix(60))'",
                    remedy: "choose a value without line ends, and without blanks or a backslash at its end", at: span)
        }
        unit.put(section, key, text)
    }

    /// Whether nothing needs to be said of a field that nobody set: systemd's own default is meant.
    var keepsSilence: Bool { service.dialect == .systemd }

    mutating func writeDescription() {
        if keepsSilence && service.summary == nil { return }
        let text = service.summary?.value ?? service.name.value
        putPlain("Unit", "Description", text.oneLine, at: service.summary?.span)
    }

    mutating func writeIdentity() throws(Failure) {
        let name = service.name.value
        writeDescription()
        let escaped = UnitName.escape(name)
        if escaped == name {
            log.exact(.name, "name", name + ".service")
        } else {
            log.approximated(
                .name, "name", escaped + ".service", why: "a unit's name has only ASCII letters and digits")
        }
        if service.summary != nil { log.exact(.summary, "description", "Description") }
        guard case .words(let path, let arguments)? = service.command?.value else { throw noCommand() }
        var resolved = path
        if path.contains("/") && !path.hasPrefix("/") {
            guard let directory = service.workingDirectory?.value, directory.hasPrefix("/") else {
                throw Failure(
                    .badInput, code: "systemd-relative-program", "the program '\(path)' is a relative path",
                    remedy: "write the absolute path; systemd refuses the unit", at: service.command?.span)
            }
            resolved = directory + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
        }
        let words = arguments.first == path ? [resolved] + arguments.dropFirst() : arguments
        guard let text = ExecCommand.text(for: .words(path: resolved, arguments: words)) else {
            throw Failure(
                .badInput, code: "systemd-nul", "an argument holds a NUL byte", remedy: "remove it",
                at: service.command?.span)
        }
        if service.readiness != nil || !keepsSilence { unit.put("Service", "Type", typeWord) }
        unit.put("Service", "ExecStart", service.success?.value == .all ? "-" + text : text)
        if resolved != path {
            log.approximated(.command, "command", "ExecStart", why: "the relative path is taken from the directory")
        } else if path.hasPrefix("/") {
            log.exact(.command, "command", "ExecStart")
        } else {
            log.approximated(
                .command, "command", "ExecStart", why: "systemd looks for '\(path)' in a PATH of its own",
                remedy: "write the program's absolute path")
        }
        judgeReadiness()
    }

    private func noCommand() -> Failure {
        guard case .malformed(_, let reason)? = service.command?.value else {
            return Failure(
                .badInput, code: "systemd-no-command",
                "'\(service.name.value)' has no program that systemd could start",
                remedy: "name an executable", at: service.name.span)
        }
        return Failure(
            .badInput, code: "systemd-malformed-command",
            "the command of '\(service.name.value)' is no list of words: \(reason)", remedy: "correct the quotes",
            at: service.command?.span)
    }

    /// `Type=exec` wherever nothing else is asked for: a missing program is an error of the start then, not later.
    private var typeWord: String {
        switch service.effective(\.readiness, \.readiness) {
        case .executed, .alive: "exec"
        case .notified: "notify"
        case .forked: "forking"
        case .completed: "oneshot"
        }
    }

    private mutating func judgeReadiness() {
        guard let readiness = service.readiness?.value else { return }
        if case .alive(let span) = readiness {
            log.approximated(
                .readiness, "readiness", "Type=exec",
                why: "systemd counts the program as started once it is executed, not after \(span)")
        } else {
            log.exact(.readiness, "readiness", "Type=\(typeWord)")
        }
    }

    mutating func writeForeign() {
        // Keys that say one thing together come back together or not at all.
        var edited: Set<String> = []
        for setting in service.foreign where setting.dialect == .systemd && setting.path.count == 2 {
            guard let bond = SystemdKeys.bond(of: setting.path[1]) else { continue }
            if native(setting) != setting.replaces { edited.insert(bond) }
        }
        let editedKinds = severalAndEdited
        for setting in service.foreign {
            let field = ServiceField.foreign(setting.dialect, setting.path)
            guard setting.dialect == .systemd, let place = place(of: setting) else {
                unit.put("X-Svinstall", "Carried", setting.carrierText)
                log.carried(
                    field, "carried", "[X-Svinstall] Carried", why: "only \(setting.dialect.rawValue) knows it",
                    remedy: field.remedy)
                continue
            }
            let isBondBroken =
                setting.path.count == 2 && SystemdKeys.bond(of: setting.path[1]).map(edited.contains) ?? false
            let isKindBroken = place.starter.map { editedKinds.contains($0.kind) } ?? false
            if !isBondBroken, !isKindBroken, restore(setting) {
                log.exact(field, "native", setting.path.joined(separator: "."))
            } else {
                log.dropped(field, "edited", why: "the file says something else by now, and that holds")
            }
        }
    }

    /// Where a kept key stands: section and key, and the unit that starts the service where it is in one.
    private func place(of setting: ForeignSetting) -> (starter: StarterName?, section: String, key: String)? {
        switch setting.path.count {
        case 2: return (nil, setting.path[0], setting.path[1])
        case 3: return StarterName(setting.path[0]).map { ($0, setting.path[1], setting.path[2]) }
        default: return nil
        }
    }

    /// What the units say of a key that was put aside.
    private func native(_ setting: ForeignSetting) -> String? {
        guard let (starter, section, key) = place(of: setting) else { return nil }
        let lines = starter.map { starters[$0] ?? UnitLines() } ?? unit
        let values = lines.values(section, key)
        return values.isEmpty ? nil : values.joined(separator: "\n")
    }

    /// The kinds of which several units start the service and one of them was edited: as they hold together what one unit
    /// could, nothing of the kind comes back then.
    private var severalAndEdited: Set<UnitKind> {
        var several: Set<UnitKind> = []
        var edited: Set<UnitKind> = []
        for setting in service.foreign where setting.dialect == .systemd {
            guard let starter = place(of: setting)?.starter else { continue }
            if starter.own != nil { several.insert(starter.kind) }
            if isEdited(setting) { edited.insert(starter.kind) }
        }
        return several.intersection(edited)
    }

    /// Whether the unit says something else of a key by now. What is to go, and is not there, has not been edited.
    private func isEdited(_ setting: ForeignSetting) -> Bool {
        let native = native(setting)
        return native != setting.replaces && !(native == nil && setting.value == nil)
    }

    /// Puts a kept systemd key back: only where the unit still says what it said when the key was put aside.
    private mutating func restore(_ setting: ForeignSetting) -> Bool {
        guard let (starter, section, key) = place(of: setting), native(setting) == setting.replaces else {
            return false
        }
        let values = setting.value?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
        if let starter {
            starters[starter, default: UnitLines()].replace(section, key, with: values)
        } else {
            unit.replace(section, key, with: values)
        }
        return true
    }
}
