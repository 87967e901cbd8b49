/// A dictionary that keeps its keys in the order of the file; of equal keys the last one's value counts.
///
/// Keys are equal when their bytes are (property lists do not normalise Unicode). Two dictionaries are equal when they
/// have the same keys with the same values in any order.
package struct PropertyDictionary: Sendable, ExpressibleByDictionaryLiteral {
    /// Keys and values in order.
    package private(set) var entries: [(key: String, value: PropertyValue)] = []
    /// Where each key is; kept only once a scan of `entries` would be slower.
    private var places: [ExactText: Int] = [:]

    private static let scanLimit = 16

    package init() {}

    package init(_ elements: some Sequence<(String, PropertyValue)>) {
        for (key, value) in elements { self[key] = value }
    }

    package init(dictionaryLiteral elements: (String, PropertyValue)...) { self.init(elements) }

    /// Takes entries of which the caller knows that no key occurs twice.
    init(distinct entries: [(key: String, value: PropertyValue)]) {
        self.entries = entries
        if entries.count > Self.scanLimit { indexAll() }
    }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    package var keys: [String] { entries.map(\.key) }

    /// The value of a key. Setting an existing key keeps its place; setting `nil` removes the key.
    package subscript(key: String) -> PropertyValue? {
        get { place(of: key).map { entries[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?):
                entries[place].value = value
            case (let place?, nil):
                entries.remove(at: place)
                places = [:]
                if entries.count > Self.scanLimit { indexAll() }
            case (nil, let value?):
                entries.append((key, value))
                if entries.count == Self.scanLimit + 1 {
                    indexAll()
                } else if entries.count > Self.scanLimit {
                    places[ExactText(key)] = entries.count - 1
                }
            case (nil, nil):
                break
            }
        }
    }

    private func place(of key: String) -> Int? {
        if entries.count > Self.scanLimit { return places[ExactText(key)] }
        return entries.firstIndex { ExactText.same($0.key, key) }
    }

    private mutating func indexAll() {
        places.reserveCapacity(entries.count)
        for (place, entry) in entries.enumerated() { places[ExactText(entry.key)] = place }
    }
}

extension PropertyDictionary: Hashable {
    package static func == (left: PropertyDictionary, right: PropertyDictionary) -> Bool {
        guard left.count == right.count else { return false }
        return left.entries.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
    }
}

/// A text that equals another only byte by byte (`String` compares by canonical equivalence).
struct ExactText: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ExactText, right: ExactText) -> Bool { same(left.text, right.text) }

    /// Whether two texts have the same bytes. `String`'s own comparison is faster, and tells all that differ for it.
    static func same(_ left: String, _ right: String) -> Bool {
        left == right && left.utf8.elementsEqual(right.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
