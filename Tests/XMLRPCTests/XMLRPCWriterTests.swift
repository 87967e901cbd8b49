import Testing
import XMLRPC

/// What Python 3.11's `xmlrpc.client.dumps(..., methodresponse=True)` writes for each value.
@Suite("XML-RPC is written as Python's xmlrpc.client writes it")
struct XMLRPCWriterTests {
    static let head = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n"
    static let tail = "</param>\n</params>\n</methodResponse>\n"

    static let values: [(XMLRPCValue, String)] = [
        (1, "<value><int>1</int></value>\n"),
        (-2_147_483_648, "<value><int>-2147483648</int></value>\n"),
        (true, "<value><boolean>1</boolean></value>\n"),
        (false, "<value><boolean>0</boolean></value>\n"),
        ("a<b>&c\n\t'\"", "<value><string>a&lt;b&gt;&amp;c\n\t'\"</string></value>\n"),
        ("a\r\nb\r", "<value><string>a&#13;\nb&#13;</string></value>\n"),
        ("", "<value><string></string></value>\n"),
        ("é😀", "<value><string>é😀</string></value>\n"),
        (1.5, "<value><double>1.5</double></value>\n"),
        (1e16, "<value><double>1e+16</double></value>\n"),
        (1.2e16, "<value><double>1.2e+16</double></value>\n"),
        (-1.25e16, "<value><double>-1.25e+16</double></value>\n"),
        (1e-5, "<value><double>1e-05</double></value>\n"),
        (1e15, "<value><double>1000000000000000.0</double></value>\n"),
        (
            .dateTime("19980717T14:08:55"),
            "<value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value>\n"
        ),
        (.base64(Array("abc".utf8)), "<value><base64>\nYWJj\n</base64></value>\n"),
        (.base64([]), "<value><base64>\n</base64></value>\n"),
        (
            .base64([UInt8](repeating: 0x78, count: 100)),
            "<value><base64>\neHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
                + "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA==\n</base64></value>\n"
        ),
        ([], "<value><array><data>\n</data></array></value>\n"),
        (
            [1, [2]],
            "<value><array><data>\n<value><int>1</int></value>\n"
                + "<value><array><data>\n<value><int>2</int></value>\n</data></array></value>\n"
                + "</data></array></value>\n"
        ),
        ([:], "<value><struct>\n</struct></value>\n"),
        (
            ["a": 1, "b": ["c": []]],
            "<value><struct>\n<member>\n<name>a</name>\n<value><int>1</int></value>\n</member>\n"
                + "<member>\n<name>b</name>\n<value><struct>\n<member>\n<name>c</name>\n"
                + "<value><array><data>\n</data></array></value>\n</member>\n</struct></value>\n</member>\n"
                + "</struct></value>\n"
        ),
    ]

    @Test("each type", arguments: values)
    func answer(value: XMLRPCValue, expected: String) throws {
        let written = XMLRPCWriter.answer(value)
        #expect(String(decoding: written, as: UTF8.self) == Self.head + expected + Self.tail)
    }

    @Test("a fault")
    func fault() {
        let written = XMLRPCWriter.fault(XMLRPCFault(code: 10, text: "BAD_NAME: x<"))
        #expect(
            String(decoding: written, as: UTF8.self)
                == "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n"
                + "<name>faultCode</name>\n<value><int>10</int></value>\n</member>\n<member>\n"
                + "<name>faultString</name>\n<value><string>BAD_NAME: x&lt;</string></value>\n</member>\n"
                + "</struct></value>\n</fault>\n</methodResponse>\n")
    }

    @Test(
        "a call, with and without parameters",
        arguments: [
            (
                XMLRPCCall(method: "supervisor.x", parameters: [1, "a"]),
                "<param>\n<value><int>1</int></value>\n</param>\n<param>\n<value><string>a</string></value>\n</param>\n"
            ),
            (XMLRPCCall(method: "supervisor.x"), ""),
        ])
    func call(call: XMLRPCCall, parameters: String) {
        #expect(
            String(decoding: XMLRPCWriter.call(call), as: UTF8.self)
                == "<?xml version='1.0'?>\n<methodCall>\n<methodName>supervisor.x</methodName>\n<params>\n\(parameters)"
                + "</params>\n</methodCall>\n")
    }

    @Test(
        "what XML cannot carry becomes a visible escape",
        arguments: [
            ("a\u{1B}[0m", "a\\x1b[0m"), ("\0", "\\x00"), ("tab\tnl\ncr\r", "tab\tnl\ncr\r"), ("é😀", "é😀"),
            ("\u{FFFE}", "\\xef\\xbf\\xbe"), ("\u{7F}\u{85}", "\u{7F}\u{85}"),
        ])
    func sanitise(text: String, expected: String) throws {
        #expect(XMLRPCText.sanitise(text) == expected)
        let bytes = XMLRPCWriter.answer(.string(text))
        #expect(try XMLRPCReader.answer(bytes, limits: XMLRPCLimits(size: 1 << 16)) == .success(.string(expected)))
    }

    @Test(
        "bytes that are not UTF-8 become visible escapes",
        arguments: [
            ([0x61, 0xFF, 0x62], "a\\xffb"), ([0xC3], "\\xc3"), ([0xC3, 0xA9], "é"),
            ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
            ([0xC0, 0x80], "\\xc0\\x80"), ([0xF4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
            ([0xE2, 0x82], "\\xe2\\x82"),
        ] as [([UInt8], String)])
    func invalidBytes(bytes: [UInt8], expected: String) throws {
        #expect(XMLRPCText.sanitise(bytes) == expected)
        let message = XMLRPCWriter.answer { $0.string(bytes: bytes) }
        #expect(try XMLRPCReader.answer(message, limits: XMLRPCLimits(size: 1 << 16)) == .success(.string(expected)))
    }

    @Test("a reader gets back every byte that XML can carry, and the number of every other one")
    func nothingLost() throws {
        let message = XMLRPCWriter.answer { $0.string(bytes: UInt8.min...UInt8.max) }
        var expected = ""
        for byte in UInt8.min...UInt8.max {
            let isCarried = byte == 9 || byte == 10 || byte == 13 || (32..<128).contains(byte)
            expected +=
                isCarried ? String(Unicode.Scalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        #expect(try XMLRPCReader.answer(message, limits: XMLRPCLimits(size: 1 << 16)) == .success(.string(expected)))
    }

    @Test("each byte is escaped alike wherever it stands among others", arguments: 0..<17)
    func everyByteEverywhere(place: Int) {
        for byte in UInt8.min...UInt8.max {
            var text = [UInt8](repeating: 0x61, count: 17)
            text[place] = byte
            let expected =
                switch byte {
                case UInt8(ascii: "&"): "&amp;"
                case UInt8(ascii: "<"): "&lt;"
                case UInt8(ascii: ">"): "&gt;"
                case 13: "&#13;"
                case 9, 10, 32..<128: String(Unicode.Scalar(byte))
                default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
            let message = XMLRPCWriter.answer { $0.string(bytes: text) }
            let before = String(repeating: "a", count: place)
            let after = String(repeating: "a", count: 16 - place)
            #expect(
                String(decoding: message, as: UTF8.self)
                    == "\(Self.head)<value><string>\(before)\(expected)\(after)</string></value>\n\(Self.tail)")
        }
    }

    @Test("piece by piece gives the same bytes as a value")
    func streaming() {
        let pieces = XMLRPCWriter.answer { writer in
            writer.array { writer in
                writer.structure {
                    $0.member("name", "a")
                    $0.member("pid", 7)
                    $0.member("up", true)
                    $0.member("load") { $0.double(0.5) }
                }
                writer.fault(XMLRPCFault(code: 1, text: "UNKNOWN_METHOD"))
            }
        }
        let value: XMLRPCValue = [
            ["name": "a", "pid": 7, "up": true, "load": 0.5], ["faultCode": 1, "faultString": "UNKNOWN_METHOD"],
        ]
        #expect(pieces == XMLRPCWriter.answer(value))
    }
}
