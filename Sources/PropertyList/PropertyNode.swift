package import SourceText

/// A value together with where it stands in its file.
package struct PropertyNode: Sendable {
    package enum Content: Sendable {
        case string(String)
        case integer(PropertyInteger)
        case real(Double)
        case boolean(Bool)
        case date(PropertyDate)
        case data([UInt8])
        case array([PropertyNode])
        /// In the order of the file, no key twice (the last one's value counts).
        case dictionary([PropertyMember])
        case uid(UInt64)
        case null
    }

    package var content: Content
    /// From the value's first character (XML: the `<` of its tag) to behind its last.
    var stretch: PropertyStretch

    /// Where the value stands: from its first character (XML: the `<` of its tag) to behind its last.
    package var span: SourceSpan { stretch.span }
}

/// One key of a dictionary with its value.
package struct PropertyMember: Sendable {
    package var key: String
    package var value: PropertyNode
    /// Bytes before the key and before what follows it; of the same file as the value.
    var keyStart: UInt32
    var keyEnd: UInt32

    /// Where the key stands (XML: the whole `<key>` element).
    package var keySpan: SourceSpan {
        PropertyStretch(value.stretch.source, Int(keyStart), Int(keyEnd)).span
    }
}

extension PropertyNode {
    /// The kind in a user's words.
    package var kind: PropertyKind {
        switch content {
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

    /// The members of a dictionary.
    package var members: [PropertyMember]? {
        if case .dictionary(let members) = content { members } else { nil }
    }

    /// The elements of an array.
    package var elements: [PropertyNode]? {
        if case .array(let elements) = content { elements } else { nil }
    }

    /// The value of a dictionary's key; `nil` for other kinds too.
    package subscript(_ key: String) -> PropertyNode? { members?.first { $0.key == key }?.value }
}
