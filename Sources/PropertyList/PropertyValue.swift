// PropertyList, floor 1: the plist value; XML (libxml2), binary, OpenStep, JSON: a reader and a writer each.

/// A property list, or JSON, value without positions (`PropertyNode` has them).
package enum PropertyValue: Hashable, Sendable {
    case string(String)
    case integer(PropertyInteger)
    case real(Double)
    case boolean(Bool)
    case date(PropertyDate)
    case data([UInt8])
    case array([PropertyValue])
    case dictionary(PropertyDictionary)
    /// A keyed archiver's reference; only the binary format has it.
    case uid(UInt64)
    /// JSON's `null`; no property list format can carry it in a file that others read.
    case null

    /// The kind in a user's words: `string`, `integer`, `dictionary`, …
    package var kind: PropertyKind {
        switch self {
        case .string: .string
        case .integer: .integer
        case .real: .real
        case .boolean: .boolean
        case .date: .date
        case .data: .data
        case .array: .array
        case .dictionary: .dictionary
        case .uid: .uid
        case .null: .null
        }
    }
}

/// The kinds of values; the raw value is the word that messages use.
package enum PropertyKind: String, Hashable, Sendable, CaseIterable {
    case string, integer, real, boolean, date, data, array, dictionary, uid, null

    /// With its article, for messages: `an array`.
    package var named: String {
        switch self {
        case .integer, .array: "an \(rawValue)"
        case .uid: "a UID"
        default: "a \(rawValue)"
        }
    }
}

extension PropertyValue {
    /// The text of a string.
    package var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The value of an integer that fits `Int`.
    package var integer: Int? { if case .integer(let value) = self { value.int } else { nil } }

    /// The value of a real, or of an integer.
    package var number: Double? {
        switch self {
        case .real(let value): value
        case .integer(let value): value.double
        default: nil
        }
    }

    /// The value of a boolean.
    package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// The elements of an array.
    package var array: [PropertyValue]? { if case .array(let value) = self { value } else { nil } }

    /// The members of a dictionary.
    package var dictionary: PropertyDictionary? { if case .dictionary(let value) = self { value } else { nil } }

    /// The member of a dictionary; `nil` for other kinds too.
    package subscript(_ key: String) -> PropertyValue? { dictionary?[key] }

    /// An integer.
    package static func integer(_ value: Int) -> PropertyValue { .integer(PropertyInteger(Int64(value))) }
}

extension PropertyValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(PropertyInteger(value)) }
    package init(floatLiteral value: Double) { self = .real(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(arrayLiteral elements: PropertyValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, PropertyValue)...) {
        self = .dictionary(PropertyDictionary(elements))
    }
}
