import ServiceModel
import SourceText

/// The report for people: one line a key, then the sum.
enum TextReport {
    /// As one of several: the file first.
    static func renderUnderTitle(_ report: FidelityReport) -> String {
        let file = report.items.lazy.compactMap(\.span?.file).first
        return (file.map { "\($0):".oneLine + "\n" } ?? "") + render(report)
    }

    static func render(_ report: FidelityReport) -> String {
        var text = ""
        let width = min(40, report.items.map(\.key.count).max() ?? 0)
        let file = report.items.lazy.compactMap(\.span?.file).first
        for item in report.items {
            var line = item.grade.rawValue.padded(to: 13)
            line += item.key.isEmpty ? "(nobody wrote it)".padded(to: width) : item.key.padded(to: width)
            if let target = item.target { line += " -> " + target }
            if !item.why.isEmpty { line += "; " + item.why }
            if let remedy = item.remedy { line += "; " + remedy }
            line += Self.places(item, besides: file)
            text += line.oneLine + "\n"
        }
        let sums = FidelityGrade.allCases.map { "\(report.count($0)) \($0.rawValue)" }.joined(separator: ", ")
        return text + "\(report.from.rawValue) to \(report.to.rawValue): \(sums)\n"
    }

    /// From where to where: `  [3:5 -> web.service:7:1]`; the file is named where it is not the report's own.
    private static func places(_ item: FidelityItem, besides file: String?) -> String {
        let from =
            item.span.map { ($0.file == file ? "" : $0.file + ":") + "\($0.start.line):\($0.start.column)" } ?? ""
        guard let place = item.places.first else { return from.isEmpty ? "" : "  [\(from)]" }
        return "  [\(from.isEmpty ? "" : from + " ")-> \(place)]"
    }
}
