import XMLStream

/// Hands the events of one XML property list to the reading, and its refusals to the stream.
final class XMLPropertyListParser: XMLEvents {
    private(set) var reading: XMLPropertyListReading

    init(_ reading: XMLPropertyListReading) {
        self.reading = reading
    }

    override func begin() {
        reading.names = XMLPropertyListElement.allCases.compactMap { element in
            intern(element.name).map { ($0, element) }
        }
    }

    override func handle(_ batch: XMLBatch) {
        do throws(Refusal) {
            try reading.take(batch)
            if reading.isComplete { stop() }
        } catch {
            refuse(error)
        }
    }
}

/// The elements that a property list may have (Apple's DTD PropertyList 1.0).
enum XMLPropertyListElement: CaseIterable {
    case key, string, integer, dict, array, yes, no, data, date, real, plist

    var name: StaticString {
        switch self {
        case .key: "key"
        case .string: "string"
        case .integer: "integer"
        case .real: "real"
        case .date: "date"
        case .data: "data"
        case .yes: "true"
        case .no: "false"
        case .dict: "dict"
        case .array: "array"
        case .plist: "plist"
        }
    }

    /// Whether other elements stand inside.
    var isContainer: Bool { self == .dict || self == .array || self == .plist }
}
