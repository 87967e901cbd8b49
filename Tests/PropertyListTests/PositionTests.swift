import PropertyList
import SourceText
import Testing

@Suite("Positions of nodes")
struct PositionTests {
    @Test("lines and columns are those of an editor, far into a long file too", arguments: [0, 1, 511, 512, 513, 5000])
    func positions(lines: Int) throws {
        let text =
            "<plist><dict>\n" + String(repeating: "<!-- é -->\n", count: lines) + "<key>é</key> <string>v</string>\n"
            + "</dict></plist>"
        let root = try PropertyListDocument.read(Array(text.utf8), path: "x").root
        let member = try #require(root.members?.first)
        #expect(member.keySpan.description == "x:\(lines + 2):1")
        #expect(member.keySpan.end.column == 13)
        #expect(member.value.span.description == "x:\(lines + 2):14")
        #expect(member.value.span.end.column == 32)
        #expect(root.span.start.column == 8)
        #expect(root.span.end.line == lines + 3)
    }

    @Test("a byte order mark takes no column, and a long line is counted in characters")
    func longLine() throws {
        let text = "\u{FEFF}{ a = \"" + String(repeating: "é", count: 3000) + "\"; b = x; }"
        let root = try PropertyListDocument.read(Array(text.utf8), path: "x").root
        #expect(root["b"]?.span.description == "x:1:3015")
    }

    @Test("a place in a binary file is its byte")
    func binary() throws {
        let bytes = try PropertyListDocument.write(["key": ["v"]], as: .binary).bytes
        let root = try PropertyListDocument.read(bytes, path: "x").root
        #expect(root.span.description == "x:1:9")
        #expect(root.members?.first?.keySpan.start.offset == 11)
    }
}
