import SourceText

/// Builds a call or an answer from the events of its XML.
final class XMLRPCMessageParser: XMLEvents {
    private(set) var method: String?
    private(set) var parameters: [XMLRPCValue] = []
    private(set) var fault: XMLRPCValue?
    /// The element without meaning that ended the parse.
    private(set) var unsupported: String?

    /// An element whose end tag has not come.
    private struct Frame {
        var name: String
        /// Character data, for elements that have nothing else.
        var text: [UInt8] = []
        /// Finished values inside: of an array its elements, of a value the one that a typed element gave.
        var values: [XMLRPCValue] = []
        var members: [XMLRPCMember] = []
        var memberName: String?
        var hasElements = false
    }

    private let root: String
    private let base64IsText: Bool
    private let depthLimit: Int
    private var depth = 0
    private var stack: [Frame] = []

    init(root: String, base64IsText: Bool, depthLimit: Int) {
        self.root = root
        self.base64IsText = base64IsText
        self.depthLimit = depthLimit
    }

    /// Which elements may stand in which; a value may hold anything, known or not.
    private static let places: [String: Set<String>] = [
        "methodCall": ["methodName", "params"], "methodResponse": ["params", "fault"], "params": ["param"],
        "param": ["value"], "fault": ["value"], "array": ["data"], "data": ["value"], "struct": ["member"],
        "member": ["name", "value"],
    ]

    override func startElement(_ name: UnsafePointer<UInt8>?) {
        let tag = tagOffset
        let word = name.map { String(cString: $0) } ?? "prefixed"
        guard let parent = stack.last?.name else {
            guard word == root else { return refuse("message", "<\(root)> expected, not <\(word)>", at: tag) }
            stack.append(Frame(name: word))
            return
        }
        if parent == "value" {
            guard !stack[stack.count - 1].hasElements, word != "value" else {
                return refuse("message", "<\(word)> inside <value>, which holds one typed element", at: tag)
            }
        } else {
            guard let allowed = Self.places[parent], allowed.contains(word) else {
                return refuse("message", "<\(word)> inside <\(parent)>", at: tag)
            }
        }
        if word == "value" {
            depth += 1
            guard depth <= depthLimit else {
                return refuse("depth", "more than \(depthLimit) values inside one another", at: tag)
            }
        }
        stack[stack.count - 1].hasElements = true
        stack.append(Frame(name: word))
    }

    override func text(_ piece: UnsafeBufferPointer<UInt8>) {
        guard let top = stack.indices.last else { return }
        // Blanks between elements are no text; neither is what stands beside an element.
        if Self.places[stack[top].name] == nil { stack[top].text.append(contentsOf: piece) }
    }

    override func endElement() {
        guard let frame = stack.popLast() else { return }
        guard let top = stack.indices.last else { return stop() }
        switch frame.name {
        case "value":
            depth -= 1
            give(frame.values.first ?? .string(String(decoding: frame.text, as: UTF8.self)), to: top)
        case "methodName" where stack[top].name == "methodCall":
            method = String(decoding: frame.text, as: UTF8.self)
        case "name" where stack[top].name == "member":
            stack[top].memberName = String(decoding: frame.text, as: UTF8.self)
        case "member" where stack[top].name == "struct":
            guard let name = frame.memberName, let value = frame.values.first else {
                return refuse("message", "a <member> without <name> or <value>", at: offset)
            }
            stack[top].members.append(XMLRPCMember(name, value))
        case "data" where stack[top].name == "array":
            stack[top].values = frame.values
        case "param", "params", "fault":
            break
        default:
            guard let value = typed(frame) else { return }
            stack[top].values.append(value)
        }
    }

    /// Hands a finished value to the element around it.
    private func give(_ value: XMLRPCValue, to top: Int) {
        switch stack[top].name {
        case "param": parameters.append(value)
        case "fault": fault = value
        default: stack[top].values.append(value)
        }
    }

    /// The value of a typed element inside `<value>`; refuses when it is none.
    private func typed(_ frame: Frame) -> XMLRPCValue? {
        let text = String(decoding: frame.text, as: UTF8.self)
        switch frame.name {
        case "int", "i4":
            guard let number = Int64(text.trimmed) else {
                refuse("value", "'\(text.prefix(40))' is not an integer", at: offset)
                return nil
            }
            return .int(number)
        case "boolean":
            return .boolean(text == "1")
        case "string":
            return .string(text)
        case "double":
            guard let number = Double(text.trimmed) else {
                refuse("value", "'\(text.prefix(40))' is not a number", at: offset)
                return nil
            }
            return .double(number)
        case "dateTime.iso8601":
            return .dateTime(text)
        case "base64":
            guard let data = RPCBase64.decode(text) else {
                refuse("value", "base64 data with wrong padding", at: offset)
                return nil
            }
            guard base64IsText else { return .base64(data) }
            guard let decoded = String(validating: data, as: UTF8.self) else {
                refuse("value", "base64 data that is no text", at: offset)
                return nil
            }
            return .string(decoded)
        case "array":
            return .array(frame.values)
        case "struct":
            return .structure(frame.members)
        default:
            guard !text.isEmpty else {
                unsupported = frame.name
                refuse("unsupported", "<\(frame.name)> has no meaning here", at: offset)
                return nil
            }
            return .string(text)
        }
    }
}
