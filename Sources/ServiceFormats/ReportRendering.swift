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
        case .text: return reports.map(TextReport.render).joined(separator: "\n")
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

    /// A JSON value on lines of its own. What cannot be written in JSON does not occur in a report.
    private static func text(_ value: PropertyValue) -> String {
        var output = ""
        write(value, indent: 0, to: &output)
        return output + "\n"
    }

    private static func write(_ value: PropertyValue, indent: Int, to output: inout String) {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch value {
        case .dictionary(let members) where !members.isEmpty:
            output += "{\n"
            for (index, member) in members.entries.enumerated() {
                output += inner + quote(member.key) + ": "
                write(member.value, indent: indent + 1, to: &output)
                output += index + 1 < members.count ? ",\n" : "\n"
            }
            output += outer + "}"
        case .dictionary: output += "{}"
        case .array(let elements) where !elements.isEmpty:
            output += "[\n"
            for (index, element) in elements.enumerated() {
                output += inner
                write(element, indent: indent + 1, to: &output)
                output += index + 1 < elements.count ? ",\n" : "\n"
            }
            output += outer + "]"
        case .array: output += "[]"
        case .string(let text): output += quote(text)
        case .integer(let number): output += number.description
        case .boolean(let flag): output += flag ? "true" : "false"
        default: output += "null"
        }
    }

    private static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
