import SourceText

/// Why a document was not edited; it is then as it was.
package enum IniEditError: Error, Hashable, Sendable {
    /// The file's grammar cannot say this value: it would read back as something else.
    case unsayableValue(key: String, value: String)
    /// The file's grammar cannot say this key.
    case unsayableKey(String)
    /// The file's grammar cannot say this section name.
    case unsayableSection(String)
    case noSuchSection(String)
    case noSuchKey(section: String, key: String)
}

/// Edits touch the lines of what they change and no other; comments stay. Every edit is read back before it counts.
extension IniDocument {
    /// Sections of a name, as they are written.
    package func sections(named name: String) -> [Section] { sections.filter { $0.name == name } }

    /// The value in force of a key in the sections of a name; `[DEFAULT]` does not count.
    package func value(_ key: String, in section: String) -> String? {
        effective(key.lowercased(), section).map { value(of: $0) }
    }

    private func effective(_ key: String, _ section: String) -> Entry? {
        sections(named: section).flatMap(\.entries).last { $0.key == key }
    }

    /// Gives a key a value: in place where the key stands (its comment stays), else after the section's last key.
    package mutating func set(_ key: String, in section: String, to value: String) throws(IniEditError) {
        let folded = key.lowercased()
        guard let last = sections(named: section).last else { throw .noSuchSection(section) }
        guard let entry = effective(folded, section) else {
            try add(key, folded, value, to: last)
            return
        }
        var edit = Edit(self)
        for line in entry.continuationLines where !isTrailingBlank(line, of: entry) { edit.remove(lineRange(line)) }
        let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
        let head = lines.first.map(String.init) ?? ""
        let rest = continuation(lines.dropFirst(), of: entry)
        let lineEnd = contentEnd(of: entry.line)
        edit.replace(entry.firstLine, with: head)
        if !rest.isEmpty { edit.insert(rest, at: lineEnd) }
        if try accept(edit, where: { $0.value(folded, in: section) == value }) { return }
        // A comment on the line can come too close to the new value: give it a line of its own.
        let comment = trimmedBytes(entry.firstLine.upperBound..<lineEnd)
        edit = Edit(self)
        for line in entry.continuationLines where !isTrailingBlank(line, of: entry) { edit.remove(lineRange(line)) }
        edit.insert(text(comment) + newline, at: lineStarts[entry.line])
        edit.replace(entry.firstLine.lowerBound..<lineEnd, with: head)
        if !rest.isEmpty { edit.insert(rest, at: lineEnd) }
        guard !comment.isEmpty, try accept(edit, where: { $0.value(folded, in: section) == value }) else {
            throw .unsayableValue(key: key, value: value)
        }
    }

    /// Removes a key from every section of a name.
    package mutating func remove(_ key: String, from section: String) throws(IniEditError) {
        let folded = key.lowercased()
        let entries = sections(named: section).flatMap(\.entries).filter { $0.key == folded }
        guard !entries.isEmpty else { throw .noSuchKey(section: section, key: key) }
        var edit = Edit(self)
        for entry in entries {
            edit.remove(lineRange(entry.line))
            for line in entry.continuationLines where !isTrailingBlank(line, of: entry) { edit.remove(lineRange(line)) }
        }
        _ = try accept(edit) { $0.value(folded, in: section) == nil }
    }

    /// Adds an empty section at the end.
    package mutating func addSection(_ name: String) throws(IniEditError) {
        var edit = Edit(self)
        let isOpen = bytes.last.map { $0 != 10 && $0 != 13 } ?? false
        let gap = bytes.isEmpty ? "" : newline
        edit.insert((isOpen ? newline : "") + gap + "[\(name)]" + newline, at: bytes.count)
        let count = sections.count
        guard try accept(edit, where: { $0.sections.count == count + 1 && $0.sections.last?.name == name }) else {
            throw .unsayableSection(name)
        }
    }

    /// Removes every section of a name: its header, its keys and the comments between them. What follows its last key
    /// stays: it may belong to what comes next.
    package mutating func removeSection(_ name: String) throws(IniEditError) {
        let found = sections(named: name)
        guard !found.isEmpty else { throw .noSuchSection(name) }
        var edit = Edit(self)
        for section in found {
            let lastLine = section.entries.last.map { lastValueLine(of: $0) } ?? section.line
            edit.remove(lineStarts[section.line]..<lineRange(lastLine).upperBound)
        }
        _ = try accept(edit) { $0.sections(named: name).isEmpty }
    }

    private mutating func add(
        _ key: String, _ folded: String, _ value: String, to section: Section
    ) throws(IniEditError) {
        let line = section.entries.last.map { lastValueLine(of: $0) } ?? section.line
        let end = lineRange(line).upperBound
        let isOpen = end == bytes.count && (bytes.last.map { $0 != 10 && $0 != 13 } ?? false)
        let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
        var text = (isOpen ? newline : "") + key + "=" + (lines.first.map(String.init) ?? "")
        for line in lines.dropFirst() { text += newline + (line.isEmpty ? "" : "    ") + line }
        var edit = Edit(self)
        edit.insert(text + newline, at: end)
        let (name, count) = (section.name, section.entries.count)
        let isAdded = try accept(edit) { document in
            document.value(folded, in: name) == value && document.sections(named: name).last?.entries.count == count + 1
        }
        guard isAdded else {
            throw folded.contains { $0 == "=" || $0 == ":" || $0.isNewline }
                ? .unsayableKey(key) : .unsayableValue(key: key, value: value)
        }
    }

    /// Takes an edit over when the result parses, nothing else in it has changed its meaning and `holds` says yes.
    private mutating func accept(
        _ edit: Edit, where holds: (IniDocument) -> Bool
    ) throws(IniEditError) -> Bool {
        guard let edited = try? IniDocument(path: path, bytes: edit.result()), holds(edited) else { return false }
        self = edited
        return true
    }

    /// The line end that this file uses.
    var newline: String {
        guard let first = bytes.firstIndex(where: { $0 == 10 || $0 == 13 }) else { return "\n" }
        if bytes[first] == 10 { return "\n" }
        return first + 1 < bytes.count && bytes[first + 1] == 10 ? "\r\n" : "\r"
    }

    /// Continuation lines as they stand after the key's own line, indented deeper than it.
    private func continuation(_ lines: ArraySlice<Substring>, of entry: Entry) -> String {
        let indent = text(lineStarts[entry.line]..<entry.keyRange.lowerBound)
        return lines.map { newline + ($0.isEmpty ? "" : indent + "    ") + $0 }.joined()
    }

    /// Where a line's end marks begin.
    private func contentEnd(of line: Int) -> Int {
        let range = lineRange(line)
        var end = range.upperBound
        while end > range.lowerBound, bytes[end - 1] == 10 || bytes[end - 1] == 13 { end -= 1 }
        return end
    }

    /// Blank lines after a value's last words are layout, not value.
    private func isTrailingBlank(_ line: Int, of entry: Entry) -> Bool { line > lastValueLine(of: entry) }

    private func lastValueLine(of entry: Entry) -> Int {
        let last = entry.continuation.lastIndex { !$0.isEmpty }
        return last.map { entry.continuationLines[$0] } ?? entry.line
    }

    private func trimmedBytes(_ range: Range<Int>) -> Range<Int> {
        let isBlank = { (offset: Int) in self.bytes[offset] == 32 || self.bytes[offset] == 9 }
        guard let first = range.first(where: { !isBlank($0) }), let last = range.last(where: { !isBlank($0) })
        else { return range.lowerBound..<range.lowerBound }
        return first..<last + 1
    }

    /// Replacements of byte ranges, applied together.
    private struct Edit {
        private let bytes: [UInt8]
        private var changes: [(range: Range<Int>, text: String)] = []

        init(_ document: IniDocument) { bytes = document.bytes }

        mutating func replace(_ range: Range<Int>, with text: String) { changes.append((range, text)) }

        mutating func insert(_ text: String, at offset: Int) { replace(offset..<offset, with: text) }

        mutating func remove(_ range: Range<Int>) { replace(range, with: "") }

        func result() -> [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count + 64)
            var offset = 0
            for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
                result += bytes[offset..<max(offset, change.range.lowerBound)]
                result += change.text.utf8
                offset = max(offset, change.range.upperBound)
            }
            return result + bytes[offset...]
        }
    }
}
