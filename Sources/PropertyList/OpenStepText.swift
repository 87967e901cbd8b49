import SourceText

/// The characters of the OpenStep format: which stand without quotes, what escapes mean.
enum OpenStepText {
    /// Whether a byte may stand in a text without quotes: letters, digits and `_ $ / : . -`.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "/"),
            UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The UTF-16 unit of the escape that begins with the backslash at `place`, and its length in bytes; `nil` where
    /// there is none. An unknown escape stands for the character behind the backslash.
    static func escape(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (unit: UInt16, length: Int)? {
        guard place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\") else { return nil }
        let byte = bytes[place + 1]
        switch byte {
        case UInt8(ascii: "a"): return (7, 2)
        case UInt8(ascii: "b"): return (8, 2)
        case UInt8(ascii: "t"): return (9, 2)
        case UInt8(ascii: "n"): return (10, 2)
        case UInt8(ascii: "v"): return (11, 2)
        case UInt8(ascii: "f"): return (12, 2)
        case UInt8(ascii: "r"): return (13, 2)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            let (value, count) = digits(bytes, at: place + 1, radix: 8, limit: 3)
            return (nextStep(value), 1 + count)
        case UInt8(ascii: "U"):
            let (value, count) = digits(bytes, at: place + 2, radix: 16, limit: 4)
            return count == 0 ? (UInt16(byte), 2) : (value, 2 + count)
        case 0..<0x80: return (UInt16(byte), 2)
        // The backslash alone: the character of several bytes behind it stays.
        default: return (UInt16(UInt8(ascii: "\\")), 1)
        }
    }

    private static func digits(
        _ bytes: UnsafeBufferPointer<UInt8>, at place: Int, radix: UInt16, limit: Int
    ) -> (value: UInt16, count: Int) {
        var value: UInt16 = 0
        var count = 0
        while count < limit, place + count < bytes.count {
            guard let digit = Digits.value(ofHexadecimal: bytes[place + count]), digit < radix else { break }
            value = value * radix + UInt16(digit)
            count += 1
        }
        return (value, count)
    }

    /// Octal escapes count in the NEXTSTEP character set, whose upper half is its own (Unicode's NEXTSTEP table).
    private static func nextStep(_ value: UInt16) -> UInt16 {
        let byte = value & 0xFF
        return byte < 0x80 ? byte : upperHalf[Int(byte) - 0x80]
    }

    private static let upperHalf: [UInt16] = [
        0xA0, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF,
        0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xB5, 0xD7, 0xF7,
        0xA9, 0xA1, 0xA2, 0xA3, 0x2044, 0xA5, 0x192, 0xA7, 0xA4, 0x2019, 0x201C, 0xAB, 0x2039, 0x203A, 0xFB01, 0xFB02,
        0xAE, 0x2013, 0x2020, 0x2021, 0xB7, 0xA6, 0xB6, 0x2022, 0x201A, 0x201E, 0x201D, 0xBB, 0x2026, 0x2030, 0xAC,
        0xBF,
        0xB9, 0x2CB, 0xB4, 0x2C6, 0x2DC, 0xAF, 0x2D8, 0x2D9, 0xA8, 0xB2, 0x2DA, 0xB8, 0xB3, 0x2DD, 0x2DB, 0x2C7,
        0x2014, 0xB1, 0xBC, 0xBD, 0xBE, 0xE0, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE7, 0xE8, 0xE9, 0xEA, 0xEB,
        0xEC, 0xC6, 0xED, 0xAA, 0xEE, 0xEF, 0xF0, 0xF1, 0x141, 0xD8, 0x152, 0xBA, 0xF2, 0xF3, 0xF4, 0xF5,
        0xF6, 0xE6, 0xF9, 0xFA, 0xFB, 0x131, 0xFC, 0xFD, 0x142, 0xF8, 0x153, 0xDF, 0xFE, 0xFF, 0xFFFD, 0xFFFD,
    ]
}
