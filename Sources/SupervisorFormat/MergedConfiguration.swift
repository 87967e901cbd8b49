import SourceText

/// One or more documents merged as Python's RawConfigParser merges them: later keys override, sections of one name are
/// one section, `[DEFAULT]` shines through everywhere.
struct MergedConfiguration {
    /// One key in force.
    struct Value {
        var text: String
        /// Which entry of which section of which document it comes from.
        var document: Int
        var section: Int
        var entry: Int
    }

    /// The keys of one section in the order in which they first occur.
    struct Section {
        let name: String
        /// Document of its first occurrence, and which of that one's sections it is.
        let document: Int
        let header: Int
        private(set) var keys: [String] = []
        private(set) var values: [Value] = []
        /// Only for sections too long to search.
        private var index: [String: Int] = [:]

        init(name: String, document: Int, header: Int) {
            self.name = name
            self.document = document
            self.header = header
        }

        func position(of key: String) -> Int? {
            keys.count > Self.shortest ? index[key] : keys.firstIndex(of: key)
        }

        private static let shortest = 24

        mutating func set(_ key: String, _ value: Value) {
            if let position = position(of: key) {
                values[position] = value
                return
            }
            keys.append(key)
            values.append(value)
            if keys.count == Self.shortest + 1 {
                for (position, key) in keys.enumerated() { index[key] = position }
            } else if keys.count > Self.shortest {
                index[key] = keys.count - 1
            }
        }
    }

    private(set) var documents: [IniDocument] = []
    /// In the order in which they first occur, without `[DEFAULT]`.
    private(set) var sections: [Section] = []
    private(set) var defaults: Section?
    private var index: [String: Int] = [:]
    /// Sections that got keys since `%(here)s` was replaced last.
    private var fresh: Set<Int> = []

    /// Adds a document; its keys override.
    mutating func merge(_ document: IniDocument) {
        let number = documents.count
        documents.append(document)
        for (header, section) in document.sections.enumerated() {
            if section.name == "DEFAULT" {
                var merged = defaults ?? Section(name: section.name, document: number, header: header)
                Self.add(header, of: document, number, to: &merged)
                defaults = merged
                continue
            }
            let position = index[section.name] ?? sections.count
            if position == sections.count {
                index[section.name] = position
                sections.append(Section(name: section.name, document: number, header: header))
            }
            Self.add(header, of: document, number, to: &sections[position])
            fresh.insert(position)
        }
    }

    private static func add(
        _ header: Int, of document: IniDocument, _ number: Int, to section: inout Section
    ) {
        for (position, entry) in document.sections[header].entries.enumerated() {
            let text = document.value(of: entry)
            section.set(entry.key, Value(text: text, document: number, section: header, entry: position))
        }
    }

    func section(named name: String) -> Section? { index[name].map { sections[$0] } }

    /// Whether there is a section of a name.
    func hasSection(_ name: String) -> Bool { index[name] != nil }

    /// Which sections have names that begin so, in their order.
    func sections(prefix: String) -> [Int] {
        sections.indices.filter { sections[$0].name.utf8.starts(with: prefix.utf8) }
    }

    /// The value in force, `[DEFAULT]` included.
    func value(_ key: String, in section: Section) -> Value? {
        if let position = section.position(of: key) { return section.values[position] }
        guard let defaults, let position = defaults.position(of: key) else { return nil }
        return defaults.values[position]
    }

    /// Every key of a section, `[DEFAULT]`'s after its own.
    func keys(of section: Section) -> [String] {
        guard let defaults else { return section.keys }
        return section.keys + defaults.keys.filter { section.position(of: $0) == nil }
    }

    func span(_ value: Value) -> SourceSpan {
        let document = documents[value.document]
        return document.valueSpan(document.sections[value.section].entries[value.entry])
    }

    func span(_ section: Section) -> SourceSpan {
        let document = documents[section.document]
        return document.span(of: document.sections[section.header])
    }

    /// The file a section first occurs in.
    func file(of section: Section) -> String { documents[section.document].path }

    /// Replaces `%(here)s` in every value by the text of a directory, as the original does around `[include]`. Keys
    /// of `[DEFAULT]` that change are thereby copied into each section.
    mutating func expandHere(_ directory: String) {
        let inherited = defaults.map { section in
            zip(section.keys, section.values).filter { $0.1.text.contains(Self.here) }
        }
        // Everything else has been replaced before; keys of [DEFAULT] reach everywhere.
        let numbers = inherited?.isEmpty == false ? Array(sections.indices) : fresh.sorted()
        fresh = []
        for number in numbers {
            for (position, value) in sections[number].values.enumerated()
            where value.text.utf8.contains(UInt8(ascii: "%")) && value.text.contains(Self.here) {
                var changed = value
                changed.text = Self.replaced(value.text, directory)
                sections[number].set(sections[number].keys[position], changed)
            }
            for (key, value) in inherited ?? [] where sections[number].position(of: key) == nil {
                var changed = value
                changed.text = Self.replaced(value.text, directory)
                sections[number].set(key, changed)
            }
        }
    }

    private static let here = "%(here)s"

    private static func replaced(_ text: String, _ directory: String) -> String {
        text.split(separator: here, omittingEmptySubsequences: false).joined(separator: directory)
    }
}
