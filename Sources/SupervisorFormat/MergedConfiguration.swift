import SourceText

/// One or more documents merged as Python's RawConfigParser merges them: later keys override, sections of one name are
/// one section, `[DEFAULT]` shines through everywhere.
struct MergedConfiguration {
    /// One key in force.
    struct Value {
        let key: String
        var text: String
        /// Which entry of which section of which document it comes from.
        let document: Int
        let section: Int
        let entry: Int
    }

    /// The keys of one section in the order in which they first occur.
    struct Section {
        let name: String
        /// Document of its first occurrence, and which of that one's sections it is.
        let document: Int
        let header: Int
        private(set) var values: [Value] = []
        /// Whether any value has a `%`: most sections are plain, and nobody asks them for names.
        private(set) var hasTemplates = false
        /// Only for sections too long to search.
        private var index: [String: Int] = [:]

        init(name: String, document: Int, header: Int) {
            self.name = name
            self.document = document
            self.header = header
        }

        func position(of key: String) -> Int? {
            values.count > Self.shortest ? index[key] : values.firstIndex { $0.key == key }
        }

        private static let shortest = 24

        /// For as many keys at once; of more there may be a few only, written again and again.
        mutating func makeRoom(for count: Int) { values.reserveCapacity(min(count, Self.shortest)) }

        mutating func set(_ value: Value) {
            if value.text.utf8.contains(UInt8(ascii: "%")) { hasTemplates = true }
            if let position = position(of: value.key) {
                values[position] = value
                return
            }
            values.append(value)
            if values.count == Self.shortest + 1 {
                for (position, value) in values.enumerated() { index[value.key] = position }
            } else if values.count > Self.shortest {
                index[value.key] = values.count - 1
            }
        }

        mutating func replaceText(at position: Int, by text: String) { values[position].text = text }
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
        let entries = document.sections[header].entries
        if section.values.isEmpty { section.makeRoom(for: entries.count) }
        for (position, entry) in entries.enumerated() {
            let text = document.value(of: entry)
            section.set(Value(key: entry.key, text: text, document: number, section: header, entry: position))
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

    /// Whether a section, or `[DEFAULT]`, has a key.
    func has(_ key: String, in section: Section) -> Bool {
        section.position(of: key) != nil || defaults?.position(of: key) != nil
    }

    /// Whether any value of a section may use names.
    func hasTemplates(_ section: Section) -> Bool { section.hasTemplates || defaults?.hasTemplates == true }

    /// Every key of a section, `[DEFAULT]`'s after its own.
    func keys(of section: Section) -> [String] {
        let own = section.values.map(\.key)
        guard let defaults else { return own }
        return own + defaults.values.map(\.key).filter { section.position(of: $0) == nil }
    }

    // In their places: documents, sections and entries are large, and their spans are asked for all the time.

    func span(_ value: Value) -> SourceSpan {
        let documents = documents.span
        let sections = documents[value.document].sections.span
        let entries = sections[value.section].entries.span
        return documents[value.document].valueSpan(entries[value.entry])
    }

    func span(_ section: Section) -> SourceSpan {
        let documents = documents.span
        let sections = documents[section.document].sections.span
        return documents[section.document].span(of: sections[section.header])
    }

    /// The file a section first occurs in.
    func file(of section: Section) -> String { documents[section.document].path }

    /// Replaces `%(here)s` in every value by the text of a directory, as the original does around `[include]`. Keys
    /// of `[DEFAULT]` that change are thereby copied into each section.
    mutating func expandHere(_ directory: String) {
        let inherited = defaults?.values.filter { $0.text.contains(Self.here) }
        // Everything else has been replaced before; keys of [DEFAULT] reach everywhere.
        let numbers = inherited?.isEmpty == false ? Array(sections.indices) : fresh.sorted()
        fresh = []
        for number in numbers {
            guard inherited?.isEmpty == false || sections[number].hasTemplates else { continue }
            for (position, value) in sections[number].values.enumerated()
            where value.text.utf8.contains(UInt8(ascii: "%")) && value.text.contains(Self.here) {
                sections[number].replaceText(at: position, by: Self.replaced(value.text, directory))
            }
            for value in inherited ?? [] where sections[number].position(of: value.key) == nil {
                var changed = value
                changed.text = Self.replaced(value.text, directory)
                sections[number].set(changed)
            }
        }
    }

    private static let here = "%(here)s"

    private static func replaced(_ text: String, _ directory: String) -> String {
        text.split(separator: here, omittingEmptySubsequences: false).joined(separator: directory)
    }
}
