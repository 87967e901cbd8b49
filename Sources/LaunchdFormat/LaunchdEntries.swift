package import PropertyList
package import ServiceModel

/// A job as a flat list of keys: the members of a few dictionaries count one by one, everything else as a whole. This
/// is the grain in which keys are reported, carried and compared.
package enum LaunchdEntries {
    package struct Entry: Hashable, Sendable {
        package var path: [String]
        package var value: PropertyValue

        package init(path: [String], value: PropertyValue) {
            self.path = path
            self.value = value
        }
    }

    private static let split: Set<String> = [
        "KeepAlive", "EnvironmentVariables", "SoftResourceLimits", "HardResourceLimits",
        "Sockets",
    ]

    /// The entries of a job, without what it carries for other dialects.
    package static func flatten(_ job: PropertyDictionary) -> [Entry] {
        var entries: [Entry] = []
        for (key, value) in job.entries where key != LaunchdReader.carrierKey {
            if split.contains(key), let members = value.dictionary, !members.isEmpty {
                entries += members.entries.map { Entry(path: [key, $0.key], value: $0.value) }
            } else {
                entries.append(Entry(path: [key], value: value))
            }
        }
        return entries
    }

    /// The job of a list of entries, keys in the order of `LaunchdKeys`, then unknown ones in the order of the list.
    package static func assemble(_ entries: [Entry]) -> PropertyDictionary {
        var members = PropertyDictionary()
        for entry in entries {
            guard let first = entry.path.first else { continue }
            if entry.path.count == 1 {
                members[first] = entry.value
            } else if let second = entry.path.last {
                var inner = members[first]?.dictionary ?? PropertyDictionary()
                inner[second] = entry.value
                members[first] = .dictionary(inner)
            }
        }
        let order = Dictionary(uniqueKeysWithValues: LaunchdKeys.table.enumerated().map { ($0.element.key, $0.offset) })
        let sorted = members.entries.enumerated().sorted { left, right in
            let places = (order[left.element.key] ?? .max, order[right.element.key] ?? .max)
            return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
        }
        return PropertyDictionary(sorted.map { ($0.element.key, $0.element.value) })
    }

    /// Whether the job still says of a key what it said when the key was put aside.
    static func isUntouched(_ setting: ForeignSetting, in entries: [Entry]) -> Bool {
        entries.first { $0.path == setting.path }.map { PropertyLiteral.text($0.value) } == setting.replaces
    }

    /// The name of the keys that say one thing together with this one; `nil` for a key that stands alone.
    static func bond(of path: [String]) -> String? {
        switch LaunchdKeys.row(of: path.first ?? "")?.key {
        case "Program", "ProgramArguments": "command"
        case "KeepAlive"
        where path.count == 1 || ["SuccessfulExit", "Crashed", "AfterInitialDemand"].contains(path[1]):
            "start"
        case "OnDemand", "RunAtLoad": "start"
        default: nil
        }
    }

    /// Puts one kept launchd key back: only where the job still says what it said when the key was put aside. Returns
    /// whether it did.
    package static func restore(_ setting: ForeignSetting, into entries: inout [Entry]) -> Bool {
        let place = entries.firstIndex { $0.path == setting.path }
        let native = place.map { PropertyLiteral.text(entries[$0].value) }
        guard native == setting.replaces else { return false }
        guard let text = setting.value else {
            if let place { entries.remove(at: place) }
            return true
        }
        guard let value = PropertyLiteral.value(text) else { return false }
        if let place {
            entries[place].value = value
            return true
        }
        // A key cannot be both a value and a dictionary of others.
        let collides = entries.contains {
            $0.path.first == setting.path.first && ($0.path.count == 1 || setting.path.count == 1)
        }
        guard !collides else { return false }
        entries.append(Entry(path: setting.path, value: value))
        return true
    }
}
