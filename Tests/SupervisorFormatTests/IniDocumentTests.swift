import SourceText
import SupervisorFormat
import Testing

/// The file's grammar: Python's RawConfigParser as supervisord 4.3 sets it up.
@Suite struct IniDocumentTests {
    private func read(_ text: String) throws -> [String: String] {
        let document = try IniDocument(path: "a.conf", bytes: Array(text.utf8))
        var values: [String: String] = [:]
        for section in document.sections {
            for entry in section.entries { values["\(section.name)|\(entry.key)"] = document.value(of: entry) }
        }
        return values
    }

    private static let values: [(rule: String, text: String, values: [String: String])] = [
        ("keys are folded", "[s]\nCoMMand = x", ["s|command": "x"]),
        ("section names are not", "[Program:x]\na=1", ["Program:x|a": "1"]),
        ("section names are not trimmed", "[ a ]\nk=1", [" a |k": "1"]),
        ("a header runs to the last bracket", "[a]b]\nk=1", ["a]b|k": "1"]),
        ("after the header anything goes", "[a] = b\nk=1", ["a|k": "1"]),
        ("the first of = and : divides", "[s]\na:b=c", ["s|a": "b=c"]),
        ("and the other way round", "[s]\na=b:c", ["s|a": "b:c"]),
        ("white space around both sides goes", "[s]\n k \t=\t v \n", ["s|k": "v"]),
        ("a comment begins after white space", "[s]\nk=v ; c", ["s|k": "v"]),
        ("with either sign", "[s]\nk=v\t# c", ["s|k": "v"]),
        ("even between quotes", "[s]\nk='a ; b'", ["s|k": "'a"]),
        ("but not in a word", "[s]\nk=a;b#c", ["s|k": "a;b#c"]),
        ("nor right after the delimiter", "[s]\nk=;v", ["s|k": ";v"]),
        ("both signs are looked at in step", "[s]\nk=a;b ; c #d", ["s|k": "a;b ; c"]),
        ("and the later of them may win", "[s]\nk=a#b;c # d ;e", ["s|k": "a#b;c"]),
        ("deeper lines go on", "[s]\nk=a\n  b\n c", ["s|k": "a\nb\nc"]),
        ("deeper than the key, not than nothing", "[s]\n  k=a\n  l=b\n   c", ["s|k": "a", "s|l": "b\nc"]),
        ("an indented key belongs to the value", "[s]\nk=a\n l=b", ["s|k": "a\nl=b"]),
        ("comments in a value vanish", "[s]\nk=a\n; x\n  # y\n  b", ["s|k": "a\nb"]),
        ("blank lines in a value stay", "[s]\nk=a\n\n  b", ["s|k": "a\n\nb"]),
        ("blank lines after it do not", "[s]\nk=a\n\n\nl=b", ["s|k": "a", "s|l": "b"]),
        ("a value may begin on the next line", "[s]\nk=\n  a", ["s|k": "\na"]),
        ("an empty value is a value", "[s]\nk=", ["s|k": ""]),
        ("CR LF", "[s]\r\nk=a\r\n  b\r\n", ["s|k": "a\nb"]),
        ("CR", "[s]\rk=a\r", ["s|k": "a"]),
        ("an unclosed header is a key", "[s]\n[program:a", ["s|[program": "a"]),
        ("no-break space is white space", "[s]\nk\u{A0}=\u{A0}v\u{A0};c", ["s|k": "v"]),
        ("line separators end no line", "[s]\nk=a\u{2028}b", ["s|k": "a\u{2028}b"]),
        ("the last of two keys counts", "[s]\nk=a\nk=b", ["s|k": "b"]),
        ("text in any language", "[prög]\nname=ü ; ß", ["prög|name": "ü"]),
        ("an empty file has no section", "", [:]),
        ("nor has a comment", "; x\n  # y\n\n", [:]),
    ]

    @Test("values are read by the rules of Python's parser", arguments: values)
    func value(rule: String, text: String, values: [String: String]) throws {
        #expect(try read(text) == values, "\(rule)")
    }

    @Test("keys of any length are told apart, however many there are")
    func longKeys() throws {
        let keys = (0..<500).map { "a_key_of_some_length_\($0)" } + (0..<50).map { "k\($0)" }
        let text = "[s]\n" + (keys + keys.map { $0.uppercased() }).map { "\($0)=\($0)\n" }.joined()
        let values = try read(text)
        #expect(Set(values.keys) == Set(keys.map { "s|\($0)" }))
        #expect(values["s|a_key_of_some_length_77"] == "A_KEY_OF_SOME_LENGTH_77")
    }

    private static let refusals: [(text: String, line: Int, column: Int, message: String)] = [
        ("\u{FEFF}[s]\nk=v\n", 1, 1, "File contains no section headers.\nfile: 'a.conf', line: 1\n'\\ufeff[s]\\n'"),
        ("\n  k = v\r\n[s]", 2, 3, "File contains no section headers.\nfile: 'a.conf', line: 2\n'  k = v\\n'"),
        ("[s]\nnovalue\n", 2, 1, "Source contains parsing errors: 'a.conf'\n\t[line  2]: 'novalue\\n'"),
        (
            "[s]\nk=v\n=x\nit's", 3, 1,
            "Source contains parsing errors: 'a.conf'\n\t[line  3]: '=x\\n'\n\t[line  4]: \"it's\""
        ),
        ("[s]\n[]\n", 2, 1, "Source contains parsing errors: 'a.conf'\n\t[line  2]: '[]\\n'"),
    ]

    @Test("errors are Python's, with the place", arguments: refusals)
    func refusal(text: String, line: Int, column: Int, message: String) {
        let failure = #expect(throws: Failure.self) { try IniDocument(path: "a.conf", bytes: Array(text.utf8)) }
        #expect(failure?.status == .badConfiguration)
        #expect(failure?.diagnostics.first?.message == message)
        #expect(failure?.diagnostics.first?.span?.start.line == line)
        #expect(failure?.diagnostics.first?.span?.start.column == column)
    }

    private static let encodings: [(bytes: [UInt8], message: String)] = [
        ([0x5B, 0xFF], "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte"),
        ([0xE2, 0x82], "'utf-8' codec can't decode bytes in position 0-1: unexpected end of data"),
        ([0xC3], "'utf-8' codec can't decode byte 0xc3 in position 0: unexpected end of data"),
        ([0xC3, 0x28], "'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte"),
        ([0xED, 0xA0, 0x80], "'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte"),
        ([0xE2, 0x82, 0x28], "'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte"),
        ([0xF5, 0x80], "'utf-8' codec can't decode byte 0xf5 in position 0: invalid start byte"),
    ]

    @Test("bytes that are not UTF-8 are refused in Python's words", arguments: encodings)
    func encoding(bytes: [UInt8], message: String) {
        let failure = #expect(throws: Failure.self) { try IniDocument(path: "a", bytes: bytes) }
        #expect(failure?.diagnostics.first?.message == message)
    }

    @Test("a NUL byte is refused with its place, or read as a letter like any other")
    func nul() throws {
        let bytes = Array("[s]\nk=\0".utf8)
        let failure = #expect(throws: Failure.self) { try IniDocument(path: "a", bytes: bytes) }
        #expect(failure?.diagnostics.first?.span?.description == "a:2:3")
        let document = try IniDocument(path: "a", bytes: bytes, acceptsNUL: true)
        #expect(document.sections.first?.entries.first.map(document.value(of:)) == "\0")
    }

    @Test("spans are those of section, key and value; columns count characters")
    func spans() throws {
        let document = try IniDocument(path: "f", bytes: Array("; ü\n[ü:x]\n  ké = v é ; c\n     w  \n\n".utf8))
        let section = try #require(document.sections.first)
        let entry = try #require(section.entries.first)
        #expect(document.span(of: section).start == SourcePosition(offset: 6, line: 2, column: 2))
        #expect(document.keySpan(entry).description == "f:3:3")
        #expect(document.keySpan(entry).end.column == 5)
        #expect(document.valueSpan(entry).start.column == 8)
        #expect(document.valueSpan(entry).end == SourcePosition(offset: 35, line: 4, column: 7))
    }

    @Test("time grows with size alone: hostile shapes of a few megabytes")
    func hostileShapes() throws {
        let shapes = [
            "[s]\nk=" + String(repeating: ";", count: 1 << 20), "[s]\nk=" + String(repeating: "a;b#", count: 1 << 18),
            "[s]\nk=v\n" + String(repeating: "\n", count: 1 << 20),
            String(repeating: "[s]\n", count: 1 << 18), "[s]\n" + String(repeating: "[", count: 1 << 20) + "=",
            "[s]\nk=" + String(repeating: " ", count: 1 << 20),
        ]
        let clock = ContinuousClock()
        for shape in shapes {
            let time = clock.measure { _ = try? IniDocument(path: "h", bytes: Array(shape.utf8)) }
            #expect(time < .seconds(20))
        }
    }
}
