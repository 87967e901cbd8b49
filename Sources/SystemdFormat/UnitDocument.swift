// SystemdFormat, floor 2: systemd units <-> Service.

package import SourceText

/// A unit file as it stands: every line in order, so that it can be written back byte for byte, and a view of its
/// sections and keys (systemd.syntax(7); measured on systemd 252).
package struct UnitDocument: Sendable {
    /// One line, or several joined by a backslash at the line's end.
    package enum Line: Hashable, Sendable {
        case blank
        case comment
        case header(String)
        case assignment(Assignment)
        /// Neither header nor assignment: systemd warns and ignores it.
        case garbage
    }

    /// A key and its value.
    package struct Assignment: Hashable, Sendable {
        package var section: String
        package var key: String
        /// Continued lines joined, blanks at both ends removed, escapes and specifiers as written.
        package var value: String
        package var keySpan: SourceSpan
        package var valueSpan: SourceSpan

        /// `Section.Key`, the name of the key in reports.
        package var name: String { "\(section).\(key)" }
    }

    package let path: String
    /// Each logical line with its bytes, line end included.
    package private(set) var lines: [(line: Line, bytes: ArraySlice<UInt8>)] = []
    package private(set) var diagnostics: [Diagnostic] = []

    /// The assignments in the order of the file.
    package var assignments: [Assignment] {
        lines.compactMap { if case .assignment(let assignment) = $0.line { assignment } else { nil } }
    }

    /// The names of the sections, each once, in the order of the file.
    package var sections: [String] {
        DistinctList(lines.lazy.compactMap { if case .header(let name) = $0.line { name } else { nil } }).all
    }

    /// Every byte as it was read.
    package var bytes: [UInt8] { lines.flatMap(\.bytes) }

    /// A longer line makes systemd refuse the unit (measured: "No buffer space available").
    package static let longestLine = 1 << 20

    /// No unit is so large; a file that is was made to keep its reader busy.
    package static let largestFile = 1 << 20

    /// Reads a unit file. Throws for what makes systemd refuse the whole unit: a broken section header, a line of
    /// 1 MiB; for bytes that are no UTF-8, and for more of them than `largestFile`.
    package init(path: String, bytes: [UInt8]) throws(Failure) {
        self.path = path
        guard bytes.count <= Self.largestFile else {
            throw Failure(
                .badInput, code: "unit-too-large",
                "a unit of \(bytes.count) bytes; at most \(Self.largestFile) are read",
                remedy: "split it into drop-ins", at: SourceSpan(file: path, at: .start))
        }
        let file = TextFile(path: path, bytes: bytes)
        var section: String?
        var next = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var logicalStart = 0
        while next < bytes.count {
            let start = next
            var joined = JoinedLine()
            repeat {
                let end = bytes[next...].firstIndex { $0 == UInt8(ascii: "\n") || $0 == 0 } ?? bytes.count
                guard end - next < Self.longestLine, joined.count < Self.longestLine else {
                    throw Failure(
                        .badInput, code: "unit-line-too-long", "a line of more than 1 MiB",
                        remedy: "systemd refuses such a unit; split the line", at: file.span(next..<next))
                }
                joined.add(bytes[next..<end], at: next)
                next = min(end + 1, bytes.count)
                if joined.continues { warnContinuation(of: joined, at: next, file: file) }
            } while joined.continues && next < bytes.count
            let slice = bytes[logicalStart..<next]
            logicalStart = next
            guard let line = try Self.read(joined, section: &section, file: file, start: start, &diagnostics) else {
                lines.append((.garbage, slice))
                continue
            }
            lines.append((line, slice))
        }
    }

    /// A backslash at the end of a line that joins more than its author meant: the file's end, a header, another key.
    private mutating func warnContinuation(of joined: JoinedLine, at next: Int, file: TextFile) {
        let backslash = file.span(max(0, joined.end - 1)..<joined.end)
        guard next < file.bytes.count else {
            diagnostics.append(
                Diagnostic(
                    .warning, code: "unit-trailing-backslash", "a backslash at the end of the file continues nothing",
                    remedy: "remove it", at: backslash))
            return
        }
        let line = file.bytes[next...].prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }
        let text = String(decoding: line.prefix(200), as: UTF8.self).trimmed
        let isHeader = text.hasPrefix("[") && text.hasSuffix("]")
        let key = text.firstIndex(of: "=").map { String(text[..<$0]).trimmed } ?? ""
        guard isHeader || !UnitKeyNames.homes(of: key).isEmpty else { return }
        diagnostics.append(
            Diagnostic(
                .warning, code: "unit-trailing-backslash",
                "the backslash makes the next line, '\(isHeader ? text.prefix(40) : key.prefix(40))', a part of this one",
                remedy: "remove it, or put a blank line between them", at: backslash))
    }

    private static func read(
        _ joined: JoinedLine, section: inout String?, file: TextFile, start: Int, _ diagnostics: inout [Diagnostic]
    ) throws(Failure) -> Line? {
        let whole = file.span(start..<start)
        guard let text = String(validating: joined.bytes, as: UTF8.self) else {
            throw Failure(
                .badInput, code: "unit-not-utf8", "not valid UTF-8",
                remedy: "save the file as UTF-8; systemd ignores such a line", at: whole)
        }
        let trimmedText = text.trimmed
        if trimmedText.isEmpty { return joined.sawComment ? .comment : .blank }
        let contentStart = joined.firstContent ?? start
        let place = file.span(contentStart..<contentStart)
        if trimmedText.hasPrefix("[") {
            guard trimmedText.hasSuffix("]"), trimmedText.count > 2 else {
                throw Failure(
                    .badInput, code: "unit-bad-header", "section header '\(trimmedText)' is not of the form [Name]",
                    remedy: "close it with ]; systemd refuses the whole unit", at: place)
            }
            let name = String(trimmedText.dropFirst().dropLast())
            section = name
            return .header(name)
        }
        guard let equals = trimmedText.firstIndex(of: "=") else {
            diagnostics.append(
                Diagnostic(
                    .warning, code: "unit-no-assignment", "line '\(trimmedText.prefix(60))' has no '='",
                    remedy: "systemd ignores it; write Key=value, or # before a comment", at: place))
            return nil
        }
        let key = String(trimmedText[..<equals]).trimmed
        guard let section else {
            diagnostics.append(
                Diagnostic(
                    .warning, code: "unit-no-section", "'\(key)' stands before any [Section]",
                    remedy: "systemd ignores it; move it into its section", at: place))
            return nil
        }
        let value = String(trimmedText[trimmedText.index(after: equals)...]).trimmed
        let valueOffset = joined.offset(afterEqualsFrom: contentStart)
        return .assignment(
            Assignment(
                section: section, key: key, value: value,
                keySpan: file.span(contentStart..<contentStart + key.utf8.count),
                valueSpan: file.span(valueOffset..<max(valueOffset, joined.end))))
    }
}

/// The physical lines of one logical line, put together as systemd does it: leading blanks go, a backslash at the end
/// becomes a blank and asks for more, comment lines in between are skipped.
private struct JoinedLine {
    var bytes: [UInt8] = []
    var continues = false
    var sawComment = false
    /// Offset of the first byte that is no blank and not of a comment.
    var firstContent: Int?
    /// Offset behind the last byte of content.
    var end = 0
    private var equals: Int?

    var count: Int { bytes.count }

    mutating func add(_ physical: ArraySlice<UInt8>, at offset: Int) {
        let content = physical.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 13 }
        if let first = content.first, first == UInt8(ascii: "#") || first == UInt8(ascii: ";") {
            // A comment inside a continuation is skipped and the continuation goes on.
            sawComment = true
            continues = !bytes.isEmpty
            return
        }
        var line = content
        if line.last == 13 { line.removeLast() }
        var isEscaped = false
        for byte in line { isEscaped = byte == UInt8(ascii: "\\") && !isEscaped }
        continues = isEscaped
        if firstContent == nil, !line.isEmpty { firstContent = line.startIndex }
        if equals == nil { equals = line.firstIndex(of: UInt8(ascii: "=")) }
        end = line.endIndex
        bytes += isEscaped ? line.dropLast() + [UInt8(ascii: " ")] : Array(line)
    }

    /// Where the value begins: behind the `=`.
    func offset(afterEqualsFrom start: Int) -> Int { equals.map { $0 + 1 } ?? start }
}
