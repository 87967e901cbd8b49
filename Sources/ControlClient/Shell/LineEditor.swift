/// A line being typed: what keys do to it. Knows no terminal; `KeyboardConsole` feeds it and shows it. The keys are
/// those of GNU readline's usual bindings, which supervisorctl's shell has.
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
        /// The screen is to be emptied.
        case clear
    }

    package private(set) var characters: [Character] = []
    package private(set) var cursor = 0
    private let history: [String]
    /// Place in the history; its count is the new line.
    private var place: Int
    private var draft: [Character] = []
    /// What the last keys that cut something took away.
    private var cut: [Character] = []
    private var search: HistorySearch?
    private var escape: [UInt8]?
    private var utf8: [UInt8] = []

    package init(history: [String]) {
        self.history = history
        place = history.count
    }

    package var text: String { String(characters) }
    /// What stands left of the cursor.
    package var beforeCursor: String { String(characters[..<cursor]) }
    /// Stands in the prompt's place while the history is searched.
    package var searchPrompt: String? { search?.prompt }

    /// Takes one byte from the terminal.
    package mutating func take(_ byte: UInt8) -> Step {
        if escape != nil { return takeEscape(byte) }
        if !utf8.isEmpty || byte >= 0x80 { return takeUTF8(byte) }
        if search != nil, takeSearchKey(byte) { return .more }
        switch byte {
        case 0x0D, 0x0A: return .finished(text)
        case 0x03: return .interrupted
        case 0x04:
            if characters.isEmpty { return .ended }
            delete()
        case 0x09: return .complete
        case 0x0C: return .clear
        case 0x1B: escape = []
        case 0x20...0x7E: insert(Character(Unicode.Scalar(byte)))
        default: Self.controls[byte]?(&self)
        }
        return .more
    }

    /// Replaces the word that ends at the cursor.
    package mutating func complete(_ word: String, with replacement: String) {
        let start = cursor - min(cursor, word.count)
        characters.replaceSubrange(start..<cursor, with: replacement)
        cursor = start + replacement.count
    }

    // MARK: what keys do

    private typealias Edit = @Sendable (inout LineEditor) -> Void

    private static let controls: [UInt8: Edit] = [
        0x7F: { $0.backspace() }, 0x08: { $0.backspace() },
        0x01: { $0.cursor = 0 }, 0x05: { $0.cursor = $0.characters.count },
        0x02: { $0.move(-1) }, 0x06: { $0.move(1) },
        0x0B: { $0.cut($0.cursor..<$0.characters.count) }, 0x15: { $0.cut(0..<$0.cursor) },
        0x17: { $0.cut($0.start(of: { $0 != " " })..<$0.cursor) }, 0x19: { $0.paste() }, 0x14: { $0.swap() },
        0x10: { $0.recall(-1) }, 0x0E: { $0.recall(1) },
        0x12: { $0.search = HistorySearch(from: $0.characters, place: $0.history.count) },
    ]

    /// Behind ESC: Alt and a letter.
    private static let alternatives: [UInt8: Edit] = [
        UInt8(ascii: "b"): { $0.cursor = $0.start(of: isWord) }, UInt8(ascii: "f"): { $0.cursor = $0.end(of: isWord) },
        UInt8(ascii: "d"): { $0.cut($0.cursor..<$0.end(of: isWord)) },
        0x7F: { $0.cut($0.start(of: isWord)..<$0.cursor) },
    ]

    /// Behind `ESC [` or `ESC O`: arrows, Home, End, Delete.
    private static let sequences: [String: Edit] = [
        "A": { $0.recall(-1) }, "B": { $0.recall(1) }, "C": { $0.move(1) }, "D": { $0.move(-1) },
        "H": { $0.cursor = 0 }, "1~": { $0.cursor = 0 }, "7~": { $0.cursor = 0 },
        "F": { $0.cursor = $0.characters.count }, "4~": { $0.cursor = $0.characters.count },
        "8~": { $0.cursor = $0.characters.count }, "3~": { $0.delete() },
    ]

    private mutating func insert(_ character: Character) {
        if search != nil { return extendSearch(character) }
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

    private mutating func cut(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        cut = Array(characters[range])
        characters.removeSubrange(range)
        cursor = range.lowerBound
    }

    private mutating func paste() {
        characters.insert(contentsOf: cut, at: cursor)
        cursor += cut.count
    }

    /// The characters on both sides of the cursor change places; at the end of the line the last two.
    private mutating func swap() {
        guard characters.count > 1, cursor > 0 else { return }
        if cursor < characters.count { cursor += 1 }
        characters.swapAt(cursor - 2, cursor - 1)
    }

    @Sendable private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    /// Where the word before the cursor begins.
    private func start(of isWord: (Character) -> Bool) -> Int {
        var place = cursor
        while place > 0, !isWord(characters[place - 1]) { place -= 1 }
        while place > 0, isWord(characters[place - 1]) { place -= 1 }
        return place
    }

    /// Where the word behind the cursor ends.
    private func end(of isWord: (Character) -> Bool) -> Int {
        var place = cursor
        while place < characters.count, !isWord(characters[place]) { place += 1 }
        while place < characters.count, isWord(characters[place]) { place += 1 }
        return place
    }

    private mutating func recall(_ step: Int) {
        let next = place + step
        guard (0...history.count).contains(next) else { return }
        if place == history.count { draft = characters }
        place = next
        characters = next == history.count ? draft : Array(history[next])
        cursor = characters.count
    }

    // MARK: Ctrl-R

    /// `false` for a key that ends the search and has its usual meaning then.
    private mutating func takeSearchKey(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x12: search?.older(history)
        case 0x7F, 0x08: search?.shorten(history)
        case 0x07:
            characters = search?.original ?? []
            cursor = characters.count
            search = nil
        case 0x20...0x7E: return false
        default:
            search = nil
            return false
        }
        showFound()
        return true
    }

    private mutating func extendSearch(_ character: Character) {
        search?.extend(character, history)
        showFound()
    }

    private mutating func showFound() {
        guard let found = search?.found(history) else { return }
        characters = Array(found)
        cursor = characters.count
    }

    // MARK: keys of several bytes

    private mutating func takeEscape(_ byte: UInt8) -> Step {
        var sequence = escape ?? []
        sequence.append(byte)
        escape = sequence
        search = nil
        if sequence.count == 1 {
            guard byte != UInt8(ascii: "["), byte != UInt8(ascii: "O") else { return .more }
            escape = nil
            Self.alternatives[byte]?(&self)
            return .more
        }
        guard (0x40...0x7E).contains(byte) || sequence.count > 8 else { return .more }
        escape = nil
        Self.sequences[String(decoding: sequence.dropFirst(), as: UTF8.self)]?(&self)
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
