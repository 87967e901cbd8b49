import ServiceModel
import SourceText

/// The report for people: one line a key, then the sum.
enum TextReport {
    static func render(_ report: FidelityReport) -> String {
        var text = ""
        let width = min(40, report.items.map(\.key.count).max() ?? 0)
        for item in report.items {
            var line = item.grade.rawValue.padded(to: 13)
            line += item.key.isEmpty ? "(nobody wrote it)".padded(to: width) : item.key.padded(to: width)
            if let target = item.target { line += " -> " + target }
            if !item.why.isEmpty { line += "; " + item.why }
            if let remedy = item.remedy { line += "; " + remedy }
            line += Self.places(item)
            text += line.oneLine + "\n"
        }
        let sums = FidelityGrade.allCases.map { "\(report.count($0)) \($0.rawValue)" }.joined(separator: ", ")
        return text + "\(report.from.rawValue) to \(report.to.rawValue): \(sums)\n"
    }

    /// From where to where: `  [3:5 -> web.service:7:1]`.
    private static func places(_ item: FidelityItem) -> String {
        let from = item.span.map { "\($0.start.line):\($0.start.column)" } ?? ""
        guard let place = item.places.first else { return from.isEmpty ? "" : "  [\(from)]" }
        return "  [\(from.isEmpty ? "" : from + " ")-> \(place)]"
    }
}
