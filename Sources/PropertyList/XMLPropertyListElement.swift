import XMLStream

/// The elements that a property list may have (Apple's DTD PropertyList 1.0).
enum XMLPropertyListElement: XMLElement {
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
