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

    @Test func `a second unit of one kind that starts the service is refused, not left out`() {
        let socket = "[Socket]\nListenStream=80\nService=web.service\n"
        let inputs = ["web.service": Self.service, "a.socket": socket, "b.socket": socket]
            .sorted { $0.key > $1.key }.map { Self.input($0.key, $0.value) }
        let failure = #expect(throws: Failure.self) {
            try Conversion.convert(inputs, options: Conversion.Options(format: .plist), world: TestWorld())
        }
        #expect(failure?.diagnostics.map(\.code) == ["unit-second-starter"])
        #expect(failure?.diagnostics.first?.span?.file == "a.socket")
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

    @Test func `a template is in order, and converted with an instance only`() throws {
        let world = Self.world(["/d/web@.service": "[Service]\nExecStart=/bin/web %i\n", "/bin/web": "\u{7F}ELF"])
        let file = InputFile(path: "/d/web@.service", bytes: world.files["/d/web@.service"] ?? [])
        #expect(Check.check(file, world: world).map(\.description) == [])
        let failure = #expect(throws: Failure.self) { try FormatRegistry.read(file, world: world) }
        #expect(failure?.diagnostics.map(\.code) == ["unit-template"])
    }
}
