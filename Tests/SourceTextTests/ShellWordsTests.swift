import SourceText
import Testing

@Suite struct ShellWordsTests {
    @Test(arguments: [
        ("a b", ["a", "b"]),
        ("  a\t\nb  ", ["a", "b"]),
        ("'a b' \"c d\"", ["a b", "c d"]),
        ("a\\ b", ["a b"]),
        ("\"a\\\"b\\c\"", ["a\"b\\c"]),
        ("a''b", ["ab"]),
        ("''", [""]),
        ("", []),
    ])
    func `words follow shlex`(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: ["a b", " \t a\r\nb  ", "", " ", "a\u{C}b ü\u{A0}ü", "-x=1 %(y)s"])
    func `words without quotes are those that stand beside a quoted one`(text: String) throws {
        #expect(try ShellWords.split(text) + [""] == ShellWords.split(text + " ''"))
    }

    @Test func `open quotes and escapes are named as supervisord names them`() {
        #expect(throws: ShellWords.SplitError.noClosingQuotation) { try ShellWords.split("a 'b") }
        #expect(throws: ShellWords.SplitError.noEscapedCharacter) { try ShellWords.split("a \\") }
    }

    @Test(arguments: [["a b", "c'd", "", "e\"f", "g\\h", "ü", "$x", "it's \"both\""]])
    func `joined words split into themselves`(words: [String]) throws {
        #expect(try ShellWords.split(ShellWords.join(words)) == words)
    }
}
