import SourceText

extension IniDocument {
    /// Finds lines, sections, keys and values. Time and memory grow with the file's size and nothing else.
    mutating func parse(acceptsNUL: Bool) throws(Failure) {
        if let fault = bytes.withUnsafeBufferPointer({ UTF8Fault(in: $0) }) {
            throw Failure(
                .badConfiguration, code: "ini-encoding", fault.description,
                remedy: "save the file as UTF-8",
                at: TextFile(path: path, bytes: bytes).span(fault.range))
        }
        if !acceptsNUL, let zero = bytes.firstIndex(of: 0) {
            throw Failure(
                .badConfiguration, code: "ini-nul", "the file contains a NUL byte", remedy: "remove it",
                at: TextFile(path: path, bytes: bytes).span(zero..<zero + 1))
        }
        let scan = bytes.withUnsafeBufferPointer { buffer in
            var scan = LineScan(bytes: buffer)
            scan.run()
            return (
                sections: scan.sections, lineStarts: scan.lineStarts, headless: scan.headless, bogus: scan.bogus
            )
        }
        sections = scan.sections
        lineStarts = scan.lineStarts
        if let line = scan.headless {
            throw failure(
                line: line, code: "ini-no-section",
                "File contains no section headers.\nfile: \(PythonText.repr(path)), line: \(line + 1)\n"
                    + shown(line: line),
                remedy: "begin the file with a section such as [supervisord], without a byte order mark")
        }
        if let first = scan.bogus.first {
            var message = "Source contains parsing errors: \(PythonText.repr(path))"
            for line in scan.bogus.prefix(Self.mostLinesShown) {
                let number = String(line + 1)
                message += "\n\t[line \(number.count < 2 ? " " + number : number)]: \(shown(line: line))"
            }
            if scan.bogus.count > Self.mostLinesShown { message += "\n\t..." }
            throw failure(
                line: first, code: "ini-no-value", message, remedy: "write `key=value`, or indent a continuation line")
        }
    }

    /// A file that is no configuration at all must not make a message of its own size.
    private static let mostLinesShown = 100

    private func failure(line: Int, code: String, _ message: String, remedy: String) -> Failure {
        let range = lineRange(line)
        let start = bytes[range].firstIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        return Failure(
            .badConfiguration, code: code, message.bounded, remedy: remedy,
            at: SourceSpan(file: path, at: position(start ?? range.lowerBound, line: line)))
    }

    /// A line as Python shows it: its line end, whatever it is, as `\n`.
    private func shown(line: Int) -> String {
        let range = lineRange(line)
        var end = range.upperBound
        var hasEnd = false
        while end > range.lowerBound, bytes[end - 1] == 10 || bytes[end - 1] == 13 {
            end -= 1
            hasEnd = true
        }
        return PythonText.repr(text(range.lowerBound..<end).bounded + (hasEnd ? "\n" : ""))
    }
}

/// The walk over the lines of one file.
private struct LineScan {
    let bytes: UnsafeBufferPointer<UInt8>
    var sections: [IniDocument.Section] = []
    var lineStarts: [Int] = []
    /// The first line with content before any section.
    var headless: Int?
    /// Lines in a section that are neither key nor header nor continuation.
    var bogus: [Int] = []
    private var keys = KeyNames()

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func run() {
        var isInValue = false
        var indent = 0
        var start = 0
        lineStarts.reserveCapacity(bytes.count / 24)
        while start < bytes.count {
            let line = lineStarts.count
            lineStarts.append(start)
            var end = start
            var hasMark = false
            while end < bytes.count, bytes[end] != 10, bytes[end] != 13 {
                if isMark(bytes[end]) { hasMark = true }
                end += 1
            }
            let content = start..<end
            start = min(end + 1, bytes.count)
            if end + 1 < bytes.count, bytes[end] == 13, bytes[end + 1] == 10 { start += 1 }

            let comment = hasMark ? commentStart(in: content) : nil
            let value = trimmed(content.lowerBound..<(comment ?? content.upperBound))
            if value.isEmpty {
                // A blank line may be part of a value, a comment never is.
                if comment == nil, isInValue { goOn(value, line: line) }
                continue
            }
            let lineIndent = scalarCount(content.lowerBound..<value.lowerBound)
            if isInValue, lineIndent > indent {
                goOn(value, line: line)
                continue
            }
            indent = lineIndent
            if let name = headerName(value) {
                sections.append(IniDocument.Section(name: text(name), nameRange: name, line: line))
                isInValue = false
            } else if sections.isEmpty {
                headless = line
                // Closes the line: its text goes into the message.
                lineStarts.append(start)
                return
            } else if let entry = entry(value, line: line) {
                let section = sections.count - 1
                if section > 0, sections[section].entries.isEmpty {
                    // The sections of a large file resemble each other.
                    sections[section].entries.reserveCapacity(sections[section - 1].entries.count)
                }
                sections[section].entries.append(entry)
                isInValue = true
            } else {
                bogus.append(line)
                // `=value` opens a nameless key, so that what is indented below it is not another error.
                isInValue = isInValue && delimiter(in: value) == nil
            }
        }
    }

    /// One more line of the last key's value.
    private mutating func goOn(_ value: Range<Int>, line: Int) {
        let section = sections.count - 1
        let entry = sections[section].entries.count - 1
        sections[section].entries[entry].continuation.append(value)
        sections[section].entries[entry].continuationLines.append(line)
    }

    /// Where a comment begins: at the line's first visible character, or at a `;` or `#` after white space.
    ///
    /// Python looks at the first `;` and the first `#` together, then at the second of each, and so on, and takes
    /// the first that qualifies in the first round that has one. In `a;b ; c #d` that is the `#`.
    private func commentStart(in line: Range<Int>) -> Int? {
        var visible = line.lowerBound
        let end = line.upperBound
        while visible < end, case let length = spaceLength(at: visible, before: end), length > 0 { visible += length }
        guard visible < line.upperBound else { return nil }
        if isMark(bytes[visible]) { return line.lowerBound }
        var semicolon = next(59, from: visible, to: line.upperBound)
        var hash = next(35, from: visible, to: line.upperBound)
        while semicolon != nil || hash != nil {
            let one = semicolon.flatMap { isAfterSpace($0, from: line.lowerBound) ? $0 : nil } ?? Int.max
            let two = hash.flatMap { isAfterSpace($0, from: line.lowerBound) ? $0 : nil } ?? Int.max
            if min(one, two) != Int.max { return min(one, two) }
            semicolon = semicolon.flatMap { next(59, from: $0 + 1, to: line.upperBound) }
            hash = hash.flatMap { next(35, from: $0 + 1, to: line.upperBound) }
        }
        return nil
    }

    private func isMark(_ byte: UInt8) -> Bool { byte == 59 || byte == 35 }

    private func next(_ byte: UInt8, from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }

    private func isAfterSpace(_ offset: Int, from start: Int) -> Bool {
        guard offset > start else { return true }
        return spaceLength(endingAt: offset, after: start) > 0
    }

    /// The name in `[name]`: up to the last bracket; what follows it counts for nothing.
    private func headerName(_ value: Range<Int>) -> Range<Int>? {
        guard bytes[value.lowerBound] == UInt8(ascii: "[") else { return nil }
        var end = value.upperBound - 1
        while end > value.lowerBound, bytes[end] != UInt8(ascii: "]") { end -= 1 }
        return end > value.lowerBound + 1 ? value.lowerBound + 1..<end : nil
    }

    private func delimiter(in value: Range<Int>) -> Int? {
        value.first { bytes[$0] == UInt8(ascii: "=") || bytes[$0] == UInt8(ascii: ":") }
    }

    private mutating func entry(_ value: Range<Int>, line: Int) -> IniDocument.Entry? {
        guard let delimiter = delimiter(in: value) else { return nil }
        let key = trimmed(value.lowerBound..<delimiter)
        guard !key.isEmpty else { return nil }
        var rest = trimmed(delimiter + 1..<value.upperBound)
        // An empty value stands right after its delimiter.
        if rest.isEmpty { rest = delimiter + 1..<delimiter + 1 }
        return IniDocument.Entry(
            key: keys.name(UnsafeBufferPointer(rebasing: bytes[key])), keyRange: key, firstLine: rest, line: line)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, case let length = spaceLength(at: start, before: end), length > 0 { start += length }
        while end > start, case let length = spaceLength(endingAt: end, after: start), length > 0 { end -= length }
        return start..<end
    }

    private func scalarCount(_ range: Range<Int>) -> Int {
        var count = 0
        for byte in bytes[range] where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// Bytes of the white space character at `offset`; 0 when there is none.
    private func spaceLength(at offset: Int, before end: Int) -> Int {
        let byte = bytes[offset]
        if byte < 0x80 { return PythonText.isSpace(Unicode.Scalar(byte)) ? 1 : 0 }
        let length = byte < 0xE0 ? 2 : (byte < 0xF0 ? 3 : 4)
        guard offset + length <= end else { return 0 }
        return isWideSpace(offset, length) ? length : 0
    }

    /// Bytes of the white space character that ends before `offset`; 0 when there is none.
    private func spaceLength(endingAt offset: Int, after start: Int) -> Int {
        let byte = bytes[offset - 1]
        if byte < 0x80 { return PythonText.isSpace(Unicode.Scalar(byte)) ? 1 : 0 }
        var first = offset - 1
        while first > start, bytes[first] & 0xC0 == 0x80 { first -= 1 }
        return isWideSpace(first, offset - first) ? offset - first : 0
    }

    private func isWideSpace(_ offset: Int, _ length: Int) -> Bool {
        var value = UInt32(bytes[offset]) & (length == 2 ? 0x1F : (length == 3 ? 0x0F : 0x07))
        for index in 1..<length { value = value << 6 | UInt32(bytes[offset + index] & 0x3F) }
        return Unicode.Scalar(value).map(PythonText.isSpace) ?? false
    }
}

/// Key names in lower case. Long ones are made once: a large file has few different ones.
private struct KeyNames {
    /// By a few bits of a hash; of two names that meet there the later stays.
    private var known = [String](repeating: "", count: 64)

    /// A String of so many bytes needs no memory of its own.
    private static let inPlace = 15

    mutating func name(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var isLower = true
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            if byte >= 0x80 || (byte >= 65 && byte <= 90) { isLower = false }
        }
        guard isLower else { return String(decoding: bytes, as: UTF8.self).lowercased() }
        guard bytes.count > Self.inPlace else { return String(decoding: bytes, as: UTF8.self) }
        let place = Int(truncatingIfNeeded: hash >> 32 & 63)
        if !known[place].utf8.elementsEqual(bytes) { known[place] = String(decoding: bytes, as: UTF8.self) }
        return known[place]
    }
}
