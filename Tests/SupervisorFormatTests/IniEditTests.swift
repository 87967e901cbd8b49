import SupervisorFormat
import Testing

/// Edits touch the lines of what they change and nothing else.
@Suite struct IniEditTests {
    private static let text = """
        ; head
        [program:a]   ; header comment
        command=/bin/cat   ; what runs
        environment=A="1",
          ; between
          B="2"

        [program:b]
          startsecs = 1
        # tail

        """

    private func edited(_ text: String = text, _ edit: (inout IniDocument) throws -> Void) throws -> String {
        var document = try IniDocument(path: "a.conf", bytes: Array(text.utf8))
        try edit(&document)
        return String(decoding: document.bytes, as: UTF8.self)
    }

    @Test("a changed value keeps its comment and its line")
    func set() throws {
        let result = try edited { try $0.set("command", in: "program:a", to: "/bin/true") }
        #expect(result == Self.text.replacing("/bin/cat", with: "/bin/true"))
    }

    @Test("a value of several lines is replaced whole, comments between them stay")
    func setMultiline() throws {
        let result = try edited { try $0.set("environment", in: "program:a", to: "C=\"3\"\nD=4") }
        let wanted = Self.text.replacing(
            "A=\"1\",\n  ; between\n  B=\"2\"\n", with: "C=\"3\"\n    D=4\n  ; between\n")
        #expect(result == wanted)
    }

    @Test("a new key goes behind the last one of its section")
    func add() throws {
        let result = try edited { try $0.set("autostart", in: "program:b", to: "false") }
        #expect(result == Self.text.replacing("startsecs = 1\n", with: "startsecs = 1\nautostart=false\n"))
    }

    @Test("in an empty section it goes behind the header")
    func addFirst() throws {
        #expect(try edited("[s]\r\n[t]") { try $0.set("k", in: "s", to: "v") } == "[s]\r\nk=v\r\n[t]")
        #expect(try edited("[s]\r\n[t]") { try $0.set("k", in: "t", to: "v") } == "[s]\r\n[t]\r\nk=v\r\n")
    }

    @Test("a removed key goes with its lines, comments between them stay")
    func remove() throws {
        let result = try edited { try $0.remove("environment", from: "program:a") }
        #expect(result == Self.text.replacing("environment=A=\"1\",\n  ; between\n  B=\"2\"\n", with: "  ; between\n"))
    }

    @Test("every occurrence of a key is removed, or an earlier one would count again")
    func removeAll() throws {
        #expect(try edited("[s]\nk=1\nl=2\n[s]\nk=3\n") { try $0.remove("K", from: "s") } == "[s]\nl=2\n[s]\n")
    }

    @Test("sections come and go")
    func sections() throws {
        #expect(try edited("[s]\nk=1") { try $0.addSection("t") } == "[s]\nk=1\n\n[t]\n")
        #expect(try edited("[s]\nk=1\n; t's\n[t]\nk=2\n") { try $0.removeSection("s") } == "; t's\n[t]\nk=2\n")
    }

    @Test(
        "a value that would read back as another is refused, the document unharmed",
        arguments: [" a", "a ", "a ; b", "a\n;b", "a\n\n", "a\r", "a\0"])
    func unsayable(value: String) throws {
        var document = try IniDocument(path: "a", bytes: Array(Self.text.utf8))
        #expect(throws: IniEditError.unsayableValue(key: "command", value: value)) {
            try document.set("command", in: "program:a", to: value)
        }
        #expect(document.bytes == Array(Self.text.utf8))
    }

    @Test("a comment that comes too close to the value gets a line of its own")
    func commentMoves() throws {
        let result = try edited("[s]\nk=v ; c #d\n") { try $0.set("k", in: "s", to: "a;b") }
        #expect(result == "[s]\n; c #d\nk=a;b\n")
    }

    @Test("names that the grammar cannot say are refused")
    func unsayableNames() throws {
        var document = try IniDocument(path: "a", bytes: Array("[s]\nk=v\n".utf8))
        #expect(throws: IniEditError.unsayableSection("a\nb")) { try document.addSection("a\nb") }
        #expect(throws: IniEditError.unsayableKey("a=b")) { try document.set("a=b", in: "s", to: "c") }
        #expect(throws: IniEditError.noSuchSection("t")) { try document.set("k", in: "t", to: "c") }
        #expect(throws: IniEditError.noSuchKey(section: "s", key: "x")) { try document.remove("x", from: "s") }
    }

    private struct Place: Hashable {
        var section: Int
        var key: String
        var occurrence: Int
    }

    private func values(_ document: IniDocument) -> [Place: String] {
        var values: [Place: String] = [:]
        for (number, section) in document.sections.enumerated() {
            var seen: [String: Int] = [:]
            for entry in section.entries {
                let place = Place(section: number, key: entry.key, occurrence: seen[entry.key, default: 0])
                seen[entry.key, default: 0] += 1
                values[place] = document.value(of: entry)
            }
        }
        return values
    }

    @Test("whatever is edited, every other key keeps its value and every comment its text", arguments: 1...400)
    func editsTouchNothingElse(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let lines = [
            "[a]", "[b] ; x", "k=v", "l = v ; comment", "  m: v # comment", "    more", "; note", "", "\t# note",
            "k=a;b",
            "n=", "  x\n  ; inside\n  y", "l='q'", "[a]",
        ]
        let ends = ["\n", "\r\n"].randomElement(using: &random) ?? "\n"
        var text = "[a]" + ends
        for _ in 0..<Int.random(in: 0...14, using: &random) {
            text += (lines.randomElement(using: &random) ?? "").replacing("\n", with: ends) + ends
        }
        guard var document = try? IniDocument(path: "p", bytes: Array(text.utf8)) else { return }
        for _ in 0..<4 {
            let before = document
            let section = ["a", "b"].randomElement(using: &random) ?? "a"
            let key = ["k", "l", "m", "n", "new"].randomElement(using: &random) ?? "k"
            let value = random.text(of: ["x", ";", " ", "#", "\n", "=", "'", "ü"], upTo: 5)
            let isRemoval = Bool.random(using: &random)
            do {
                if isRemoval {
                    try document.remove(key, from: section)
                } else {
                    try document.set(key, in: section, to: value)
                }
            } catch {
                #expect(document.bytes == before.bytes, "a refused edit changes nothing")
                continue
            }
            #expect(document.value(key, in: section) == (isRemoval ? nil : value))
            let isTarget = { (place: Place) in
                place.key == key && before.sections[place.section].name == section
            }
            #expect(document.sections.map(\.name) == before.sections.map(\.name))
            #expect(values(document).filter { !isTarget($0.key) } == values(before).filter { !isTarget($0.key) })
            #expect(notes(document) == notes(before))
        }
    }

    /// Lines that are nothing but a comment; one that had to leave its line counts as its text.
    private func notes(_ document: IniDocument) -> [String] {
        let lines = String(decoding: document.bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let texts = lines.map { (line: Substring) -> String in
            String(line.drop { $0 == " " || $0 == "\t" })
        }
        let known: Set<String> = ["; note", "# note", "; inside"]
        return texts.filter { known.contains($0) }
    }
}
