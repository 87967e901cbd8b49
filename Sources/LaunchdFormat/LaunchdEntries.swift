package import PropertyList

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
        var inner: [String: PropertyDictionary] = [:]
        for entry in entries {
            guard let first = entry.path.first else { continue }
            if entry.path.count == 1 {
                members[first] = entry.value
                inner[first] = nil
            } else if let second = entry.path.last {
                // Once in its place, a dictionary grows beside it: it is put in when it is whole.
                if inner[first] == nil {
                    inner[first] = members[first]?.dictionary ?? PropertyDictionary()
                    members[first] = .dictionary(PropertyDictionary())
                }
                inner[first]?[second] = entry.value
            }
        }
        for (key, whole) in inner { members[key] = .dictionary(whole) }
        let order = Dictionary(uniqueKeysWithValues: LaunchdKeys.table.enumerated().map { ($0.element.key, $0.offset) })
        let sorted = members.entries.enumerated().sorted { left, right in
            let places = (order[left.element.key] ?? .max, order[right.element.key] ?? .max)
            return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
        }
        return PropertyDictionary(sorted.map { ($0.element.key, $0.element.value) })
    }
}
