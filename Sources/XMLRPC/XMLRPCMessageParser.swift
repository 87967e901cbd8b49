import SourceText
import XMLStream

/// Builds a call or an answer from the events of its XML.
///
/// The rules are supervisord 4.3's, which knows the elements that carry values and looks at nothing else: a typed
/// element is made of its text and of what its children stand for, wherever it is found.
final class XMLRPCMessageParser: XMLEvents {
    private(set) var method: String?
    private(set) var parameters: [XMLRPCValue] = []
    private(set) var fault: XMLRPCValue?
    /// Bytes up to the end of the root element.
    private(set) var end = 0

    /// The elements that have a meaning.
    private enum Element: CaseIterable {
        case value, string, int, structure, boolean, array, data, i4, double, base64, dateTime
        case params, param, fault, methodName

        var tag: StaticString {
            switch self {
            case .value: "value"
            case .string: "string"
            case .int: "int"
            case .structure: "struct"
            case .boolean: "boolean"
            case .array: "array"
            case .data: "data"
            case .i4: "i4"
            case .double: "double"
            case .base64: "base64"
            case .dateTime: "dateTime.iso8601"
            case .params: "params"
            case .param: "param"
            case .fault: "fault"
            case .methodName: "methodName"
            }
        }
    }

    /// What a finished element stands for in the one around it.
    private struct Child {
        var value: XMLRPCValue
        /// What its own children stood for, when it is an element without a meaning, such as `<member>`.
        var inner: [XMLRPCValue] = []
    }

    /// An element whose end tag has not come.
    private struct Frame {
        /// `nil` for an element without a meaning, which stands for its text.
        var element: Element?
        /// Up to the first child; what comes later is layout.
        var text: [UInt8] = []
        var children: [Child] = []
        var hasChildren = false

        var string: String { String(decoding: text, as: UTF8.self) }
    }

    private let isCall: Bool
    private let depthLimit: Int
    private var depth = 0
    private var stack: [Frame] = []
    private var names: [(UnsafePointer<UInt8>, Element)] = []

    /// `isCall`: a request is expected, in which base64 stands for text; else an answer.
    init(isCall: Bool, depthLimit: Int) {
        self.isCall = isCall
        self.depthLimit = depthLimit
    }

    override func begin() {
        for element in Element.allCases {
            if let name = intern(element.tag) { names.append((name, element)) }
        }
    }

    override func startElement(_ name: UnsafePointer<UInt8>?) {
        let element = names.first { $0.0 == name }?.1
        if element == .value { depth += 1 }
        // A value in a structure takes the most elements: value, struct and member.
        guard depth <= depthLimit, stack.count <= 4 * depthLimit else {
            return refuse("depth", "more than \(depthLimit) values inside one another", at: tagOffset)
        }
        if let top = stack.indices.last { stack[top].hasChildren = true }
        stack.append(Frame(element: element))
    }

    override func text(_ piece: UnsafeBufferPointer<UInt8>) {
        guard let top = stack.indices.last, !stack[top].hasChildren else { return }
        stack[top].text.append(contentsOf: piece)
    }

    override func endElement() {
        guard let frame = stack.popLast() else { return }
        if frame.element == .value { depth -= 1 }
        guard let child = finished(frame) else { return }
        guard let top = stack.indices.last else {
            end = offset
            return stop()
        }
        stack[top].children.append(child)
    }

    /// What a finished element stands for; refuses when it is none of its kind.
    private func finished(_ frame: Frame) -> Child? {
        switch frame.element {
        case nil, .methodName, .params, .fault:
            let text = frame.text.isEmpty ? nil : frame.string
            let values = frame.children.map(\.value)
            switch frame.element {
            case .methodName: method = text
            case .params: parameters = values
            case .fault: fault = values.first
            default: break
            }
            return Child(value: text.map { .string($0) } ?? .null, inner: values)
        case .value:
            return Child(value: frame.children.first?.value ?? .string(frame.string))
        case .array, .param:
            if let first = frame.children.first { return Child(value: first.value) }
            refuse("message", "an <array> or <param> without a value", at: offset)
        case .data:
            return Child(value: .array(frame.children.map(\.value)))
        case .structure:
            return structure(frame).map { Child(value: $0) }
        default:
            return typed(frame).map { Child(value: $0) }
        }
        return nil
    }

    private func structure(_ frame: Frame) -> XMLRPCValue? {
        var members: [XMLRPCMember] = []
        for child in frame.children {
            guard child.inner.count == 2, let name = child.inner.first, name == .null || name.string != nil else {
                refuse("message", "a <member> without <name> or <value>", at: offset)
                return nil
            }
            members.append(XMLRPCMember(name.string ?? "", child.inner[1]))
        }
        return .structure(members)
    }

    /// The value of an element of text.
    private func typed(_ frame: Frame) -> XMLRPCValue? {
        let text = frame.string
        switch frame.element {
        case .boolean:
            return .boolean(text == "1")
        case .double:
            if let number = PythonNumber.double(text) { return .double(number) }
            refuse("value", "'\(text.prefix(40))' is not a number", at: offset)
        case .dateTime:
            if isDateTime(text) { return .dateTime(text) }
            refuse("value", "'\(text.prefix(40))' is not a time", at: offset)
        case .base64:
            guard let data = RPCBase64.decode(text) else {
                refuse("value", "base64 data with wrong padding", at: offset)
                return nil
            }
            guard isCall else { return .base64(data) }
            if let decoded = String(validating: data, as: UTF8.self) { return .string(decoded) }
            refuse("value", "base64 data that is no text", at: offset)
        case .int, .i4:
            if let number = PythonNumber.integer(text) { return .int(number) }
            refuse("value", "'\(text.prefix(40))' is not an integer", at: offset)
        default:
            return .string(text)
        }
        return nil
    }

    /// `YYYYMMDDThh:mm:ss` with each part in its range.
    private func isDateTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 17, bytes[8] == UInt8(ascii: "T"), bytes[11] == UInt8(ascii: ":"),
            bytes[14] == UInt8(ascii: ":")
        else { return false }
        func part(_ range: Range<Int>) -> Int {
            let digits = bytes[range].map { Int($0) - 0x30 }
            return digits.allSatisfy { (0...9).contains($0) } ? digits.reduce(0) { $0 * 10 + $1 } : -1
        }
        let limits: [(Range<Int>, ClosedRange<Int>)] = [
            (0..<4, 1...9999), (4..<6, 1...12), (6..<8, 1...31), (9..<11, 0...23), (12..<14, 0...59), (15..<17, 0...59),
        ]
        return limits.allSatisfy { $0.1.contains(part($0.0)) }
    }
}
