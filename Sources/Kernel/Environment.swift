/// Environment variables, in order. Values are kept as bytes, so that one that is not UTF-8 reaches a child unchanged.
package struct Environment: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private struct Variable: Hashable, Sendable {
        var name: String
        /// As a child gets it, `NAME=value`.
        var entry: [UInt8]
    }

    /// In order of the names, each once: every start of a program asks for all of them in that order.
    private var list: [Variable] = []

    package init() {}

    package init(_ variables: [String: String]) {
        list = Self.ordered(variables.map { Variable(name: $0, entry: Self.entry($0, $1)) })
    }

    /// Of equal names the last one counts; what is no name is left out.
    package init(_ variables: [(name: String, value: String)]) {
        let named = variables.filter { Self.isName($0.name) }
        list = Self.ordered(named.map { Variable(name: $0.name, entry: Self.entry($0.name, $0.value)) })
    }

    /// Of `NAME=value` entries as environ(7) has them; of equal names the last one counts.
    init(entries: [UnsafeRawBufferPointer]) {
        list = Self.ordered(entries.compactMap(Self.variable))
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { (name: $0, value: $1) })
    }

    /// The value as text (bytes that are not UTF-8 read as U+FFFD). Setting `nil` removes the variable. A name that is
    /// empty or holds `=` or NUL is none and is not set.
    package subscript(name: String) -> String? {
        get {
            let place = place(of: name)
            return isAt(place, name) ? Self.value(list[place].entry) : nil
        }
        set {
            guard Self.isName(name) else { return }
            if let newValue {
                set(Variable(name: name, entry: Self.entry(name, newValue)))
            } else {
                let place = place(of: name)
                if isAt(place, name) { list.remove(at: place) }
            }
        }
    }

    /// Adds one `NAME=value` of environ(7); what has no name or no `=` is left out.
    package mutating func add(entry: some Collection<UInt8>) {
        if let variable = Self.variable(entry) { set(variable) }
    }

    /// Sets every variable of `other`, which wins.
    package mutating func merge(_ other: Environment) {
        var merged: [Variable] = []
        merged.reserveCapacity(list.count + other.list.count)
        var rest = list[...]
        for variable in other.list {
            while let first = rest.first, first.name < variable.name { merged.append(rest.removeFirst()) }
            if rest.first?.name == variable.name { rest.removeFirst() }
            merged.append(variable)
        }
        list = merged + rest
    }

    /// Names in order of their bytes.
    package var names: [String] { list.map(\.name) }

    package var isEmpty: Bool { list.isEmpty }

    /// All variables as text.
    package var variables: [String: String] {
        Dictionary(uniqueKeysWithValues: list.map { ($0.name, Self.value($0.entry)) })
    }

    /// Every `NAME=value`, in order of the names, without terminators.
    package var entries: [[UInt8]] { list.map(\.entry) }

    // MARK: The list

    /// Where a name is, or belongs.
    private func place(of name: String) -> Int {
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isAt(_ place: Int, _ name: String) -> Bool { place < list.count && list[place].name == name }

    private mutating func set(_ variable: Variable) {
        let place = place(of: variable.name)
        if isAt(place, variable.name) { list[place] = variable } else { list.insert(variable, at: place) }
    }

    private static func ordered(_ variables: [Variable]) -> [Variable] {
        let places = variables.indices.sorted { left, right in
            let (first, second) = (variables[left].name, variables[right].name)
            return first == second ? left < right : first < second
        }
        var list: [Variable] = []
        list.reserveCapacity(places.count)
        for place in places {
            if list.last?.name == variables[place].name { list.removeLast() }
            list.append(variables[place])
        }
        return list
    }

    // MARK: One variable

    private static func variable(_ entry: some Collection<UInt8>) -> Variable? {
        guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals != entry.startIndex else { return nil }
        let name = String(decoding: entry[..<equals], as: UTF8.self)
        // A name that is not UTF-8 is handed on with U+FFFD in it, as it is shown; one without its first byte is whole.
        let isWhole = !name.utf8.contains(0xEF)
        return Variable(name: name, entry: isWhole ? Array(entry) : Array(name.utf8) + Array(entry[equals...]))
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
