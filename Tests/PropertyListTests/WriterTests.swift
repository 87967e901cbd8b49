import PropertyList
import SourceText
import Testing

@Suite("Property lists are written in the layouts of Apple's and Python's tools")
struct WriterTests {
    /// One value with everything in it that the formats treat differently.
    static let everything: PropertyValue = [
        "Label": "com.example.job",
        "ProgramArguments": ["/bin/sh", "-c", "echo é 😀 & <x>"],
        "KeepAlive": ["SuccessfulExit": false], "RunAtLoad": true, "Nice": -5, "n1": 255, "n2": 65535,
        "n4": 4_294_967_295, "n8": .integer(PropertyInteger(Int64.max)), "n16": .integer(PropertyInteger(UInt64.max)),
        "neg": .integer(PropertyInteger(Int64.min)), "r": 0.5,
        "when": .date(PropertyDate(secondsSince2001: 599_627_045)), "blob": .data(Array(0..<60)), "e": [:], "a": [],
        "same": "com.example.job", "u": .uid(300), "long": .array((0..<20).map { .integer($0) }),
    ]

    static var withoutUID: PropertyValue {
        guard case .dictionary(var dictionary) = everything else { return everything }
        dictionary["u"] = nil
        return .dictionary(dictionary)
    }

    /// `plistlib.dumps(value, fmt=FMT_BINARY, sort_keys=False)` of Python 3.11.
    static let binary = [
        "62706c6973743030df10130102030405060708090a0b0c0d0e0f101112131415191c1d1e1f20212223242526272814292a55",
        "4c6162656c5f101050726f6772616d417267756d656e7473594b656570416c6976655952756e41744c6f6164544e69636552",
        "6e31526e32526e34526e38536e3136536e65675172547768656e54626c6f62516551615473616d655175546c6f6e675f100f",
        "636f6d2e6578616d706c652e6a6f62a3161718572f62696e2f7368522d636f100f006500630068006f002000e90020d83dde",
        "00002000260020003c0078003ed11a1b5e5375636365737366756c45786974080913fffffffffffffffb10ff11ffff12ffff",
        "ffff137fffffffffffffff140000000000000000ffffffffffffffff138000000000000000233fe00000000000003341c1de",
        "ca928000004f103c000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829",
        "2a2b2c2d2e2f303132333435363738393a3bd0a081012caf10142b2c2d2e2f303132333435363738393a3b3c3d3e10001001",
        "10021003100410051006100710081009100a100b100c100d100e100f1010101110121013000800310037004a0054005e0063",
        "00660069006c006f007300770079007e008300850087008c008e009300a500a900b100b400d500d800e700e800e900f200f4",
        "00f700fc01050116011f012801310170017101720175018c018e01900192019401960198019a019c019e01a001a201a401a6",
        "01a801aa01ac01ae01b001b20000000000000201000000000000003f000000000000000000000000000001b4",
    ].joined()

    @Test("binary: the bytes of Python's plistlib")
    func binaryBytes() {
        let written = BinaryPropertyListWriter.write(Self.everything)
        #expect(written.map { Digits.hexadecimal(UInt64($0), width: 2) }.joined() == Self.binary)
    }

    @Test("XML: the bytes of Python's plistlib and Apple's plutil")
    func xml() throws {
        let written = try XMLPropertyListWriter.write([
            "Label": "com.example.job", "list": ["a & <b>", [:], [], ""], "yes": true, "no": false, "n": -5,
            "blob": .data(Array(0..<60)), "empty": .data([]),
            "deep": ["deeper": .data(Array(0..<60))],
            "when": .date(PropertyDate(secondsSince2001: 599_627_045)), "r": 0.5,
        ])
        #expect(
            String(decoding: written, as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
                <plist version="1.0">
                <dict>
                \t<key>Label</key>
                \t<string>com.example.job</string>
                \t<key>list</key>
                \t<array>
                \t\t<string>a &amp; &lt;b&gt;</string>
                \t\t<dict/>
                \t\t<array/>
                \t\t<string></string>
                \t</array>
                \t<key>yes</key>
                \t<true/>
                \t<key>no</key>
                \t<false/>
                \t<key>n</key>
                \t<integer>-5</integer>
                \t<key>blob</key>
                \t<data>
                \tAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEy
                \tMzQ1Njc4OTo7
                \t</data>
                \t<key>empty</key>
                \t<data>
                \t</data>
                \t<key>deep</key>
                \t<dict>
                \t\t<key>deeper</key>
                \t\t<data>
                \t\tAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKiss
                \t\tLS4vMDEyMzQ1Njc4OTo7
                \t\t</data>
                \t</dict>
                \t<key>when</key>
                \t<date>2020-01-02T03:04:05Z</date>
                \t<key>r</key>
                \t<real>0.5</real>
                </dict>
                </plist>

                """)
    }

    @Test(
        "reals are written with the shortest digits, whole ones without a fraction",
        arguments: [
            (0.1, "0.1"), (1, "1"), (-2.5, "-2.5"), (1e300, "1e+300"), (.infinity, "+infinity"),
            (-.infinity, "-infinity"), (.nan, "nan"),
        ] as [(Double, String)])
    func reals(number: Double, text: String) throws {
        let written = String(decoding: try XMLPropertyListWriter.write(.real(number)), as: UTF8.self)
        #expect(written.contains("<real>\(text)</real>"))
    }

    @Test("a CR survives, although XML reads raw ones as LF")
    func carriageReturn() throws {
        let written = try XMLPropertyListWriter.write("a\r\nb")
        #expect(try PropertyListDocument.read(written, path: "x").plain == "a\r\nb")
    }

    @Test("keys keep their order, or are sorted by their bytes")
    func order() throws {
        let value: PropertyValue = ["b": 1, "a": 2, "É": 3, "B": 4]
        for format in PropertyListFormat.allCases {
            let kept = try PropertyListDocument.write(value, as: format)
            #expect(
                try PropertyListDocument.read(kept.bytes, path: "x").plain.dictionary?.keys == ["b", "a", "É", "B"])
            let sorted = try PropertyListDocument.write(value, as: format, sortingKeys: true)
            #expect(
                try PropertyListDocument.read(sorted.bytes, path: "x").plain.dictionary?.keys == ["B", "a", "b", "É"])
        }
    }

    @Test(
        "what a format cannot say is refused with the key path",
        arguments: [
            (.xml, ["a": [["b": "\u{1}"]]], "a.0.b"), (.xml, ["k": "\u{FFFF}"], "k"), (.xml, ["k": .uid(1)], "k"),
            (.xml, .null, "the root"), (.xml, ["k": .date(PropertyDate(secondsSince2001: 1e15))], "k"),
            (.json, ["a": [1, .data([])]], "a.1"), (.json, ["k": .real(.nan)], "k"),
            (.json, ["k": .date(PropertyDate(secondsSince2001: 0))], "k"), (.openStep, ["k": .uid(1)], "k"),
        ] as [(PropertyListFormat, PropertyValue, String)])
    func unsayable(format: PropertyListFormat, value: PropertyValue, place: String) {
        do {
            _ = try PropertyListDocument.write(value, as: format)
            Issue.record("written")
        } catch {
            #expect(error.status == .badInput)
            #expect(error.diagnostics.first?.message.hasPrefix(place + " ") == true)
        }
    }

    @Test("OpenStep: plain words without quotes, the rest in ASCII")
    func openStep() throws {
        let output = try PropertyListDocument.write(
            [
                "Label": "com.example.job", "args": ["/bin/sh", "-c", "a \"é\" 😀\n", ""],
                "d": .data(Array("hello".utf8)),
                "url": "http://x//y", "n": 5, "on": true, "e": [:], "l": [],
            ], as: .openStep)
        #expect(
            String(decoding: output.bytes, as: UTF8.self) == """
                {
                \tLabel = com.example.job;
                \targs = (
                \t\t/bin/sh,
                \t\t"-c",
                \t\t"a \\"\\U00e9\\" \\Ud83d\\Ude00\\n",
                \t\t""
                \t);
                \td = <68656c6c 6f>;
                \turl = "http://x//y";
                \tn = 5;
                \ton = YES;
                \te = {};
                \tl = ();
                }

                """)
        #expect(output.warnings.map(\.code) == ["openstep-type", "openstep-type"])
    }
}
