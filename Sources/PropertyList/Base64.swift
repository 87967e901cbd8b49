/// base64 as property lists carry it (RFC 4648 alphabet, `+` and `/`).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private enum Meaning {
        static let blank: UInt8 = 64
        static let padding: UInt8 = 65
        static let foreign: UInt8 = 66
        static let urlSafe: UInt8 = 67
    }

    /// What each byte means: 0-63 a digit, else a `Meaning`.
    private static let meanings: [UInt8] = {
        var table = [UInt8](repeating: Meaning.foreign, count: 256)
        for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
        for byte in [0x20, 9, 10, 11, 12, 13] { table[byte] = Meaning.blank }
        table[Int(UInt8(ascii: "="))] = Meaning.padding
        table[Int(UInt8(ascii: "-"))] = Meaning.urlSafe
        table[Int(UInt8(ascii: "_"))] = Meaning.urlSafe
        return table
    }()

    /// The bytes, and whether characters outside the alphabet were skipped (see the edge cases in the tests).
    static func decode(_ text: UnsafeBufferPointer<UInt8>) throws(PropertyScalars.Complaint) -> (
        data: [UInt8], skippedForeign: Bool
    ) {
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3 + 3)
        let meanings = meanings
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        var skippedForeign = false
        for byte in text {
            let value = meanings[Int(byte)]
            switch value {
            case 0..<64:
                guard padding == 0 else {
                    throw PropertyScalars.Complaint(
                        message: "data goes on behind its padding", remedy: "encode the bytes as one base64 text")
                }
                bits = bits << 6 | UInt32(value)
                count += 1
                if count == 4 {
                    result.append(UInt8(truncatingIfNeeded: bits >> 16))
                    result.append(UInt8(truncatingIfNeeded: bits >> 8))
                    result.append(UInt8(truncatingIfNeeded: bits))
                    count = 0
                }
            case Meaning.blank: break
            case Meaning.padding: padding += 1
            case Meaning.urlSafe:
                throw PropertyScalars.Complaint(
                    message: "'\(Unicode.Scalar(byte))' belongs to the URL-safe base64 alphabet",
                    remedy: "use + and / instead of - and _")
            default: skippedForeign = true
            }
        }
        guard count + padding == (count == 0 ? 0 : 4), count != 1 else {
            throw PropertyScalars.Complaint(
                message: "base64 data of the wrong length: characters or padding are missing",
                remedy: "encode the bytes again; the last group needs = up to four characters")
        }
        if count >= 2 { result.append(UInt8(truncatingIfNeeded: bits >> (count == 2 ? 4 : 10))) }
        if count == 3 { result.append(UInt8(truncatingIfNeeded: bits >> 2)) }
        return (result, skippedForeign)
    }

    /// Appends the digits of some bytes, with padding, without line ends.
    static func encode(_ data: ArraySlice<UInt8>, into result: inout [UInt8]) {
        let start = result.count
        result.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (data.count + 2) / 3 * 4))
        alphabet.withUnsafeBufferPointer { alphabet in
            data.withUnsafeBufferPointer { data in
                result.withUnsafeMutableBufferPointer { result in
                    var target = start
                    for place in stride(from: 0, to: data.count, by: 3) {
                        let rest = data.count - place
                        let bits =
                            Int(data[place]) << 16 | (rest > 1 ? Int(data[place + 1]) << 8 : 0)
                            | (rest > 2 ? Int(data[place + 2]) : 0)
                        result[target] = alphabet[bits >> 18]
                        result[target + 1] = alphabet[bits >> 12 & 63]
                        if rest > 1 { result[target + 2] = alphabet[bits >> 6 & 63] }
                        if rest > 2 { result[target + 3] = alphabet[bits & 63] }
                        target += 4
                    }
                }
            }
        }
    }
}
