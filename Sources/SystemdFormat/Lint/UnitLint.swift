package import SourceText

/// What `systemd-analyze verify` does not look at and what only shows when the service is started: users, files and
/// directories that the unit names, programs that cannot run, readiness that never comes (systemd.exec(5),
/// systemd.service(5)).
package struct UnitLint: Sendable {
    typealias Assignment = UnitDocument.Assignment

    let unit: UnitFragments
    let specifiers: UnitSpecifiers
    let world: any UnitSurroundings
    /// Whether systemd makes up the user and the group.
    private let makesUser: Bool
    private(set) var problems: [Diagnostic] = []
    /// The programs that were looked into, by path.
    var programs: [String: ProgramFault?] = [:]

    private init(_ set: UnitSet, isUser: Bool, world: any UnitSurroundings) {
        unit = set.service
        specifiers = UnitSpecifiers(unitName: set.name, isUser: isUser)
        self.world = world
        makesUser = UnitValue.boolean(unit.value("Service", "DynamicUser") ?? "no") == true
    }

    /// Everything that is found, in the order of the keys.
    package static func problems(
        in set: UnitSet, isUser: Bool = false, world: any UnitSurroundings
    ) -> [Diagnostic] {
        var lint = UnitLint(set, isUser: isUser, world: world)
        for assignment in lint.inForce {
            if assignment.section == "Service" { lint.look(at: assignment) } else { lint.lookAtNames(assignment) }
        }
        lint.lookAtRunTime()
        lint.lookAtReadiness()
        return lint.problems
    }

    mutating func warn(_ code: String, _ message: String, remedy: String, at assignment: Assignment) {
        problems.append(Diagnostic(.warning, code: code, message, remedy: remedy, at: assignment.valueSpan))
    }

    mutating func fail(_ code: String, _ message: String, remedy: String, at assignment: Assignment) {
        problems.append(Diagnostic(.error, code: code, message, remedy: remedy, at: assignment.valueSpan))
    }

    /// The assignments that count: those behind the last empty one of their key, and the last one of a key that is no
    /// list.
    private var inForce: [Assignment] {
        var places: [String: Int] = [:]
        for (index, assignment) in unit.assignments.enumerated() {
            if assignment.value.isEmpty || Self.single.contains(assignment.key) { places[assignment.name] = index }
        }
        return unit.assignments.enumerated().filter { index, assignment in
            !assignment.value.isEmpty && index >= places[assignment.name] ?? 0
        }.map(\.element)
    }

    /// The keys looked at here that hold one value.
    private static let single: Set<String> = ["User", "Group", "WorkingDirectory", "StandardOutput", "StandardError"]

    private mutating func look(at assignment: Assignment) {
        switch assignment.key {
        case "User", "Group": lookAtIdentity(assignment, names: [assignment.value])
        case "SupplementaryGroups":
            lookAtIdentity(assignment, names: assignment.value.split(separator: " ").map(String.init))
        case "EnvironmentFile": lookAtEnvironmentFile(assignment)
        case "Environment": lookAtEnvironment(assignment)
        case "WorkingDirectory": lookAtDirectory(assignment)
        case "StandardOutput", "StandardError": lookAtLog(assignment)
        case "ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost":
            lookAtCommand(assignment)
        default: break
        }
    }

    /// The value with its specifiers replaced; `nil` where that depends on the machine.
    private func text(_ value: String) -> String? {
        guard let resolved = try? specifiers.resolve(value), resolved.unresolved.isEmpty else { return nil }
        return resolved.text
    }

    private mutating func lookAtIdentity(_ assignment: Assignment, names: [String]) {
        if makesUser { return }
        let isUser = assignment.key == "User"
        for name in names.compactMap(text) where !(isUser ? world.hasUser(name) : world.hasGroup(name)) {
            let word = isUser ? "user" : "group"
            warn(
                isUser ? "unit-no-user" : "unit-no-group",
                "there is no \(word) '\(name.prefix(40))' here; the start would fail with status \(isUser ? "217/USER" : "216/GROUP")",
                remedy: isUser ? "create it, or write DynamicUser=yes" : "create it, or remove the key", at: assignment)
        }
    }

    private mutating func lookAtEnvironmentFile(_ assignment: Assignment) {
        guard let path = text(assignment.value), path.hasPrefix("/"), !path.contains(where: { "*?[".contains($0) }),
            world.kind(of: path) == nil
        else { return }
        warn(
            "unit-no-environment-file", "'\(path.prefix(80))' does not exist, and without it the start fails",
            remedy: "create it, or write -\(path.prefix(80)) if it may be missing", at: assignment)
    }

    /// What a shell would replace there, and systemd does not (systemd.exec(5)).
    private mutating func lookAtEnvironment(_ assignment: Assignment) {
        for word in (try? UnitWords.split(assignment.value)) ?? [] {
            guard let equals = word.text.firstIndex(of: "=") else { continue }
            let value = word.text[word.text.index(after: equals)...]
            let pairs = zip(value, value.dropFirst())
            let isVariable = pairs.contains { $0 == "$" && ($1 == "{" || $1 == "_" || $1.isLetter) }
            guard isVariable || value == "~" || value.hasPrefix("~/") else { continue }
            warn(
                "unit-literal-variable",
                "'\(word.text.prefix(60))' stays as it is: Environment= expands neither variables nor ~",
                remedy: "write the value; %h is the home directory", at: assignment)
        }
    }

    /// Units that are named without their kind, which systemd does not add.
    private mutating func lookAtNames(_ assignment: Assignment) {
        guard Self.namesUnits.contains(assignment.name) else { return }
        for name in assignment.value.split(separator: " ") where !name.contains("%") {
            guard !Self.unitSuffixes.contains(where: name.hasSuffix) else { continue }
            let isTarget = assignment.section == "Install" || ["network", "network-online", "local-fs"].contains(name)
            warn(
                "unit-name-without-kind", "'\(name.prefix(60))' in \(assignment.key)= is no name of a unit",
                remedy: "write \(name.prefix(60)).\(isTarget ? "target" : "service")", at: assignment)
        }
    }

    private static let namesUnits: Set<String> = [
        "Install.WantedBy", "Install.RequiredBy", "Install.UpheldBy", "Install.Also", "Unit.After", "Unit.Before",
        "Unit.Requires", "Unit.Requisite", "Unit.Wants", "Unit.BindsTo", "Unit.PartOf", "Unit.Upholds",
        "Unit.Conflicts", "Unit.OnFailure", "Unit.OnSuccess",
    ]

    private static let unitSuffixes = [
        ".service", ".target", ".timer", ".socket", ".path", ".mount", ".automount", ".swap", ".slice", ".scope",
        ".device",
    ]

    /// Limits that a type of service does not have.
    private mutating func lookAtRunTime() {
        guard unit.value("Service", "Type") == "oneshot",
            let limit = inForce.last(where: { $0.name == "Service.RuntimeMaxSec" })
        else { return }
        warn(
            "unit-oneshot-run-time", "RuntimeMaxSec= has no effect with Type=oneshot",
            remedy: "write TimeoutStartSec=\(limit.value.prefix(20))", at: limit)
    }

    private mutating func lookAtDirectory(_ assignment: Assignment) {
        guard let path = text(assignment.value), path.hasPrefix("/"), !isMadeBySystemd(path) else { return }
        if world.kind(of: path) == nil {
            warn(
                "unit-no-directory", "'\(path.prefix(80))' does not exist; the start would fail with status 200/CHDIR",
                remedy: "create it, or write -\(path.prefix(80)) to run in / without it", at: assignment)
        } else if world.kind(of: path) != .directory {
            warn(
                "unit-no-directory", "'\(path.prefix(80))' is no directory", remedy: "name a directory", at: assignment)
        }
    }

    private mutating func lookAtLog(_ assignment: Assignment) {
        if assignment.value == "syslog" || assignment.value == "syslog+console" {
            return warn(
                "unit-obsolete-value", "'\(assignment.value)' is the journal since systemd 246",
                remedy: "write journal, or leave it out", at: assignment)
        }
        guard let text = text(assignment.value), let slash = text.firstIndex(of: "/"),
            ["append:", "file:", "truncate:"].contains(String(text[..<slash]))
        else { return }
        let path = String(text[slash...])
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        guard !directory.isEmpty, !isMadeBySystemd(directory), world.kind(of: directory) != .directory else { return }
        warn(
            "unit-no-log-directory",
            "the directory '\(directory.prefix(80))' does not exist; the start would fail with status 209/STDOUT",
            remedy: "create it, or write LogsDirectory= for one in /var/log", at: assignment)
    }

    /// Directories that systemd makes before it starts the program (systemd.exec(5), `RuntimeDirectory=` and its like).
    private func isMadeBySystemd(_ path: String) -> Bool {
        let roots = [
            ("RuntimeDirectory", "/run/"), ("StateDirectory", "/var/lib/"), ("CacheDirectory", "/var/cache/"),
            ("LogsDirectory", "/var/log/"), ("ConfigurationDirectory", "/etc/"),
        ]
        for (key, root) in roots {
            let values = unit.assignments.filter { $0.section == "Service" && $0.key == key }
            for name in values.flatMap({ $0.value.split(separator: " ") }) {
                let made = root + (name.split(separator: ":").first ?? "")
                guard let made = text(made) else { return true }
                if path == made { return true }
            }
        }
        return false
    }
}
