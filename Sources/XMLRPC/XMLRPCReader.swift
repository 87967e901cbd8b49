import XMLStream

/// How much a reader of messages takes from a stranger.
package struct XMLRPCLimits: Hashable, Sendable {
    /// Bytes of the message.
    package var size: Int
    /// Values inside values.
    package var depth: Int

    package init(size: Int, depth: Int = 64) {
        self.size = size
        self.depth = depth
    }
}

/// Why a message is none.
package enum XMLRPCReadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No XML, or no message of XML-RPC. supervisord 4.3 answers HTTP 400.
    case malformed(message: String, line: Int, column: Int)
    /// A value without a meaning here, such as `<nil/>`. supervisord 4.3 answers HTTP 500.
    case unsupported(element: String)
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .malformed(let message, let line, let column): "line \(line), column \(column): \(message)"
        case .unsupported(let element): "<\(element)> without text has no meaning here"
        case .tooLarge(let limit): "the message is larger than \(limit) bytes"
        }
    }
}

/// Reads messages, as leniently as supervisord 4.3 does: `<params>` may be missing, an untyped value is a string, an
/// unknown type is its text.
package enum XMLRPCReader {
    /// A request. `<base64>` arrives as a string of its decoded bytes, as in supervisord 4.3.
    package static func call(_ bytes: [UInt8], limits: XMLRPCLimits) throws(XMLRPCReadError) -> XMLRPCCall {
        let message = try parse(bytes, isCall: true, limits: limits)
        guard let method = message.method, !method.isEmpty else {
            throw .malformed(message: "no method name", line: 1, column: 1)
        }
        return XMLRPCCall(method: method, parameters: message.parameters)
    }

    /// The answer to a request.
    package static func answer(_ bytes: [UInt8], limits: XMLRPCLimits) throws(XMLRPCReadError) -> XMLRPCAnswer {
        let message = try parse(bytes, isCall: false, limits: limits)
        if let fault = message.fault {
            guard let code = fault["faultCode"]?.int, let text = fault["faultString"]?.string else {
                throw .malformed(message: "a fault without faultCode or faultString", line: 1, column: 1)
            }
            return .failure(XMLRPCFault(code: code, text: text))
        }
        guard message.parameters.count == 1 else {
            throw .malformed(
                message: "an answer has one value, not \(message.parameters.count)", line: 1, column: 1)
        }
        return .success(message.parameters[0])
    }

    private static func parse(
        _ bytes: [UInt8], isCall: Bool, limits: XMLRPCLimits
    ) throws(XMLRPCReadError) -> XMLRPCMessageParser {
        guard bytes.count <= limits.size else { throw .tooLarge(limit: limits.size) }
        let parser = XMLRPCMessageParser(isCall: isCall, depthLimit: limits.depth)
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(XMLEvents.Refusal) in
                if let bad = XMLRPCText.firstInvalid(buffer) {
                    throw XMLEvents.Refusal(code: "utf8", message: "not valid UTF-8", offset: bad)
                }
                try parser.parse(buffer)
            }
        }
        do {
            try result.get()
        } catch {
            if let element = parser.unsupported { throw .unsupported(element: element) }
            let before = bytes.prefix(error.offset)
            let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
            let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let column = before[start...].reduce(1) { $1 & 0xC0 != 0x80 ? $0 + 1 : $0 }
            throw .malformed(message: error.message, line: line, column: column)
        }
        return parser
    }
}
