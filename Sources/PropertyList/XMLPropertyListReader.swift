import SourceText
import XMLStream

/// Reads XML property lists; how strict, says the table of edge cases in the tests.
enum XMLPropertyListReader {
    /// The document of a text that begins as XML.
    static func read(_ text: PropertyText, limits: PropertyListLimits) throws(Failure) -> PropertyListDocument {
        let source = PropertySource(path: text.path, text: text.bytes, start: text.start)
        let result = text.bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(Failure) in try read(buffer, from: text.start, source: source, limits: limits) }
        }
        return try result.get()
    }

    private static func read(
        _ buffer: UnsafeBufferPointer<UInt8>, from offset: Int, source: PropertySource, limits: PropertyListLimits
    ) throws(Failure) -> PropertyListDocument {
        let start = XMLMargins.start(of: buffer, from: offset)
        guard start < buffer.count else {
            throw Failure(
                .badInput, code: "plist-empty", "the file is empty",
                remedy: "a property list has at least <plist><dict/></plist>", at: source.span(at: start))
        }
        let parser = XMLParser(XMLPropertyListReading(source: source, start: start, limits: limits))
        do {
            try parser.parse(UnsafeBufferPointer(rebasing: buffer[start...]))
        } catch {
            throw Failure(
                .badInput, code: error.code, error.message, remedy: error.remedy,
                at: source.span(at: start + error.offset))
        }
        let reading = parser.reading
        guard let root = reading.builder.root else {
            throw Failure(
                .badInput, code: "plist-empty", "the property list has no value", at: source.span(at: reading.end))
        }
        var warnings = reading.builder.warnings.all
        if let junk = XMLMargins.junk(in: buffer, after: reading.end) {
            warnings.append(
                Diagnostic(
                    .warning, code: "plist-trailing", "text behind the end of the property list is ignored",
                    remedy: "remove it", at: source.span(at: junk)))
        }
        return PropertyListDocument(format: .xml, root: root, warnings: warnings)
    }
}

/// What may stand before and behind an XML document.
enum XMLMargins {
    /// The first byte behind blanks and comments: hand-edited files have them before `<?xml`, where XML forbids them.
    static func start(of bytes: UnsafeBufferPointer<UInt8>, from offset: Int) -> Int {
        skip(bytes, from: offset, [("<!--", "-->")])
    }

    /// The first byte behind the root that is no blank, comment or processing instruction.
    static func junk(in bytes: UnsafeBufferPointer<UInt8>, after offset: Int) -> Int? {
        let place = skip(bytes, from: offset, [("<!--", "-->"), ("<?", "?>")])
        return place < bytes.count ? place : nil
    }

    private static func skip(
        _ bytes: UnsafeBufferPointer<UInt8>, from offset: Int, _ asides: [(String, String)]
    ) -> Int {
        var place = offset
        outer: while place < bytes.count {
            if bytes[place] == 0x20 || (9...13).contains(bytes[place]) {
                place += 1
                continue
            }
            for (open, close) in asides where bytes[place...].starts(with: open.utf8) {
                var end = place + open.utf8.count
                while end < bytes.count && !bytes[end...].starts(with: close.utf8) { end += 1 }
                // An unterminated comment is the parser's to refuse.
                guard end < bytes.count else { return place }
                place = end + close.utf8.count
                continue outer
            }
            break
        }
        return place
    }
}
