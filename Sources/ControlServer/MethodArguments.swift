import Supervision
import XMLRPC

/// Arguments as Python reads them: supervisord takes numeric strings for numbers and any value for a truth, and what
/// its code trips over becomes HTTP 500 instead of a fault.
extension MethodCall {
    /// A string; other types have no methods of strings.
    func text(_ place: Int) throws(MethodFailure) -> String {
        guard let text = arguments[place].text else {
            throw .broken("<class 'AttributeError'>:'\(arguments[place].pythonType)' object has no attribute 'split'")
        }
        return text
    }

    /// The key of a dictionary: any type that can be one, as text.
    func key(_ place: Int) throws(MethodFailure) -> String {
        switch arguments[place] {
        case .array, .structure: throw .fault(.incorrectParameters)
        default: return arguments[place].pythonText
        }
    }

    /// `int(x)`.
    func integer(_ place: Int) throws(MethodFailure) -> Int64 {
        let value = arguments[place]
        switch value {
        case .int(let number): return number
        case .boolean(let flag): return flag ? 1 : 0
        case .double(let number):
            guard number.isFinite, number.magnitude < 9.2e18 else {
                throw .broken("<class 'OverflowError'>:cannot convert float infinity to integer")
            }
            return Int64(number)
        case .string, .base64:
            guard let number = PythonInteger.read(value.pythonText) else {
                throw .broken(
                    "<class 'ValueError'>:invalid literal for int() with base 10: '\(value.pythonText)'")
            }
            return number
        case .dateTime, .array, .structure:
            throw .fault(.incorrectParameters)
        }
    }

    /// Truth of an optional argument; `true` when it was left out.
    func flag(_ place: Int) -> Bool {
        guard arguments.indices.contains(place) else { return true }
        return switch arguments[place] {
        case .boolean(let flag): flag
        case .int(let number): number != 0
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .base64(let bytes): !bytes.isEmpty
        case .array(let elements): !elements.isEmpty
        case .structure(let members): !members.isEmpty
        case .dateTime: true
        }
    }
}

extension XMLRPCValue {
    /// The text of a string, or of base64, which supervisord decodes to text.
    var text: String? {
        switch self {
        case .string(let text): text
        case .base64(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// `str(x)` of the simple types.
    var pythonText: String {
        switch self {
        case .string(let text), .dateTime(let text): text
        case .base64(let bytes): String(decoding: bytes, as: UTF8.self)
        case .int(let number): "\(number)"
        case .boolean(let flag): flag ? "True" : "False"
        case .double(let number): "\(number)"
        case .array: "[...]"
        case .structure: "{...}"
        }
    }

    /// The name of Python's type.
    var pythonType: String {
        switch self {
        case .string, .base64: "str"
        case .int: "int"
        case .boolean: "bool"
        case .double: "float"
        case .dateTime: "datetime.datetime"
        case .array: "list"
        case .structure: "dict"
        }
    }
}

/// Python's `int(text)`: sign, blanks around, single underscores between digits.
enum PythonInteger {
    static func read(_ text: String) -> Int64? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, var rest = words.first else { return nil }
        var sign = ""
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? "-" : ""
            rest.removeFirst()
        }
        let pieces = rest.split(separator: "_", omittingEmptySubsequences: false)
        let areDigits = pieces.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard areDigits else { return nil }
        return Int64(sign + pieces.joined())
    }
}
