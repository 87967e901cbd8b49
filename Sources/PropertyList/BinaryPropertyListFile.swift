import SourceText

/// The layout of a `bplist00` file: trailer, offset table, the bytes of single objects. Every access is checked against
/// the file.
struct BinaryPropertyListFile {
    let bytes: UnsafeBufferPointer<UInt8>
    /// The digit behind `bplist0`.
    let version: UInt8
    let objectCount: Int
    /// The index of the root.
    let top: Int
    /// Bytes of a reference, 1 to 8.
    let referenceWidth: Int
    /// Where the trailer begins.
    let trailer: Int
    private let offsetWidth: Int
    private let tableOffset: Int
    private let source: PropertySource

    init(_ bytes: UnsafeBufferPointer<UInt8>, source: PropertySource) throws(Failure) {
        self.bytes = bytes
        self.source = source
        guard bytes.starts(with: "bplist0".utf8), bytes.count > 7 else {
            throw source.refuseBinary("unknown version of binary property list", at: 6)
        }
        guard bytes.count >= 8 + 32 else {
            throw source.refuseBinary("the file is too short for a binary property list", at: bytes.count)
        }
        version = bytes[7]
        trailer = bytes.count - 32
        offsetWidth = Int(bytes[trailer + 6])
        referenceWidth = Int(bytes[trailer + 7])
        guard (1...8).contains(offsetWidth), (1...8).contains(referenceWidth) else {
            throw source.refuseBinary(
                "the trailer gives offsets or references a width outside 1 to 8", at: trailer + 6)
        }
        let count = Self.number(bytes, trailer + 8, width: 8)
        let top = Self.number(bytes, trailer + 16, width: 8)
        let table = Self.number(bytes, trailer + 24, width: 8)
        guard count >= 1, count <= UInt64(bytes.count), table >= 9, table < UInt64(trailer),
            count * UInt64(offsetWidth) <= UInt64(trailer) - table
        else {
            throw source.refuseBinary(
                "the trailer counts \(count) objects, which do not fit the file", at: trailer + 8)
        }
        guard top < count else { throw source.refuseBinary("the root is object \(top) of \(count)", at: trailer + 16) }
        (objectCount, tableOffset, self.top) = (Int(count), Int(table), Int(top))
    }

    // MARK: references

    /// Where an object begins; `place` is where a reference to it stands.
    @inline(__always)
    func offset(of index: Int, referredAt place: Int) throws(Failure) -> Int {
        let entry = tableOffset + index * offsetWidth
        let offset = Self.number(bytes, entry, width: offsetWidth)
        guard offset >= 8, offset < UInt64(tableOffset) else {
            throw refuse("object \(index) lies outside the object table", at: entry)
        }
        return Int(offset)
    }

    /// The index in the reference at `place`.
    @inline(__always)
    func reference(_ place: Int) throws(Failure) -> Int {
        let index = Self.number(bytes, place, width: referenceWidth)
        guard index < UInt64(objectCount) else {
            throw refuse("a reference to object \(index) of \(objectCount)", at: place)
        }
        return Int(index)
    }

    /// The count of a container that begins at `start`, and where its references begin.
    func elements(_ start: Int, perElement: Int) throws(Failure) -> (count: Int, first: Int) {
        let (count, first) = try length(start)
        guard first <= tableOffset, count <= (tableOffset - first) / referenceWidth / perElement else {
            throw refuse("a container of \(count) elements does not fit the file", at: start)
        }
        return (count, first)
    }

    /// The bytes of an ASCII string; nil for every other object.
    func plainText(_ start: Int) throws(Failure) -> UnsafeBufferPointer<UInt8>? {
        guard bytes[start] >> 4 == 5 else { return nil }
        let (count, first) = try length(start)
        try require(count, at: first)
        let text = UnsafeBufferPointer(rebasing: bytes[first..<first + count])
        var all: UInt8 = 0
        for byte in text { all |= byte }
        return all < 0x80 ? text : nil
    }

    // MARK: scalars

    /// A scalar and the offset behind it.
    func scalar(_ start: Int) throws(Failure) -> (PropertyNode.Content, Int) {
        let marker = bytes[start]
        switch (marker >> 4, marker & 15) {
        case (0, 0): return (.null, start + 1)
        case (0, 8): return (.boolean(false), start + 1)
        case (0, 9): return (.boolean(true), start + 1)
        case (1, 0...4):
            let width = 1 << Int(marker & 15)
            try require(width, at: start + 1)
            return (.integer(try integer(at: start + 1, width: width)), start + 1 + width)
        case (2, 2):
            try require(4, at: start + 1)
            let bits = UInt32(truncatingIfNeeded: number(at: start + 1, width: 4))
            return (.real(Double(Float(bitPattern: bits))), start + 5)
        case (2, 3):
            try require(8, at: start + 1)
            return (.real(Double(bitPattern: number(at: start + 1, width: 8))), start + 9)
        case (3, 3):
            try require(8, at: start + 1)
            let seconds = Double(bitPattern: number(at: start + 1, width: 8))
            guard seconds.isFinite else { throw refuse("a date that is no number", at: start) }
            return (.date(PropertyDate(secondsSince2001: seconds)), start + 9)
        case (4, _):
            let (count, first) = try length(start)
            try require(count, at: first)
            return (.data(Array(bytes[first..<first + count])), first + count)
        case (5, _):
            let (count, first) = try length(start)
            try require(count, at: first)
            let slice = bytes[first..<first + count]
            if let bad = slice.firstIndex(where: { $0 >= 0x80 }) {
                throw refuse("byte 0x\(Digits.hexadecimal(UInt64(bytes[bad]))) in an ASCII string", at: bad)
            }
            return (.string(String(decoding: slice, as: UTF8.self)), first + count)
        case (6, _):
            let (count, first) = try length(start)
            guard count <= (tableOffset - first) / 2 else { throw refuse("a string does not fit the file", at: start) }
            let units = (0..<count).map { UInt16(bytes[first + 2 * $0]) << 8 | UInt16(bytes[first + 2 * $0 + 1]) }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw refuse("a string that is not valid UTF-16", at: start)
            }
            return (.string(text), first + 2 * count)
        case (8, 0...7):
            let width = Int(marker & 15) + 1
            try require(width, at: start + 1)
            return (.uid(number(at: start + 1, width: width)), start + 1 + width)
        default:
            throw refuse(
                "an object of the unknown or unsupported type 0x\(Digits.hexadecimal(UInt64(marker), width: 2))",
                at: start)
        }
    }

    /// The count of an object that begins at `start`, and the offset behind it.
    private func length(_ start: Int) throws(Failure) -> (Int, Int) {
        let short = Int(bytes[start] & 15)
        guard short == 15 else { return (short, start + 1) }
        try require(1, at: start + 1)
        let marker = bytes[start + 1]
        guard marker >> 4 == 1, marker & 15 <= 3 else { throw refuse("a count that is no integer", at: start + 1) }
        let width = 1 << Int(marker & 15)
        try require(width, at: start + 2)
        let count = number(at: start + 2, width: width)
        guard count <= UInt64(bytes.count) else {
            throw refuse("a count of \(count) in a file of \(bytes.count) bytes", at: start + 1)
        }
        return (Int(count), start + 2 + width)
    }

    /// 1, 2 and 4 bytes are unsigned, 8 signed, 16 hold what is beyond 63 bits.
    private func integer(at place: Int, width: Int) throws(Failure) -> PropertyInteger {
        switch width {
        case 16:
            let (high, low) = (number(at: place, width: 8), number(at: place + 8, width: 8))
            if high == 0 { return PropertyInteger(low) }
            if high == .max, low >> 63 == 1 { return PropertyInteger(Int64(bitPattern: low)) }
            throw refuse("an integer outside -2^63 to 2^64-1", at: place - 1)
        case 8: return PropertyInteger(Int64(bitPattern: number(at: place, width: 8)))
        default: return PropertyInteger(number(at: place, width: width))
        }
    }

    // MARK: bytes

    @inline(__always)
    private func number(at place: Int, width: Int) -> UInt64 { Self.number(bytes, place, width: width) }

    /// A big-endian number; the caller has checked that it lies in the file.
    @inline(__always)
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int, width: Int) -> UInt64 {
        switch width {
        case 1: return UInt64(bytes[place])
        case 2: return UInt64(bytes[place]) << 8 | UInt64(bytes[place + 1])
        case 3: return UInt64(bytes[place]) << 16 | UInt64(bytes[place + 1]) << 8 | UInt64(bytes[place + 2])
        default:
            var value: UInt64 = 0
            for byte in bytes[place..<place + width] { value = value << 8 | UInt64(byte) }
            return value
        }
    }

    private func require(_ count: Int, at place: Int) throws(Failure) {
        guard count <= tableOffset - place else { throw refuse("an object reaches beyond the object table", at: place) }
    }

    private func refuse(_ message: String, at offset: Int) -> Failure { source.refuseBinary(message, at: offset) }
}

extension PropertySource {
    /// The error of a binary file that is broken at an offset.
    func refuseBinary(_ message: String, at offset: Int) -> Failure {
        Failure(
            .badInput, code: "plist-binary", "broken binary property list: \(message)",
            remedy: "write the file again with the program it comes from", at: span(at: offset))
    }
}
