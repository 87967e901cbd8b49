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

    /// Whether a byte stands there so many times: the first look at every file, eight bytes at a time.
    private static func holdsMore(_ wanted: UInt8, than limit: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        let pattern = UInt64(wanted) &* 0x0101_0101_0101_0101
        var total = 0
        var place = 0
        while place < raw.count {
            if place + 8 <= raw.count {
                let others = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self) ^ pattern
                if (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080 == 0 {
                    place += 8
                    continue
                }
            }
            if raw[place] == wanted {
                total += 1
                if total > limit { return true }
            }
            place += 1
        }
        return false
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
