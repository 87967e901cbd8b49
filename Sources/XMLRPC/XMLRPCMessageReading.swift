import SourceText
import XMLStream

/// The elements that have a meaning in a message of XML-RPC.
enum XMLRPCElement: XMLElement {
    case value, string, int, structure, boolean, array, data, i4, double, base64, dateTime
    case params, param, fault, methodName

    var name: StaticString {
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

/// What a message says, as far as its XML has been read.
///
/// The rules are supervisord 4.3's, which knows the elements that carry values and looks at nothing else: a typed
/// element is made of its text and of what its children stand for, wherever it is found. Texts and children of all open
/// elements lie in one array each, the innermost's last: an answer about a thousand programs has some forty thousand.
struct XMLRPCMessageReading: XMLReading {
    typealias Refusal = XMLEvents.Refusal

    private(set) var method: String?
    private(set) var parameters: [XMLRPCValue] = []
    private(set) var fault: XMLRPCValue?
    /// Bytes up to the end of the root element.
    private(set) var end = 0
    private(set) var isComplete = false

    /// What a finished element stands for in the one around it.
    private struct Child {
        var value: XMLRPCValue
        /// How many children it had, and what the first two stood for, when it is an element without a meaning, such as
        /// `<member>`.
        var count = 0
        var first = XMLRPCValue.null
        var second = XMLRPCValue.null
    }

    /// An element whose end tag has not come.
    private struct Frame {
        /// `nil` for an element without a meaning, which stands for its text.
        var element: XMLRPCElement?
        /// Where its text begins: up to the first child; what comes later is layout.
        var text: Int
        /// Where its children begin.
        var children: Int
        var hasChildren = false
    }

    /// Interned names of the elements.
    private var names: [(UnsafePointer<UInt8>, XMLRPCElement)] = []
    private let isCall: Bool
    private let depthLimit: Int
    private var depth = 0
    private var stack: [Frame] = []
    private var text: [UInt8] = []
    private var children: [Child] = []

    /// `isCall`: a request is expected, in which base64 stands for text; else an answer.
    init(isCall: Bool, depthLimit: Int) {
        self.isCall = isCall
        self.depthLimit = depthLimit
    }

    mutating func begin(_ intern: (StaticString) -> UnsafePointer<UInt8>?) { names = XMLRPCElement.interned(intern) }

    /// Takes some events; those behind the root element are not looked at.
    mutating func take(_ batch: XMLBatch) throws(Refusal) {
        for event in batch.events where !isComplete {
            switch event.kind {
            case .startElement: try start(event)
            case .endElement: try finish(event)
            case .text, .copiedText:
                if stack.last?.hasChildren == false { text.append(contentsOf: batch.text(of: event)) }
            case .aside, .doubleHyphen: break
            }
        }
    }

    private mutating func start(_ event: XMLEvent) throws(Refusal) {
        let element = names.first { $0.0 == event.name }?.1
        if element == .value { depth += 1 }
        // A value in a structure takes the most elements: value, struct and member.
        guard depth <= depthLimit, stack.count <= 4 * depthLimit else {
            throw Refusal(
                code: "depth", message: "more than \(depthLimit) values inside one another", offset: Int(event.start))
        }
        if let top = stack.indices.last { stack[top].hasChildren = true }
        stack.append(Frame(element: element, text: text.count, children: children.count))
    }

    private mutating func finish(_ event: XMLEvent) throws(Refusal) {
        guard let frame = stack.popLast() else { return }
        if frame.element == .value { depth -= 1 }
        let child = try finished(frame, Int(event.end))
        text.removeSubrange(frame.text...)
        children.removeSubrange(frame.children...)
        guard stack.isEmpty else { return children.append(child) }
        end = Int(event.end)
        isComplete = true
    }

    /// The text of the innermost element.
    private func string(_ frame: Frame) -> String {
        text.withUnsafeBufferPointer { String(decoding: $0[frame.text...], as: UTF8.self) }
    }

    /// What a finished element stands for; refuses when it is none of its kind.
    private mutating func finished(_ frame: Frame, _ offset: Int) throws(Refusal) -> Child {
        let inner = children[frame.children...]
        switch frame.element {
        case nil, .methodName, .params, .fault:
            let text = frame.text == text.count ? nil : string(frame)
            switch frame.element {
            case .methodName: method = text
            case .params: parameters = inner.map(\.value)
            case .fault: fault = inner.first?.value
            default: break
            }
            return Child(
                value: text.map { .string($0) } ?? .null, count: inner.count, first: inner.first?.value ?? .null,
                second: inner.dropFirst().first?.value ?? .null)
        case .value:
            return Child(value: inner.first?.value ?? .string(string(frame)))
        case .array, .param:
            if let first = inner.first { return Child(value: first.value) }
            throw Refusal(code: "message", message: "an <array> or <param> without a value", offset: offset)
        case .data:
            return Child(value: .array(inner.map(\.value)))
        case .structure:
            return Child(value: try structure(inner, offset))
        default:
            return Child(value: try typed(frame, offset))
        }
    }

    private func structure(_ children: ArraySlice<Child>, _ offset: Int) throws(Refusal) -> XMLRPCValue {
        var members: [XMLRPCMember] = []
        members.reserveCapacity(children.count)
        for child in children {
            switch (child.count, child.first) {
            case (2, .null): members.append(XMLRPCMember("", child.second))
            case (2, .string(let name)): members.append(XMLRPCMember(name, child.second))
            default:
                throw Refusal(code: "message", message: "a <member> without <name> or <value>", offset: offset)
            }
        }
        return .structure(members)
    }

    /// The value of an element of text.
    private func typed(_ frame: Frame, _ offset: Int) throws(Refusal) -> XMLRPCValue {
        func bad(_ message: String) -> Refusal { Refusal(code: "value", message: message, offset: offset) }
        let text = string(frame)
        switch frame.element {
        case .boolean:
            return .boolean(text == "1")
        case .double:
            if let number = PythonNumber.double(text) { return .double(number) }
            throw bad("'\(text.prefix(40))' is not a number")
        case .dateTime:
            if isDateTime(text) { return .dateTime(text) }
            throw bad("'\(text.prefix(40))' is not a time")
        case .base64:
            guard let data = RPCBase64.decode(text) else { throw bad("base64 data with wrong padding") }
            guard isCall else { return .base64(data) }
            if let decoded = String(validating: data, as: UTF8.self) { return .string(decoded) }
            throw bad("base64 data that is no text")
        case .int, .i4:
            if let number = PythonNumber.integer(text) { return .int(number) }
            throw bad("'\(text.prefix(40))' is not an integer")
        default:
            return .string(text)
        }
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
