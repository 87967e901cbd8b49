import SourceText
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
        guard let key = arguments[place].pythonKey else { throw .fault(.incorrectParameters) }
        return key
    }

    /// `int(x)`.
    func integer(_ place: Int) throws(MethodFailure) -> Int64 {
        let value = arguments[place]
        switch value {
        case .int(.max), .int(.min):
            throw .broken("<class 'OverflowError'>:Python int too large to convert to C long")
        case .int(let number): return number
        case .boolean(let flag): return flag ? 1 : 0
        case .double(let number):
            guard number.isFinite, number.magnitude < 9.2e18 else {
                throw .broken("<class 'OverflowError'>:cannot convert float infinity to integer")
            }
            return Int64(number)
        case .string, .base64:
            guard let number = PythonNumber.integer(value.pythonText) else {
                let literal = PythonText.repr(value.pythonText)
                throw .broken("<class 'ValueError'>:invalid literal for int() with base 10: \(literal)")
            }
            return number
        case .dateTime, .array, .structure, .null:
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
        case .null: false
        }
    }
}

extension XMLRPCValue {
    /// As the key of a dictionary; `nil` for a type that cannot be one.
    var pythonKey: String? {
        switch self {
        case .array, .structure: nil
        default: pythonText
        }
    }
}
