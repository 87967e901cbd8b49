import SupervisorFormat
import Testing

/// `environment=` as supervisord 4.3.0 splits it, surprises included.
@Suite struct EnvironmentListTests {
    private static let lists: [(text: String, pairs: [String])] = [
        ("A=1", ["A=1"]), ("A=1,B=\"2\",", ["A=1", "B=2"]), ("H=\"it's\"", ["H=it's"]), ("K=\"\"", ["K="]), ("", []),
        ("A=$HOME", ["A=$"]), ("A=\"x,y\",B='z'", ["A=x,y", "B=z"]), ("A = 1 , B = 2", ["A=1", "B=2"]),
        ("A=a-b.c:d/e(f)+g", ["A=a-b.c:d/e(f)+g"]), ("A=a#b\nc", ["A=ac"]), ("A=1 # c\n,B=2", ["A=1", "B=2"]),
        ("A=\"x\ny\"", ["A=x\ny"]), ("A='\"x\"'", ["A=x"]), ("A=1;B=2", ["A=1", "B=2"]), ("\"A\"=1", ["\"A\"=1"]),
        ("A=1,B=2,A=3", ["A=3", "B=2"]), ("A=b\"c", ["A=b\"c"]), ("A=é", ["A=é"]), ("A=éü", ["A=é"]), ("A==", ["A=="]),
        ("A=1|B=2", ["A=1", "B=2"]),
    ]

    @Test("what it accepts", arguments: lists)
    func accepted(text: String, pairs: [String]) throws {
        #expect(try EnvironmentList.parse(text).map { "\($0.name)=\($0.value)" } == pairs)
    }

    @Test(
        "what it refuses",
        arguments: [
            "A", "A=", "=1", "A=1,,B=2", "A=\"1\" B=\"2\"", "I=\"say \\\"hi\\\"\"", "A=x~y", "A=1,B", "A=a#b\nB=2",
        ])
    func refused(text: String) {
        let error = #expect(throws: BadValue.self) { try EnvironmentList.parse(text) }
        #expect(error?.message == "Unexpected end of key/value pairs in value '\(text)'")
    }

    @Test("an open quote is told as such", arguments: ["A=\"x", "A='x\"", "A=1,B=\"it's"])
    func open(text: String) {
        let error = #expect(throws: BadValue.self) { try EnvironmentList.parse(text) }
        #expect(error?.message == "No closing quotation")
    }

    @Test("what is written is read back as it was, or not written at all", arguments: 1...2000)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let pieces = ["a", "B", " ", ";", "#", "\"", "'", ",", "=", "\n", "%", "\\", "$", "é", "\t"]
        let name = random.text(of: ["A", "b", "_", "1", ".", "é", " "], upTo: 4)
        let value = random.text(of: pieces, upTo: 8)
        guard let text = ValueWords.variable(name, value) else { return }
        #expect(ValueWords.isSayable(text))
        let read = try EnvironmentList.parse("Z=1," + text + ",Y=2")
        #expect(read.map(\.name) == ["Z", name, "Y"])
        #expect(read.map(\.value) == ["1", value, "2"])
    }
}
