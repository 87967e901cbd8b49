/// Environment variables, in order. Values are kept as bytes, so that one that is not UTF-8 reaches a child unchanged.
package struct Environment: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private var values: [String: [UInt8]]

    package init() {
        values = [:]
    }

    package init(_ variables: [String: String]) {
        values = variables.mapValues { Array($0.utf8) }
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        values = [:]
        for (name, value) in elements { self[name] = value }
    }

    /// The value as text (bytes that are not UTF-8 read as U+FFFD). Setting `nil` removes the variable. A name that is
    /// empty or holds `=` or NUL is none and is not set.
    package subscript(name: String) -> String? {
        get { values[name].map { String(decoding: $0, as: UTF8.self) } }
        set {
            guard Self.isName(name) else { return }
            values[name] = newValue.map { Array($0.utf8) }
        }
    }

    /// Adds one `NAME=value` of environ(7); what has no name or no `=` is left out.
    package mutating func add(entry: some Collection<UInt8>) {
        guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals != entry.startIndex else { return }
        let name = String(decoding: entry[..<equals], as: UTF8.self)
        values[name] = Array(entry[entry.index(after: equals)...])
    }

    /// Sets every variable of `other`, which wins.
    package mutating func merge(_ other: Environment) {
        values.merge(other.values) { $1 }
    }

    /// Names in order of their bytes.
    package var names: [String] { values.keys.sorted() }

    package var isEmpty: Bool { values.isEmpty }

    /// All variables as text.
    package var variables: [String: String] { values.mapValues { String(decoding: $0, as: UTF8.self) } }

    /// Every `NAME=value`, in order of the names, without terminators.
    package var entries: [[UInt8]] {
        names.map { Array($0.utf8) + [UInt8(ascii: "=")] + (values[$0] ?? []) }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.utf8.contains { $0 == UInt8(ascii: "=") || $0 == 0 }
    }
}
