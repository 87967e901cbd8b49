/// A look at the end of a large text before all of it is read: most of those that are broken were cut off.
enum LargeText {
    /// From this size on, in bytes; what is smaller is read at once, and the reader knows better what is missing.
    private static let size = 1 << 18

    /// Whether a word stands somewhere in the text, or the text is not large; looks from the end.
    static func isClosed(_ bytes: UnsafeBufferPointer<UInt8>, by word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count >= size, count > 2 else { return true }
        var end = bytes.count - count + 1
        while end > 0 {
            let block = max(0, end - blockSize)..<end
            if mayHold(word, bytes, in: block) {
                for place in block.reversed()
                where (0..<count).allSatisfy({ bytes[place + $0] == word.utf8Start[$0] }) { return true }
            }
            end = block.lowerBound
        }
        return false
    }

    private static let blockSize = 4096

    /// Whether the word's first three bytes stand anywhere in a block: without branches, many bytes at a time.
    private static func mayHold(_ word: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, in block: Range<Int>) -> Bool
    {
        let (first, second, third) = (word.utf8Start[0], word.utf8Start[1], word.utf8Start[2])
        var found: UInt8 = 0
        for place in block {
            found |=
                (bytes[place] == first ? 1 : 0) & (bytes[place + 1] == second ? 1 : 0)
                & (bytes[place + 2] == third ? 1 : 0)
        }
        return found != 0
    }

    /// Whether the last byte that is no blank is this one, or the text is not large.
    static func isClosed(_ bytes: UnsafeBufferPointer<UInt8>, by closing: UInt8) -> Bool {
        guard bytes.count >= size else { return true }
        return lastWord(of: bytes) == closing
    }

    private static func lastWord(of bytes: UnsafeBufferPointer<UInt8>) -> UInt8? {
        bytes.last { $0 != 0x20 && !(9...13).contains($0) }
    }

    /// The same for a text that may have comments, `/* … */` and `// …` to the end of a line, behind its end.
    static func isClosedBeforeComments(_ bytes: UnsafeBufferPointer<UInt8>, by closing: UInt8) -> Bool {
        guard bytes.count >= size, lastWord(of: bytes) != closing else { return true }
        let tail = bytes.suffix(1 << 12)
        return zip(tail, tail.dropFirst()).contains { first, second in
            first == UInt8(ascii: "/") && (second == UInt8(ascii: "/") || second == UInt8(ascii: "*"))
        }
    }
}
