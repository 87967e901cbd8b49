package import ServiceModel
package import SourceText

/// Reads a `.service` unit: every key typed into the model or kept, every trap said.
package struct SystemdReader: Sendable {
    /// What came of a unit.
    package struct Result: Sendable {
        /// `nil` when systemd would refuse the unit; then `diagnostics` has an error.
        package var service: Service?
        package var diagnostics: [Diagnostic]
        /// Every assignment of the file, once.
        package var keys: [SourceKey]
    }

    /// Whether the unit is for a user's manager.
    package var isUser: Bool

    package init(isUser: Bool = false) {
        self.isUser = isUser
    }

    /// Reads one file alone. A failure is a file that systemd refuses as a whole, or one that starts nothing by itself.
    package func read(path: String, bytes: [UInt8]) throws(Failure) -> Result {
        let document = try UnitDocument(path: path, bytes: bytes)
        return try read(UnitSet(name: Self.unitName(of: UnitName.fileName(of: path)), service: UnitFragments(document)))
    }

    /// Reads the files of one service.
    package func read(_ set: UnitSet) throws(Failure) -> Result {
        guard set.service.sections.contains("Service") else { throw Self.noService(set.service) }
        let path = set.service.path
        var specifiers = UnitSpecifiers(unitName: set.name, isUser: isUser)
        specifiers.fragmentPath = path.hasPrefix("/") ? path : nil
        var name = String(set.name.dropLast(".service".count))
        var reading = SystemdReading(document: set.service, specifiers: specifiers, isUser: isUser)
        if UnitName.isTemplate(set.name) {
            if set.servesConnections {
                name.removeLast()
            } else if let instance = set.service.value("Install", "DefaultInstance") {
                name += instance
                reading.specifiers.unitName = name + ".service"
            } else {
                reading.fail(
                    "unit-template", "a template, '\(UnitName.fileName(of: path))', has no instance",
                    remedy: "name one: \(name)one.service (no such file is needed beside the template)",
                    at: SourceSpan(file: path, at: .start))
            }
        }
        reading.service.name = Setting(UnitName.unescape(name), at: SourceSpan(file: path, at: .start))
        reading.readAll()
        if let first = set.starters.first,
            !([set.service] + set.starters.map(\.fragments)).contains(where: {
                $0.assignments.contains { $0.section == "Install" }
            })
        {
            // Nothing enables any of the units: they are there for whoever starts them by hand.
            reading.service.disabled = Setting(true, at: SourceSpan(file: first.fragments.path, at: .start))
        }
        reading.take(set.namedStarters)
        let failed = reading.diagnostics.contains { $0.severity == .error }
        return Result(service: failed ? nil : reading.service, diagnostics: reading.diagnostics, keys: reading.keys)
    }

    /// `web.service` of `web.service`, `web.service.in` or `web`.
    package static func unitName(of fileName: String) -> String {
        if let range = fileName.ranges(of: ".service").last { return fileName[..<range.lowerBound] + ".service" }
        return fileName == "-" ? "stdin.service" : fileName + ".service"
    }

    /// Why a unit without [Service] is not read.
    private static func noService(_ unit: UnitFragments) -> Failure {
        let start = SourceSpan(file: unit.path, at: .start)
        for kind in UnitKind.starters where kind.section.map(unit.sections.contains) ?? false {
            return Failure(
                .badInput, code: "unit-starter-alone", "the .service unit that the \(kind.rawValue) starts is missing",
                remedy: "give it too, or put it beside", at: start)
        }
        for section in ["Mount", "Swap", "Scope", "Automount", "Slice", "Device"] where unit.sections.contains(section)
        {
            return Failure(
                .badInput, code: "unit-no-program", "a unit with [\(section)] starts no program",
                remedy: "leave it to systemd; give a .service unit", at: start)
        }
        if unit.value("Unit", "SuccessAction") != nil {
            return Failure(
                .badInput, code: "unit-no-program", "a unit with SuccessAction= alone starts no program",
                remedy: "leave it to systemd; give a .service unit", at: start)
        }
        if unit.path.contains(".service.d/") {
            return Failure(
                .badInput, code: "unit-drop-in-alone", "the unit to which the drop-in belongs is missing",
                remedy: "give it too, or put it beside the directory", at: start)
        }
        if unit.sections.isEmpty && unit.diagnostics.isEmpty {
            return Failure(
                .badInput, code: "unit-masked", "the unit is empty, which masks it: systemd starts nothing",
                remedy: "give the unit that it hides", at: start)
        }
        let near = unit.sections.first {
            $0 != "Service" && nearestWord(to: $0.lowercased(), among: ["service"]) != nil
        }
        return Failure(
            .badInput, code: "unit-no-service", "the unit has no [Service] section",
            remedy: near.map { "write [Service] instead of [\($0)]" } ?? "give a .service unit", at: start)
    }
}

/// One unit while it is being read.
struct SystemdReading {
    typealias Assignment = UnitDocument.Assignment

    let document: UnitFragments
    var specifiers: UnitSpecifiers
    let isUser: Bool
    var service: Service
    var diagnostics: [Diagnostic]
    var keys: [SourceKey] = []

    // What only several keys together say.
    var type: Setting<String>?
    var commands: [(assignment: Assignment, commands: [ExecCommand])] = []
    var restart: (word: RestartRule.Word, assignment: Assignment)?
    var prevent = TerminationSet.none
    var force = TerminationSet.none
    var addedSuccess: TerminationSet?
    var limitInterval: (span: TimeSpan, at: SourceSpan)?
    var limitBurst: (count: Int, at: SourceSpan)?

    init(document: UnitFragments, specifiers: UnitSpecifiers, isUser: Bool) {
        self.document = document
        self.specifiers = specifiers
        self.isUser = isUser
        diagnostics = document.diagnostics
        service = Service(name: Setting(""), dialect: .systemd)
    }

    mutating func warn(_ code: String, _ message: String, remedy: String? = nil, at span: SourceSpan) {
        diagnostics.append(Diagnostic(.warning, code: code, message, remedy: remedy, at: span))
    }

    mutating func fail(_ code: String, _ message: String, remedy: String? = nil, at span: SourceSpan) {
        diagnostics.append(Diagnostic(.error, code: code, message, remedy: remedy, at: span))
    }

    mutating func account(_ assignment: Assignment, _ fields: [ServiceField], _ reservation: Reservation? = nil) {
        keys.append(
            SourceKey(assignment.name, at: assignment.keySpan, use: .fields(fields), reservation: reservation))
    }

    mutating func ignore(_ assignment: Assignment, _ code: String, _ why: String, remedy: String? = nil) {
        keys.append(
            SourceKey(
                assignment.name, at: assignment.keySpan,
                use: .ineffective(code: code, why: why, remedy: remedy)))
    }

    /// Keeps all assignments of a key as they are.
    mutating func keep(_ assignments: [Assignment], _ reservation: Reservation? = nil) {
        guard let first = assignments.first else { return }
        let path = [first.section, first.key]
        service.foreign.append(
            ForeignSetting(
                dialect: .systemd, path: path, value: assignments.map(\.value).joined(separator: "\n"),
                span: first.keySpan))
        for assignment in assignments { account(assignment, [.foreign(.systemd, path)], reservation) }
    }

    mutating func readAll() {
        var order: [String] = []
        var groups: [String: [Assignment]] = [:]
        for assignment in document.assignments {
            if groups[assignment.name] == nil { order.append(assignment.name) }
            groups[assignment.name, default: []].append(assignment)
        }
        warnSections(of: document, kind: .service)
        for name in order { readGroup(groups[name] ?? []) }
        finish()
    }

    mutating func warnSections(of unit: UnitFragments, kind: UnitKind) {
        let firstKeys = Dictionary(
            unit.assignments.map { ($0.section, $0.keySpan) }, uniquingKeysWith: { first, _ in first })
        for section in unit.sections where !UnitKeyNames.knows(section: section, in: kind) {
            let span = firstKeys[section]
            let known = ["Unit", "Install"] + (kind.section.map { [$0] } ?? [])
            let near = nearestWord(to: section, among: known)
            warn(
                "unit-unknown-section", "systemd ignores the section [\(section)] in a .\(kind.rawValue) unit",
                remedy: near.map { "did you mean [\($0)]?" } ?? "check its spelling, or begin it with X-",
                at: span ?? SourceSpan(file: unit.path, at: .start))
        }
    }

    /// Says that systemd does not know a key of a section that it knows.
    mutating func warnIfUnknown(_ assignment: Assignment, kind: UnitKind) {
        guard UnitKeyNames.knows(section: assignment.section, in: kind),
            !UnitKeyNames.knows(assignment.section, assignment.key)
        else { return }
        warn(
            "unit-unknown-key",
            "systemd does not know \(assignment.key)= in [\(assignment.section)] and ignores it",
            remedy: UnitKeyNames.remedy(for: assignment.key, in: assignment.section), at: assignment.keySpan)
    }

    private mutating func readGroup(_ assignments: [Assignment]) {
        guard let first = assignments.first else { return }
        if first.section == "X-Svinstall" {
            for assignment in assignments { takeCarried(assignment) }
            return
        }
        guard let rule = SystemdKeys.rule(of: first.section, first.key) else {
            warnIfUnknown(first, kind: .service)
            for assignment in assignments {
                guard let wanted = UnitValueChecks.fault(assignment.key, assignment.value) else { continue }
                warn(
                    "unit-bad-value",
                    "\(assignment.key)=\(assignment.value.prefix(60)) is not \(wanted); systemd ignores it",
                    remedy: "correct or remove it", at: assignment.valueSpan)
            }
            return keep(assignments)
        }
        if rule.isList { return takeList(assignments, rule) }
        // What systemd cannot read, the empty value of most keys too, leaves the value before it in force.
        let counts = assignments.lastIndex { assignments.count == 1 || isReadable($0, rule) } ?? assignments.count - 1
        for (index, assignment) in assignments.enumerated() {
            if index < counts {
                ignore(assignment, "unit-overridden", "a later \(assignment.key)= replaces it")
            } else if index == counts {
                take(assignment, rule)
            } else {
                warnIgnored(assignment)
                ignore(assignment, "unit-bad-value", "systemd cannot read it, and the value before it stays")
            }
        }
    }

    /// Whether a key's value is none that systemd passes over.
    private func isReadable(_ assignment: Assignment, _ rule: SystemdKeys.Rule) -> Bool {
        // With nothing read before: a file can ask this of as many values as it has lines.
        var trial = SystemdReading(document: document, specifiers: specifiers, isUser: isUser)
        trial.diagnostics = []
        trial.take(assignment, rule)
        return !trial.diagnostics.contains { $0.code == Self.unreadable }
    }

    /// The code of a value that systemd warns about and ignores.
    static let unreadable = "unit-bad-value"

    private mutating func takeCarried(_ assignment: Assignment) {
        guard assignment.key == "Carried",
            let setting = ForeignSetting(carrierText: assignment.value, at: assignment.valueSpan)
        else {
            return ignore(assignment, "unit-carrier", "it is not a line that svinstall wrote")
        }
        service.foreign.append(setting)
        account(assignment, [.foreign(setting.dialect, setting.path)])
    }

    /// The value with specifiers resolved; `nil`, and the key kept, when that cannot be done.
    mutating func resolved(_ assignment: Assignment) -> (text: String, reservation: Reservation?)? {
        do throws(UnitSpecifiers.UnknownSpecifier) {
            let (text, unresolved) = try specifiers.resolve(assignment.value)
            guard let first = unresolved.first else { return (text, nil) }
            return (text, Self.unresolved(first))
        } catch {
            fail(
                "unit-specifier", "'%\(error.letter)' is no specifier; systemd refuses the value",
                remedy: "write %% for a percent sign", at: assignment.valueSpan)
            return nil
        }
    }

    static func unresolved(_ specifier: String) -> Reservation {
        Reservation(
            code: "unit-specifier", why: "\(specifier) depends on the machine and stands unresolved",
            remedy: "write its value, or %% for a percent sign")
    }
}

extension SystemdReader {
    /// Every key that systemd knows in a section, in the order of the alphabet.
    package static func knownKeys(in section: String) -> [String] { UnitKeyNames.names(of: section) }

    /// Whether a key of a service has a field of the model, and not only a place where it is kept.
    package static func isTyped(_ section: String, _ key: String) -> Bool { SystemdKeys.rule(of: section, key) != nil }
}
