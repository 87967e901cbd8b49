import ServiceModel
import SourceText
import SystemdFormat
import Testing

/// Timers, paths and sockets are read into the service that they start and written beside it again.
@Suite struct SystemdStarterTests {
    private static let service = "[Unit]\nDescription=web\n[Service]\nExecStart=/bin/web\n"

    private static func set(_ kind: UnitKind, _ text: String, service: String = service) throws -> UnitSet {
        let main = try UnitDocument(path: "web.service", bytes: Array(service.utf8))
        let starter = try UnitDocument(path: "web.\(kind.rawValue)", bytes: Array(text.utf8))
        return UnitSet(
            name: "web.service", service: UnitFragments(main),
            starters: [UnitSet.Starter(kind: kind, fragments: UnitFragments(starter))])
    }

    private static func set(of units: [SystemdWriter.Unit]) throws -> UnitSet {
        let documents = try units.map { try UnitDocument(path: $0.name, bytes: Array($0.text.utf8)) }
        return UnitSet(
            name: units[0].name, service: UnitFragments(documents[0]),
            starters: documents.dropFirst().compactMap { document in
                UnitName.split(document.path).map { .init(kind: $0.kind, fragments: UnitFragments(document)) }
            })
    }

    @Test(arguments: [
        (UnitKind.timer, "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n"),
        (.timer, "[Timer]\nOnCalendar=Mon..Fri 09,17:00\nOnCalendar=*-*-01 04:00\nPersistent=true\n"),
        (.timer, "[Unit]\nDescription=own words\n[Timer]\nOnCalendar=Mon *-*-01 03:00:30\nOnCalendar=daily\n"),
        (.timer, "[Timer]\nOnActiveSec=90\nOnUnitActiveSec=1min 30s\nAccuracySec=1s\n"),
        (.timer, "[Timer]\nOnBootSec=5min\nOnUnitInactiveSec=1h\nUnit=web.service\n"),
        (.timer, "[Timer]\nOnBootSec=5min\n"),
        (.timer, "[Timer]\nOnCalendar=hourly\nOnCalendar=\nOnUnitActiveSec=1d\n"),
        (.path, "[Path]\nPathModified=/a\nPathChanged=/b\nDirectoryNotEmpty=/c\nMakeDirectory=yes\n"),
        (.path, "[Path]\nPathExists=/a\n[Install]\nWantedBy=multi-user.target\n"),
        (.path, "[Path]\nPathModified=%h/a\nPathExists=%t/b\nDirectoryNotEmpty=/c\n"),
        (
            .socket,
            "[Socket]\nListenStream=80\nListenStream=/run/web.sock\nSocketMode=0600\n[Install]\nWantedBy=sockets.target\n"
        ),
        (.socket, "[Socket]\nListenDatagram=[::1]:53\nFileDescriptorName=dns\nService=web.service\n"),
    ])
    func `what is read is written, and read again it is the same`(kind: UnitKind, text: String) throws {
        let first = try #require(try SystemdReader().read(try Self.set(kind, text)).service)
        let units = try SystemdWriter().write(first).units
        #expect(units.map(\.name) == ["web.service", "web.\(kind.rawValue)"])
        let second = try SystemdReader().read(try Self.set(of: units))
        #expect(second.service == first, "\(units.last?.text ?? "")")
    }

    @Test(arguments: [
        (UnitKind.timer, "[Timer]\nOnCalendar=\nOnCalendar=*:0/30\nOnBootSec=1\nPersistent=yes\nUnit=web.service\n"),
        (.socket, "[Socket]\nListenStream=1\nListenStream=\nListenStream=2\nBogus=1\n"),
        (.path, "[Path]\nPathExists=/a\nPathModified=/b\n[Install]\nWantedBy=paths.target\n"),
    ])
    func `every key of a starter is accounted for once`(kind: UnitKind, text: String) throws {
        let set = try Self.set(kind, text)
        let keys = try SystemdReader().read(set).keys.filter { $0.name.hasPrefix(kind.rawValue + ".") }
        let assignments = set.starters[0].fragments.assignments
        #expect(
            keys.map { "\($0.name)@\($0.span?.description ?? "")" }.sorted()
                == assignments.map { "\(kind.rawValue).\($0.name)@\($0.keySpan)" }.sorted())
    }

    @Test func `a timer becomes the model's calendar and interval`() throws {
        let text = "[Timer]\nOnCalendar=Sun 04:30\nOnUnitActiveSec=15min\n"
        let service = try #require(try SystemdReader().read(try Self.set(.timer, text)).service)
        #expect(service.calendar?.value == [CalendarRule(minute: 30, hour: 4, weekday: 0)])
        #expect(service.interval?.value == .seconds(900))
    }

    @Test func `a path unit becomes the model's paths`() throws {
        let text = "[Path]\nPathModified=/etc/%p.conf\nDirectoryNotEmpty=/var/spool/web\n"
        let service = try #require(try SystemdReader().read(try Self.set(.path, text)).service)
        #expect(service.watchedPaths?.value == ["/etc/web.conf"])
        #expect(service.queueDirectories?.value == ["/var/spool/web"])
    }

    @Test func `an empty condition resets those of its other keys too`() throws {
        let text = "[Timer]\nOnCalendar=daily\nOnUnitActiveSec=\nOnUnitActiveSec=5\n"
        let service = try #require(try SystemdReader().read(try Self.set(.timer, text)).service)
        #expect(service.calendar == nil)
        #expect(service.interval?.value == .seconds(5))
    }

    @Test(arguments: [
        (UnitKind.timer, "[Timer]\nOnCalendar=25:00\n", "unit-calendar"),
        (.timer, "[Timer]\nOnCalendar=*-02-30\n[Install]\nWantedBy=timers.target\n", "unit-calendar-never"),
        (.timer, "[Timer]\nOnBootSec=soon\n[Install]\nWantedBy=timers.target\n", "unit-bad-value"),
        (.timer, "[Timer]\nOnCalender=daily\n[Install]\nWantedBy=timers.target\n", "unit-unknown-key"),
        (.timer, "[Timer]\nOnBootSec=1\n", "unit-not-enabled"),
        (.timer, "[Timer]\nPersistent=no\n[Install]\nWantedBy=timers.target\n", "unit-no-trigger"),
        (.path, "[Path]\nMakeDirectory=yes\n[Install]\nWantedBy=paths.target\n", "unit-no-trigger"),
        (.socket, "[Socket]\nSocketMode=0600\n[Install]\nWantedBy=sockets.target\n", "unit-no-trigger"),
        (.timer, "[Timer]\nOnUnitActiveSec=5min\n[Install]\nWantedBy=timers.target\n", "unit-timer-never-first"),
        (
            .timer, "[Timer]\nOnBootSec=1\nPersistent=yes\n[Install]\nWantedBy=timers.target\n",
            "unit-timer-persistent"
        ),
        (.path, "[Path]\nPathModified=etc\n[Install]\nWantedBy=paths.target\n", "unit-relative-path"),
        (
            .socket, "[Sokcet]\nListenStream=1\n[Socket]\nListenStream=1\n[Install]\nWantedBy=sockets.target\n",
            "unit-unknown-section"
        ),
        (.socket, "[Socket]\nListenStreams=1\n[Install]\nWantedBy=sockets.target\n", "unit-unknown-key"),
    ])
    func `what is wrong in a starter is told`(kind: UnitKind, text: String, code: String) throws {
        let found = try SystemdReader().read(try Self.set(kind, text)).diagnostics
        #expect(found.contains { $0.code == code && $0.span?.file == "web.\(kind.rawValue)" && $0.remedy != nil })
    }

    @Test(arguments: [
        ("Restrat=always", "did you mean Restart=?"), ("OnCalendar=daily", "it belongs into [Timer]"),
        ("StartLimitIntervalSec=5", "it belongs into [Unit]"), ("Zzz=1", "check its spelling"),
    ])
    func `an unknown key is told with the nearest known one`(line: String, remedy: String) throws {
        let text = Self.service + line + "\n"
        let found = try SystemdReader().read(path: "web.service", bytes: Array(text.utf8)).diagnostics
        #expect(found.map(\.code) == ["unit-unknown-key"])
        #expect(found.first?.remedy?.contains(remedy) == true, "\(found)")
    }

    @Test func `drop-ins append, replace and reset`() throws {
        func document(_ path: String, _ text: String) throws -> UnitDocument {
            try UnitDocument(path: path, bytes: Array(text.utf8))
        }
        let main = try document("web.service", Self.service + "Environment=A=1\nUser=a\n")
        let first = try document("web.service.d/10-x.conf", "[Service]\nExecStart=\nEnvironment=\nUser=b\n")
        let second = try document("web.service.d/20-y.conf", "[Service]\nExecStart=/bin/other\nEnvironment=B=2\n")
        let set = UnitSet(name: "web.service", service: UnitFragments(main, dropIns: [first, second]))
        let result = try SystemdReader().read(set)
        let service = try #require(result.service, "\(result.diagnostics)")
        #expect(service.command?.value == .words(["/bin/other"]))
        #expect(service.environment.map(\.name) == ["B"])
        #expect(service.user?.value == "b")
        #expect(service.user?.span?.file == "web.service.d/10-x.conf")
    }

    @Test(arguments: [("[Install]\nDefaultInstance=one\n", "web@one"), ("", nil)] as [(String, String?)])
    func `a template is read as its default instance only`(install: String, name: String?) throws {
        let text = "[Service]\nExecStart=/bin/web %i\n" + install
        let result = try SystemdReader().read(path: "web@.service", bytes: Array(text.utf8))
        #expect(result.service?.name.value == name)
        #expect(result.diagnostics.map(\.code) == (name == nil ? ["unit-template"] : []))
        if name != nil { #expect(result.service?.command?.value.arguments == ["/bin/web", "one"]) }
    }
}
