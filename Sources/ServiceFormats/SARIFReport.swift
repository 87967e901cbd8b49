import PropertyList
import ServiceModel
import SourceText

/// The report for code scanners: SARIF 2.1.0 with what GitHub's code scanning wants besides (texts of the rules, a
/// fingerprint for each result). One result for each key that did not come over exactly, and for each problem of a file.
enum SARIFReport {
    /// What a result is made of.
    private struct Finding {
        var code: String
        var level: String
        var subject: String
        var text: String
        var span: SourceSpan?
        var places: [SourceSpan] = []

        init(_ item: FidelityItem) {
            (code, level, subject) = (item.code, JSONReport.severity(of: item.grade), item.key)
            (span, places) = (item.span, item.places)
            text = "\(item.key) is \(item.grade.rawValue)"
            if !item.why.isEmpty { text += ": \(item.why)" }
            if let remedy = item.remedy { text += "; \(remedy)" }
        }

        init(_ problem: Diagnostic) {
            (code, level, subject) = (problem.code, problem.severity.rawValue, problem.message)
            span = problem.span
            text = problem.message + (problem.remedy.map { "; \($0)" } ?? "")
        }
    }

    static func value(_ reports: [FidelityReport], problems: [Diagnostic]) -> PropertyValue {
        let items = reports.flatMap(\.items).filter { $0.grade != .exact && $0.grade != .generated }
        let findings = items.map(Finding.init) + problems.map(Finding.init)
        var rules: [PropertyValue] = []
        var indices: [String: Int] = [:]
        for (place, finding) in findings.enumerated() where indices[finding.code] == nil {
            indices[finding.code] = rules.count
            rules.append(rule(finding.code, isProblem: place >= items.count))
        }
        let driver: PropertyValue = ["name": "svinstall", "rules": .array(rules)]
        var seen: [String: Int] = [:]
        let results = findings.map { result($0, ruleIndex: indices[$0.code] ?? 0, &seen) }
        let run: PropertyValue = [
            "tool": ["driver": driver], "columnKind": "unicodeCodePoints", "results": .array(results),
        ]
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": .array([run]),
        ]
    }

    private static func rule(_ code: String, isProblem: Bool) -> PropertyValue {
        let topic = isProblem ? "What is wrong with a file" : FidelityCodes.topic(of: code)
        let about = isProblem ? "What 'svinstall check' finds" : "What became of this in the conversion"
        return [
            "id": .string(code), "name": .string(code), "shortDescription": ["text": .string(topic)],
            "fullDescription": ["text": .string("\(about): \(topic)")],
            "help": ["text": "The message of each result says what differs, what is wrong or gone, and what to do."],
            "defaultConfiguration": ["level": "warning"],
        ]
    }

    private static func result(
        _ finding: Finding, ruleIndex: Int, _ seen: inout [String: Int]
    ) -> PropertyValue {
        var members = PropertyDictionary()
        members["ruleId"] = .string(finding.code)
        members["ruleIndex"] = .integer(ruleIndex)
        members["level"] = .string(finding.level)
        members["message"] = ["text": .string(finding.text)]
        if let span = finding.span { members["locations"] = [location(span, message: nil)] }
        if !finding.places.isEmpty {
            members["relatedLocations"] = .array(finding.places.map { location($0, message: "what it became") })
        }
        // The same result of the next run: what it is about, whatever line it has moved to.
        let subject = "\(finding.span?.file ?? "") \(finding.code) \(finding.subject)"
        seen[subject, default: 0] += 1
        members["partialFingerprints"] = [
            "svinstallKey/v1": .string(hash(subject) + ":\(seen[subject] ?? 1)")
        ]
        return .dictionary(members)
    }

    private static func location(_ span: SourceSpan, message: String?) -> PropertyValue {
        let region: PropertyValue = [
            "startLine": .integer(span.start.line), "startColumn": .integer(span.start.column),
            "endLine": .integer(span.end.line), "endColumn": .integer(span.end.column),
        ]
        var members = PropertyDictionary()
        members["physicalLocation"] = ["artifactLocation": ["uri": .string(uri(of: span.file))], "region": region]
        if let message { members["message"] = ["text": .string(message)] }
        return .dictionary(members)
    }

    /// FNV-1a, 64 bits, as hexadecimal digits.
    private static func hash(_ text: String) -> String {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Digits.hexadecimal(value, width: 16)
    }

    /// A path as a URI reference, relative or with the scheme `file`: everything but unreserved characters is
    /// percent-encoded.
    private static func uri(of path: String) -> String {
        var result = path.hasPrefix("/") ? "file://" : ""
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
