import ServiceFormats
import ServiceModel
import SourceText
import Testing

/// Held sockets between launchd and systemd.
@Suite struct SocketConversionTests {
    private static func job(_ sockets: String, _ more: String = "") -> InputFile {
        Sample.plist(
            """
            <key>Label</key><string>web</string>
            <key>ProgramArguments</key><array><string>/bin/web</string></array>
            <key>Sockets</key><dict>\(sockets)</dict>\(more)
            """)
    }

    private static func socket(_ name: String, _ members: String) -> String {
        "<key>\(name)</key><dict>\(members)</dict>"
    }

    private static func text(_ key: String, _ value: String) -> String {
        "<key>\(key)</key><string>\(value)</string>"
    }

    @Test(arguments: [
        (socket("L", text("SockServiceName", "8080")), ["ListenStream=8080", "FileDescriptorName=L"]),
        (
            socket("L", text("SockServiceName", "http") + text("SockFamily", "IPv4")),
            ["ListenStream=0.0.0.0:80", "FileDescriptorName=L"]
        ),
        (
            socket("L", text("SockServiceName", "53") + text("SockFamily", "IPv6") + text("SockType", "dgram")),
            ["ListenDatagram=[::]:53", "BindIPv6Only=ipv6-only", "FileDescriptorName=L"]
        ),
        (
            socket(
                "L", text("SockServiceName", "873") + text("SockNodeName", "localhost") + text("SockFamily", "IPv4")),
            ["ListenStream=127.0.0.1:873", "FileDescriptorName=L"]
        ),
        (
            socket("L", text("SockPathName", "/run/w") + "<key>SockPathMode</key><integer>438</integer>"),
            ["ListenStream=/run/w", "FileDescriptorName=L", "SocketMode=0666"]
        ),
        (
            socket("L", text("SockPathName", "/run/w") + "<key>SockPathOwner</key><integer>7</integer>"),
            ["ListenStream=/run/w", "FileDescriptorName=L", "SocketMode=0700", "SocketUser=7"]
        ),
    ])
    func `a job's sockets become a socket unit`(sockets: String, lines: [String]) throws {
        let unit = try Sample.converted(Self.job(sockets), to: .systemd)
        let socket = try #require(unit.companions.first { $0.path == "web.socket" })
        let body = Sample.text(socket).split(separator: "\n").map(String.init)
        #expect(body.drop { $0 != "[Socket]" }.dropFirst().prefix { !$0.hasPrefix("[") } == lines[...])
        #expect(body.contains("WantedBy=sockets.target"))
        #expect(try Sample.value(try Sample.converted(unit, to: .plist)) == Sample.value(Self.job(sockets)))
    }

    @Test func `sockets of several names have a unit each, by which the program tells them apart`() throws {
        let job = Self.job(
            Self.socket("b", Self.text("SockPathName", "/run/b") + "<key>SockPathMode</key><integer>384</integer>")
                + Self.socket("a c", Self.text("SockServiceName", "81") + Self.text("SockFamily", "IPv6"))
                + "<key>Listeners</key><array><dict>\(Self.text("SockServiceName", "80"))</dict>"
                + "<dict>\(Self.text("SockServiceName", "443"))</dict></array>"
                + Self.socket("x.socket", Self.text("SockServiceName", "nobody-knows")))
        let unit = try Sample.converted(job, to: .systemd)
        let files = Dictionary(uniqueKeysWithValues: unit.companions.map { ($0.path, Sample.text($0)) })
        #expect(files.keys.sorted() == ["web-a\\x20c.socket", "web-b.socket", "web.socket"])
        #expect(
            files["web.socket"]?.contains("ListenStream=80\nListenStream=443\nFileDescriptorName=Listeners\n") == true)
        #expect(
            files["web-b.socket"]?.contains(
                "ListenStream=/run/b\nFileDescriptorName=b\nSocketMode=0600\nService=web.service\n") == true)
        #expect(files["web-a\\x20c.socket"]?.contains("BindIPv6Only=ipv6-only\n") == true)
        let item = try #require(try Sample.convert(job, .systemd).reports.first?.items.first { $0.key == "Sockets.b" })
        #expect(item.grade == .approximated)
        #expect(try Sample.value(try Sample.converted(unit, to: .plist)) == Sample.value(job))
    }

    @Test(arguments: [true, false])
    func `a job for inetd reads and writes its socket; without Wait each connection has its own process`(
        waits: Bool
    ) throws {
        let job = Self.job(
            Self.socket("Listeners", Self.text("SockServiceName", "69")),
            "<key>inetdCompatibility</key><dict><key>Wait</key><\(waits)/></dict>")
        let unit = try Sample.converted(job, to: .systemd)
        #expect(unit.path == (waits ? "web.service" : "web@.service"))
        let text = Sample.text(unit)
        for line in ["StandardInput=socket", "StandardOutput=inherit", "StandardError=inherit"] {
            #expect(text.contains(line + "\n"), "\(text)")
        }
        let socket = Sample.text(try #require(unit.companions.first { $0.path == "web.socket" }))
        #expect(socket.contains("Accept=yes\n") == !waits)
        #expect(try Sample.value(try Sample.converted(unit, to: .plist)) == Sample.value(job))
        let report = try #require(try Sample.convert(job, .systemd).reports.first)
        #expect(report.items.first { $0.key == "Sockets.Listeners" }?.grade == .exact)
        #expect(report.items.first { $0.key == "inetdCompatibility" }?.grade == .exact)
    }

    @Test(arguments: [
        ("ListenStream=8080\n", ["web", "SockServiceName", "8080"]),
        ("ListenStream=/run/%p\nSocketMode=0600\n", ["SockPathName", "/run/web", "SockPathMode", "384"]),
        ("ListenStream=/run/w\n", ["SockPathMode", "438"]),
        ("ListenDatagram=127.0.0.1:53\n", ["SockType", "dgram", "SockFamily", "IPv4", "SockNodeName", "127.0.0.1"]),
        ("ListenStream=[::]:80\nBindIPv6Only=ipv6-only\n", ["SockFamily", "IPv6"]),
        ("ListenStream=80\nFileDescriptorName=web\n", ["<key>web</key>"]),
    ])
    func `a socket unit becomes a job's sockets`(lines: String, words: [String]) throws {
        let unit = InputFile(
            path: "web.service", bytes: Array("[Service]\nExecStart=/bin/web\n".utf8),
            companions: [InputFile(path: "web.socket", bytes: Array("[Socket]\n\(lines)".utf8), looksAround: false)],
            looksAround: false)
        let job = Sample.text(try Sample.converted(unit, to: .plist))
        for word in words { #expect(job.contains(word), "\(job)") }
        #expect(job.contains("<key>Sockets</key>"))
    }

    @Test(
        arguments: [
            socket("L", text("SecureSocketWithKey", "S")),
            socket("L", text("SockServiceName", "80") + "<key>SockPassive</key><false/>"),
            socket("L", text("SockServiceName", "80") + "<key>Bonjour</key><true/>"),
            socket("L", text("SockServiceName", "nobody-knows")),
            socket("L", text("SockServiceName", "80") + text("SockNodeName", "example.org")),
        ], [Format.systemd, .supervisor])
    func `what no other manager can say of a socket is carried and told`(sockets: String, to: Format) throws {
        let job = Self.job(sockets)
        let report = try #require(try Sample.convert(job, to).reports.first)
        let item = try #require(report.items.first { $0.key == "Sockets.L" })
        #expect(item.grade == .carried || item.grade == .approximated, "\(item)")
        #expect(!item.why.isEmpty)
        let back = try Sample.converted(try Sample.converted(job, to: to), to: .plist)
        #expect(try Sample.value(back) == Sample.value(job))
    }
}
