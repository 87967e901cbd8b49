import SourceText
import XMLStream

/// Builds a call or an answer from the events of its XML.
final class XMLRPCMessageParser: XMLEvents {
    private(set) var method: String?
    private(set) var parameters: [XMLRPCValue] = []
    private(set) var fault: XMLRPCValue?
    /// The element without meaning that ended the parse.
    private(set) var unsupported: String?

    /// The elements that have a meaning.
    private enum Element: CaseIterable {
        case value, member, name, string, int, structure, boolean, array, data, i4, double, base64, dateTime
        case params, param, fault, methodName, methodCall, methodResponse

        var tag: StaticString {
            switch self {
            case .value: "value"
            case .member: "member"
            case .name: "name"
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
            case .methodCall: "methodCall"
            case .methodResponse: "methodResponse"
            }
        }

        /// What may stand inside, blanks aside; empty for elements that hold text.
        var content: [Element] {
            switch self {
            case .methodCall: [.methodName, .params]
            case .methodResponse: [.params, .fault]
            case .params: [.param]
            case .param, .fault, .data: [.value]
            case .array: [.data]
            case .structure: [.member]
            case .member: [.name, .value]
            default: []
            }
        }

        /// Whether character data inside counts.
        var holdsText: Bool { content.isEmpty }
    }

    /// An element whose end tag has not come.
    private struct Frame {
        /// `nil` for an element without a meaning, which stands for its text.
        var element: Element?
        var text: [UInt8] = []
        /// Finished values inside: of an array its elements, of a value the one that a typed element gave.
        var values: [XMLRPCValue] = []
        var members: [XMLRPCMember] = []
        var memberName: String?
        var hasElements = false
        /// The name of an element without a meaning.
        var unknownName = ""
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
        guard let top = stack.indices.last else {
            let root = isCall ? Element.methodCall : .methodResponse
            guard element == root else { return misplaced(name, "<\(root.tag)> expected, not") }
            return stack.append(Frame(element: root))
        }
        if stack[top].element == .value {
            // Whatever stands in a value is its type, known or not.
            guard !stack[top].hasElements, element != .value else {
                return misplaced(name, "a second type in <value>:")
            }
        } else {
            guard let outer = stack[top].element, let element, outer.content.contains(element) else {
                return misplaced(name, "out of place:")
            }
        }
        if element == .value {
            depth += 1
            guard depth <= depthLimit else {
                return refuse("depth", "more than \(depthLimit) values inside one another", at: tagOffset)
            }
        }
        stack[top].hasElements = true
        stack.append(Frame(element: element, unknownName: element == nil ? word(name) : ""))
    }

    private func word(_ name: UnsafePointer<UInt8>?) -> String { name.map { String(cString: $0) } ?? "prefixed" }

    private func misplaced(_ name: UnsafePointer<UInt8>?, _ why: String) {
        refuse("message", "\(why) <\(word(name))>", at: tagOffset)
    }

    override func text(_ piece: UnsafeBufferPointer<UInt8>) {
        guard let top = stack.indices.last, stack[top].element?.holdsText ?? true else { return }
        // Beside a typed element, text in a value is layout.
        if !stack[top].hasElements { stack[top].text.append(contentsOf: piece) }
    }

    override func endElement() {
        guard let frame = stack.popLast() else { return }
        guard let top = stack.indices.last else { return stop() }
        switch frame.element {
        case .value:
            depth -= 1
            let value = frame.values.first ?? .string(String(decoding: frame.text, as: UTF8.self))
            switch stack[top].element {
            case .param: parameters.append(value)
            case .fault: fault = value
            default: stack[top].values.append(value)
            }
        case .methodName:
            method = String(decoding: frame.text, as: UTF8.self)
        case .name:
            stack[top].memberName = String(decoding: frame.text, as: UTF8.self)
        case .member:
            guard let name = frame.memberName, let value = frame.values.first else {
                return refuse("message", "a <member> without <name> or <value>", at: offset)
            }
            stack[top].members.append(XMLRPCMember(name, value))
        case .data where stack[top].element == .array:
            stack[top].values = frame.values
        case .param, .params, .fault:
            break
        default:
            if let value = typed(frame) { stack[top].values.append(value) }
        }
    }

    /// The value of a typed element inside `<value>`; refuses when it is none.
    private func typed(_ frame: Frame) -> XMLRPCValue? {
        if frame.element == .array { return .array(frame.values) }
        if frame.element == .structure { return .structure(frame.members) }
        let text = String(decoding: frame.text, as: UTF8.self)
        switch frame.element {
        case .int, .i4:
            if let number = Int64(text.trimmed) { return .int(number) }
            refuse("value", "'\(text.prefix(40))' is not an integer", at: offset)
        case .boolean:
            return .boolean(text == "1")
        case .string:
            return .string(text)
        case .double:
            if let number = Double(text.trimmed) { return .double(number) }
            refuse("value", "'\(text.prefix(40))' is not a number", at: offset)
        case .dateTime:
            return .dateTime(text)
        case .base64:
            guard let data = RPCBase64.decode(text) else {
                refuse("value", "base64 data with wrong padding", at: offset)
                return nil
            }
            guard isCall else { return .base64(data) }
            if let decoded = String(validating: data, as: UTF8.self) { return .string(decoded) }
            refuse("value", "base64 data that is no text", at: offset)
        case nil where !text.isEmpty:
            return .string(text)
        default:
            unsupported = frame.element.map { "\($0.tag)" } ?? frame.unknownName
            refuse("unsupported", "<\(unsupported ?? "")> has no meaning here", at: offset)
        }
        return nil
    }
}
