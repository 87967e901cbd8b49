import PropertyList
import SourceText
import Testing

@Suite("JSON and OpenStep: every row of the table of edge cases")
struct TextFormatTests {
    static let accepted: [(String, String, PropertyListFormat, PropertyValue, [String])] = [
        (
            "200", "{\"k\": \"v\", \"n\": 1, \"b\": true, \"f\": 1.5}", .json,
            ["k": "v", "n": 1, "b": true, "f": 1.5], []
        ),
        ("202", "[1, 2, 3]", .json, [1, 2, 3], []),
        ("204", "{\"a\": 1, \"a\": 2}", .json, ["a": 2], ["plist-duplicate-key"]),
        ("205", "\u{FEFF}{\"a\": 1}", .json, ["a": 1], []),
        ("206", "\"abc\"", .openStep, "abc", []),
        ("210", "{ Label = foo; Args = (a, \"b c\",); }", .openStep, ["Label": "foo", "Args": ["a", "b c"]], []),
        ("212", "{ d = <68656c6c 6f>; }", .openStep, ["d": .data(Array("hello".utf8))], []),
        ("212 as root", "<68656c6c 6f>", .openStep, .data(Array("hello".utf8)), []),
        ("213", "// one\n{ a /* two */ = b; /* three **/ }", .openStep, ["a": "b"], []),
        ("214", "a = b;\n\"c\" = d;\n", .openStep, ["a": "b", "c": "d"], []),
        ("214 without last ;", "a = b; c = d", .openStep, ["a": "b", "c": "d"], []),
        ("214 with keys only", "\"a\"; b = c;", .openStep, ["a": "a", "b": "c"], []),
        ("215", "hello", .openStep, "hello", []),
        (
            "222 with an address", "{ a = http://x/y; b = c//d; /* e */ }", .openStep,
            ["a": "http://x/y", "b": "c//d"], []
        ),
        ("216", "{ a = \"x\\U00e9\\n\\101\"; }", .openStep, ["a": "xé\nA"], []),
        ("216 beyond ASCII and the first plane", "{ a = \"\\325\\Ud83d\\Ude00\"; }", .openStep, ["a": "à😀"], []),
        ("217", "( a, b )", .openStep, ["a", "b"], []),
        ("218", "{ a = 'b c'; }", .openStep, ["a": "b c"], []),
        ("219", "{ a = 5; b = YES; }", .openStep, ["a": "5", "b": "YES"], []),
        ("221", "{ a = 1; a = 2; }", .openStep, ["a": "2"], ["plist-duplicate-key"]),
        ("222", "{ a = /usr/bin/foo-bar_1.0:$x; }", .openStep, ["a": "/usr/bin/foo-bar_1.0:$x"], []),
        ("224", "{}", .json, [:], []),
    ]

    @Test("accepted", arguments: accepted)
    func accepts(row: String, text: String, format: PropertyListFormat, value: PropertyValue, warnings: [String]) throws
    {
        let document = try PropertyListDocument.read(Array(text.utf8), path: "x")
        #expect(document.format == format)
        #expect(document.plain == value)
        #expect(document.warnings.map(\.code) == warnings)
    }

    static let refused: [(String, String, Int, Int)] = [
        ("201", "{\"k\": null}", 1, 7), ("203", "{\"a\": 1,}", 1, 9), ("203 in an array", "[1,\n]", 2, 1),
        ("211", "{ a = b }", 1, 9), ("220", "{ a = <*I5>; }", 1, 8), ("220 as root", "<*I5>", 1, 2),
        ("223", "{ a = <686>; }", 1, 11), ("225", "{ a = b; } junk", 1, 12),
        ("an unclosed brace", "{ a = b;\n", 2, 1), ("an unclosed quote", "{ a = \"b; }", 1, 7),
        ("an unclosed comment", "{ a = b; } /* x", 1, 12), ("half of a pair", "{ a = \"\\Ud83d\"; }", 1, 8),
        ("a word JSON lacks", "[tru]", 1, 2), ("a leading zero", "[01]", 1, 2), ("a bare point", "[1.]", 1, 4),
        ("an empty exponent", "[1e]", 1, 4), ("a number too large", "[1e999]", 1, 2),
        ("an integer too large", "[18446744073709551616]", 1, 2), ("a plus", "[+1]", 1, 2),
        ("half of a pair", "[\"\\ud83d\"]", 1, 3), ("an unknown escape", "[\"\\x\"]", 1, 3),
        ("a raw newline in a string", "[\"a\n\"]", 1, 4), ("an unclosed string", "[\"a", 1, 4),
        ("an unclosed array", "[1", 1, 3),
        ("a missing colon", "{\"a\": {\"b\" 1}}", 1, 12), ("a key that is no string", "{\"a\": {1: 2}}", 1, 8),
        ("text behind the root", "[1] 2", 1, 5), ("a comment in JSON", "[1, // x\n2]", 1, 5),
    ]

    @Test("refused at line and column", arguments: refused)
    func refuses(row: String, text: String, line: Int, column: Int) {
        do {
            let document = try PropertyListDocument.read(Array(text.utf8), path: "x")
            Issue.record("\(row) was accepted as \(document.plain)")
        } catch {
            let start = error.diagnostics.first?.span?.start
            #expect([start?.line, start?.column] == [line, column], "\(row): \(error)")
        }
    }

    @Test(
        "depth is bounded without the thread's stack",
        arguments: [("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("{a=", ";}")])
    func depth(open: String, close: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            let core = open.hasSuffix(":") || open.hasSuffix("=") ? "\"x\"" : ""
            return Array((String(repeating: open, count: depth) + core + String(repeating: close, count: depth)).utf8)
        }
        #expect(throws: Never.self) { try PropertyListDocument.read(nested(512), path: "x") }
        #expect(throws: Failure.self) { try PropertyListDocument.read(nested(513), path: "x") }
        #expect(throws: Failure.self) { try PropertyListDocument.read(nested(200_000), path: "x") }
    }

    @Test("size is bounded", arguments: PropertyListFormat.allCases)
    func size(format: PropertyListFormat) throws {
        let bytes = try PropertyListDocument.write(["k": "v"], as: format).bytes
        let limits = PropertyListLimits(size: bytes.count - 1)
        #expect(throws: Failure.self) { try PropertyListDocument.read(bytes, path: "x", limits: limits) }
    }
}

@Suite("JSON for reports and the API")
struct JSONTests {
    @Test(
        "numbers are integers or reals as they are written",
        arguments: [
            ("0", 0), ("-0", 0), ("-12", -12), ("9223372036854775807", .integer(PropertyInteger(Int64.max))),
            ("18446744073709551615", .integer(PropertyInteger(UInt64.max))), ("1.0", 1.0), ("1e2", 100.0),
            ("-2.5E-1", -0.25),
        ] as [(String, PropertyValue)])
    func numbers(text: String, value: PropertyValue) throws {
        #expect(try JSONReader.read(Array(text.utf8), path: "x").plain == value)
    }

    @Test("null is a value to the JSON reader")
    func null() throws {
        #expect(try JSONReader.read(Array(" [null] ".utf8), path: "x").plain == [.null])
    }

    @Test("escapes are read")
    func escapes() throws {
        let text = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\""
        #expect(try JSONReader.read(Array(text.utf8), path: "x").plain == "\"\\/\u{8}\u{C}\n\r\té😀")
    }

    @Test("piece by piece and as a value give the same bytes, compact and pretty")
    func pieces() {
        let value: PropertyValue = [
            "name": "a\"\\\n\u{1}é", "pid": 7, "up": true, "load": 0.5, "none": .null,
            "list": [1, [], [:], ["k": "v"]],
        ]
        for style in [JSONWriter.Style.compact, .pretty] {
            let pieces = JSONWriter.bytes(style) { writer in
                writer.object {
                    $0.member("name", "a\"\\\n\u{1}é")
                    $0.member("pid", 7)
                    $0.member("up", true)
                    $0.member("load", 0.5)
                    $0.member("absent", nil as String?)
                    $0.key("none")
                    $0.null()
                    $0.array("list") { list in
                        list.value(1)
                        list.array { _ in }
                        list.object { _ in }
                        list.object { $0.member("k", "v") }
                    }
                }
            }
            #expect(pieces == JSONWriter.bytes(value, style))
        }
        #expect(
            String(decoding: JSONWriter.bytes(value), as: UTF8.self)
                == "{\"name\":\"a\\\"\\\\\\n\\u0001é\",\"pid\":7,\"up\":true,\"load\":0.5,\"none\":null,"
                + "\"list\":[1,[],{},{\"k\":\"v\"}]}")
        #expect(
            String(decoding: JSONWriter.bytes(["a": [1, [:]], "b": "c"], .pretty), as: UTF8.self)
                == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"c\"\n}\n")
    }

    @Test("what JSON has no type for becomes text")
    func otherTypes() {
        let value: PropertyValue = [
            .data(Array("hi".utf8)), .date(PropertyDate(secondsSince2001: 0)), .real(.nan), .uid(3),
        ]
        #expect(
            String(decoding: JSONWriter.bytes(value), as: UTF8.self)
                == "[\"aGk=\",\"2001-01-01T00:00:00Z\",null,{\"CF$UID\":3}]")
    }
}
