import PropertyList

/// Rows 001-189 of the table of edge cases.
enum XMLEdgeCases {
    private static let dict = "<dict><key>k</key><string>v</string></dict>"
    private static let plist = "<plist version=\"1.0\">\(dict)</plist>"
    private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private static let accented = "<plist><dict><key>k</key><string>vé</string></dict></plist>"

    private static func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            bigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
        }
    }

    private static func utf32(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { [0, UInt8($0.value >> 16), UInt8($0.value >> 8 & 255), UInt8($0.value & 255)] }
    }

    static let document: [EdgeCase] = [
        .file("001", plist, .value("v")),
        .file("002", declaration + plist, .value("v")),
        .file("003", declaration + dict, .value("v")),
        .file("004", declaration + "<plist>\(dict)</plist>", .value("v")),
        .file("005", declaration + "<plist version=\"9.9\">\(dict)</plist>", .value("v")),
        .file("006", [0xEF, 0xBB, 0xBF] + Array((declaration + plist).utf8), .value("v")),
        .file("007", [0xFF, 0xFE] + utf16(accented, bigEndian: false), .value("vé")),
        .file("008", [0xFE, 0xFF] + utf16(accented, bigEndian: true), .value("vé")),
        .file("008 with UTF-32", [0, 0, 0xFE, 0xFF] + utf32(accented), .value("vé")),
        .file(
            "008 cut in a unit", [0xFE, 0xFF] + utf16(accented, bigEndian: true).dropLast(),
            .refused(line: 1, column: 1)),
        .file("009", utf16(accented, bigEndian: true), .refused(line: 1, column: 1)),
        .file("009 little-endian", utf16(accented, bigEndian: false), .refused(line: 1, column: 1)),
        .file(
            "010",
            Array("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><plist><dict><key>k</key><string>v".utf8) + [0xE9]
                + Array("</string></dict></plist>".utf8), .value("vé")),
        .file(
            "010 with an unknown encoding", "<?xml version=\"1.0\" encoding=\"EBCDIC\"?>" + plist,
            .refused(line: 1, column: 1)),
        .file(
            "011",
            Array("<plist>\n<dict><key>k</key><string>é".utf8) + [0xE9, 0x28] + Array("</string></dict></plist>".utf8),
            .refused(line: 2, column: 28)),
        .file("012", "", .refused(line: 1, column: 1)),
        .file("013", " \n\t\n", .refused(line: 3, column: 1)),
        .file("014", declaration + "<plist></plist>", .refused(line: 2, column: 1)),
        .root("015", "<dict><key>a</key><string>1</string></dict>\n<dict/>", .refused(line: 5, column: 1)),
        .file("016", plist + "\nand more", .warned("v", "plist-trailing")),
        .file("016 with a second document", plist + plist, .warned("v", "plist-trailing")),
        .file("016 with a comment only", plist + "\n<!-- end -->\n", .value("v")),
        .file("017", "\n\n" + declaration + plist, .value("v")),
        .file("018", "<!-- mine -->\n" + declaration + plist, .value("v")),
        .file("019", declaration + "<plist>\n<dict><key>k</key><string>v", .refused(line: 3, column: 28)),
        .file("019 in a tag", "<plist><dic", .refused(line: 1, column: 8)),
        .file("020", "<plist><string>hello</string></plist>", .value("hello")),
        .file("021", "<plist><array><string>a</string></array></plist>", .value(["a"])),
        .file("022", "<plist><integer>5</integer></plist>", .value(5)),
        .file("023", "<plist><true/></plist>", .value(true)),
        .file(
            "024", declaration + "<!DOCTYPE plist [<!ENTITY e \"x\">]>\n<plist><string>&e;</string></plist>",
            .refused(line: 2, column: 17)),
        .file("025", declaration + "<!DOCTYPE plist [<!ENTITY e \"x\">]>\n" + plist, .refused(line: 2, column: 17)),
        .file("026", "<?xml version=\"1.0\"?><?pi a?><plist><?pi b?>\(dict)</plist>", .value("v")),
    ]

    static let structure: [EdgeCase] = [
        .root(
            "030", "<dict><key>k</key><string>first</string><key>k</key><string>second</string></dict>",
            .warned("second", "plist-duplicate-key")),
        .root("031", "<dict><key></key><string>v</string></dict>", .value(["": "v"])),
        .root("032", "<dict><key/><string>v</string></dict>", .value(["": "v"])),
        .root("033", "<dict><key>k</key></dict>", .refused(line: 4, column: 7)),
        .root("034", "<dict><string>v</string></dict>", .refused(line: 4, column: 7)),
        .root("035", "<dict><key>a</key><key>b</key><string>v</string></dict>", .refused(line: 4, column: 19)),
        .root("036", "<array><key>a</key></array>", .refused(line: 4, column: 8)),
        .key("037", "\nstray<string>v</string>", .refused(line: 5, column: 1)),
        .root("038", "<array> stray <string>v</string></array>", .refused(line: 4, column: 9)),
        .key("039", "<dict/>", .value([:])),
        .key("040", "<array/>", .value([])),
        .key("041", "<!-- a --><string>v</string>", .value("v")),
        .key("042", "<string>a<!-- no -->b</string>", .warned("ab", "plist-comment")),
        .root("043", "<dict><key> k </key><string> v </string></dict>", .value([" k ": " v "])),
        .root("044", "<dict><key>a&amp;b</key><string>v</string></dict>", .value(["a&b": "v"])),
        .root("045", "<dict><key><![CDATA[a<b]]></key><string>v</string></dict>", .value(["a<b": "v"])),
        .root("046", "<dict><key>a<!-- no -->b</key><string>v</string></dict>", .warned(["ab": "v"], "plist-comment")),
        .key("047", "<strong>v</strong>", .refused(line: 4, column: 21)),
        .key("048", "<STRING>v</STRING>", .refused(line: 4, column: 21)),
        .key("049", "<string lang=\"en\">v</string>", .value("v")),
        .key("050", "<string>v</integer>", .refused(line: 4, column: 30)),
        .key("051", "<string >v</string >", .value("v")),
        .key("060", "<true></true>", .value(true)),
        .key("061", "<true>yes</true>", .refused(line: 4, column: 27)),
        .key("062", "<true />", .value(true)),
        .key("063", "<true><string/></true>", .refused(line: 4, column: 27)),
        .key("186", "<set><string>a</string></set>", .refused(line: 4, column: 21)),
        .key("187", "<null/>", .refused(line: 4, column: 21)),
        .key("188", "<dict><key>CF$UID</key><integer>5</integer></dict>", .value(["CF$UID": 5])),
    ]

    private static func integer(_ row: String, _ text: String, _ verdict: EdgeCase.Verdict) -> EdgeCase {
        .key(row, "<integer>\(text)</integer>", verdict)
    }

    private static func real(_ row: String, _ text: String, _ verdict: EdgeCase.Verdict) -> EdgeCase {
        .key(row, "<real>\(text)</real>", verdict)
    }

    private static let badInteger = EdgeCase.Verdict.refused(line: 4, column: 30)
    private static let badReal = EdgeCase.Verdict.refused(line: 4, column: 27)

    static let numbers: [EdgeCase] = [
        integer("070", "42", .value(42)),
        integer("071", " 42 ", .warned(42, "plist-number")),
        integer("072", "\n42\n", .warned(42, "plist-number")),
        integer("073", "+42", .value(42)),
        integer("074", "0x1F", .value(31)),
        integer("075", "0X1f", .value(31)),
        integer("076", "-0x1F", .value(-31)),
        integer("077", "022", .warned(22, "plist-number")),
        integer("078", "", badInteger),
        .key("079", "<integer/>", .refused(line: 4, column: 30)),
        integer("080", "abc", badInteger),
        integer("081", "42abc", badInteger),
        integer("082", "4.5", badInteger),
        integer("083", "9223372036854775807", .value(.integer(PropertyInteger(Int64.max)))),
        integer("084", "9223372036854775808", .value(.integer(PropertyInteger(UInt64(1) << 63)))),
        integer("085", "18446744073709551615", .value(.integer(PropertyInteger(UInt64.max)))),
        integer("086", "18446744073709551616", badInteger),
        integer("087", "-9223372036854775808", .value(.integer(PropertyInteger(Int64.min)))),
        integer("088", "-9223372036854775809", badInteger),
        integer("089", "1_000", badInteger),
        integer("090", "&#52;2", .value(42)),
        integer("091", "4<!-- no -->2", badInteger),
        integer("092", "- 5", badInteger),
        integer("093", "--5", badInteger),
        real("100", "1.5", .value(1.5)),
        real("101", "1", .value(1.0)),
        real("102", "1e3", .value(1000.0)),
        real("103", "nan", .value(.real(.nan))),
        real("104", "inf", .value(.real(.infinity))),
        real("105", "+infinity", .value(.real(.infinity))),
        real("106", "-inf", .value(.real(-.infinity))),
        real("107", "Infinity", .value(.real(.infinity))),
        real("108", "", badReal),
        real("109", "1.5x", badReal),
        real("110", "1,5", badReal),
        real("111", "0x1p3", badReal),
        real("112", " 1.5 ", .warned(1.5, "plist-number")),
        real("113", "1e999", badReal),
    ]

    private static func date(_ row: String, _ text: String, _ verdict: EdgeCase.Verdict) -> EdgeCase {
        .key(row, "<date>\(text)</date>", verdict)
    }

    private static func data(_ row: String, _ text: String, _ verdict: EdgeCase.Verdict) -> EdgeCase {
        .key(row, "<data>\(text)</data>", verdict)
    }

    private static let badDate = EdgeCase.Verdict.refused(line: 4, column: 27)
    private static let badData = EdgeCase.Verdict.refused(line: 4, column: 27)
    private static let hello = PropertyValue.data(Array("hello".utf8))

    static let datesAndData: [EdgeCase] = [
        date("120", "2020-01-02T03:04:05Z", .value(.date(PropertyDate(secondsSince2001: 599_627_045)))),
        date("121", "2020-01-02T03:04:05", badDate),
        date("122", "2020-01-02T03:04:05.5Z", badDate),
        date("123", "2020-01-02T03:04:05+02:00", badDate),
        date("124", "2020-01-02", badDate),
        date("125", "2020-13-02T03:04:05Z", badDate),
        date("126", "2020-02-30T03:04:05Z", badDate),
        date("127", " 2020-01-02T03:04:05Z ", .refused(line: 4, column: 28)),
        date("128", "0001-01-01T00:00:00Z", .value(.date(PropertyDate(secondsSince2001: -63_113_904_000)))),
        date("129", "12020-01-02T03:04:05Z", badDate),
        date("130", "-2020-01-02T03:04:05Z", badDate),
        date("131", "", badDate),
        date("132", "2020-01-02T03:04Z", badDate),
        data("140", "aGVsbG8=", .value(hello)),
        data("141", "\n\taGVs\n\tbG8=\n", .value(hello)),
        data("142", "aGVsbG8", badData),
        data("143", "aGVs*bG8=", .warned(hello, "plist-base64")),
        data("144", "", .value(.data([]))),
        .key("145", "<data/>", .value(.data([]))),
        data("146", "-_-_", badData),
        data("147", "aGVsbG8=aGVsbG8=", badData),
    ]

    private static func string(_ row: String, _ text: String, _ verdict: EdgeCase.Verdict) -> EdgeCase {
        .key(row, "<string>\(text)</string>", verdict)
    }

    static let strings: [EdgeCase] = [
        string("150", "", .value("")),
        .key("151", "<string/>", .value("")),
        string("152", "  a\n b\t", .value("  a\n b\t")),
        string("153", "a\r\nb\rc", .value("a\nb\nc")),
        string("154", "<![CDATA[<a>&amp;]]>", .value("<a>&amp;")),
        string("155", "x<![CDATA[<y>]]>z", .value("x<y>z")),
        string("156", "&lt;&gt;&amp;&quot;&apos;", .value("<>&\"'")),
        string("157", "a&nbsp;b", .refused(line: 4, column: 30)),
        string("158", "a & b", .refused(line: 4, column: 31)),
        string("159", "a > b && c", .refused(line: 4, column: 35)),
        string("160", "&#233;", .value("é")),
        string("161", "&#xE9;&#x1F600;", .value("é😀")),
        string("162", "&#0;", .refused(line: 4, column: 33)),
        string("163", "a&#1;b", .refused(line: 4, column: 34)),
        string("164", "a\u{1}b", .refused(line: 4, column: 30)),
        string("164 with NUL", "a\0b", .refused(line: 4, column: 30)),
        string("165", "&#xD800;", .refused(line: 4, column: 37)),
        string("166", "&#x110000;", .refused(line: 4, column: 39)),
        string("167", "😀", .value("😀")),
        string("168", "a<b>c</b>", .refused(line: 4, column: 30)),
        string("169", "a < b", .refused(line: 4, column: 31)),
        string("170", "a ]]> b", .refused(line: 4, column: 31)),
        .key("171", "<!-- open <string>v</string>", .refused(line: 6, column: 1)),
        .key("172", "<!-- a -- b --><string>v</string>", .warned("v", "plist-comment")),
        string(
            "189", String(repeating: "x", count: 1_000_000), .value(.string(String(repeating: "x", count: 1_000_000)))),
    ]

    private static func nested(_ depth: Int) -> String {
        "<plist>" + String(repeating: "<array>", count: depth) + String(repeating: "</array>", count: depth)
            + "</plist>"
    }

    private static func arrays(_ depth: Int) -> PropertyValue {
        (1..<depth).reduce([]) { inner, _ in .array([inner]) }
    }

    static let nesting: [EdgeCase] = [
        .file("180/100", nested(100), .value(arrays(100))),
        .file("180/511", nested(511), .value(arrays(511))),
        .file("180/512", nested(512), .value(arrays(512))),
        .file("180/513", nested(513), .refused(line: 1, column: 8 + 512 * 7)),
        .file("180/5000", nested(5000), .refused(line: 1, column: 8 + 512 * 7)),
        .file("180/100000", nested(100_000), .refused(line: 1, column: 8 + 512 * 7)),
    ]
}
