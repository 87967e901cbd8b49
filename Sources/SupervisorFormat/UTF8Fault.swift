import SourceText

/// The first place where bytes are not UTF-8, in the words of Python's decoder.
struct UTF8Fault: CustomStringConvertible {
    let range: Range<Int>
    private let byte: UInt8
    private let reason: String
    /// The position that Python tells: it counts from where its buffer begins.
    private let position: Int

    var description: String {
        let what =
            range.count == 1
            ? "byte 0x\(Digits.hexadecimal(UInt64(byte))) in position \(position)"
            : "bytes in position \(position)-\(position + range.count - 1)"
        return "'utf-8' codec can't decode \(what): \(reason)"
    }

    /// `nil` when all is well.
    init?(in bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        let raw = UnsafeRawBufferPointer(bytes)
        while index < bytes.count {
            // Eight bytes of ASCII at a time.
            while index + 8 <= bytes.count,
                raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            { index += 8 }
            guard index < bytes.count else { return nil }
            let lead = bytes[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            // RFC 3629: length, and what the second byte may be.
            let (length, second): (Int, ClosedRange<UInt8>)
            switch lead {
            case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default:
                self.init(range: index..<index + 1, byte: lead, in: bytes, reason: "invalid start byte")
                return
            }
            for step in 1..<length {
                guard index + step < bytes.count else {
                    self.init(range: index..<bytes.count, byte: lead, in: nil, reason: "unexpected end of data")
                    return
                }
                guard (step == 1 ? second : 0x80...0xBF).contains(bytes[index + step]) else {
                    self.init(
                        range: index..<index + step, byte: lead, in: bytes, reason: "invalid continuation byte")
                    return
                }
            }
            index += length
        }
        return nil
    }

    /// - Parameter bytes: what is decoded; `nil` = at its end, when only the incomplete character is left.
    private init(range: Range<Int>, byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>?, reason: String) {
        self.range = range
        self.byte = byte
        self.reason = reason
        position = bytes.map { range.lowerBound - Self.bufferStart(of: range, in: $0) } ?? 0
    }

    /// Python decodes pieces of 8192 bytes; of a character that goes across it keeps the first bytes for the next.
    private static func bufferStart(of range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let lead = bytes[range.lowerBound]
        let isStart = (0xC2...0xF4).contains(lead)
        // The byte that gives it away: the one after, where the first could begin a character.
        var start = (isStart ? range.upperBound : range.lowerBound) / 8192 * 8192
        if range.lowerBound < start { return range.lowerBound }
        while start > 0, bytes[start] & 0xC0 == 0x80, start != range.lowerBound { start -= 1 }
        return start
    }
}
