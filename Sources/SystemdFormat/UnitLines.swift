/// A unit while it is being written: sections in the order in which systemd's own files have them.
struct UnitLines {
    private(set) var lines: [(section: String, key: String, value: String)] = []

    private static let order = ["Unit", "Service", "Timer", "Path", "Socket", "Install", "X-Svinstall"]

    mutating func put(_ section: String, _ key: String, _ value: String) {
        lines.append((section, key, value))
    }

    /// All values of a key.
    func values(_ section: String, _ key: String) -> [String] {
        lines.filter { $0.section == section && $0.key == key }.map(\.value)
    }

    /// Puts other values in the place of a key's own, or behind its section where it had none.
    mutating func replace(_ section: String, _ key: String, with values: [String]) {
        let place = lines.firstIndex { $0.section == section && $0.key == key }
        lines.removeAll { $0.section == section && $0.key == key }
        let target = place ?? lines.lastIndex { $0.section == section }.map { $0 + 1 } ?? lines.count
        lines.insert(contentsOf: values.map { (section, key, $0) }, at: min(target, lines.count))
    }

    /// The file.
    var text: String {
        var sections: [String] = []
        for line in lines where !sections.contains(line.section) { sections.append(line.section) }
        let sorted = sections.enumerated().sorted { left, right in
            let places = (
                Self.order.firstIndex(of: left.element) ?? Self.order.count,
                Self.order.firstIndex(of: right.element) ?? Self.order.count
            )
            return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
        }
        return sorted.map { section in
            let body = lines.filter { $0.section == section.element }.map { "\($0.key)=\($0.value)\n" }.joined()
            return "[\(section.element)]\n\(body)"
        }.joined(separator: "\n")
    }
}
