import PropertyList
package import ServiceModel
package import SourceText

/// The forms of `--report`.
package enum ReportForm: String, Hashable, Sendable, CaseIterable {
    case text, json, sarif
}

package enum ReportRendering {
    /// The reports in a form: text for people, JSON (schema `svinstall.fidelity/1`, an object, or an array of them
    /// for several reports), SARIF 2.1.0. Ends with a line end.
    ///
    /// `problems` are what the readers had to say; where nothing was converted, they are all there is. They are in the
    /// forms for programs, which are the whole of an output; of the text they are no part.
    package static func render(
        _ reports: [FidelityReport], problems: [Diagnostic] = [], as form: ReportForm
    ) -> String {
        switch form {
        case .text where reports.count > 1: return reports.map(TextReport.renderUnderTitle).joined(separator: "\n")
        case .text: return reports.map(TextReport.render).joined()
        case .json where reports.isEmpty: return text(JSONReport.refusal(problems))
        case .json:
            let files = reports.map { Set($0.items.compactMap(\.span?.file)) }
            let values = reports.enumerated().map { place, report in
                JSONReport.value(
                    report,
                    problems: problems.filter { problem in
                        files.firstIndex { $0.contains(problem.span?.file ?? "") } ?? 0 == place
                    })
            }
            return text(values.count == 1 ? values.first ?? .null : .array(values))
        case .sarif: return text(SARIFReport.value(reports, problems: problems))
        }
    }

    /// For people to read too: on lines of its own.
    private static func text(_ value: PropertyValue) -> String {
        String(decoding: JSONWriter.bytes(value, .pretty), as: UTF8.self)
    }
}
