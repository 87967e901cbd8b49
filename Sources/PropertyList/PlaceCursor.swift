/// Turns offsets into lines and columns while a reader moves forward: each byte is looked at once, however long the
/// lines are.
struct PlaceCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let first: PropertyPlace
    private(set) var place: PropertyPlace

    /// `start`: the offset behind a byte order mark, which takes up no column.
    init(_ bytes: UnsafeBufferPointer<UInt8>, start: Int) {
        self.bytes = bytes
        first = PropertyPlace(offset: UInt32(start), line: 1, column: 1)
        place = first
    }

    /// The place of an offset. Going back costs a new scan from the start: for errors only.
    mutating func move(to offset: Int) -> PropertyPlace {
        let target = max(Int(first.offset), min(offset, bytes.count))
        if target < Int(place.offset) { place = first }
        var (line, column) = (place.line, place.column)
        for byte in bytes[Int(place.offset)..<target] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                // Columns count scalars: continuation bytes of UTF-8 do not open a new one.
                column += 1
            }
        }
        place = PropertyPlace(offset: UInt32(target), line: line, column: column)
        return place
    }
}
