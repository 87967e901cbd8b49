import SourceText
import SystemdFormat
import Testing

@Suite struct UnitDocumentTests {
    private func document(_ text: String) throws -> UnitDocument {
        try UnitDocument(path: "web.service", bytes: Array(text.utf8))
    }

    @Test(arguments: [
        ("[A]\nk=a \\\n  b\n", "a  b"),
        ("[A]\nk=a \\\n# c\n b\n", "a  b"),
        ("[A]\r\nk = v \r\n", "v"),
        ("\u{FEFF}[A]\nk=v # no comment\n", "v # no comment"),
        ("[A]\nk=a\\\\\nj=b\n", "a\\\\"),
        ("[A]\nk=a\0k=b\n", "a"),
        ("[A]\nk=\n", ""),
    ])
    func `values are joined, trimmed and kept`(text: String, value: String) throws {
        #expect(try document(text).assignments.first?.value == value)
    }

    @Test(arguments: [
        "", "\n\n", "[A]\nk=v", "# c\n[A]\r\nk = \\\r\n  v\n;x\ngarbage\n", "[A]\nk=a\\", "k=v\n",
    ])
    func `every byte is kept`(text: String) throws {
        #expect(try document(text).bytes == Array(text.utf8))
    }

    @Test func `places are those of the file`() throws {
        let assignment = try #require(try document("# c\n[Service]\n  User = www\n").assignments.first)
        #expect(assignment.name == "Service.User")
        #expect(assignment.keySpan.description == "web.service:3:3")
    }

    @Test(arguments: [("[A\n", "unit-bad-header", 1), ("[]\n", "unit-bad-header", 1)])
    func `what systemd refuses as a whole is an error`(text: String, code: String, line: Int) throws {
        let failure = #expect(throws: Failure.self) { try document(text) }
        #expect(failure?.diagnostics.first?.code == code)
        #expect(failure?.diagnostics.first?.span?.start.line == line)
    }

    @Test func `a line of a mebibyte and bytes that are no text are errors`() {
        #expect(throws: Failure.self) { try document("[A]\nk=" + String(repeating: "x", count: 1 << 20)) }
        #expect(throws: Failure.self) { try UnitDocument(path: "a", bytes: [0x5B, 0xFF, 0x5D]) }
    }

    @Test(arguments: [("[A]\nwords\n", "unit-no-assignment"), ("k=v\n[A]\n", "unit-no-section")])
    func `what systemd ignores is a warning`(text: String, code: String) throws {
        #expect(try document(text).diagnostics.map(\.code) == [code])
    }
}
