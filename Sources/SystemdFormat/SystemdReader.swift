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

    /// Reads a unit file. A failure is a file that systemd refuses as a whole, or one of a kind that is not read yet.
    package func read(path: String, bytes: [UInt8]) throws(Failure) -> Result {
        let document = try UnitDocument(path: path, bytes: bytes)
        return try read(document)
    }

    package func read(_ document: UnitDocument) throws(Failure) -> Result {
        let fileName = document.path.split(separator: "/").last.map(String.init) ?? document.path
        try refuseOtherKinds(document, fileName: fileName)
        let unitName = Self.unitName(of: fileName)
        var reading = SystemdReading(
            document: document, specifiers: UnitSpecifiers(unitName: unitName, isUser: isUser), isUser: isUser)
        reading.service.name = Setting(
            UnitName.unescape(String(unitName.dropLast(".service".count))),
            at: SourceSpan(file: document.path, at: .start))
        reading.readAll()
        let failed = reading.diagnostics.contains { $0.severity == .error }
        return Result(service: failed ? nil : reading.service, diagnostics: reading.diagnostics, keys: reading.keys)
    }

    /// `web.service` of `web.service`, `web.service.in` or `web`.
    private static func unitName(of fileName: String) -> String {
        if let range = fileName.ranges(of: ".service").last { return fileName[..<range.lowerBound] + ".service" }
        return fileName == "-" ? "stdin.service" : fileName + ".service"
    }

    private func refuseOtherKinds(_ document: UnitDocument, fileName: String) throws(Failure) {
        let start = SourceSpan(file: document.path, at: .start)
        let sections = document.sections
        for (section, kind) in [
            ("Timer", "timer"), ("Socket", "socket"), ("Path", "path"), ("Mount", "mount"), ("Slice", "slice"),
            ("Swap", "swap"), ("Scope", "scope"), ("Automount", "automount"),
        ] where sections.contains(section) && !sections.contains("Service") {
            throw Failure(
                .badInput, code: "unit-kind-not-yet", "\(kind) units are not read yet",
                remedy: "give the .service unit that it starts", at: start)
        }
        if document.path.contains(".service.d/") {
            throw Failure(
                .badInput, code: "unit-drop-in-not-yet", "drop-ins are not read yet",
                remedy: "give the output of 'systemctl cat' as one .service file", at: start)
        }
        if fileName.contains("@.service") {
            throw Failure(
                .badInput, code: "unit-template-not-yet", "templates are not read yet: '\(fileName)' has no instance",
                remedy: "copy it to a file named for an instance, e.g. \(fileName.replacing("@.", with: "@one."))",
                at: start)
        }
        guard sections.contains("Service") else {
            throw Failure(
                .badInput, code: "unit-no-service", "the unit has no [Service] section",
                remedy: "give a .service unit", at: start)
        }
    }
}

/// One unit while it is being read.
struct SystemdReading {
    typealias Assignment = UnitDocument.Assignment

    let document: UnitDocument
    let specifiers: UnitSpecifiers
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

    init(document: UnitDocument, specifiers: UnitSpecifiers, isUser: Bool) {
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
        for section in document.sections where !UnitKeyNames.knows(section: section) {
            let span = document.assignments.first { $0.section == section }?.keySpan
            warn(
                "unit-unknown-section", "systemd ignores the section [\(section)] in a .service unit",
                remedy: "check its spelling, or begin it with X-",
                at: span ?? SourceSpan(file: document.path, at: .start))
        }
        for name in order { readGroup(groups[name] ?? []) }
        finish()
    }

    private mutating func readGroup(_ assignments: [Assignment]) {
        guard let first = assignments.first, let last = assignments.last else { return }
        if first.section == "X-Svinstall" {
            for assignment in assignments { takeCarried(assignment) }
            return
        }
        guard let rule = SystemdKeys.rule(of: first.section, first.key) else {
            if !UnitKeyNames.knows(first.section, first.key) && UnitKeyNames.knows(section: first.section) {
                warn(
                    "unit-unknown-key", "systemd does not know \(first.key)= in [\(first.section)] and ignores it",
                    remedy: UnitKeyNames.homes(of: first.key).map { "it belongs into [\($0)]" }
                        ?? "check its spelling, or begin it with X-",
                    at: first.keySpan)
            }
            return keep(assignments)
        }
        if rule.isList { return takeList(assignments, rule) }
        for assignment in assignments.dropLast() {
            ignore(assignment, "unit-overridden", "a later \(assignment.key)= replaces it")
        }
        take(last, rule)
    }

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

extension UnitKeyNames {
    /// The section of a service unit in which systemd knows the key.
    static func homes(of key: String) -> String? { ["Unit", "Service", "Install"].first { knows($0, key) } }
}
