import SourceText
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
    /// A call of nothing; HTTP 400 as well.
    case noMethodName
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .malformed(let message, let line, let column): "line \(line), column \(column): \(message)"
        case .noMethodName: "no method name"
        case .tooLarge(let limit): "the message is larger than \(limit) bytes"
        }
    }
}

/// Reads messages, as leniently as supervisord 4.3 does: `<params>` may be missing, an untyped value is a string, an
/// unknown element is its text, whatever surrounds them is not looked at. Text is UTF-8 whatever the declaration says.
package enum XMLRPCReader {
    /// A request. `<base64>` arrives as a string of its decoded bytes, as in supervisord 4.3.
    package static func call(_ bytes: [UInt8], limits: XMLRPCLimits) throws(XMLRPCReadError) -> XMLRPCCall {
        let message = try parse(bytes, isCall: true, limits: limits)
        guard let method = message.method, !method.isEmpty else {
            throw .noMethodName
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
    ) throws(XMLRPCReadError) -> XMLRPCMessageReading {
        guard bytes.count <= limits.size else { throw .tooLarge(limit: limits.size) }
        let parser = XMLParser(XMLRPCMessageReading(isCall: isCall, depthLimit: limits.depth))
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
            throw malformed(error.message, at: error.offset, in: bytes)
        }
        if let junk = junk(in: bytes, behind: parser.reading.end) {
            throw malformed("something follows the message", at: junk, in: bytes)
        }
        return parser.reading
    }

    private static func malformed(_ message: String, at offset: Int, in bytes: [UInt8]) -> XMLRPCReadError {
        let before = bytes.prefix(offset)
        let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = before[start...].reduce(1) { $1 & 0xC0 != 0x80 ? $0 + 1 : $0 }
        return .malformed(message: message, line: line, column: column)
    }

    /// The offset of what may not follow the root element; blanks, comments and processing instructions may.
    private static func junk(in bytes: [UInt8], behind end: Int) -> Int? {
        guard let place = bytes.indices.dropFirst(end).first(where: { !Unicode.Scalar(bytes[$0]).isBlank })
        else { return nil }
        let rest = bytes[place...]
        let isAside = rest.starts(with: "<!--".utf8) || rest.starts(with: "<?".utf8)
        // A second declaration begins a second document.
        return isAside && !rest.starts(with: "<?xml ".utf8) ? nil : place
    }
}
