import SourceText

/// Reads `bplist00` files, as strictly as its edge cases in the tests say.
///
/// A position in a binary file is line 1 and the offset of the byte as the column. The tree that comes out is bounded
/// by the file: an object that is shared by references costs what it would cost written out, and that has a limit.
enum BinaryPropertyListReader {
    static func read(
        _ bytes: [UInt8], path: String, limits: PropertyListLimits
    ) throws(Failure) -> PropertyListDocument {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(Failure) in
                var parser = BinaryParser(buffer, path: path, limits: limits)
                let root = try parser.document()
                return PropertyListDocument(format: .binary, root: root, warnings: parser.warnings.all)
            }
        }
        return try result.get()
    }
}

private struct BinaryParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let source: PropertySource
    private let limits: PropertyListLimits
    private(set) var warnings = WarningList()

    private var objectCount = 0
    private var offsetWidth = 0
    private var referenceWidth = 0
    private var tableOffset = 0
    /// Objects between the root and the one being read.
    private var open: Set<Int> = []
    /// Long scalars read already: references to one share it. Short ones cost less to read again.
    private var scalars: [Int: (content: PropertyNode.Content, size: Int)] = [:]
    /// References and bytes of scalars that may still be written out.
    private var referenceBudget: Int
    private var byteBudget: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, path: String, limits: PropertyListLimits) {
        self.bytes = bytes
        source = PropertySource(path: path)
        self.limits = limits
        // Without sharing, each reference has bytes of its own in the file.
        referenceBudget = 2 * bytes.count + 10_000
        byteBudget = max(limits.size, bytes.count)
    }

    mutating func document() throws(Failure) -> PropertyNode {
        guard bytes.count <= limits.size else {
            throw refuse("file of \(bytes.count) bytes is larger than the limit of \(limits.size)", at: 0)
        }
        guard bytes.starts(with: "bplist0".utf8), bytes.count > 7 else {
            throw refuse("unknown version of binary property list", at: 6)
        }
        guard bytes.count >= 8 + 32 else {
            throw refuse("the file is too short for a binary property list", at: bytes.count)
        }
        if bytes[7] != UInt8(ascii: "0") {
            warnings.append(
                Diagnostic(
                    .warning, code: "plist-version", "version bplist0\(Unicode.Scalar(bytes[7])) is read as bplist00",
                    at: span(7)))
        }
        let trailer = bytes.count - 32
        offsetWidth = Int(bytes[trailer + 6])
        referenceWidth = Int(bytes[trailer + 7])
        guard (1...8).contains(offsetWidth), (1...8).contains(referenceWidth) else {
            throw refuse("the trailer gives offsets or references a width outside 1 to 8", at: trailer + 6)
        }
        let count = number(at: trailer + 8, width: 8)
        let top = number(at: trailer + 16, width: 8)
        let table = number(at: trailer + 24, width: 8)
        guard count >= 1, count <= UInt64(bytes.count), table >= 9, table < UInt64(trailer),
            count * UInt64(offsetWidth) <= UInt64(trailer) - table
        else { throw refuse("the trailer counts \(count) objects, which do not fit the file", at: trailer + 8) }
        guard top < count else { throw refuse("the root is object \(top) of \(count)", at: trailer + 16) }
        (objectCount, tableOffset) = (Int(count), Int(table))
        return try object(Int(top), depth: 0, referredAt: trailer + 16)
    }

    // MARK: objects

    private mutating func object(_ index: Int, depth: Int, referredAt place: Int) throws(Failure) -> PropertyNode {
        referenceBudget -= 1
        let offset = number(at: tableOffset + index * offsetWidth, width: offsetWidth)
        guard offset >= 8, offset < UInt64(tableOffset) else {
            throw refuse("object \(index) lies outside the object table", at: tableOffset + index * offsetWidth)
        }
        let start = Int(offset)
        let content: PropertyNode.Content
        if let known = scalars[index] {
            byteBudget -= known.size
            content = known.content
        } else {
            switch bytes[start] >> 4 {
            case 0xA, 0xD:
                guard depth < limits.depth else {
                    throw refuse("more than \(limits.depth) containers inside one another", at: start)
                }
                guard open.insert(index).inserted else { throw refuse("a container contains itself", at: place) }
                content = try container(start, depth: depth)
                open.remove(index)
            default:
                let (value, end) = try scalar(start)
                if end - start > 16 { scalars[index] = (value, end - start) }
                byteBudget -= end - start
                content = value
            }
        }
        guard referenceBudget >= 0, byteBudget >= 0 else {
            throw refuse("shared objects would swell the file beyond \(limits.size) bytes", at: place)
        }
        return PropertyNode(content: content, stretch: stretch(start))
    }

    private mutating func container(_ start: Int, depth: Int) throws(Failure) -> PropertyNode.Content {
        let isDictionary = bytes[start] >> 4 == 0xD
        let (count, first) = try length(start)
        let width = referenceWidth
        guard count <= (tableOffset - first) / width / (isDictionary ? 2 : 1) else {
            throw refuse("a container of \(count) elements does not fit the file", at: start)
        }
        guard isDictionary else {
            var elements: [PropertyNode] = []
            elements.reserveCapacity(count)
            for place in stride(from: first, to: first + count * width, by: width) {
                elements.append(try object(try reference(place), depth: depth + 1, referredAt: place))
            }
            return .array(elements)
        }
        var members = MemberList()
        for place in stride(from: first, to: first + count * width, by: width) {
            let keyNode = try object(try reference(place), depth: depth + 1, referredAt: place)
            guard case .string(let key) = keyNode.content else {
                throw refuse("a key that is no string but of the kind \(keyNode.kind.rawValue)", at: place)
            }
            members.begin(key, keyNode.stretch)
            let valuePlace = place + count * width
            let value = try object(try reference(valuePlace), depth: depth + 1, referredAt: valuePlace)
            if let earlier = members.finish(value) {
                warnings.append(
                    Diagnostic(
                        .warning, code: "plist-duplicate-key",
                        "key '\(key)' stands twice (first at byte \(earlier.offset)): its last value counts, "
                            + "but CoreFoundation takes the first", at: span(place)))
            }
        }
        return .dictionary(members.members)
    }

    private func reference(_ place: Int) throws(Failure) -> Int {
        let index = number(at: place, width: referenceWidth)
        guard index < UInt64(objectCount) else {
            throw refuse("a reference to object \(index) of \(objectCount)", at: place)
        }
        return Int(index)
    }

    // MARK: scalars

    /// A scalar and the offset behind it.
    private func scalar(_ start: Int) throws(Failure) -> (PropertyNode.Content, Int) {
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

    /// A big-endian number; the caller has checked that it lies in the file.
    private func number(at place: Int, width: Int) -> UInt64 {
        var value: UInt64 = 0
        for byte in bytes[place..<place + width] { value = value << 8 | UInt64(byte) }
        return value
    }

    private func require(_ count: Int, at place: Int) throws(Failure) {
        guard count <= tableOffset - place else { throw refuse("an object reaches beyond the object table", at: place) }
    }

    private func stretch(_ offset: Int) -> PropertyStretch {
        let place = PropertyPlace(offset: UInt32(offset), line: 1, column: UInt32(offset) + 1)
        return PropertyStretch(source: source, start: place, end: place)
    }

    private func span(_ offset: Int) -> SourceSpan { stretch(offset).span }

    private func refuse(_ message: String, at offset: Int) -> Failure {
        Failure(
            .badInput, code: "plist-binary", "broken binary property list: \(message)",
            remedy: "write the file again with the program it comes from", at: span(offset))
    }
}
