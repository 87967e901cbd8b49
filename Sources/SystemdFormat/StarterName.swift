import SourceText

/// Which of the units that start a service is meant, where keys are carried and told: `timer` for the timer of the
/// service's own name, `web-admin.socket` for one beside it.
package struct StarterName: Hashable, Sendable {
    package let kind: UnitKind
    /// The file's whole name, where it is not the service's.
    package let own: String?

    init(_ kind: UnitKind, own: String? = nil) {
        self.kind = kind
        self.own = own
    }

    /// `nil` for a text that names no unit of a kind that starts a service.
    package init?(_ text: String) {
        if let kind = UnitKind(rawValue: text) {
            self.init(kind)
        } else if let (_, kind) = UnitName.split(text) {
            self.init(kind, own: text)
        } else {
            return nil
        }
        guard UnitKind.starters.contains(kind) else { return nil }
    }

    package var text: String { own ?? kind.rawValue }

    /// The place of a unit among those of a service: by kind, the one of the service's own name first.
    static func precedes(_ left: StarterName, _ right: StarterName) -> Bool {
        func place(_ name: StarterName) -> Int { UnitKind.starters.firstIndex(of: name.kind) ?? 0 }
        return place(left) == place(right) ? left.own ?? "" < right.own ?? "" : place(left) < place(right)
    }
}

extension UnitSet {
    /// The units that start the service, each with its name, in their order. A unit that is alone of its kind needs none
    /// of its own.
    package var namedStarters: [(name: StarterName, starter: Starter)] {
        let usual = UnitName.starterStem(of: name)
        let alone = Dictionary(grouping: starters, by: \.kind).filter { $0.value.count == 1 }.keys
        return starters.map { starter in
            let file = UnitName.fileName(of: starter.fragments.path)
            let isUsual = UnitName.split(file)?.stem == usual || alone.contains(starter.kind)
            return (StarterName(starter.kind, own: isUsual ? nil : file), starter)
        }.sorted { StarterName.precedes($0.name, $1.name) }
    }
}

/// Keys that wait for one of several things.
enum UnitConditions {
    /// Whether a key is one of those of which an empty one resets all, and not only those of its own name
    /// (systemd.timer(5), systemd.path(5), systemd.socket(5)).
    static func contains(_ assignment: UnitDocument.Assignment) -> Bool {
        let key = assignment.key
        switch assignment.section {
        case "Timer": return key.hasPrefix("On") && !key.hasSuffix("Change")
        case "Path": return key.hasPrefix("Path") || key == "DirectoryNotEmpty"
        case "Socket": return key.hasPrefix("Listen")
        default: return false
        }
    }

    /// The assignments that count, and, with the empty one that does it, those that are reset.
    static func inForce(
        _ assignments: [UnitDocument.Assignment]
    ) -> (
        counted: [UnitDocument.Assignment], reset: [(old: UnitDocument.Assignment, by: UnitDocument.Assignment)]
    ) {
        var counted: [UnitDocument.Assignment] = []
        var reset: [(old: UnitDocument.Assignment, by: UnitDocument.Assignment)] = []
        for assignment in assignments {
            guard contains(assignment), assignment.value.isEmpty else {
                counted.append(assignment)
                continue
            }
            reset += (counted.filter(contains) + [assignment]).map { ($0, assignment) }
            counted.removeAll(where: contains)
        }
        return (counted, reset)
    }
}
