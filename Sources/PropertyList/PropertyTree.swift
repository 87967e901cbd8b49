/// What writers walk through: a value, or a file as it was read, of which no copy without positions is made then.
protocol PropertyTree {
    /// A key with its value.
    associatedtype Member

    var form: PropertyForm<Self, Member> { get }
    static func key(of member: Member) -> String
    static func value(of member: Member) -> Self
}

/// A scalar, or what a container holds.
enum PropertyForm<Tree, Member> {
    /// Never an array or a dictionary.
    case scalar(PropertyValue)
    case array([Tree])
    case dictionary([Member])
}

extension PropertyForm where Tree: PropertyTree, Tree.Member == Member {
    /// The form with the keys of this dictionary, not of those inside, in the order of their UTF-8 bytes.
    var sorted: Self {
        guard case .dictionary(let members) = self else { return self }
        return .dictionary(
            members.sorted { Tree.key(of: $0).utf8.lexicographicallyPrecedes(Tree.key(of: $1).utf8) })
    }
}

extension PropertyValue: PropertyTree {
    var form: PropertyForm<PropertyValue, (key: String, value: PropertyValue)> {
        switch self {
        case .array(let elements): .array(elements)
        case .dictionary(let dictionary): .dictionary(dictionary.entries)
        default: .scalar(self)
        }
    }

    static func key(of member: (key: String, value: PropertyValue)) -> String { member.key }
    static func value(of member: (key: String, value: PropertyValue)) -> PropertyValue { member.value }
}

extension PropertyNode: PropertyTree {
    var form: PropertyForm<PropertyNode, PropertyMember> {
        switch content {
        case .string(let value): .scalar(.string(value))
        case .integer(let value): .scalar(.integer(value))
        case .real(let value): .scalar(.real(value))
        case .boolean(let value): .scalar(.boolean(value))
        case .date(let value): .scalar(.date(value))
        case .data(let value): .scalar(.data(value))
        case .array(let elements): .array(elements)
        case .dictionary(let members): .dictionary(members)
        case .uid(let value): .scalar(.uid(value))
        case .null: .scalar(.null)
        }
    }

    static func key(of member: PropertyMember) -> String { member.key }
    static func value(of member: PropertyMember) -> PropertyNode { member.value }

    /// The value without positions.
    package var plain: PropertyValue {
        switch form {
        case .scalar(let value): value
        case .array(let elements): .array(elements.map(\.plain))
        case .dictionary(let members):
            .dictionary(PropertyDictionary(distinct: members.map { ($0.key, $0.value.plain) }))
        }
    }
}
