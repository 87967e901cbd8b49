import SourceText
import Testing

@Suite struct OptionReaderTests {
    private static let options: [OptionReader.Option] = [
        .init("configuration", "c", takesValue: true), .init("nodaemon", "n"), .init("nocleanup", "k"),
        .init("loglevel", "e", takesValue: true), .init("help", "h"), .init("help", "?"),
    ]

    @Test(arguments: [
        (["-c", "x", "-n"], ["configuration=x", "nodaemon="]),
        (["-ncx"], ["nodaemon=", "configuration=x"]),
        (["--conf=x", "--nod"], ["configuration=x", "nodaemon="]),
        (["--configuration", "x"], ["configuration=x"]),
        (["--he", "-?h"], ["help=", "help=", "help="]),
    ])
    func `options are read as getopt reads them`(words: [String], expected: [String]) throws {
        let (matches, rest) = try OptionReader(Self.options, .stopsAtFirstWord).read(words)
        #expect(matches.map { "\($0.name)=\($0.value ?? "")" } == expected)
        #expect(rest.isEmpty)
    }

    @Test(arguments: [
        (["--nope"], "option --nope not recognized"),
        (["-x"], "option -x not recognized"),
        (["-c"], "option -c requires argument"),
        (["--conf"], "option --configuration requires argument"),
        (["--no"], "option --no not a unique prefix"),
        (["--nodaemon=1"], "option --nodaemon must not have an argument"),
    ])
    func `usage errors have getopt's words`(words: [String], message: String) {
        #expect(throws: OptionReader.UsageError(message: message)) {
            try OptionReader(Self.options, .stopsAtFirstWord).read(words)
        }
    }

    @Test func `unknown options of a control verb stay words`() throws {
        let (matches, rest) = try OptionReader(Self.options, .passesUnknown)
            .read(["tail", "-100", "redis", "-c", "x", "--follow"])
        #expect(matches.map(\.name) == ["configuration"])
        #expect(rest == ["tail", "-100", "redis", "--follow"])
    }

    @Test(arguments: [("statsu", "status"), ("restrat", "restart"), ("convet", "convert"), ("zzz", nil)])
    func `a mistyped verb has a nearest one`(word: String, expected: String?) {
        #expect(nearestWord(to: word, among: ["status", "start", "restart", "convert"]) == expected)
    }
}
