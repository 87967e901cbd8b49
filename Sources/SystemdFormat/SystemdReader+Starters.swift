import ServiceModel
import SourceText

/// The units that start the service: by time, by files, by connections.
extension SystemdReading {
    /// Reads a starter. What the model has fields for goes there; of the rest, each key is kept that the writer would not
    /// write by itself, and each key that it would write and the unit does not have.
    mutating func take(_ starter: UnitSet.Starter) {
        let unit = starter.fragments
        diagnostics += unit.diagnostics
        warnSections(of: unit, kind: starter.kind)
        for assignment in unit.assignments { warnIfUnknown(assignment, kind: starter.kind) }
        var taken: [(assignment: Assignment, fields: [ServiceField], reservation: Reservation?)] = []
        var rest: [Assignment] = []
        for assignment in Self.modelOrder(inForce(unit, kind: starter.kind)) {
            if let (fields, reservation) = typed(assignment, starter.kind) {
                taken.append((assignment, fields, reservation))
            } else {
                rest.append(assignment)
            }
        }
        dropCalendarIfInexpressible(&taken, &rest)
        let written = SystemdWriter(isUser: isUser).starterLines(service, starter.kind)
        let kept = keep(starter.kind, taken.map(\.assignment), rest, written: written)
        for (assignment, fields, reservation) in taken {
            let path = [starter.kind.rawValue, assignment.section, assignment.key]
            let more: [ServiceField] = kept.contains(path) ? [.foreign(.systemd, path)] : []
            account(assignment, in: starter.kind, .fields(fields + more), reservation)
        }
        for assignment in rest {
            let path = [starter.kind.rawValue, assignment.section, assignment.key]
            account(assignment, in: starter.kind, .fields(kept.contains(path) ? [.foreign(.systemd, path)] : [.name]))
        }
        if !unit.assignments.contains(where: { $0.section == "Install" }) {
            diagnostics.append(
                Diagnostic(
                    .note, code: "unit-not-enabled", "nothing starts this \(starter.kind.rawValue) at boot",
                    remedy: "add [Install] WantedBy=\(starter.kind.installTarget)",
                    at: SourceSpan(file: unit.path, at: .start)))
        }
    }

    /// What waits comes before what is said of it. Of the two keys that watch paths the order says nothing; the model's is
    /// this one.
    private static func modelOrder(_ assignments: [Assignment]) -> [Assignment] {
        func rank(_ key: String) -> Int { key.hasPrefix("Listen") ? 0 : key == "PathChanged" ? 2 : 1 }
        return (0...2).flatMap { number in assignments.filter { rank($0.key) == number } }
    }

    private mutating func account(
        _ assignment: Assignment, in kind: UnitKind, _ use: SourceKey.Use, _ reservation: Reservation? = nil
    ) {
        keys.append(
            SourceKey(
                "\(kind.rawValue).\(assignment.name)", at: assignment.keySpan, use: use, reservation: reservation))
    }

    /// The assignments that count: an empty one resets every condition of its kind, not only those of its own key
    /// (systemd.timer(5), systemd.path(5), systemd.socket(5)).
    private mutating func inForce(_ unit: UnitFragments, kind: UnitKind) -> [Assignment] {
        func isCondition(_ assignment: Assignment) -> Bool {
            guard assignment.section == kind.section else { return false }
            switch kind {
            case .timer: return assignment.key.hasPrefix("On") && !assignment.key.hasSuffix("Change")
            case .path: return assignment.key.hasPrefix("Path") || assignment.key == "DirectoryNotEmpty"
            case .socket: return assignment.key.hasPrefix("Listen")
            case .service, .target: return false
            }
        }
        var counted: [Assignment] = []
        for assignment in unit.assignments {
            if isCondition(assignment) && assignment.value.isEmpty {
                for old in counted.filter(isCondition) {
                    account(
                        old, in: kind,
                        .ineffective(
                            code: "unit-overridden", why: "a later empty \(assignment.key)= resets it", remedy: nil))
                }
                counted.removeAll(where: isCondition)
                account(
                    assignment, in: kind,
                    .ineffective(code: "unit-reset", why: "it empties the list", remedy: nil))
                continue
            }
            counted.append(assignment)
        }
        return counted
    }

    /// The fields that a key of a starter feeds; `nil` for a key that the model has none for.
    private mutating func typed(
        _ assignment: Assignment, _ kind: UnitKind
    ) -> (fields: [ServiceField], reservation: Reservation?)? {
        let span = assignment.keySpan
        switch (kind, assignment.name) {
        case (.timer, "Timer.OnCalendar"):
            guard let rules = calendarRules(assignment) else { return nil }
            service.calendar = Setting((service.calendar?.value ?? []) + rules, at: service.calendar?.span ?? span)
            return ([.calendar], nil)
        case (.timer, "Timer.OnUnitActiveSec"), (.timer, "Timer.OnUnitInactiveSec"):
            guard service.interval == nil, let interval = timeSpan(assignment) else { return nil }
            service.interval = Setting(interval, at: span)
            let isFromEnd = assignment.key == "OnUnitInactiveSec"
            return (
                [.interval],
                isFromEnd
                    ? Reservation(code: "unit-interval-end", why: "systemd counts from the end of each run") : nil
            )
        case (.timer, "Timer.Unit"), (.path, "Path.Unit"), (.socket, "Socket.Service"):
            return ([.name], nil)
        case (.path, "Path.PathModified"), (.path, "Path.PathChanged"):
            guard let path = watched(assignment) else { return nil }
            service.watchedPaths = Setting(
                (service.watchedPaths?.value ?? []) + [path], at: service.watchedPaths?.span ?? span)
            return ([.watchedPaths], nil)
        case (.path, "Path.DirectoryNotEmpty"):
            guard let path = watched(assignment) else { return nil }
            service.queueDirectories = Setting(
                (service.queueDirectories?.value ?? []) + [path], at: service.queueDirectories?.span ?? span)
            return ([.queueDirectories], nil)
        case (.socket, _) where assignment.section == kind.section:
            if let fields = takeSocketKey(assignment) { return (fields, nil) }
            checkValue(assignment)
            return nil
        default:
            if assignment.section == kind.section { checkValue(assignment) }
            return nil
        }
    }

    /// Time spans and booleans that systemd would ignore.
    private mutating func checkValue(_ assignment: Assignment) {
        let booleans: Set<String> = [
            "OnClockChange", "OnTimezoneChange", "Persistent", "WakeSystem", "RemainAfterElapse", "FixedRandomDelay",
            "MakeDirectory", "Accept",
        ]
        if assignment.key.hasSuffix("Sec") {
            _ = timeSpan(assignment)
        } else if booleans.contains(assignment.key), UnitValue.boolean(assignment.value) == nil {
            warnValue(assignment, "yes or no")
        }
    }

    mutating func warnValue(_ assignment: Assignment, _ wanted: String) {
        warn(
            "unit-bad-value", "\(assignment.key)=\(assignment.value.prefix(60)) is not \(wanted); systemd ignores it",
            remedy: "correct or remove it", at: assignment.valueSpan)
    }

    private mutating func timeSpan(_ assignment: Assignment) -> TimeSpan? {
        if let span = TimeSpan(assignment.value) { return span }
        warnValue(assignment, "a time span")
        return nil
    }

    /// The path of a condition; systemd refuses a relative one.
    private mutating func watched(_ assignment: Assignment) -> String? {
        guard let (text, _) = resolved(assignment) else { return nil }
        guard text.hasPrefix("/") else {
            fail(
                "unit-relative-path", "\(assignment.key)=\(text.prefix(60)) is not an absolute path",
                remedy: "write the absolute path; systemd ignores a relative one", at: assignment.valueSpan)
            return nil
        }
        return text
    }

    private mutating func calendarRules(_ assignment: Assignment) -> [CalendarRule]? {
        let expression: CalendarExpression
        do throws(CalendarExpression.ParseError) {
            expression = try CalendarExpression(assignment.value)
        } catch {
            fail(
                "unit-calendar", "OnCalendar=\(assignment.value.prefix(60)): \(error.reason)",
                remedy: error.remedy ?? "see 'svinstall check --calendar' for what an expression means",
                at: assignment.valueSpan)
            return nil
        }
        if expression.isImpossible {
            warn(
                "unit-calendar-never", "OnCalendar=\(assignment.value.prefix(60)) never comes",
                remedy: "name a day that the calendar has", at: assignment.valueSpan)
        }
        return CalendarSpec.rules(of: expression)
    }

    /// Calendar lines hold together: where one of them is beyond the model, all are kept as they are.
    private mutating func dropCalendarIfInexpressible(
        _ taken: inout [(assignment: Assignment, fields: [ServiceField], reservation: Reservation?)],
        _ rest: inout [Assignment]
    ) {
        guard rest.contains(where: { $0.key == "OnCalendar" }) else { return }
        service.calendar = nil
        let calendar = taken.filter { $0.fields == [.calendar] }.map(\.assignment)
        taken.removeAll { $0.fields == [.calendar] }
        rest = (rest + calendar).sorted { $0.keySpan.start < $1.keySpan.start }
    }

    /// Keeps what differs between the unit and what the writer makes of the fields; the paths kept.
    private mutating func keep(
        _ kind: UnitKind, _ taken: [Assignment], _ rest: [Assignment], written: UnitLines
    ) -> Set<[String]> {
        var order: [[String]] = []
        var values: [[String]: [String]] = [:]
        for assignment in taken + rest {
            let path = [assignment.section, assignment.key]
            if values[path] == nil { order.append(path) }
            values[path, default: []].append(assignment.value)
        }
        let spans = Dictionary(
            (taken + rest).map { ([$0.section, $0.key], $0.keySpan) }, uniquingKeysWith: { first, _ in first })
        var settings: [ForeignSetting] = []
        for path in order {
            let own = values[path] ?? []
            let other = written.values(path[0], path[1])
            let isTyped = taken.contains { $0.section == path[0] && $0.key == path[1] }
            // One line of a calendar may stand for several, everything else comes one by one.
            let isSaid =
                isTyped
                && (Self.isName(path) || !other.isEmpty && (path[1] == "OnCalendar" || own.count == other.count))
            if isSaid || Self.means(own, other) { continue }
            settings.append(
                ForeignSetting(
                    dialect: .systemd, path: [kind.rawValue] + path, value: own.joined(separator: "\n"),
                    replaces: other.isEmpty ? nil : other.joined(separator: "\n"), span: spans[path]))
        }
        for line in written.lines where values[[line.section, line.key]] == nil {
            let path = [kind.rawValue, line.section, line.key]
            guard !settings.contains(where: { $0.path == path }) else { continue }
            settings.append(
                ForeignSetting(
                    dialect: .systemd, path: path, value: nil,
                    replaces: written.values(line.section, line.key).joined(separator: "\n")))
        }
        settings.sort {
            ($0.value == nil ? 0 : 1, $0.path.joined(separator: ".")) < (
                $1.value == nil ? 0 : 1, $1.path.joined(separator: ".")
            )
        }
        service.foreign += settings
        return Set(settings.map(\.path))
    }

    private static func isName(_ path: [String]) -> Bool { path[1] == "Unit" || path[1] == "Service" }

    /// Whether two texts of a key mean the same: the same words, time span or truth value.
    private static func means(_ left: [String], _ right: [String]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { left, right in
            if left == right { return true }
            if let span = TimeSpan(left), span == TimeSpan(right) { return true }
            if let truth = UnitValue.boolean(left), truth == UnitValue.boolean(right) { return true }
            return false
        }
    }
}
