import LaunchdFormat
import PropertyList
import ServiceModel
import SourceText
import Testing

@Suite struct LaunchdRoundTripTests {
    @Test(arguments: [
        "<key>RunAtLoad</key><true/><key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>",
        "<key>KeepAlive</key><dict><key>PathState</key><dict><key>/x</key><true/></dict></dict>",
        "<key>EnvironmentVariables</key><dict><key>A</key><string>1</string><key>B</key><string>two words</string></dict>",
        "<key>StartCalendarInterval</key><array><dict><key>Minute</key><integer>5</integer></dict><dict/></array>",
        "<key>SoftResourceLimits</key><dict><key>Core</key><integer>0</integer></dict>"
            + "<key>HardResourceLimits</key><dict><key>Core</key><integer>9223372036854775807</integer></dict>",
        "<key>Program</key><string>/usr/bin/env</string>",
        "<key>ExitTimeOut</key><integer>0</integer><key>AbandonProcessGroup</key><true/>",
        "<key>Sockets</key><dict><key>L</key><dict><key>SockServiceName</key><integer>80</integer></dict></dict>",
        "<key>StandardOutPath</key><string>/l</string><key>StandardErrorPath</key><string>/l</string>",
    ])
    func `a job that is read and written says the same`(body: String) throws {
        let first = try #require(try LaunchdSample.read(body).service)
        let job = try LaunchdWriter().write(first).job
        let bytes = try XMLPropertyListWriter.write(.dictionary(job))
        let second = LaunchdReader().read(try PropertyListDocument.read(bytes, path: "again.plist").root)
        #expect(second.service == first)
    }

    @Test func `the article's job comes back as it was`() throws {
        let body =
            "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict><key>RunAtLoad</key><true/>"
        let original = try #require(
            try LaunchdSample.document(
                "<key>Label</key><string>supervisord</string><key>ProgramArguments</key><array>"
                    + "<string>/usr/local/bin/supervisord</string><string>-n</string><string>-c</string>"
                    + "<string>/etc/supervisord.conf</string></array>" + body
            ).plain.dictionary)
        let document = try LaunchdSample.document("")
        _ = document
        let bytes = try XMLPropertyListWriter.write(.dictionary(original))
        let read = LaunchdReader().read(try PropertyListDocument.read(bytes, path: "a.plist").root)
        let job = try LaunchdWriter().write(try #require(read.service)).job
        #expect(job == original)
        #expect(job.keys == ["Label", "ProgramArguments", "RunAtLoad", "KeepAlive"])
        #expect(
            read.keys.map(\.name).sorted() == ["KeepAlive.SuccessfulExit", "Label", "ProgramArguments", "RunAtLoad"])
    }

    @Test(arguments: [
        PropertyValue.string("a\"b\\c\n\u{1}é,]}"), .integer(-5), .integer(PropertyInteger(UInt64.max)), .real(1),
        .real(0.1), .real(-1e300), .boolean(false), .data([0, 255]), .array([1, "x", [:]]), .null,
        .date(PropertyDate(secondsSince2001: -3.5)), .uid(7), ["k:}": ["a", true], "": .real(2)],
    ])
    func `a literal is read back as the value it came from`(value: PropertyValue) {
        #expect(PropertyLiteral.value(PropertyLiteral.text(value)) == value)
    }

    @Test(arguments: ["", "\"a", "[1", "{\"a\"}", "tru", "1 2", "<abc>", "\"a\"x"])
    func `a broken literal is none`(text: String) {
        #expect(PropertyLiteral.value(text) == nil)
    }
}
