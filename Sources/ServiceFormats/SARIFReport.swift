import PropertyList
import ServiceModel
import SourceText

/// The report for code scanners: SARIF 2.1.0, one result for each key that did not come over exactly.
enum SARIFReport {
    static func value(_ reports: [FidelityReport]) -> PropertyValue {
        let items = reports.flatMap(\.items).filter { $0.grade != .exact && $0.grade != .generated }
        var rules: [String] = []
        for item in items where !rules.contains(item.code) { rules.append(item.code) }
        let driver: PropertyValue = [
            "name": "svinstall",
            "rules": .array(rules.map { ["id": .string($0)] }),
        ]
        let run: PropertyValue = [
            "tool": ["driver": driver], "columnKind": "unicodeCodePoints",
            "results": .array(items.map { result($0, ruleIndex: rules.firstIndex(of: $0.code) ?? 0) }),
        ]
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": .array([run]),
        ]
    }

    private static func result(_ item: FidelityItem, ruleIndex: Int) -> PropertyValue {
        var text = "\(item.key) is \(item.grade.rawValue)"
        if !item.why.isEmpty { text += ": \(item.why)" }
        if let remedy = item.remedy { text += "; \(remedy)" }
        var members = PropertyDictionary()
        members["ruleId"] = .string(item.code)
        members["ruleIndex"] = .integer(ruleIndex)
        members["level"] = .string(JSONReport.severity(of: item.grade))
        members["message"] = ["text": .string(text)]
        if let span = item.span {
            let region: PropertyValue = [
                "startLine": .integer(span.start.line), "startColumn": .integer(span.start.column),
                "endLine": .integer(span.end.line), "endColumn": .integer(span.end.column),
            ]
            members["locations"] = [
                ["physicalLocation": ["artifactLocation": ["uri": .string(uri(of: span.file))], "region": region]]
            ]
        }
        return .dictionary(members)
    }

    /// A path as a relative or absolute URI reference: everything but unreserved characters is percent-encoded.
    private static func uri(of path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "/": result.unicodeScalars.append(scalar)
            default: result += "%" + Digits.hexadecimal(UInt64(byte), width: 2).uppercased()
            }
        }
        return result
    }
}
