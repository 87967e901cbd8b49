import CLibXML2

/// Hands a document to libxml2 piece by piece, as it asks: it keeps no copy of the whole, and what ends early costs
/// nothing for what stands behind.
struct XMLFeed {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    /// The offset of the last `<` of a tag to which no `>` has come.
    private var open: Int?
    /// The offset of a tag so long that nothing more is handed out: names and attributes are copied and compared.
    private(set) var endlessTag: Int?

    /// Bytes of a tag. The longest of a property list, `<plist version="1.0">`, has 21.
    private static let longestTag = 1 << 16

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// Copies what comes next, at most so many bytes; how many they are, or -1 where no more is given.
    private mutating func copy(to target: UnsafeMutablePointer<CChar>, atMost limit: Int) -> Int {
        if let open, place - open > Self.longestTag {
            endlessTag = open
            return -1
        }
        let piece = place..<min(bytes.count, place + limit)
        guard let start = bytes.baseAddress, !piece.isEmpty else { return 0 }
        UnsafeMutableRawPointer(target).copyMemory(from: start + piece.lowerBound, byteCount: piece.count)
        noteTag(in: piece)
        place = piece.upperBound
        return piece.count
    }

    private mutating func noteTag(in piece: Range<Int>) {
        for index in piece.reversed() {
            if bytes[index] == UInt8(ascii: ">") {
                open = nil
                return
            }
            if bytes[index] == UInt8(ascii: "<") {
                // Comments, sections and instructions have any length.
                let next = index + 1 < bytes.count ? bytes[index + 1] : 0
                open = next == UInt8(ascii: "!") || next == UInt8(ascii: "?") ? nil : index
                return
            }
        }
    }

    /// What libxml2 calls; the first argument is the feed.
    static let read: xmlInputReadCallback = { feed, target, length in
        guard let feed, let target, length > 0 else { return 0 }
        return Int32(feed.assumingMemoryBound(to: XMLFeed.self).pointee.copy(to: target, atMost: Int(length)))
    }
}
