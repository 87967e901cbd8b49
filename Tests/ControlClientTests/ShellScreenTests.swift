import ControlClient
import Testing

/// A terminal that knows `\\r` and `\\b` alone.
private struct PlainTerminal {
    private(set) var line: [Character] = []
    private(set) var column = 0

    mutating func write(_ text: String) {
        for character in text {
            switch character {
            case "\r": column = 0
            case "\u{8}": column = max(0, column - 1)
            default:
                if column < line.count { line[column] = character } else { line.append(character) }
                column += 1
            }
        }
    }

    var text: String {
        var text = line
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

@Suite struct LineDisplayTests {
    /// Texts one after the other, each with the cursor's place.
    @Test(arguments: [
        [("", 0), ("a", 1), ("ab", 2), ("b", 0)], [("abc", 3), ("abc", 0), ("xabc", 1), ("x", 1)],
        [("start", 5), ("stop", 4), ("", 0)], [("same", 4), ("same", 2), ("sme", 1)],
    ])
    func `the line shows the text with the cursor in its place`(steps: [(String, Int)]) {
        var display = LineDisplay()
        var terminal = PlainTerminal()
        for (text, cursor) in steps {
            terminal.write(display.show(prompt: "p> ", Array(text), cursor: cursor, columns: 80))
            #expect(terminal.text == (text.isEmpty ? "p>" : "p> \(text)"))
            #expect(terminal.column == 3 + cursor)
        }
    }

    @Test func `a key at the end of the line writes that key and nothing else`() {
        var display = LineDisplay()
        #expect(display.show(prompt: "p> ", [], cursor: 0, columns: 80) == "p> ")
        #expect(display.show(prompt: "p> ", ["a"], cursor: 1, columns: 80) == "a")
        #expect(display.show(prompt: "p> ", [], cursor: 0, columns: 80) == "\u{8} \u{8}")
    }

    @Test func `of a long line the part around the cursor is shown`() {
        var display = LineDisplay()
        var terminal = PlainTerminal()
        let text = Array("0123456789ABCDEFGHIJ")
        terminal.write(display.show(prompt: "> ", text, cursor: 20, columns: 13))
        #expect(terminal.text == "> ABCDEFGHIJ")
        terminal.write(display.show(prompt: "> ", text, cursor: 3, columns: 13))
        #expect(terminal.text == "> 0123456789")
        #expect(terminal.column == 5)
    }

    @Test func `another prompt takes the place of the one before`() {
        var display = LineDisplay()
        var terminal = PlainTerminal()
        terminal.write(display.show(prompt: "p> ", ["a"], cursor: 1, columns: 80))
        terminal.write(display.show(prompt: "looking: ", ["b"], cursor: 1, columns: 80))
        #expect(terminal.text == "looking: b")
        terminal.write(display.show(prompt: "p> ", ["b"], cursor: 1, columns: 80))
        #expect(terminal.text == "p> b")
    }
}

@Suite struct CompletionListTests {
    @Test(arguments: [
        (["start ", "status "], "sta"), (["one "], "one "), ([], ""), (["a", "b"], ""), (["g:*", "g:p"], "g:"),
    ])
    func `a word is completed as far as there is no choice`(words: [String], prefix: String) {
        #expect(CompletionList(words).commonPrefix == prefix)
    }

    @Test func `words are sorted, and read downwards`() {
        let list = CompletionList(["c ", "a ", "b ", "e ", "d ", "a "])
        #expect(list.words == ["a ", "b ", "c ", "d ", "e "])
        #expect(list.lines(columns: 80) == ["a   b   c   d   e   "])
        #expect(list.lines(columns: 13) == ["a   c   e ", "b   d   "])
        #expect(list.lines(columns: 12) == ["a   d ", "b   e ", "c   "])
        #expect(list.lines(columns: 1) == ["a ", "b ", "c ", "d ", "e "])
    }

    @Test(arguments: [
        ("", ""), ("sta", "sta"), ("start ", ""), ("start g:p", "g:p"), ("start g:*", "g:*"), ("tail a-b", "a-b"),
        ("open x/y", "y"), ("add a_b.c", "a_b.c"),
    ])
    func `a word reaches back to a blank or a mark`(line: String, fragment: String) {
        #expect(CompletionList.fragment(of: line) == fragment)
    }
}
