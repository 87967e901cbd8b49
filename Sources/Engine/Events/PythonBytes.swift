/// How Python shows bytes that are no text: what supervisord puts into events and log lines.
package enum PythonBytes {
    /// `repr(bytes)`: `b'a\xff'`.
    package static func repr(_ bytes: some Collection<UInt8>) -> String {
        let quote = UInt8(ascii: bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\"")) ? "\"" : "'")
        var result: [UInt8] = [UInt8(ascii: "b"), quote]
        result.reserveCapacity(bytes.count + 3)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"), quote: result += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): result += Array("\\n".utf8)
            case UInt8(ascii: "\r"): result += Array("\\r".utf8)
            case UInt8(ascii: "\t"): result += Array("\\t".utf8)
            case 0x20...0x7e: result.append(byte)
            default:
                let digits = String(byte, radix: 16)
                result += Array((byte < 16 ? "\\x0" : "\\x").utf8) + Array(digits.utf8)
            }
        }
        result.append(quote)
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes as text, or `Undecodable: ` and how Python shows them (supervisord 4.3).
    package static func text(_ bytes: [UInt8]) -> [UInt8] {
        String(validating: bytes, as: UTF8.self) != nil ? bytes : Array("Undecodable: \(repr(bytes))".utf8)
    }

    /// `int(bytes)` for what is not negative: blanks around, a plus sign and single underscores between digits are
    /// Python's grammar. A number too large for `Int` is `Int.max`.
    package static func naturalNumber(_ bytes: some Collection<UInt8>) -> Int? {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
        var digits = Array(bytes.drop(while: isBlank))
        while let last = digits.last, isBlank(last) { digits.removeLast() }
        if digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        let groups = digits.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard groups.allSatisfy({ !$0.isEmpty }) else { return nil }
        var value = 0
        for digit in groups.joined() {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.addingReportingOverflow(Int(digit - 0x30))
            // Once too large, every further digit overflows again.
            value = overflows || overflowsToo ? .max : sum
        }
        return value
    }
}
