/// Text that XML 1.0 can carry: the one place that says what becomes of bytes it cannot.
///
/// XML 1.0 has no way to say most control characters, not even by number. supervisord 4.3 sends them raw, and its
/// clients fail with "not well-formed"; bytes that are not UTF-8 end in HTTP 500. Here each such byte becomes the
/// four visible characters `\xhh` (as Python's `backslashreplace` writes them), so that the message stays well-formed
/// and nothing of what the program wrote is lost. Tab and LF pass. A CR is written as `&#13;`, because a reader of XML
/// makes an LF of a raw one; clients get the CR itself. A literal `\x41` in the text is not marked.
package enum XMLRPCText {
    /// `bytes` as text, what XML cannot carry escaped.
    package static func sanitise(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: escaped(bytes, markup: false), as: UTF8.self)
    }

    /// `text` itself where XML can carry it, else with escapes.
    package static func sanitise(_ text: String) -> String {
        text.utf8.contains(where: needsCare) ? sanitise(text.utf8) : text
    }

    /// Whether a byte cannot simply be copied: a control character, or part of a sequence that must be checked.
    static func needsCare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20..<0x80, 0x09, 0x0A, 0x0D: false
        default: true
        }
    }

    /// Whether a text can be copied as it is.
    static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var place = 0
        // Eight bytes at once; those with a candidate among them are looked at one by one.
        while place + 8 <= bytes.count {
            let word = UnsafeRawPointer(base + place).loadUnaligned(as: UInt64.self)
            if mayNeedCare(word) {
                for index in place..<place + 8 where !isPlain(bytes[index]) { return false }
            }
            place += 8
        }
        while place < bytes.count {
            if !isPlain(bytes[place]) { return false }
            place += 1
        }
        return true
    }

    /// Whether any byte of eight is a control character, not ASCII, or one of `&`, `<`, `>`; exact but for false alarms.
    private static func mayNeedCare(_ word: UInt64) -> Bool {
        let (ones, highs) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        // Subtracting borrows into the high bit of a byte that was smaller, or equal to what was xored away.
        let control = word &- ones &* 0x20
        let ampersand = (word ^ ones &* 0x26) &- ones
        let brackets = (word & ~(ones &* 2) ^ ones &* 0x3C) &- ones
        return (word | control | ampersand | brackets) & highs != 0
    }

    /// Whether a byte is copied whatever the context: ASCII but control characters, CR among them, and `&`, `<`, `>`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte < 64 ? plainBytes >> UInt64(byte) & 1 == 1 : byte < 0x80
    }

    /// Bit n: byte n is plain. Tab, LF, and 32-63 without `&` (38), `<` (60) and `>` (62).
    private static let plainBytes: UInt64 =
        (1 << 9 | 1 << 10 | 0xFFFF_FFFF_0000_0000) & ~(1 << 38 | 1 << 60 | 1 << 62)

    /// The escaped bytes; with `markup`, `&`, `<`, `>` and CR as references too.
    static func escaped(_ bytes: some Collection<UInt8>, markup: Bool) -> [UInt8] {
        var result: [UInt8] = []
        let source = Array(bytes)
        result.reserveCapacity(source.count)
        source.withUnsafeBufferPointer { append($0, to: &result, markup: markup) }
        return result
    }

    /// Appends `bytes` escaped.
    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to result: inout [UInt8], markup: Bool) {
        var place = 0
        var copied = 0
        func flush(_ result: inout [UInt8]) {
            if copied < place { result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<place])) }
        }
        while place < bytes.count {
            let byte = bytes[place]
            let length: Int
            let replacement: StaticString
            switch byte {
            case UInt8(ascii: "&") where markup: (length, replacement) = (1, "&amp;")
            case UInt8(ascii: "<") where markup: (length, replacement) = (1, "&lt;")
            case UInt8(ascii: ">") where markup: (length, replacement) = (1, "&gt;")
            case 0x0D where markup: (length, replacement) = (1, "&#13;")
            case 0x20..<0x80, 0x09, 0x0A, 0x0D:
                place += 1
                continue
            default:
                (length, replacement) = (sequenceLength(bytes, at: place), "")
                if length > 0 {
                    place += length
                    continue
                }
            }
            flush(&result)
            if replacement.utf8CodeUnitCount > 0 {
                result.append(
                    contentsOf: UnsafeBufferPointer(
                        start: replacement.utf8Start, count: replacement.utf8CodeUnitCount))
            } else {
                result.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "x"), digit(byte >> 4), digit(byte & 15)])
            }
            place += 1
            copied = place
        }
        flush(&result)
    }

    /// The offset of the first byte that belongs to no character of XML; control characters are libxml2's to refuse.
    static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var place = 0
        while place < bytes.count {
            if bytes[place] < 0x80 {
                place += 1
                continue
            }
            let length = sequenceLength(bytes, at: place)
            if length == 0 { return place }
            place += length
        }
        return nil
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The length of the UTF-8 sequence that begins at `place` and stands for a character of XML 1.0; 0 for none.
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
        let lead = bytes[place]
        func continuation(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            place + offset < bytes.count && range.contains(bytes[place + offset])
        }
        switch lead {
        case 0xC2...0xDF:
            return continuation(1) ? 2 : 0
        case 0xE0...0xEF:
            let second: ClosedRange<UInt8> = lead == 0xE0 ? 0xA0...0xBF : lead == 0xED ? 0x80...0x9F : 0x80...0xBF
            guard continuation(1, second), continuation(2) else { return 0 }
            // U+FFFE and U+FFFF are no characters of XML.
            return lead == 0xEF && bytes[place + 1] == 0xBF && bytes[place + 2] >= 0xBE ? 0 : 3
        case 0xF0...0xF4:
            let second: ClosedRange<UInt8> = lead == 0xF0 ? 0x90...0xBF : lead == 0xF4 ? 0x80...0x8F : 0x80...0xBF
            return continuation(1, second) && continuation(2) && continuation(3) ? 4 : 0
        default:
            return 0
        }
    }
}
