import SourceText
import Testing

@Suite struct PositionTests {
    @Test func `offsets become lines and columns in scalars`() {
        let file = TextFile(path: "f", text: "ab\nüx\r\n\nend")
        #expect(file.position(at: 0) == .start)
        #expect(file.position(at: 3) == SourcePosition(offset: 3, line: 2, column: 1))
        #expect(file.position(at: 5) == SourcePosition(offset: 5, line: 2, column: 2))
        #expect(file.position(at: 8).line == 3)
        #expect(file.position(at: 999).line == 4)
        #expect(file.lineCount == 4)
    }

    @Test func `a line comes without its line end`() {
        let file = TextFile(path: "f", text: "ab\r\ncd\n")
        #expect(Array(file.line(1)) == Array("ab".utf8))
        #expect(Array(file.line(2)) == Array("cd".utf8))
        #expect(file.line(9).isEmpty)
        #expect(file.lineCount == 2)
    }

    @Test func `a diagnostic is one line with place, fault and remedy`() {
        let span = TextFile(path: "a.conf", text: "x\nyz").span(3..<4)
        let diagnostic = Diagnostic(.error, code: "c", "bad\nthing", remedy: "mend it", at: span)
        #expect(diagnostic.description == "a.conf:2:2: bad\\nthing; mend it")
        #expect(Diagnostic(.warning, code: "c", "odd").description == "warning: odd")
    }

    @Test func `control characters cannot move a terminal's cursor`() {
        #expect("a\u{1B}[2Jb".oneLine == "a\\x1b[2Jb")
    }
}
