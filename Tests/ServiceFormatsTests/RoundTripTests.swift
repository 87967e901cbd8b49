import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import SystemdFormat
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: [Sample.article, Sample.rich], [Format.systemd, .supervisor])
    func `a job that goes through another format comes back with the same values`(
        job: InputFile, through: Format
    ) throws {
        let there = try Sample.converted(job, to: through)
        let back = try Sample.converted(there, to: .plist)
        #expect(try Sample.value(back) == Sample.value(job), "\(Sample.text(there))")
    }

    @Test(arguments: [Format.plist, .supervisor])
    func `a unit that goes through another format comes back with the same keys`(through: Format) throws {
        let there = try Sample.converted(Sample.unit, to: through)
        let back = try Sample.converted(there, to: .systemd)
        func entries(_ file: InputFile) throws -> Set<SystemdEntries.Entry> {
            Set(SystemdEntries.flatten(try UnitDocument(path: file.path, bytes: file.bytes)))
        }
        #expect(try entries(back) == entries(Sample.unit), "\(Sample.text(there))")
    }

    @Test func `an edit of a native key wins on the way back, and only that`() throws {
        let unit = try Sample.converted(Sample.rich, to: .systemd)
        var edited = unit
        edited.bytes = Array(Sample.text(unit).replacing("User=www", with: "User=other").utf8)
        let back = try Sample.value(try Sample.converted(edited, to: .plist))
        guard case .dictionary(var expected) = try Sample.value(Sample.rich) else { return }
        expected["UserName"] = "other"
        #expect(back == .dictionary(expected))
    }

    @Test func `an edit of what replaced a key that was put aside wins too`() throws {
        let unit = try Sample.converted(Sample.rich, to: .systemd)
        var edited = unit
        edited.bytes = Array(Sample.text(unit).replacing("TimeoutStopSec=20s", with: "TimeoutStopSec=45s").utf8)
        #expect(edited.bytes != unit.bytes)
        #expect(try Sample.value(try Sample.converted(edited, to: .plist))["ExitTimeOut"] == 45)
    }

    @Test func `a removed native key stays removed`() throws {
        let unit = try Sample.converted(Sample.rich, to: .systemd)
        var edited = unit
        edited.bytes = Array(Sample.text(unit).replacing("Nice=5\n", with: "").utf8)
        #expect(edited.bytes != unit.bytes)
        #expect(try Sample.value(try Sample.converted(edited, to: .plist))["Nice"] == nil)
    }
}
