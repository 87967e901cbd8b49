import ServiceFormats
import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat

extension FuzzTarget {
    static let configurations = [
        FuzzTarget("ini", judgeConfiguration), FuzzTarget("unit", judgeUnit), FuzzTarget("calendar", judgeCalendar),
        FuzzTarget("convert", judgeConversion),
    ]

    /// supervisord.conf: kept byte by byte, edited where it says so, expanded or refused with a place.
    private static func judgeConfiguration(_ bytes: [UInt8]) -> String? {
        if var document = try? IniDocument(path: "/d/s.conf", bytes: bytes) {
            if document.bytes != bytes { return "the document is not what was read" }
            if let section = document.sections.first, let entry = section.entries.first {
                let key = document.name(of: entry)
                let isSet: Void? = try? document.set(key, in: section.name, to: "changed")
                if isSet != nil, document.value(key, in: section.name) != "changed" {
                    return "an edit of \(key) in \(section.name) is not seen"
                }
                if isSet != nil, (try? IniDocument(path: "/d/s.conf", bytes: document.bytes)) == nil {
                    return "an edited document is refused"
                }
            }
        }
        do throws(Failure) {
            _ = try SupervisorReader(world: FuzzWorld()).plan(path: "/d/s.conf", bytes: bytes)
        } catch {
            if error.diagnostics.isEmpty { return "a refusal without a word" }
        }
        return nil
    }

    /// A unit file: kept byte by byte, read and criticised.
    private static func judgeUnit(_ bytes: [UInt8]) -> String? {
        let document = try? UnitDocument(path: "/d/a.service", bytes: bytes)
        if let document, !bytes.starts(with: [0xEF, 0xBB, 0xBF]), document.bytes != bytes {
            return "the document is not what was read"
        }
        for name in ["a.service", "a.socket", "a.timer", "a.path"] {
            let result = try? SystemdReader().read(path: "/d/" + name, bytes: bytes)
            if result != nil, document == nil { return "read, though its lines cannot be" }
        }
        _ = Check.check(InputFile(path: "/d/a.service", bytes: bytes, looksAround: false), world: FuzzWorld())
        return nil
    }

    /// An expression of systemd.time(7): its own words mean the same, and its times come one after another.
    private static func judgeCalendar(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self), let expression = try? CalendarExpression(text) else {
            return nil
        }
        guard let again = try? CalendarExpression(expression.description) else {
            return "its own words are refused: \(expression.description)"
        }
        if again.description != expression.description { return "\(expression.description) is \(again.description)" }
        let times = expression.next(5, after: .init(seconds: 1_700_000_000), in: .utc)
        for (earlier, later) in zip(times, times.dropFirst()) where !(earlier < later) {
            return "times that do not go forward"
        }
        _ = CalendarSpec.rules(of: expression)
        return nil
    }

    private static let dialects: [Format] = [.supervisor, .plist, .systemd, .procfile, .openrc, .dinit, .cron]

    /// Any file into any format and what came out into a plist. The first byte names the file.
    private static func judgeConversion(_ bytes: [UInt8]) -> String? {
        guard let first = bytes.first else { return nil }
        let names = ["/d/s.conf", "/d/a.plist", "/d/a.service", "/d/Procfile"]
        let input = InputFile(
            path: names[Int(first) % names.count], bytes: Array(bytes.dropFirst()), looksAround: false)
        for format in dialects {
            let options = Conversion.Options(format: format, to: format)
            guard let result = try? Conversion.convert([input], options: options, world: FuzzWorld()) else { continue }
            _ = ReportRendering.render(result.reports, as: .sarif)
            // What has no program to start may be refused on the way back.
            let outputs = result.outputs.map { InputFile(path: $0.name, bytes: $0.bytes) }
            let back = Conversion.Options(format: .plist, to: .plist)
            _ = try? Conversion.convert(outputs, options: back, world: FuzzWorld())
        }
        return nil
    }
}
