import SourceText
import XMLRPC

/// Values as Python shows them: faults repeat what a client sent in these words (supervisord 4.3).
extension XMLRPCValue {
    /// The text of a string, or of base64, which supervisord decodes to text.
    var text: String? {
        switch self {
        case .string(let text): text
        case .base64(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// `str(x)`.
    var pythonText: String {
        switch self {
        case .string(let text): text
        case .base64(let bytes): String(decoding: bytes, as: UTF8.self)
        case .dateTime(let text): Self.dateAndTime(text)
        default: pythonLiteral
        }
    }

    /// `repr(x)`.
    private var pythonLiteral: String {
        switch self {
        case .string, .base64: PythonText.repr(pythonText)
        case .int(let number): "\(number)"
        case .boolean(let flag): flag ? "True" : "False"
        case .double(let number): "\(number)"
        case .null: "None"
        case .dateTime(let text):
            "datetime.datetime(\(Self.timeParts(text).map { "\(Int($0) ?? 0)" }.joined(separator: ", ")))"
        case .array(let elements): "[\(elements.map(\.pythonLiteral).joined(separator: ", "))]"
        case .structure(let members):
            "{\(members.map { "\(PythonText.repr($0.name)): \($0.value.pythonLiteral)" }.joined(separator: ", "))}"
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
        case .null: "NoneType"
        }
    }

    /// Year, month, day, hour, minute and, unless it is 0, second of `YYYYMMDDThh:mm:ss`.
    private static func timeParts(_ text: String) -> [String] {
        let digits = text.filter { $0 != "T" && $0 != ":" }
        guard digits.utf8.count == 14 else { return [text] }
        var parts = [String(digits.prefix(4))]
        for place in stride(from: 4, to: 14, by: 2) { parts.append(String(digits.dropFirst(place).prefix(2))) }
        if parts.last == "00" { parts.removeLast() }
        return parts
    }

    private static func dateAndTime(_ text: String) -> String {
        var parts = timeParts(text)
        if parts.count == 5 { parts.append("00") }
        guard parts.count == 6 else { return text }
        return "\(parts[0])-\(parts[1])-\(parts[2]) \(parts[3]):\(parts[4]):\(parts[5])"
    }
}
