/// A line being typed: what keys do to it. Knows no terminal; `KeyboardConsole` feeds it and shows it.
package struct LineEditor: Sendable {
    /// What is to be done after a key.
    package enum Step: Hashable, Sendable {
        case more
        case finished(String)
        case interrupted
        /// End of input on an empty line.
        case ended
        /// TAB: the words that fit are wanted.
        case complete
    }

    package private(set) var characters: [Character] = []
    package private(set) var cursor = 0
    private let history: [String]
    /// Place in the history; its count is the new line.
    private var place: Int
    private var draft: [Character] = []
    private var escape: [UInt8]?
    private var utf8: [UInt8] = []

    package init(history: [String]) {
        self.history = history
        place = history.count
    }

    package var text: String { String(characters) }
    /// What stands left of the cursor.
    package var beforeCursor: String { String(characters[..<cursor]) }

    /// Takes one byte from the terminal.
    package mutating func take(_ byte: UInt8) -> Step {
        if escape != nil { return takeEscape(byte) }
        if !utf8.isEmpty || byte >= 0x80 { return takeUTF8(byte) }
        switch byte {
        case 0x0D, 0x0A: return .finished(text)
        case 0x03: return .interrupted
        case 0x04:
            if characters.isEmpty { return .ended }
            delete()
        case 0x09: return .complete
        case 0x1B: escape = []
        case 0x7F, 0x08: backspace()
        case 0x01: cursor = 0
        case 0x05: cursor = characters.count
        case 0x02: move(-1)
        case 0x06: move(1)
        case 0x0B: characters.removeSubrange(cursor...)
        case 0x15: eraseBefore(0)
        case 0x17: eraseBefore(wordStart)
        case 0x10: recall(-1)
        case 0x0E: recall(1)
        case 0x20...: insert(Character(Unicode.Scalar(byte)))
        default: break
        }
        return .more
    }

    /// Replaces the word that ends at the cursor.
    package mutating func complete(_ word: String, with replacement: String) {
        let start = cursor - min(cursor, word.count)
        characters.replaceSubrange(start..<cursor, with: replacement)
        cursor = start + replacement.count
    }

    // MARK: keys

    private mutating func insert(_ character: Character) {
        characters.insert(character, at: cursor)
        cursor += 1
    }

    private mutating func backspace() {
        guard cursor > 0 else { return }
        cursor -= 1
        characters.remove(at: cursor)
    }

    private mutating func delete() {
        if cursor < characters.count { characters.remove(at: cursor) }
    }

    private mutating func move(_ step: Int) { cursor = min(max(cursor + step, 0), characters.count) }

    private mutating func eraseBefore(_ start: Int) {
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    private var wordStart: Int {
        var start = cursor
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        return start
    }

    private mutating func recall(_ step: Int) {
        let next = place + step
        guard (0...history.count).contains(next) else { return }
        if place == history.count { draft = characters }
        place = next
        characters = next == history.count ? draft : Array(history[next])
        cursor = characters.count
    }

    /// Arrows, Home, End, Delete: `ESC [ …` and `ESC O …`.
    private mutating func takeEscape(_ byte: UInt8) -> Step {
        var sequence = escape ?? []
        sequence.append(byte)
        escape = sequence
        if sequence.count == 1 {
            if byte != UInt8(ascii: "["), byte != UInt8(ascii: "O") { escape = nil }
            return .more
        }
        guard (0x40...0x7E).contains(byte) || sequence.count > 8 else { return .more }
        escape = nil
        switch String(decoding: sequence.dropFirst(), as: UTF8.self) {
        case "A": recall(-1)
        case "B": recall(1)
        case "C": move(1)
        case "D": move(-1)
        case "H", "1~", "7~": cursor = 0
        case "F", "4~", "8~": cursor = characters.count
        case "3~": delete()
        default: break
        }
        return .more
    }

    private mutating func takeUTF8(_ byte: UInt8) -> Step {
        utf8.append(byte)
        let length = utf8[0] >= 0xF0 ? 4 : utf8[0] >= 0xE0 ? 3 : 2
        if utf8.count >= length {
            if let text = String(validating: utf8, as: UTF8.self) { text.forEach { insert($0) } }
            utf8 = []
        }
        return .more
    }
}
