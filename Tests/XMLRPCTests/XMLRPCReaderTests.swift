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
            ("<value><int>1_000</int></value>", 1000), ("<value><int>+7</int></value>", 7),
            ("<value><int>٣</int></value>", 3),
            ("<value><int>99999999999999999999</int></value>", .int(.max)),
            ("<value><int>-99999999999999999999</int></value>", .int(.min)),
            ("<value><double> .5 </double></value>", 0.5), ("<value><double>1e3</double></value>", 1000.0),
            ("<value><double>inf</double></value>", .double(.infinity)),
            ("<value><string>a<b>c</b>d</string></value>", "a"), ("<value>a<string>b</string>c</value>", "b"),
            ("<value><value>a</value></value>", "a"), ("<value><string>a&#13;&#10;b</string></value>", "a\r\nb"),
            ("<value><nil/></value>", .null), ("<value><x><y/></x></value>", .null),
            ("<string>a</string>", "a"),
        ] as [(String, XMLRPCValue)])
    func values(xml: String, expected: XMLRPCValue) throws {
        #expect(try Self.parameter(xml) == expected)
    }

    @Test("params may be missing")
    func noParams() throws {
        let call = try Self.call("<?xml version='1.0'?><methodCall><methodName>a.b</methodName></methodCall>")
        #expect(call == XMLRPCCall(method: "a.b"))
    }

    @Test(
        "only the elements that carry values count, whatever stands around them",
        arguments: [
            ("<call><methodName>m</methodName><params><value>a</value></params></call>", ["a"]),
            (
                "<methodCall><params><param><value>a</value></param></params><methodName>m</methodName></methodCall>",
                ["a"]
            ),
            ("<methodCall><x/><methodName>m</methodName><params><y>1</y></params></methodCall>", ["1"]),
            ("<methodCall><methodName>n</methodName><methodName>m</methodName><params/></methodCall>", []),
            ("<!DOCTYPE methodCall><methodCall><methodName>m</methodName></methodCall><!-- x --> ", []),
        ] as [(String, [XMLRPCValue])])
    func layouts(xml: String, parameters: [XMLRPCValue]) throws {
        #expect(try Self.call(xml) == XMLRPCCall(method: "m", parameters: parameters))
    }

    @Test("text is UTF-8 whatever the declaration says", arguments: ["iso-8859-1", "utf-16", "us-ascii", "nonsense"])
    func declarations(encoding: String) throws {
        let xml = "<?xml version='1.0' encoding='\(encoding)'?><methodCall><methodName>grüße</methodName></methodCall>"
        #expect(try Self.call(xml).method == "grüße")
    }

    @Test(
        "what is no value of its type, and what would read a second file or grow, is malformed",
        arguments: [
            "<value><int/></value>", "<value><int>1.0</int></value>", "<value><int>0x1</int></value>",
            "<value><int>1__0</int></value>", "<value><int>\(String(repeating: "1", count: 5000))</int></value>",
            "<value><double>0x1p3</double></value>", "<value><double/></value>", "<value><array/></value>",
            "<value><struct><member><name>a</name></member></struct></value>", "<value><base64>YQ</base64></value>",
            "<value><base64>/w==</base64></value>", "<value><dateTime.iso8601>x</dateTime.iso8601></value>",
            "<value><dateTime.iso8601>20261302T03:04:05</dateTime.iso8601></value>", "<value>&nope;</value>",
            "<value>\u{1}</value>", "<value>&#0;</value>", "<value>&#xD800;</value>", "",
        ])
    func values(none xml: String) {
        #expect(throws: XMLRPCReadError.self) { try Self.parameter(xml) }
    }

    @Test(
        "entities are never declared, so nothing grows and no file is read",
        arguments: [
            "<!DOCTYPE m [<!ENTITY a 'b'>]>", "<!DOCTYPE m [<!ENTITY a SYSTEM '/etc/passwd'>]>",
            "<!DOCTYPE m [<!ENTITY a 'bb'><!ENTITY b '&a;&a;&a;'>]>", "<!DOCTYPE m [<!ELEMENT m ANY>]>",
        ])
    func entities(declaration: String) {
        let xml = "\(declaration)<methodCall><methodName>&a;</methodName></methodCall>"
        #expect(throws: XMLRPCReadError.self) { try Self.call(xml) }
    }

    @Test("an outside subset is not fetched")
    func outsideSubset() throws {
        let xml = "<!DOCTYPE m SYSTEM 'http://127.0.0.1:1/x.dtd'><methodCall><methodName>m</methodName></methodCall>"
        #expect(try Self.call(xml).method == "m")
    }

    @Test("UTF-16 is not UTF-8", arguments: [[0xFF, 0xFE], [0xFE, 0xFF], []] as [[UInt8]])
    func wideCharacters(mark: [UInt8]) {
        let isLittle = mark.first != 0xFE
        let text = "<methodCall><methodName>m</methodName></methodCall>".utf8
        let bytes = mark + text.flatMap { isLittle ? [$0, 0] : [0, $0] }
        #expect(throws: XMLRPCReadError.self) { try XMLRPCReader.call(bytes, limits: Self.limits) }
    }

    @Test(
        "malformed messages are refused with line and column",
        arguments: [
            ("", 1, 1), ("hello", 1, 1), ("<methodCall>", 1, 13),
            ("<a>\n<methodName>m</methodName></a>\nx", 3, 1),
            ("<a><methodName>m</methodName></a><?xml version='1.0'?>", 1, 34),
            (
                "<methodCall><methodName>m</methodName>\n<params><param><value><int>x</int></value></param></params></methodCall>",
                2, 35
            ),
            ("<!DOCTYPE a [<!ENTITY x 'y'>]>\n<methodCall/>", 1, 13),
            ("<methodCall><methodName>&lol;</methodName></methodCall>", 1, 25),
            ("<methodCall><methodName>\u{1}</methodName></methodCall>", 1, 25),
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

    @Test(
        "a call of no method is told apart",
        arguments: [
            "<methodCall/>", "<methodCall><methodName/></methodCall>", "<methodResponse/>",
            "<methodCall>\n <foo/></methodCall>",
        ])
    func nameless(xml: String) {
        #expect(throws: XMLRPCReadError.noMethodName) { try Self.call(xml) }
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
