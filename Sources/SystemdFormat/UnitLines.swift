/// A unit while it is being written: sections in the order in which systemd's own files have them. A key is found at once,
/// since a unit can have as many as whoever wrote it liked.
struct UnitLines {
    /// A section's keys, in order.
    private struct Section {
        /// What stands where: a key with one value as it was put, or all of its values.
        var entries: [(key: String, values: [String])] = []
        /// The entries of each key.
        var places: [String: [Int]] = [:]

        var isEmpty: Bool { entries.allSatisfy(\.values.isEmpty) }
    }

    private var names: [String] = []
    private var sections: [String: Section] = [:]

    private static let order = ["Unit", "Service", "Timer", "Path", "Socket", "Install", "X-Svinstall"]

    var isEmpty: Bool { sections.values.allSatisfy(\.isEmpty) }

    /// All that was put, section by section.
    var lines: [(section: String, key: String, value: String)] {
        names.flatMap { name in
            (sections[name]?.entries ?? []).flatMap { entry in entry.values.map { (name, entry.key, $0) } }
        }
    }

    mutating func put(_ section: String, _ key: String, _ value: String) { append(section, key, [value]) }

    /// All values of a key.
    func values(_ section: String, _ key: String) -> [String] {
        guard let section = sections[section] else { return [] }
        return (section.places[key] ?? []).flatMap { section.entries[$0].values }
    }

    /// Puts other values in the place of a key's own, or behind its section where it had none.
    mutating func replace(_ section: String, _ key: String, with values: [String]) {
        guard let places = sections[section]?.places[key], let first = places.first else {
            return append(section, key, values)
        }
        for place in places { sections[section]?.entries[place].values = [] }
        sections[section]?.entries[first].values = values
    }

    private mutating func append(_ section: String, _ key: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        if sections[section] == nil { names.append(section) }
        var own = sections.removeValue(forKey: section) ?? Section()
        own.places[key, default: []].append(own.entries.count)
        own.entries.append((key, values))
        sections[section] = own
    }

    /// The file.
    var text: String {
        let present = names.filter { sections[$0]?.isEmpty == false }
        let sorted = present.enumerated().sorted { left, right in
            let places = (
                Self.order.firstIndex(of: left.element) ?? Self.order.count,
                Self.order.firstIndex(of: right.element) ?? Self.order.count
            )
            return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
        }
        return sorted.map { section in
            let entries = sections[section.element]?.entries ?? []
            let body = entries.flatMap { entry in entry.values.map { "\(entry.key)=\($0)\n" } }.joined()
            return "[\(section.element)]\n\(body)"
        }.joined(separator: "\n")
    }
}
