import ServiceModel
import SourceText

/// The units that start the service: by time, by files, by connections.
extension SystemdReading {
    /// A starter while it is being read.
    private struct Reading {
        let name: StarterName
        let fragments: UnitFragments
        /// What the model has fields for, and what it has none for.
        var taken: [(assignment: Assignment, fields: [ServiceField], reservation: Reservation?)] = []
        var rest: [Assignment] = []
    }

    /// Reads the units that start the service. What the model has fields for goes there; of the rest, each key is kept
    /// that the writer would not write by itself, and each key that it would write and no unit has.
    mutating func take(_ starters: [(name: StarterName, starter: UnitSet.Starter)]) {
        guard !starters.isEmpty else { return }
        var readings = starters.map { read($0.starter.fragments, as: $0.name) }
        if let sockets = service.sockets {
            service.sockets = Setting(HeldSocket.inOrder(sockets.value), at: sockets.span)
        }
        dropCalendarIfInexpressible(&readings)
        let written = SystemdWriter(isUser: isUser).starterLines(service)
        for reading in readings { keep(reading, written: written[reading.name] ?? UnitLines()) }
        let names = Set(readings.map(\.name))
        for name in written.keys.sorted(by: StarterName.precedes) where !names.contains(name) {
            service.foreign += Self.differences(name, own: [], written: written[name] ?? UnitLines())
        }
    }

    private mutating func read(_ unit: UnitFragments, as name: StarterName) -> Reading {
        diagnostics += unit.diagnostics
        warnSections(of: unit, kind: name.kind)
        for assignment in unit.assignments { warnIfUnknown(assignment, kind: name.kind) }
        var reading = Reading(name: name, fragments: unit)
        var sockets = SocketKeys(unitName: name.own)
        for assignment in Self.modelOrder(inForce(unit, name)) {
            if let (fields, reservation) = typed(assignment, name.kind, &sockets) {
                reading.taken.append((assignment, fields, reservation))
            } else {
                reading.rest.append(assignment)
            }
        }
        if let span = sockets.span {
            service.sockets = Setting((service.sockets?.value ?? []) + sockets.named, at: service.sockets?.span ?? span)
        }
        warnTriggers(unit, name.kind)
        if !unit.assignments.contains(where: { $0.section == "Install" }) {
            diagnostics.append(
                Diagnostic(
                    .note, code: "unit-not-enabled", "nothing starts this \(name.kind.rawValue) at boot",
                    remedy: "add [Install] WantedBy=\(name.kind.installTarget)",
                    at: SourceSpan(file: unit.path, at: .start)))
        }
        return reading
    }

    /// What systemd refuses, and a timer that waits for what it alone would bring about (systemd.timer(5)).
    private mutating func warnTriggers(_ unit: UnitFragments, _ kind: UnitKind) {
        let own = unit.assignments.filter { $0.section == kind.section && !$0.value.isEmpty }
        let triggers = own.filter { kind.isTrigger($0.key) }
        if triggers.isEmpty {
            warn(
                "unit-no-trigger", "nothing in the unit says what starts the service; systemd refuses it",
                remedy: "add \(kind.exampleTrigger)", at: SourceSpan(file: unit.path, at: .start))
        }
        guard kind == .timer, let first = triggers.first else { return }
        let isOfRuns = { (key: String) in key == "OnUnitActiveSec" || key == "OnUnitInactiveSec" }
        if triggers.allSatisfy({ isOfRuns($0.key) }) {
            warn(
                "unit-timer-never-first", "\(first.key)= alone never starts the service a first time",
                remedy: "add OnActiveSec= or OnBootSec=", at: first.keySpan)
        }
        if let persistent = own.last(where: { $0.key == "Persistent" }), UnitValue.boolean(persistent.value) == true,
            !triggers.contains(where: { $0.key == "OnCalendar" })
        {
            warn(
                "unit-timer-persistent", "Persistent= counts together with OnCalendar= only", remedy: "remove it",
                at: persistent.keySpan)
        }
    }

    /// Keeps what differs between a unit and what the writer makes of the fields, and accounts for the unit's keys.
    private mutating func keep(_ reading: Reading, written: UnitLines) {
        let settings = Self.differences(
            reading.name, own: reading.taken.map { ($0.assignment, true) } + reading.rest.map { ($0, false) },
            written: written)
        service.foreign += settings
        let kept = Set(settings.map(\.path))
        for (assignment, fields, reservation) in reading.taken {
            let path = [reading.name.text, assignment.section, assignment.key]
            let more: [ServiceField] = kept.contains(path) ? [.foreign(.systemd, path)] : []
            account(assignment, in: reading.name, .fields(fields + more), reservation)
        }
        for assignment in reading.rest {
            let path = [reading.name.text, assignment.section, assignment.key]
            account(assignment, in: reading.name, .fields(kept.contains(path) ? [.foreign(.systemd, path)] : [.name]))
        }
    }

    /// What waits comes before what is said of it. Of the two keys that watch paths the order says nothing; the model's is
    /// this one.
    private static func modelOrder(_ assignments: [Assignment]) -> [Assignment] {
        func rank(_ key: String) -> Int { key.hasPrefix("Listen") ? 0 : key == "PathChanged" ? 2 : 1 }
        return (0...2).flatMap { number in assignments.filter { rank($0.key) == number } }
    }

    private mutating func account(
        _ assignment: Assignment, in name: StarterName, _ use: SourceKey.Use, _ reservation: Reservation? = nil
    ) {
        keys.append(
            SourceKey("\(name.text).\(assignment.name)", at: assignment.keySpan, use: use, reservation: reservation))
    }

    /// The assignments that count.
    private mutating func inForce(_ unit: UnitFragments, _ name: StarterName) -> [Assignment] {
        let (counted, reset) = UnitConditions.inForce(unit.assignments)
        for (old, empty) in reset {
            account(
                old, in: name,
                old.value.isEmpty
                    ? .ineffective(code: "unit-reset", why: "it empties the list", remedy: nil)
                    : .ineffective(
                        code: "unit-overridden", why: "a later empty \(empty.key)= resets it", remedy: nil))
        }
        return counted
    }

    /// The fields that a key of a starter feeds; `nil` for a key that the model has none for.
    private mutating func typed(
        _ assignment: Assignment, _ kind: UnitKind, _ sockets: inout SocketKeys
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
            if let fields = takeSocketKey(assignment, &sockets) { return (fields, nil) }
            checkValue(assignment)
            return nil
        default:
            if assignment.section == kind.section { checkValue(assignment) }
            return nil
        }
    }

    /// Values that systemd would ignore.
    private mutating func checkValue(_ assignment: Assignment) {
        let booleans: Set<String> = [
            "OnClockChange", "OnTimezoneChange", "Persistent", "WakeSystem", "RemainAfterElapse", "FixedRandomDelay",
            "MakeDirectory", "Accept",
        ]
        if assignment.key.hasSuffix("Sec") {
            _ = timeSpan(assignment)
        } else if assignment.key.hasSuffix("Mode") {
            if UnitValue.mode(assignment.value) == nil { warnValue(assignment, "an octal mode") }
        } else if assignment.key.hasPrefix("PathExists") {
            _ = watched(assignment)
        } else if ListenAddress.keys.contains(where: { $0.key == assignment.key }) {
            let isPort = !assignment.value.isEmpty && assignment.value.utf8.allSatisfy { (48...57).contains($0) }
            if isPort { warnValue(assignment, "a port from 1 to 65535") }
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
        // Where a specifier depends on the machine, as %h, the key is kept as it is.
        guard case (let text, nil)? = resolved(assignment) else { return nil }
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
    private mutating func dropCalendarIfInexpressible(_ readings: inout [Reading]) {
        guard readings.contains(where: { $0.rest.contains { $0.key == "OnCalendar" } }) else { return }
        service.calendar = nil
        for index in readings.indices {
            let calendar = readings[index].taken.filter { $0.fields == [.calendar] }.map(\.assignment)
            guard !calendar.isEmpty else { continue }
            readings[index].taken.removeAll { $0.fields == [.calendar] }
            readings[index].rest = (readings[index].rest + calendar).sorted { $0.keySpan.start < $1.keySpan.start }
        }
    }

    /// What differs between a unit, its typed keys marked, and what the writer makes of the fields.
    private static func differences(
        _ name: StarterName, own assignments: [(assignment: Assignment, isTyped: Bool)], written: UnitLines
    ) -> [ForeignSetting] {
        var order: [[String]] = []
        var values: [[String]: [String]] = [:]
        var typed: Set<[String]> = []
        var spans: [[String]: SourceSpan] = [:]
        for (assignment, isTyped) in assignments {
            let path = [assignment.section, assignment.key]
            if values[path] == nil { order.append(path) }
            values[path, default: []].append(assignment.value)
            spans[path] = spans[path] ?? assignment.keySpan
            if isTyped { typed.insert(path) }
        }
        var settings: [ForeignSetting] = []
        for path in order {
            let own = values[path] ?? []
            let other = written.values(path[0], path[1])
            // One line of a calendar may stand for several, everything else comes one by one.
            let isSaid =
                typed.contains(path)
                && (isName(path) && name.own == nil
                    || !other.isEmpty && (path[1] == "OnCalendar" || own.count == other.count))
            if isSaid || means(own, other) { continue }
            settings.append(
                ForeignSetting(
                    dialect: .systemd, path: [name.text] + path, value: own.joined(separator: "\n"),
                    replaces: other.isEmpty ? nil : other.joined(separator: "\n"), span: spans[path]))
        }
        for line in written.lines where values[[line.section, line.key]] == nil {
            let path = [name.text, line.section, line.key]
            guard !settings.contains(where: { $0.path == path }) else { continue }
            settings.append(
                ForeignSetting(
                    dialect: .systemd, path: path, value: nil,
                    replaces: written.values(line.section, line.key).joined(separator: "\n")))
        }
        return settings.sorted { left, right in
            (left.value == nil ? 0 : 1, left.path.joined(separator: ".")) < (
                right.value == nil ? 0 : 1, right.path.joined(separator: ".")
            )
        }
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
