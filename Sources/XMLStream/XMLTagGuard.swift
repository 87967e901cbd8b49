/// Finds tags with so many attributes that libxml2, which compares each with each, would spin on them.
enum XMLTagGuard {
    /// Attributes that a tag may have. Property lists and XML-RPC use one at most.
    static let attributeLimit = 1000

    /// The offset of the first tag with more attributes than the limit.
    static func firstCrowdedTag(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard mayHoldCrowdedTag(bytes) else { return nil }
        var place = 0
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "<") else {
                place += 1
                continue
            }
            if let end = skipMarkup(bytes, at: place) {
                place = end
                continue
            }
            let open = place
            var count = 0
            var quote: UInt8?
            place += 1
            tag: while place < bytes.count {
                switch (bytes[place], quote) {
                case (let byte, let mark?): if byte == mark { quote = nil }
                case (UInt8(ascii: ">"), nil): break tag
                case (UInt8(ascii: "\""), nil), (UInt8(ascii: "'"), nil): quote = bytes[place]
                case (UInt8(ascii: "="), nil): count += 1
                default: break
                }
                place += 1
            }
            if count > attributeLimit { return open }
        }
        return nil
    }

    /// Whether so many `=` may stand between one `<` and the next, which cannot stand inside a tag: a file without needs no
    /// closer look. Counted a block at a time, without branches: from the last `<` of a block on there are at most as many
    /// `=` as in all of it.
    private static func mayHoldCrowdedTag(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard holdsMore(UInt8(ascii: "="), than: attributeLimit, bytes) else { return false }
        // So small that a byte counts them.
        let blockSize = 240
        var carried = 0
        for start in stride(from: 0, to: bytes.count, by: blockSize) {
            let block = UnsafeBufferPointer(rebasing: bytes[start..<min(start + blockSize, bytes.count)])
            let equals = count(of: UInt8(ascii: "="), in: block)
            if carried + equals > attributeLimit { return true }
            let isCarried = carried > 0 && count(of: UInt8(ascii: "<"), in: block) == 0
            carried = equals + (isCarried ? carried : 0)
        }
        return false
    }

    /// Whether a byte stands there so many times: the first look at every file, thirty-two bytes at a time.
    private static func holdsMore(_ wanted: UInt8, than limit: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        let pattern = SIMD32<UInt8>(repeating: wanted)
        var total = 0
        var place = 0
        while place + 32 <= raw.count, total <= limit {
            var sums = SIMD32<UInt8>.zero
            // So often that no sum overflows.
            let end = min(raw.count - 31, place + 32 * 255)
            while place < end {
                let found = raw.loadUnaligned(fromByteOffset: place, as: SIMD32<UInt8>.self) .== pattern
                sums &+= SIMD32<UInt8>(repeating: 0).replacing(with: 1, where: found)
                place += 32
            }
            for lane in sums.indices { total += Int(sums[lane]) }
        }
        while place < raw.count {
            total += raw[place] == wanted ? 1 : 0
            place += 1
        }
        return total > limit
    }

    private static func count(of wanted: UInt8, in block: UnsafeBufferPointer<UInt8>) -> Int {
        var count: UInt8 = 0
        for byte in block { count &+= byte == wanted ? 1 : 0 }
        return Int(count)
    }

    /// Behind a comment, CDATA section or processing instruction that begins at `place`.
    private static func skipMarkup(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Int? {
        for (opening, closing) in markup where matches(opening, bytes, at: place) {
            var end = place + opening.utf8CodeUnitCount
            while end < bytes.count && !matches(closing, bytes, at: end) { end += 1 }
            return min(bytes.count, end + closing.utf8CodeUnitCount)
        }
        return nil
    }

    private static let markup: [(StaticString, StaticString)] = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]

    private static func matches(_ text: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        for index in 0..<count where bytes[place + index] != text.utf8Start[index] { return false }
        return true
    }
}
