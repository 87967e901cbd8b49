import SourceText

/// Reads `bplist00` files, as strictly as its edge cases in the tests say.
///
/// A position in a binary file is line 1 and the offset of the byte as the column. Each object is read once, however
/// many references point to it: time and memory are linear in the file. What it would be when written out is counted
/// on the way, and has a limit.
enum BinaryPropertyListReader {
    static func read(
        _ bytes: [UInt8], path: String, limits: PropertyListLimits
    ) throws(Failure) -> PropertyListDocument {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(Failure) in
                var parser = try BinaryParser(buffer, path: path, limits: limits)
                let root = try parser.document()
                return PropertyListDocument(format: .binary, root: root, warnings: parser.warnings.all)
            }
        }
        return try result.get()
    }
}

private struct BinaryParser {
    /// An object as read, and what it would cost written out.
    private struct Piece {
        var content: PropertyNode.Content
        var references = 1
        var bytes = 0
        /// Containers from this one down to the deepest inside; 0 for a scalar.
        var height = 0
    }

    /// A key of a dictionary whose values have not been read.
    private struct Key {
        var number: Int
        var objectOffset: Int
        /// The member that it opens, or whose value it replaces.
        var member: Int
    }

    private let file: BinaryPropertyListFile
    private let source: PropertySource
    private let limits: PropertyListLimits
    private(set) var warnings = WarningList()

    /// For each object: 0, or one more than its place in `pieces`.
    private var pieceOf: [UInt32]
    /// What was read already and would be dear to read again.
    private var pieces: [Piece] = []
    /// For each object: 0, or one more than its number as a key.
    private var keyOf: [UInt32]
    private var keys = KeyTable()
    /// Keys of the dictionaries between the root and the object being read.
    private var openKeys: [Key] = []
    /// Containers between the root and the object being read.
    private var path: [Int] = []
    private let referenceLimit: Int
    private let byteLimit: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, path: String, limits: PropertyListLimits) throws(Failure) {
        source = PropertySource(binary: path)
        self.limits = limits
        guard bytes.count <= limits.size, bytes.count <= Int(UInt32.max) else {
            throw source.refuseBinary("file of \(bytes.count) bytes is larger than the limit of \(limits.size)", at: 0)
        }
        file = try BinaryPropertyListFile(bytes, source: source)
        if file.version != UInt8(ascii: "0") {
            warnings.append(
                Diagnostic(
                    .warning, code: "plist-version",
                    "version bplist0\(Unicode.Scalar(file.version)) is read as bplist00", at: source.span(at: 7)))
        }
        pieceOf = [UInt32](repeating: 0, count: file.objectCount)
        keyOf = pieceOf
        // Without sharing, each reference has bytes of its own in the file.
        referenceLimit = 2 * bytes.count + 10_000
        byteLimit = max(limits.size, bytes.count)
    }

    mutating func document() throws(Failure) -> PropertyNode {
        let offset = try file.offset(of: file.top, referredAt: file.trailer + 16)
        let piece = try object(file.top, at: offset, referredAt: file.trailer + 16)
        return node(piece.content, at: offset)
    }

    private func node(_ content: PropertyNode.Content, at offset: Int) -> PropertyNode {
        PropertyNode(content: content, stretch: PropertyStretch(source, offset, offset))
    }

    private func refuse(_ message: String, at offset: Int) -> Failure { source.refuseBinary(message, at: offset) }

    // MARK: objects

    /// The object of an index, which begins at `start`; `place` is where a reference to it stands.
    private mutating func object(_ index: Int, at start: Int, referredAt place: Int) throws(Failure) -> Piece {
        if pieceOf[index] != 0 {
            let piece = pieces[Int(pieceOf[index]) - 1]
            guard path.count + piece.height <= limits.depth else { throw tooDeep(at: start) }
            return piece
        }
        let kind = file.bytes[start] >> 4
        guard kind == 0xA || kind == 0xD else {
            let (content, end) = try file.scalar(start)
            let piece = Piece(content: content, bytes: end - start)
            if end - start > 16 { remember(piece, index) }
            return piece
        }
        guard path.count < limits.depth else { throw tooDeep(at: start) }
        guard !path.contains(index) else { throw refuse("a container contains itself", at: place) }
        path.append(index)
        let piece = try kind == 0xA ? array(start) : dictionary(start)
        path.removeLast()
        guard piece.references <= referenceLimit, piece.bytes <= byteLimit else {
            throw refuse("shared objects would swell the file beyond \(limits.size) bytes", at: place)
        }
        if piece.references > 1 { remember(piece, index) }
        return piece
    }

    private func tooDeep(at start: Int) -> Failure {
        refuse("more than \(limits.depth) containers inside one another", at: start)
    }

    private mutating func remember(_ piece: Piece, _ index: Int) {
        pieces.append(piece)
        pieceOf[index] = UInt32(truncatingIfNeeded: pieces.count)
    }

    /// The object to which the reference at `place` points, as a node; its cost is added to `whole`.
    private mutating func child(_ place: Int, of whole: inout Piece) throws(Failure) -> PropertyNode {
        let index = try file.reference(place)
        let start = try file.offset(of: index, referredAt: place)
        let piece = try object(index, at: start, referredAt: place)
        whole.references += piece.references
        whole.bytes += piece.bytes
        whole.height = max(whole.height, piece.height + 1)
        guard whole.references <= referenceLimit, whole.bytes <= byteLimit else {
            throw refuse("shared objects would swell the file beyond \(limits.size) bytes", at: place)
        }
        return node(piece.content, at: start)
    }

    private mutating func array(_ start: Int) throws(Failure) -> Piece {
        let (count, first) = try file.elements(start, perElement: 1)
        let width = file.referenceWidth
        var whole = Piece(content: .null, height: 1)
        var elements: [PropertyNode] = []
        elements.reserveCapacity(count)
        for place in stride(from: first, to: first + count * width, by: width) {
            elements.append(try child(place, of: &whole))
        }
        whole.content = .array(elements)
        return whole
    }

    private mutating func dictionary(_ start: Int) throws(Failure) -> Piece {
        let (count, first) = try file.elements(start, perElement: 2)
        let width = file.referenceWidth
        var whole = Piece(content: .null, height: 1)
        // All keys before the first value: so those that stand twice are found without a table for each dictionary.
        let base = openKeys.count
        var memberCount = 0
        keys.beginDictionary()
        for place in stride(from: first, to: first + count * width, by: width) {
            var key = try self.key(place, of: &whole)
            if let earlier = keys.earlierPlace(of: key.number, at: openKeys.count) {
                key.member = openKeys[earlier].member
                warnings.append(
                    warnings.isFull
                        ? nil
                        : Diagnostic(
                            .warning, code: "plist-duplicate-key",
                            "key '\(keys.text(key.number))' stands twice (first at byte "
                                + "\(openKeys[earlier].objectOffset)): its last value counts, but CoreFoundation takes "
                                + "the first", at: source.span(at: place)))
            } else {
                key.member = memberCount
                memberCount += 1
            }
            openKeys.append(key)
        }
        var members: [PropertyMember] = []
        members.reserveCapacity(memberCount)
        for number in 0..<count {
            let value = try child(first + (count + number) * width, of: &whole)
            let key = openKeys[base + number]
            let offset = UInt32(truncatingIfNeeded: key.objectOffset)
            let member = PropertyMember(key: keys.text(key.number), value: value, keyStart: offset, keyEnd: offset)
            if key.member < members.count { members[key.member] = member } else { members.append(member) }
        }
        openKeys.removeSubrange(base...)
        whole.content = .dictionary(members)
        return whole
    }

    /// The key to which the reference at `place` points.
    private mutating func key(_ place: Int, of whole: inout Piece) throws(Failure) -> Key {
        let index = try file.reference(place)
        let start = try file.offset(of: index, referredAt: place)
        if keyOf[index] == 0 {
            let number: Int
            if let text = try file.plainText(start) {
                number = keys.number(of: text)
            } else {
                let kind = file.bytes[start] >> 4
                guard kind != 0xA, kind != 0xD, case (.string(var text), _) = try file.scalar(start) else {
                    throw refuse("a key that is no string", at: place)
                }
                number = text.withUTF8 { keys.number(of: $0) }
            }
            keyOf[index] = UInt32(truncatingIfNeeded: number + 1)
        }
        let number = Int(keyOf[index]) - 1
        whole.references += 1
        whole.bytes += keys.length(number)
        guard whole.references <= referenceLimit, whole.bytes <= byteLimit else {
            throw refuse("shared objects would swell the file beyond \(limits.size) bytes", at: place)
        }
        return Key(number: number, objectOffset: start, member: 0)
    }
}
