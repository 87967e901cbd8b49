/// base64 as XML-RPC carries it, and HTTP's basic authentication.
package enum RPCBase64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends lines of 76 characters, each with its LF, as Python's `base64.encodebytes` does.
    static func encode(_ data: [UInt8], into result: inout [UInt8]) {
        result.reserveCapacity(result.count + data.count / 57 * 77 + 80)
        for start in stride(from: 0, to: data.count, by: 57) {
            let line = data[start..<min(start + 57, data.count)]
            for place in stride(from: line.startIndex, to: line.endIndex, by: 3) {
                let group = line[place..<min(place + 3, line.endIndex)]
                var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                bits <<= 8 * UInt32(3 - group.count)
                for index in 0..<4 {
                    result.append(
                        index <= group.count
                            ? alphabet[Int(bits >> UInt32(18 - 6 * index)) & 63] : UInt8(ascii: "="))
                }
            }
            result.append(UInt8(ascii: "\n"))
        }
    }

    /// The bytes; as Python's `decodebytes`, characters outside the alphabet are skipped. `nil` for wrong padding.
    package static func decode(_ text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="):
                padding += 1
                if count >= 2 && count + padding == 4 { return result }
                continue
            default: continue
            }
            padding = 0
            bits = bits << 6 | UInt32(value)
            count += 1
            switch count {
            case 2: result.append(UInt8(truncatingIfNeeded: bits >> 4))
            case 3: result.append(UInt8(truncatingIfNeeded: bits >> 2))
            case 4:
                result.append(UInt8(truncatingIfNeeded: bits))
                count = 0
            default: break
            }
        }
        return count == 0 ? result : nil
    }
}
