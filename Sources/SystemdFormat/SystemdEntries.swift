/// A unit as a flat list of keys, the grain in which keys are carried and compared.
package enum SystemdEntries {
    package struct Entry: Hashable, Sendable {
        /// Section and key.
        package var path: [String]
        /// The values of all assignments of the key, one a line.
        package var value: String

        package init(path: [String], value: String) {
            self.path = path
            self.value = value
        }
    }

    /// The entries of a unit, without what it carries for other dialects and without other tools' `X-` sections.
    package static func flatten(_ document: UnitDocument) -> [Entry] { flatten(document.assignments, prefix: []) }

    /// The entries of all the files of a service; those of a unit that starts it have its name in front of the path. What
    /// an empty condition resets is none: no place among the keys of other names is kept for it.
    package static func flatten(_ set: UnitSet) -> [Entry] {
        flatten(set.service.assignments, prefix: [])
            + set.namedStarters.flatMap { name, starter in
                flatten(UnitConditions.inForce(starter.fragments.assignments).counted, prefix: [name.text])
            }
    }

    private static func flatten(_ assignments: [UnitDocument.Assignment], prefix: [String]) -> [Entry] {
        var entries: [Entry] = []
        var places: [[String]: Int] = [:]
        for assignment in assignments where !assignment.section.hasPrefix("X-Svinstall") {
            let path = prefix + [assignment.section, assignment.key]
            if let place = places[path] {
                entries[place].value += "\n" + assignment.value
            } else {
                places[path] = entries.count
                entries.append(Entry(path: path, value: assignment.value))
            }
        }
        return entries
    }
}
