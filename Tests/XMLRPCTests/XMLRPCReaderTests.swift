import Testing
import XMLRPC

@Suite("XML-RPC messages are read as supervisord 4.3 reads them")
struct XMLRPCReaderTests {
    static let limits = XMLRPCLimits(size: 1 << 20)

    static func call(_ xml: String) throws(XMLRPCReadError) -> XMLRPCCall {
        try XMLRPCReader.call(Array(xml.utf8), limits: limits)
    }

    static func parameter(_ value: String) throws(XMLRPCReadError) -> XMLRPCValue? {
        try call("<methodCall><methodName>m</methodName><params><param>\(value)</param></params></methodCall>")
            .parameters.first
    }

    @Test(
        "values",
        arguments: [
            ("<value><int>5</int></value>", 5), ("<value><i4> -5 </i4></value>", -5),
            ("<value><boolean>1</boolean></value>", true), ("<value><boolean>0</boolean></value>", false),
            ("<value><boolean>true</boolean></value>", false),
            ("<value><string>a&amp;b</string></value>", "a&b"), ("<value><string/></value>", ""),
            ("<value>plain</value>", "plain"), ("<value/>", ""), ("<value> </value>", " "),
            ("<value><double>1.5</double></value>", 1.5),
            (
                "<value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value>",
                .dateTime("19980717T14:08:55")
            ),
            ("<value><base64>aGVs\nbG8=</base64></value>", "hello"),
            ("<value><i8>12</i8></value>", "12"),
            ("<value><array><data><value>a</value><value><int>1</int></value></data></array></value>", ["a", 1]),
            ("<value> <array> <data> </data> </array> </value>", []),
            (
                "<value><struct><member><name>k</name><value>v</value></member>"
                    + "<member><name/><value><int>1</int></value></member></struct></value>",
                ["k": "v", "": 1]
            ),
            ("<value><string>a<![CDATA[<b>]]>c</string></value>", "a<b>c"),
            ("<value><string>a<!-- no -->b</string></value>", "ab"),
        ] as [(String, XMLRPCValue)])
    func values(xml: String, expected: XMLRPCValue) throws {
        #expect(try Self.parameter(xml) == expected)
    }

    @Test("params may be missing")
    func noParams() throws {
        let call = try Self.call("<?xml version='1.0'?><methodCall><methodName>a.b</methodName></methodCall>")
        #expect(call == XMLRPCCall(method: "a.b"))
    }

    @Test("<nil/> is unsupported, not malformed: the server answers 500")
    func null() {
        #expect(throws: XMLRPCReadError.unsupported(element: "nil")) { try Self.parameter("<value><nil/></value>") }
    }

    @Test(
        "malformed messages are refused with line and column",
        arguments: [
            ("", 1, 1), ("hello", 1, 1), ("<methodCall>", 1, 13), ("<methodCall/>", 1, 1),
            ("<methodCall><methodName/></methodCall>", 1, 1),
            ("<methodResponse/>", 1, 1),
            ("<methodCall>\n <foo/></methodCall>", 2, 2),
            (
                "<methodCall><methodName>m</methodName>\n<params><param><value><int>x</int></value></param></params></methodCall>",
                2, 35
            ),
            ("<!DOCTYPE a [<!ENTITY x 'y'>]>\n<methodCall/>", 1, 13),
            ("<methodCall><methodName>&lol;</methodName></methodCall>", 1, 25),
            ("<methodCall><methodName>\u{1}</methodName></methodCall>", 1, 25),
            (
                "<methodCall><methodName>m</methodName><params><param><value><value/></value></param></params></methodCall>",
                1, 61
            ),
        ])
    func malformed(xml: String, line: Int, column: Int) {
        do {
            let call = try Self.call(xml)
            Issue.record("accepted: \(call)")
        } catch .malformed(_, let foundLine, let foundColumn) {
            #expect(foundLine == line)
            #expect(foundColumn == column)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("bytes that are not UTF-8 are malformed")
    func invalidUTF8() {
        #expect(throws: XMLRPCReadError.malformed(message: "not valid UTF-8", line: 1, column: 13)) {
            try XMLRPCReader.call(Array("<methodCall>".utf8) + [0xFF], limits: Self.limits)
        }
    }

    @Test("size and depth are bounded")
    func bounds() throws {
        let long = Array("<methodCall><methodName>m</methodName></methodCall>".utf8)
        #expect(throws: XMLRPCReadError.tooLarge(limit: 10)) {
            try XMLRPCReader.call(long, limits: XMLRPCLimits(size: 10))
        }
        func nested(_ depth: Int) -> String {
            String(repeating: "<value><array><data>", count: depth) + "<value>x</value>"
                + String(repeating: "</data></array></value>", count: depth)
        }
        #expect(try Self.parameter(nested(63)) != nil)
        #expect(throws: XMLRPCReadError.self) { try Self.parameter(nested(64)) }
        #expect(throws: XMLRPCReadError.self) { try Self.parameter(nested(10_000)) }
    }

    @Test("a tag of many attributes is refused before libxml2 compares them all")
    func attributes() {
        var xml = "<methodCall"
        for index in 0..<100_000 { xml += " a\(index)=''" }
        xml += "/>"
        let limits = XMLRPCLimits(size: 1 << 24)
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(throws: XMLRPCReadError.self) { try XMLRPCReader.call(Array(xml.utf8), limits: limits) }
        }
        #expect(time < .seconds(1))
    }

    @Test("answers: a value, a fault, neither")
    func answers() throws {
        let value = XMLRPCWriter.answer(["a", 1, true])
        #expect(try XMLRPCReader.answer(value, limits: Self.limits) == .success(["a", 1, true]))
        let fault = XMLRPCFault(code: 70, text: "NOT_RUNNING: x")
        #expect(try XMLRPCReader.answer(XMLRPCWriter.fault(fault), limits: Self.limits) == .failure(fault))
        let data = XMLRPCWriter.answer(.base64([0, 255]))
        #expect(try XMLRPCReader.answer(data, limits: Self.limits) == .success(.base64([0, 255])))
        for broken in [
            "<methodResponse/>", "<methodResponse><fault><value/></fault></methodResponse>", "<html></html>",
        ] {
            #expect(throws: XMLRPCReadError.self) {
                try XMLRPCReader.answer(Array(broken.utf8), limits: Self.limits)
            }
        }
    }

    @Test("a truncated message is refused at every length, and never read past its end")
    func truncation() {
        let whole = XMLRPCWriter.call(XMLRPCCall(method: "a.b", parameters: [["k": [1, "é", true]]]))
        for length in 0..<(whole.count - 1) {
            #expect(throws: XMLRPCReadError.self) {
                try XMLRPCReader.call(Array(whole[..<length]), limits: Self.limits)
            }
        }
    }
}
