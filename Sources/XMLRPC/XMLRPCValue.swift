// XMLRPC, floor 1: its values, calls, answers and faults over libxml2, for daemon and client alike.

/// A value of an XML-RPC call or answer.
package enum XMLRPCValue: Hashable, Sendable {
    /// `<int>` and `<i4>`. supervisord 4.3 clamps to 32 bits before it writes; the writer does not.
    case int(Int64)
    case boolean(Bool)
    case string(String)
    case double(Double)
    /// `YYYYMMDDThh:mm:ss`, as it stands in the message.
    case dateTime(String)
    case base64([UInt8])
    case array([XMLRPCValue])
    /// In the order of the message.
    case structure([XMLRPCMember])
    /// `<nil/>`, and every other unknown element without text: Python's None. Only strangers send it.
    case null
}

/// One member of a structure.
package struct XMLRPCMember: Hashable, Sendable {
    package var name: String
    package var value: XMLRPCValue

    package init(_ name: String, _ value: XMLRPCValue) {
        self.name = name
        self.value = value
    }
}

extension XMLRPCValue {
    /// The text of a string.
    package var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The number of an `<int>`.
    package var int: Int64? { if case .int(let value) = self { value } else { nil } }

    /// The truth of a `<boolean>`.
    package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// The elements of an array.
    package var array: [XMLRPCValue]? { if case .array(let value) = self { value } else { nil } }

    /// The members of a structure.
    package var members: [XMLRPCMember]? { if case .structure(let value) = self { value } else { nil } }

    /// The member of a structure; of equal names the last one counts, as in Python.
    package subscript(_ name: String) -> XMLRPCValue? { members?.last { $0.name == name }?.value }
}

extension XMLRPCValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(arrayLiteral elements: XMLRPCValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, XMLRPCValue)...) {
        self = .structure(elements.map { XMLRPCMember($0, $1) })
    }
}

/// The numbered refusal of a call.
package struct XMLRPCFault: Error, Hashable, Sendable {
    package var code: Int64
    /// `NAME` or `NAME: extra` (supervisord 4.3).
    package var text: String

    package init(code: Int64, text: String) {
        self.code = code
        self.text = text
    }
}

/// A request: the method and its parameters.
package struct XMLRPCCall: Hashable, Sendable {
    package var method: String
    package var parameters: [XMLRPCValue]

    package init(method: String, parameters: [XMLRPCValue] = []) {
        self.method = method
        self.parameters = parameters
    }
}

/// What comes back: a value or a fault.
package typealias XMLRPCAnswer = Result<XMLRPCValue, XMLRPCFault>
