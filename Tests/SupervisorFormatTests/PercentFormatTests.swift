import SupervisorFormat
import Testing

/// Python's `%` against a dictionary; every golden value is CPython 3.11's.
@Suite struct PercentFormatTests {
    private static let names: [String: PercentFormat.Value] = [
        "a": .text("str"), "n": .number(7), "m": .number(-7), "q": .text("it's"), "a(b)": .text("p"),
        "z": .number(0), "h": .number(123_456_789), "k": .number(22), "e": .number(999), "l": .number(.max),
    ]

    private func format(_ template: String) throws(PercentFormat.FormatError) -> String {
        try PercentFormat.format(template, lookup: { Self.names[$0] }, wholeDictionary: { "{…}" })
    }

    private static let conversions: [(String, String)] = [
        ("plain", "plain"), ("100%%", "100%"), ("%(a)s", "str"), ("%(n)d", "7"), ("%(n)02d", "07"),
        ("%(n)5.3d", "  007"), ("%(n)x", "7"), ("%(n)#x", "0x7"), ("%(n)#o", "0o7"), ("%(n)X", "7"),
        ("%(n)#08x", "0x000007"), ("%(n)+d", "+7"), ("%(n) d", " 7"), ("%(n)-5dx", "7    x"),
        ("%(n)-08d|", "7       |"), ("%(n)+.4x", "+0007"), ("%(m)05d", "-0007"), ("%(m)d", "-7"), ("%(n)c", "\u{7}"),
        ("%(n)u", "7"), ("%(n)i", "7"), ("%(n)f", "7.000000"), ("%(n).0f", "7"), ("%(n)s", "7"), ("%(n)r", "7"),
        ("%(n).3s", "7"), ("%(n)05s", "    7"), ("%(n)ld", "7"), ("%(a).2s", "st"), ("%(a)5s|", "  str|"),
        ("%(a)-5s|", "str  |"), ("%(a)r", "'str'"), ("%(q)r", "\"it's\""), ("%(a)hs", "str"), ("%s", "{…}"),
        ("%(a(b))s", "p"), ("%(a)s%%%(n)d", "str%7"), ("%(n)e", "7.000000e+00"), ("%(m).0E", "-7E+00"),
        ("%(n)#.0e", "7.e+00"),
        ("%(n)g", "7"), ("%(n)#g", "7.00000"), ("%(n)08.2f", "00007.00"), ("%(n)#.0f", "7."), ("%(z)e", "0.000000e+00"),
        ("%(h).2e", "1.23e+08"), ("%(h)g", "1.23457e+08"), ("%(h).9g", "123456789"), ("%(h)G", "1.23457E+08"),
        ("%(k).1e", "2.2e+01"), ("%(k)+.1g", "+2e+01"), ("%(e).2e", "9.99e+02"), ("%(e).2g", "1e+03"),
        ("%(l)f", "9223372036854775808.000000"),
    ]

    @Test("conversions", arguments: conversions)
    func conversion(template: String, result: String) throws {
        #expect(try format(template) == result)
    }

    private static let faults: [(String, String)] = [
        ("%Y", "unsupported format character 'Y' (0x59) at index 1"),
        ("%(a)y", "unsupported format character 'y' (0x79) at index 4"),
        ("%é", "unsupported format character '?' (0xe9) at index 1"),
        ("%\u{1}", "unsupported format character '?' (0x1) at index 1"),
        ("%5%", "unsupported format character '%' (0x25) at index 2"),
        ("%(n)hhd", "unsupported format character 'h' (0x68) at index 5"),
        ("%(a)d", "%d format: a real number is required, not str"),
        ("%i", "%i format: a real number is required, not dict"),
        ("%(a)x", "%x format: an integer is required, not str"),
        ("%x", "%x format: an integer is required, not dict"), ("%(a)f", "must be real number, not str"),
        ("%(a)c", "%c requires int or char"), ("%", "incomplete format"), ("a%", "incomplete format"),
        ("%(a)", "incomplete format"), ("%(a)5", "incomplete format"), ("%.", "incomplete format"),
        ("%(a", "incomplete format key"), ("%s%s", "not enough arguments for format string"),
        ("%(a)s%s", "not enough arguments for format string"), ("%*d", "* wants int"), ("%(a).*s", "* wants int"),
        ("%(a)99999999", "incomplete format"), ("%(a)999999s", "width too big"),
        ("%(a)999999;9", "unsupported format character ';' (0x3b) at index 10"),
        ("%(n)*d", "not enough arguments for format string"), ("%(a)99999999999999999999d", "width too big"),
        ("%(a).99999999999999999999d", "precision too big"),
    ]

    @Test("faults", arguments: faults)
    func fault(template: String, reason: String) {
        #expect(throws: PercentFormat.FormatError.malformed(reason)) { try format(template) }
    }

    @Test("an unknown name is told from a wrong format, even before the format is looked at")
    func missing() {
        #expect(throws: PercentFormat.FormatError.missing("zz")) { try format("%(zz)%") }
    }

    @Test("widths cannot turn a small file into a large memory")
    func bounded() {
        let bomb = String(repeating: "%(a)65536s", count: 400)
        #expect(throws: PercentFormat.FormatError.malformed("the result is too long")) { try format(bomb) }
    }
}
