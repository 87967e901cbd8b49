/// Environment variables, in order. Values are kept as bytes, so that one that is not UTF-8 reaches a child unchanged.
package struct Environment: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// By name, each as a child gets it, `NAME=value`: every start of a program asks for all of them.
    private var variablesByName: [String: [UInt8]] = [:]

    package init() {}

    /// With room for so many variables.
    init(capacity: Int) {
        variablesByName.reserveCapacity(capacity)
    }

    package init(_ variables: [String: String]) {
        for (name, value) in variables { variablesByName[name] = Self.entry(name, value) }
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// The value as text (bytes that are not UTF-8 read as U+FFFD). Setting `nil` removes the variable. A name that is
    /// empty or holds `=` or NUL is none and is not set.
    package subscript(name: String) -> String? {
        get { variablesByName[name].map(Self.value) }
        set {
            guard Self.isName(name) else { return }
            variablesByName[name] = newValue.map { Self.entry(name, $0) }
        }
    }

    /// Adds one `NAME=value` of environ(7); what has no name or no `=` is left out.
    package mutating func add(entry: some Collection<UInt8>) {
        guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals != entry.startIndex else { return }
        let name = String(decoding: entry[..<equals], as: UTF8.self)
        // A name that is not UTF-8 is handed on with U+FFFD in it, as it is shown.
        let isWhole = name.utf8.elementsEqual(entry[..<equals])
        variablesByName[name] = isWhole ? Array(entry) : Array(name.utf8) + Array(entry[equals...])
    }

    /// Sets every variable of `other`, which wins.
    package mutating func merge(_ other: Environment) {
        variablesByName.merge(other.variablesByName) { $1 }
    }

    /// Names in order of their bytes.
    package var names: [String] { variablesByName.keys.sorted() }

    package var isEmpty: Bool { variablesByName.isEmpty }

    /// All variables as text.
    package var variables: [String: String] {
        variablesByName.mapValues(Self.value)
    }

    /// Every `NAME=value`, in order of the names, without terminators.
    package var entries: [[UInt8]] {
        variablesByName.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func entry(_ name: String, _ value: String) -> [UInt8] { Array("\(name)=\(value)".utf8) }

    /// The entry's own name need not have as many bytes as the one that was asked for: Unicode spells `é` in two ways.
    private static func value(_ entry: [UInt8]) -> String {
        String(decoding: entry.drop { $0 != UInt8(ascii: "=") }.dropFirst(), as: UTF8.self)
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.utf8.contains { $0 == UInt8(ascii: "=") || $0 == 0 }
    }
}
