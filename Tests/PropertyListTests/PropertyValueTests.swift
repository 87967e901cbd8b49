import PropertyList
import SourceText
import Testing

@Suite("Property values")
struct PropertyValueTests {
    @Test("a dictionary keeps the order of keys; setting again keeps the place, removing closes the gap")
    func order() {
        var dictionary = PropertyDictionary()
        for index in 0..<40 { dictionary["k\(index)"] = .integer(index) }
        dictionary["k3"] = "new"
        dictionary["k0"] = nil
        #expect(dictionary.keys == (1..<40).map { "k\($0)" })
        #expect(dictionary["k3"] == "new")
        #expect(dictionary["k0"] == nil)
        #expect(dictionary["k39"] == 39)
    }

    @Test(
        "a value is shown to a person: a scalar as it is, inside a container as an outline",
        arguments: [
            ("text", "text\n"), (.data([0x68, 0x69]), "aGk=\n"), (5, "5\n"),
            ([.data([0x68, 0x69])], "[\n  0 => {length = 2, bytes = 0x6869}\n]\n"),
            (.date(PropertyDate(secondsSince2001: 0)), "2001-01-01T00:00:00Z\n"),
            (.date(PropertyDate(secondsSince2001: 1e300)), "1e+300 seconds since 2001\n"),
        ] as [(PropertyValue, String)])
    func readable(value: PropertyValue, text: String) {
        #expect(value.readable == text)
    }

    @Test("keys are equal by their bytes only", arguments: [0, 30])
    func exactKeys(others: Int) throws {
        var dictionary = PropertyDictionary((0..<others).map { ("k\($0)", 0) })
        dictionary["\u{E9}"] = 1
        dictionary["e\u{301}"] = 2
        #expect(dictionary.count == others + 2)
        #expect(dictionary["\u{E9}"] == 1)
        let bytes = try PropertyListDocument.write(.dictionary(dictionary), as: .xml).bytes
        let document = try PropertyListDocument.read(bytes, path: "x")
        #expect(document.warnings.isEmpty)
        #expect(document.plain.dictionary?.count == others + 2)
    }

    @Test("dictionaries are equal in any order")
    func equality() {
        #expect((["a": 1, "b": 2] as PropertyValue) == ["b": 2, "a": 1])
        #expect((["a": 1, "b": 2] as PropertyValue) != ["a": 1])
        #expect((["a": 1] as PropertyValue) != ["a": 1.0])
    }

    @Test("integers compare and convert over their whole range")
    func integers() {
        let (low, high) = (PropertyInteger(Int64.min), PropertyInteger(UInt64.max))
        #expect(low < -1 && PropertyInteger(-1) < 0 && PropertyInteger(0) < high)
        #expect(low.int64 == .min && high.int64 == nil && high.uint64 == .max && low.uint64 == nil)
        #expect(low.description == "-9223372036854775808")
        #expect(PropertyInteger(magnitude: 0, isNegative: true) == 0)
        #expect(PropertyInteger(magnitude: 1 << 63 + 1, isNegative: true) == nil)
    }

    @Test(
        "dates and their text",
        arguments: [
            (0, "2001-01-01T00:00:00Z"), (-1, "2000-12-31T23:59:59Z"), (599_627_045, "2020-01-02T03:04:05Z"),
            (-63_113_904_000, "0001-01-01T00:00:00Z"), (252_423_993_599, "9999-12-31T23:59:59Z"),
            (951_782_400 - 978_307_200, "2000-02-29T00:00:00Z"),
        ])
    func dates(seconds: Int, text: String) throws {
        #expect(PropertyDate(secondsSince2001: Double(seconds)).iso8601 == text)
        let document = try PropertyListDocument.read(Array("<plist><date>\(text)</date></plist>".utf8), path: "x")
        #expect(document.plain == .date(PropertyDate(secondsSince2001: Double(seconds))))
    }

    @Test(
        "no text for years that XML cannot say", arguments: [-63_113_904_001, 252_423_993_600, 1e300, .nan, .infinity])
    func distantDates(seconds: Double) {
        #expect(PropertyDate(secondsSince2001: seconds).iso8601 == nil)
    }

    @Test("every node knows its place: keys and values, in the lines and columns of the file")
    func places() throws {
        let xml = """
            <?xml version="1.0"?>
            <plist>
            <dict>
              <key>é</key> <array>
                <string>a</string><true/>
              </array>
            </dict>
            </plist>
            """
        let root = try PropertyListDocument.read(Array(xml.utf8), path: "job.plist").root
        let member = try #require(root.members?.first)
        #expect("\(root.span)" == "job.plist:3:1")
        #expect(root.span.end.line == 7)
        #expect("\(member.keySpan)" == "job.plist:4:3")
        #expect(member.keySpan.end.column == 15)
        #expect("\(member.value.span)" == "job.plist:4:16")
        let elements = try #require(member.value.elements)
        #expect(elements.map { "\($0.span)" } == ["job.plist:5:5", "job.plist:5:23"])
        #expect(elements.map(\.span.end.column) == [23, 30])
    }

    @Test("a tag of many attributes is refused before libxml2 compares them all")
    func attributes() {
        var xml = "<plist><dict"
        for index in 0..<200_000 { xml += " a\(index)='>'" }
        xml += "/></plist>"
        let time = ContinuousClock().measure {
            #expect(throws: Failure.self) { try PropertyListDocument.read(Array(xml.utf8), path: "x") }
        }
        #expect(time < .seconds(2))
    }

    @Test("many equals signs in texts, comments and CDATA are no attributes")
    func equalsSigns() throws {
        let many = String(repeating: "= ", count: 5000)
        let xml = "<plist><!-- <a \(many) --><string><![CDATA[<b \(many)]]>\(many)</string></plist>"
        #expect(try PropertyListDocument.read(Array(xml.utf8), path: "x").plain == .string("<b " + many + many))
    }

    @Test("of a million warnings the first hundred are kept, and the rest counted")
    func warnings() throws {
        let xml = "<plist><array>" + String(repeating: "<integer> 1</integer>", count: 20_000) + "</array></plist>"
        let warnings = try PropertyListDocument.read(Array(xml.utf8), path: "x").warnings
        #expect(warnings.count == 101)
        #expect(warnings.last?.message == "19900 more warnings")
    }
}
