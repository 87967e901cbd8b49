/// Finds what is not UTF-8.
enum UTF8Check {
    /// The offset of the first byte that belongs to no well-formed sequence.
    static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            // Most files are ASCII: one pass without branches tells.
            var all: UInt8 = 0
            for byte in buffer { all |= byte }
            if all < 0x80 { return nil }
            var place = 0
            while place < buffer.count {
                if buffer[place] < 0x80 {
                    // Texts in other scripts are still mostly markup: eight bytes at a time.
                    let isPlain =
                        place + 8 <= buffer.count
                        && UnsafeRawBufferPointer(buffer).loadUnaligned(fromByteOffset: place, as: UInt64.self)
                            & 0x8080_8080_8080_8080 == 0
                    place += isPlain ? 8 : 1
                    continue
                }
                let length = sequenceLength(buffer, at: place)
                if length == 0 { return place }
                place += length
            }
            return nil
        }
    }

    /// The length of the sequence of two to four bytes at `place`; 0 when there is none (Unicode, table 3-7).
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
        func continuation(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            place + offset < bytes.count && bytes[place + offset] >= low && bytes[place + offset] <= high
        }
        let lead = bytes[place]
        switch lead {
        case 0xC2...0xDF: return continuation(1) ? 2 : 0
        case 0xE0: return continuation(1, 0xA0) && continuation(2) ? 3 : 0
        case 0xED: return continuation(1, 0x80, 0x9F) && continuation(2) ? 3 : 0
        case 0xE1...0xEF: return continuation(1) && continuation(2) ? 3 : 0
        case 0xF0: return continuation(1, 0x90) && continuation(2) && continuation(3) ? 4 : 0
        case 0xF1...0xF3: return continuation(1) && continuation(2) && continuation(3) ? 4 : 0
        case 0xF4: return continuation(1, 0x80, 0x8F) && continuation(2) && continuation(3) ? 4 : 0
        default: return 0
        }
    }
}
