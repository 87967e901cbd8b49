import ServiceModel
import SystemdFormat
import Testing

@Suite struct UnitWordsTests {
    @Test(arguments: [
        (#"a b  c"#, ["a", "b", "c"]),
        (#"a"b c"d"#, ["ab cd"]),
        (#"'it''s'"#, ["its"]),
        (#""a\\b" "k=\"v\"""#, [#"a\b"#, #"k="v""#]),
        (#"a\sb '\x41' \101 "\u00e9" \t"#, ["a b", "A", "A", "é", "\t"]),
        (#"a\ b \q"#, [#"a\"#, "b", #"\q"#]),
        (#""" ''"#, ["", ""]),
        ("* ~ > | && #", ["*", "~", ">", "|", "&&", "#"]),
    ])
    func `words are split as systemd splits them`(text: String, words: [String]) throws {
        #expect(try UnitWords.split(text).map(\.text) == words)
    }

    @Test(arguments: [#""a"#, "'a", #"a "b 'c'"#])
    func `an open quote is refused`(text: String) {
        #expect(throws: UnitWords.SplitError.unbalancedQuote) { try UnitWords.split(text) }
    }

    @Test func `an escaped NUL is refused`() {
        #expect(throws: UnitWords.SplitError.nul) { try UnitWords.split(#""\x00""#) }
    }

    @Test(arguments: [
        ("/bin/x", "/bin/x"), ("a b", #""a b""#), ("100%", "100%%"), ("$5", "$$5"), ("", #""""#),
        ("a\\b\"c", #""a\\b\"c""#), ("l\n\u{1}", #""l\n\x01""#), (";", #"";""#), ("é", #""é""#), ("'", #""'""#),
    ])
    func `a word is quoted only where it must be`(word: String, text: String) {
        #expect(UnitWords.quote(word, dollars: true) == text)
    }

    @Test func `every word comes back through quoting, specifiers and splitting`() throws {
        let words = [
            "", " ", "a b", "%n", "100%", "$HOME", "${X}", "$$", "\\", "\"", "'", "a'b\"c", "\n\t\r\u{7f}\u{1b}", "é漢",
            "-x",
            ";", "@", "#", "a\\nb", "%%", "~",
        ]
        for word in words {
            let text = UnitWords.quote(word, dollars: true)
            let resolved = try UnitSpecifiers(unitName: "a.service").resolve(text).text
            let split = try UnitWords.split(resolved).map(\.text)
            #expect(split == [word.replacing("$", with: "$$")])
        }
    }
}

@Suite struct ExecCommandTests {
    private let specifiers = UnitSpecifiers(unitName: "web@b-c.service")

    @Test(arguments: [
        ("/bin/a b", "/bin/a", ["/bin/a", "b"]),
        ("@/bin/a zero one", "/bin/a", ["zero", "one"]),
        ("-:@/bin/a zero", "/bin/a", ["zero"]),
        ("sleep 1", "sleep", ["sleep", "1"]),
        ("/bin/a %i %I %% %n %p", "/bin/a", ["/bin/a", "b-c", "b/c", "%", "web@b-c.service", "web"]),
        ("/bin/a 50%", "/bin/a", ["/bin/a", "50%"]),
        ("/bin/a \";\" b", "/bin/a", ["/bin/a", ";", "b"]),
    ])
    func `a command line has a path and arguments`(text: String, path: String, arguments: [String]) throws {
        let command = try #require(try ExecCommand.parse(text, specifiers: specifiers).first)
        #expect(command.path == path)
        #expect(command.arguments == arguments)
    }

    @Test(arguments: [
        ("", ExecCommand.ParseError.empty), ("-", .empty), ("./a", .relativePath("./a")), ("@/bin/a", .noArgumentZero),
        ("+!/bin/a", .prefixes("+!")), ("/bin/a %F", .unknownSpecifier("F")), ("/bin/a 'b", .words(.unbalancedQuote)),
    ])
    func `what systemd refuses is refused`(text: String, error: ExecCommand.ParseError) {
        #expect(throws: error) { try ExecCommand.parse(text, specifiers: specifiers) }
    }

    @Test func `a lone semicolon separates commands`() throws {
        let commands = try ExecCommand.parse("/bin/a x ; /bin/b", specifiers: specifiers)
        #expect(commands.map(\.path) == ["/bin/a", "/bin/b"])
    }

    @Test(arguments: [
        (["a", "${ONE}"], ["a", "un"]), (["a", "$TWO"], ["a", "x", "y"]), (["a", "p${TWO}q"], ["a", "px yq"]),
        (["a", "$$5"], ["a", "$5"]), (["a", "x$ONE"], ["a", "x$ONE"]), (["a", "$EMPTY"], ["a"]),
        (["a", "${EMPTY}"], ["a", ""]),
    ])
    func `variables are replaced as systemd replaces them`(arguments: [String], expected: [String]) throws {
        let text = arguments.map { "'\($0)'" }.joined(separator: " ")
        let command = try #require(try ExecCommand.parse(text, specifiers: specifiers).first)
        #expect(command.expanded(["ONE": "un", "TWO": "x y", "EMPTY": ""]) == expected)
    }

    @Test func `an unknown variable leaves the command to a shell`() throws {
        let command = try #require(try ExecCommand.parse("/bin/a $X 'b ${Y}' $$1", specifiers: specifiers).first)
        #expect(command.expanded([:]) == nil)
        #expect(command.shellText == "set -f; exec /bin/a $X 'b '\"${Y}\" '$1'")
    }

    @Test(arguments: [
        (["/bin/a", "b c", "$x", "100%", ";"], "/bin/a", #"/bin/a "b c" $$x 100%% ";""#),
        (["zero", "1"], "/bin/a", "@/bin/a zero 1"),
    ])
    func `a command is written so that it is read back`(arguments: [String], path: String, text: String) throws {
        let written = ExecCommand.text(for: .words(path: path, arguments: arguments))
        #expect(written == text)
        let command = try #require(try ExecCommand.parse(text, specifiers: specifiers).first)
        #expect(command.path == path)
        #expect(command.expanded([:]) == arguments)
    }
}
