import SourceText

/// The text of a file as UTF-8, whatever its encoding was.
///
/// A byte order mark wins, then the XML declaration, then UTF-8 (see the edge cases in the tests). Offsets count bytes of the decoded
/// text, which for UTF-8 are the bytes of the file; lines and columns are the same in every encoding.
struct PropertyText {
    let path: String
    /// Valid UTF-8, a byte order mark included.
    let bytes: [UInt8]
    /// Behind the byte order mark.
    let start: Int

    init(_ file: [UInt8], path: String, limits: PropertyListLimits) throws(Failure) {
        self.path = path
        guard file.count <= limits.size, file.count <= Int(Int32.max) else {
            throw Failure(
                .badInput, code: "plist-size", "file of \(file.count) bytes is larger than the limit of \(limits.size)",
                at: SourceSpan(file: path, at: .start))
        }
        if let (encoding, length) = Self.byteOrderMark(file) {
            bytes = try encoding.decode(file, from: length, path: path)
            start = encoding == .utf8 ? length : 0
            return
        }
        if file.count >= 2, (file[0] == 0) != (file[1] == 0) {
            throw Failure(
                .badInput, code: "plist-encoding", "the file looks like UTF-16 without a byte order mark",
                remedy: "save it as UTF-8", at: SourceSpan(file: path, at: .start))
        }
        start = 0
        guard let name = Self.declaredEncoding(file) else {
            bytes = try PropertyEncoding.utf8.decode(file, from: 0, path: path)
            return
        }
        guard let encoding = PropertyEncoding(declared: name) else {
            throw Failure(
                .badInput, code: "plist-encoding", "encoding '\(name)' is not supported",
                remedy: "save the file as UTF-8 and declare encoding=\"UTF-8\"", at: SourceSpan(file: path, at: .start))
        }
        bytes = try encoding.decode(file, from: 0, path: path)
    }

    private static func byteOrderMark(_ file: [UInt8]) -> (PropertyEncoding, Int)? {
        // UTF-32 first: its little-endian mark begins with that of UTF-16.
        let marks: [([UInt8], PropertyEncoding)] = [
            ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE, 0, 0], .utf32(bigEndian: false)),
            ([0, 0, 0xFE, 0xFF], .utf32(bigEndian: true)), ([0xFF, 0xFE], .utf16(bigEndian: false)),
            ([0xFE, 0xFF], .utf16(bigEndian: true)),
        ]
        guard let (mark, encoding) = marks.first(where: { file.starts(with: $0.0) }) else { return nil }
        return (encoding, mark.count)
    }

    /// The name in `encoding="…"` of the XML declaration, lower case.
    private static func declaredEncoding(_ file: [UInt8]) -> String? {
        let head = String(decoding: file.prefix(1000), as: UTF8.self)
        guard let declaration = head.range(ofText: "<?xml"),
            let end = head[declaration.upperBound...].range(ofText: "?>"),
            let word = head[declaration.upperBound..<end.lowerBound].range(ofText: "encoding")
        else { return nil }
        let rest = trimming(head[word.upperBound..<end.lowerBound]).drop { $0 == "=" || $0 == " " }
        guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
        return rest.dropFirst().prefix { $0 != quote }.lowercased()
    }
}

extension StringProtocol {
    /// The first place of a short ASCII text; the standard library without Foundation has no such search.
    fileprivate func range(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text), let end = index(start, offsetBy: text.count, limitedBy: endIndex) {
                return start..<end
            }
            start = index(after: start)
        }
        return nil
    }
}

/// The encodings of property list texts that are read.
enum PropertyEncoding: Hashable {
    case utf8, latin1
    case utf16(bigEndian: Bool)
    case utf32(bigEndian: Bool)

    /// The encoding of a declaration in 8-bit text; names of the UTF-16 family are wrong there and mean UTF-8.
    init?(declared name: String) {
        switch name {
        case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be": self = .utf8
        case "iso-8859-1", "iso_8859-1", "latin1", "latin-1", "l1": self = .latin1
        default: return nil
        }
    }

    /// UTF-8 of `file`; for UTF-8 itself the same bytes, checked. `from` is the length of the byte order mark.
    func decode(_ file: [UInt8], from start: Int, path: String) throws(Failure) -> [UInt8] {
        switch self {
        case .utf8:
            guard let bad = UTF8Check.firstInvalid(file) else { return file }
            throw Failure(
                .badInput, code: "plist-encoding",
                "byte 0x\(Digits.hexadecimal(UInt64(file[bad]), width: 2)) is not valid UTF-8",
                remedy: "save the file as UTF-8 or declare its encoding",
                at: PropertySource(path: path, text: file, start: start).span(at: bad))
        case .latin1:
            var result: [UInt8] = []
            result.reserveCapacity(file.count + file.count / 4)
            for byte in file {
                if byte < 0x80 {
                    result.append(byte)
                } else {
                    result.append(0xC0 | byte >> 6)
                    result.append(0x80 | byte & 0x3F)
                }
            }
            return result
        case .utf16(let bigEndian):
            let units = stride(from: start, to: file.count - 1, by: 2).map { place in
                let (first, second) = (UInt16(file[place]), UInt16(file[place + 1]))
                return bigEndian ? first << 8 | second : second << 8 | first
            }
            guard (file.count - start) % 2 == 0, let text = String(validating: units, as: UTF16.self) else {
                throw Self.broken("UTF-16", path)
            }
            return Array(text.utf8)
        case .utf32(let bigEndian):
            let units = stride(from: start, to: file.count - 3, by: 4).map { place in
                (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(file[place + (bigEndian ? $1 : 3 - $1)]) }
            }
            guard (file.count - start) % 4 == 0, let text = String(validating: units, as: UTF32.self) else {
                throw Self.broken("UTF-32", path)
            }
            return Array(text.utf8)
        }
    }

    private static func broken(_ name: String, _ path: String) -> Failure {
        Failure(
            .badInput, code: "plist-encoding",
            "the file is not valid \(name), as which its byte order mark declares it",
            remedy: "save it as UTF-8", at: SourceSpan(file: path, at: .start))
    }
}
