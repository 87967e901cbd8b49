import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import Testing

/// Several files that describe one service are one service, given together or found.
@Suite struct UnitGatheringTests {
    private static func world(_ files: [String: String], listings: [String: [String]] = [:]) -> TestWorld {
        var world = TestWorld()
        world.files = files.mapValues { Array($0.utf8) }
        world.listings = listings
        return world
    }

    private static let service = "[Service]\nExecStart=/bin/web %i\n"
    private static let timer = "[Timer]\nOnCalendar=Mon 03:00\n[Install]\nWantedBy=timers.target\n"

    private static func input(_ path: String, _ text: String) -> InputFile {
        InputFile(path: path, bytes: Array(text.utf8))
    }

    private static func read(_ path: String, _ world: TestWorld) throws -> [Service] {
        guard let bytes = world.files[path] else { return [] }
        return try FormatRegistry.read(InputFile(path: path, bytes: bytes), world: world).services
    }

    @Test(arguments: ["/d/web.service", "/d/web.timer"])
    func `a timer beside its service belongs to it, whichever is given`(path: String) throws {
        let world = Self.world(["/d/web.service": Self.service, "/d/web.timer": Self.timer])
        let services = try Self.read(path, world)
        #expect(services.map(\.name.value) == ["web"])
        #expect(services.first?.calendar?.value == [CalendarRule(minute: 0, hour: 3, weekday: 1)])
    }

    @Test func `files given together become one service`() throws {
        let inputs = [
            Self.input("web.timer", Self.timer), Self.input("web.service", Self.service),
            Self.input("web.service.d/5.conf", "[Service]\nUser=www\n"), Self.input("api.service", Self.service),
        ]
        let result = try Conversion.convert(
            inputs, options: Conversion.Options(format: .plist, to: .plist), world: TestWorld())
        #expect(result.outputs.map(\.name) == ["web.plist", "api.plist"])
        let job = try Sample.value(InputFile(path: "web.plist", bytes: result.outputs[0].bytes))
        #expect(job["UserName"] == "www")
        #expect(job["StartCalendarInterval"] != nil)
    }

    @Test func `a timer without its service is refused with the place`() {
        let failure = #expect(throws: Failure.self) {
            try Self.read("/d/web.timer", Self.world(["/d/web.timer": Self.timer]))
        }
        #expect(failure?.diagnostics.map(\.code) == ["unit-starter-alone"])
        #expect(failure?.diagnostics.first?.span?.file == "/d/web.timer")
    }

    @Test(arguments: ["/d/web@.service", "/d/web.socket"])
    func `a socket with Accept=yes belongs to the template of its name`(path: String) throws {
        let world = Self.world([
            "/d/web@.service": "[Service]\nExecStart=/bin/web\nStandardInput=socket\n",
            "/d/web.socket": "[Socket]\nListenStream=80\nAccept=yes\n",
        ])
        let services = try Self.read(path, world)
        #expect(services.map(\.name.value) == ["web"])
        #expect(services.first?.socketHandover?.value == .connection)
    }

    private static let several = [
        "web.service": "[Unit]\nDescription=web\n[Service]\nExecStart=/bin/web\n",
        "web.socket": "[Socket]\nListenStream=80\n[Install]\nWantedBy=sockets.target\n",
        "admin.socket":
            "[Socket]\nListenStream=/run/admin\nSocketMode=0600\nService=web.service\nBacklog=9\n"
            + "[Install]\nWantedBy=sockets.target\n",
        "web-log.socket":
            "[Socket]\nFileDescriptorName=log\nListenDatagram=514\nService=web.service\n"
            + "[Install]\nWantedBy=sockets.target\n",
        "nightly.timer":
            "[Timer]\nOnCalendar=*-*-* 04:00:00\nUnit=web.service\n[Install]\nWantedBy=timers.target\n",
        "web.timer":
            "[Timer]\nOnCalendar=*-*-* 12:00:00\nPersistent=true\n[Install]\nWantedBy=timers.target\n",
    ]

    @Test(arguments: [Format.plist, .supervisor])
    func `several units of a kind start one service, and come back`(through: Format) throws {
        let inputs = Self.several.sorted { $0.key > $1.key }.map { Self.input($0.key, $0.value) }
        let there = try Conversion.convert(
            inputs, options: Conversion.Options(format: through, to: through), world: TestWorld())
        #expect(there.outputs.count == 1)
        if through == .plist {
            let sockets = try Sample.value(InputFile(path: "web.plist", bytes: there.outputs[0].bytes))["Sockets"]
            #expect(sockets?["Listeners"]?["SockServiceName"] == "80")
            #expect(sockets?["admin.socket"] == ["SockPathName": "/run/admin", "SockPathMode": 0o600])
            #expect(sockets?["log"] == ["SockType": "dgram", "SockServiceName": "514"])
        }
        let back = try Conversion.convert(
            there.outputs.map { InputFile(path: $0.name, bytes: $0.bytes) },
            options: Conversion.Options(format: .systemd, to: .systemd), world: TestWorld())
        for output in back.outputs {
            func lines(_ text: String) -> [Substring] { text.split(separator: "\n").sorted() }
            let text = String(decoding: output.bytes, as: UTF8.self)
            #expect(lines(text) == lines(Self.several[output.name] ?? ""), "\(output.name)")
        }
        #expect(back.outputs.map(\.name).sorted() == Self.several.keys.sorted())
    }

    @Test func `of several timers an edited calendar is what comes back, once`() throws {
        let inputs = Self.several.filter { !$0.key.hasSuffix(".socket") }.sorted { $0.key > $1.key }
        var job = try Sample.value(
            InputFile(
                path: "web.plist",
                bytes: try Conversion.convert(
                    inputs.map { Self.input($0.key, $0.value) }, options: Conversion.Options(format: .plist),
                    world: TestWorld()
                ).outputs[0].bytes))
        job = .dictionary(
            PropertyDictionary(
                (job.dictionary?.entries ?? []).map { key, value in
                    (key, key == "StartCalendarInterval" ? ["Hour": 7, "Minute": 0] : value)
                }))
        let back = try Conversion.convert(
            [InputFile(path: "web.plist", bytes: try XMLPropertyListWriter.write(job))],
            options: Conversion.Options(format: .systemd), world: TestWorld())
        let text = back.outputs.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
        #expect(text.contains("OnCalendar=*-*-* 07:00:00\n"))
        #expect(!text.contains("04:00:00\n") && !text.contains("12:00:00\n"))
    }

    @Test func `sockets that a service names, or is enabled with, are found beside it`() throws {
        let world = Self.world([
            "/d/web.service":
                "[Service]\nExecStart=/bin/web\nSockets=admin.socket\n[Install]\nAlso=log.socket none.socket\n",
            "/d/admin.socket": "[Socket]\nListenStream=1\nService=web.service\n",
            "/d/log.socket": "[Socket]\nListenStream=2\nService=web.service\n",
            "/d/none.socket": "[Socket]\nListenStream=3\n",
        ])
        let service = try #require(try Self.read("/d/web.service", world).first)
        #expect(service.sockets?.value.map(\.name) == ["admin.socket", "log.socket"])
    }

    @Test func `Unit= names another service`() throws {
        let world = Self.world([
            "/d/nightly.timer": "[Timer]\nOnCalendar=daily\nUnit=web.service\n[Install]\nWantedBy=timers.target\n",
            "/d/web.service": Self.service,
        ])
        let services = try Self.read("/d/nightly.timer", world)
        #expect(services.map(\.name.value) == ["web"])
        #expect(services.first?.calendar != nil)
    }

    @Test func `drop-ins beside the unit are read by file name, the more specific of two`() throws {
        let world = Self.world(
            [
                "/d/a-b.service": "[Service]\nExecStart=/bin/web\nUser=zero\n",
                "/d/a-b.service.d/20.conf": "[Service]\nUser=twenty\n",
                "/d/a-.service.d/30.conf": "[Service]\nGroup=g\n",
                "/d/service.d/20.conf": "[Service]\nUser=type\nNice=1\n",
                "/d/a-b.service.d/x.txt": "[Service]\nUser=no\n",
            ],
            listings: [
                "/d/a-b.service.d": ["x.txt", "20.conf"], "/d/a-.service.d": ["30.conf"], "/d/service.d": ["20.conf"],
            ])
        let service = try #require(try Self.read("/d/a-b.service", world).first)
        #expect(service.user?.value == "twenty")
        #expect(service.group?.value == "g")
        #expect(service.niceness == nil)
        #expect(try Self.read("/d/a-b.service.d/20.conf", world).map(\.user?.value) == ["twenty"])
    }

    @Test func `an instance is read from its template`() throws {
        let world = Self.world([
            "/d/web@.service": Self.service,
            "/d/web@blue.timer": "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n",
        ])
        let service = try #require(try Self.read("/d/web@blue.timer", world).first)
        #expect(service.name.value == "web@blue")
        #expect(service.command?.value.arguments == ["/bin/web", "blue"])
        #expect(FormatRegistry.template(of: "/d/web@blue.service") == "/d/web@.service")
        #expect(FormatRegistry.template(of: "/d/web.service") == nil)
    }

    @Test func `a target is the services that it wants`() throws {
        let world = Self.world([
            "/d/all.target": "[Unit]\nWants=web.service api.timer\n", "/d/web.service": Self.service,
            "/d/api.service": Self.service, "/d/api.timer": Self.timer,
        ])
        let services = try Self.read("/d/all.target", world)
        #expect(services.map(\.name.value) == ["web", "api"])
        #expect(services.map { $0.calendar == nil } == [true, false])
        let none = Self.world(["/d/all.target": "[Unit]\nWants=web.service\n"])
        #expect(throws: Failure.self) { try Self.read("/d/all.target", none) }
    }

    @Test(arguments: [Format.plist, .supervisor])
    func `a service with its timer comes back through another format`(through: Format) throws {
        let timer =
            "[Unit]\nDescription=when\n[Timer]\nOnCalendar=Mon..Fri 09,17:00\nPersistent=true\nRandomizedDelaySec=5min\n"
            + "[Install]\nWantedBy=timers.target\n"
        let inputs = [
            Self.input("web.service", "[Unit]\nDescription=web\n[Service]\nExecStart=/bin/web\nRestart=on-failure\n"),
            Self.input("web.timer", timer),
        ]
        let there = try Conversion.convert(
            inputs, options: Conversion.Options(format: through, to: through), world: TestWorld())
        let back = try Conversion.convert(
            there.outputs.map { InputFile(path: $0.name, bytes: $0.bytes) },
            options: Conversion.Options(format: .systemd, to: .systemd), world: TestWorld())
        #expect(back.outputs.map(\.name) == ["web.service", "web.timer"])
        func lines(_ bytes: [UInt8]) -> [String] {
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
        }
        #expect(lines(back.outputs[1].bytes) == lines(inputs[1].bytes))
        #expect(lines(back.outputs[0].bytes) == lines(inputs[0].bytes))
    }

    @Test func `check tells of a file what stands in it`() throws {
        let world = Self.world([
            "/d/web.service": "[Service]\nExecStart=/none/web\nUser=nobody-here\nRestrat=1\n",
            "/d/web.timer": "[Timer]\nOnCalendar=*-02-30\n[Install]\nWantedBy=timers.target\n",
        ])
        func codes(_ path: String) -> [String] {
            Check.check(InputFile(path: path, bytes: world.files[path] ?? []), world: world).map(\.code)
        }
        #expect(codes("/d/web.service") == ["unit-no-executable", "unit-no-user", "unit-unknown-key"])
        #expect(codes("/d/web.timer") == ["unit-calendar-never"])
    }

    @Test(arguments: [
        ("a.timer", "[Timer]\nOnCalendar=*-02-30\nOnBootSec=soon\n", ["unit-calendar-never", "unit-bad-value"]),
        ("a.path", "[Path]\nPathExists=rel\nMakeDirectory=perhaps\n", ["unit-relative-path", "unit-bad-value"]),
        ("a.socket", "[Socket]\nListenStream=99999\nSocketMode=999\n", ["unit-bad-value", "unit-bad-value"]),
    ])
    func `check tells of a starter without its service what is wrong in itself too`(
        name: String, text: String, codes: [String]
    ) {
        let path = "/d/" + name
        let found = Check.check(Self.input(path, text), world: Self.world([path: text]))
        #expect(found.map(\.code).filter { $0 != "unit-not-enabled" } == ["unit-starter-alone"] + codes)
        #expect(found.allSatisfy { $0.span?.file == path })
    }

    @Test(arguments: ["", "[Unit]\nDescription=x\nSuccessAction=exit\n", "[Mount]\nWhat=/dev/a\n"])
    func `a unit that starts no program is nothing wrong`(text: String) {
        let found = Check.check(Self.input("/d/a.service", text), world: Self.world(["/d/a.service": text]))
        #expect(found.map(\.severity) == [.note], "\(found)")
    }

    @Test func `a template is in order, and converted with an instance only`() throws {
        let world = Self.world(["/d/web@.service": "[Service]\nExecStart=/bin/web %i\n", "/bin/web": "\u{7F}ELF"])
        let file = InputFile(path: "/d/web@.service", bytes: world.files["/d/web@.service"] ?? [])
        #expect(Check.check(file, world: world).map(\.description) == [])
        let failure = #expect(throws: Failure.self) { try FormatRegistry.read(file, world: world) }
        #expect(failure?.diagnostics.map(\.code) == ["unit-template"])
    }
}
