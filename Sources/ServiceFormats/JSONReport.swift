import PropertyList
import ServiceModel
import SourceText

/// The report for programs: schema `svinstall.fidelity/1`.
enum JSONReport {
    /// `problems` are what the readers had to say; the member is there only where they had something.
    static func value(_ report: FidelityReport, problems: [Diagnostic]) -> PropertyValue {
        var summary = PropertyDictionary()
        for grade in FidelityGrade.allCases { summary[grade.rawValue] = .integer(report.count(grade)) }
        var members: PropertyDictionary = [
            "schema": "svinstall.fidelity/1", "from": .string(report.from.rawValue), "to": .string(report.to.rawValue),
            "summary": .dictionary(summary), "items": .array(report.items.map { value($0) }),
        ]
        if !problems.isEmpty { members["problems"] = .array(problems.map { value($0) }) }
        return .dictionary(members)
    }

    /// Why nothing was converted.
    static func refusal(_ problems: [Diagnostic]) -> PropertyValue {
        ["schema": "svinstall.fidelity/1", "items": .array([]), "problems": .array(problems.map { value($0) })]
    }

    /// What is wrong with a file.
    static func value(_ problem: Diagnostic) -> PropertyValue {
        var members = PropertyDictionary()
        members["severity"] = .string(problem.severity.rawValue)
        members["code"] = .string(problem.code)
        members["message"] = .string(problem.message)
        if let remedy = problem.remedy { members["remedy"] = .string(remedy) }
        if let span = problem.span { members["source"] = source(span) }
        return .dictionary(members)
    }

    private static func value(_ item: FidelityItem) -> PropertyValue {
        var members = PropertyDictionary()
        members["grade"] = .string(item.grade.rawValue)
        members["code"] = .string(item.code)
        members["severity"] = .string(item.differs ? "warning" : severity(of: item.grade))
        if !item.key.isEmpty { members["key"] = .string(item.key) }
        if let span = item.span { members["source"] = source(span) }
        if let target = item.target { members["target"] = .string(target) }
        if !item.places.isEmpty { members["places"] = .array(item.places.map(source)) }
        if !item.why.isEmpty { members["why"] = .string(item.why) }
        if let remedy = item.remedy { members["remedy"] = .string(remedy) }
        return .dictionary(members)
    }

    /// Columns count Unicode scalars, from 1.
    static func source(_ span: SourceSpan) -> PropertyValue {
        [
            "file": .string(span.file), "line": .integer(span.start.line), "column": .integer(span.start.column),
            "endLine": .integer(span.end.line), "endColumn": .integer(span.end.column),
        ]
    }

    static func severity(of grade: FidelityGrade) -> String {
        switch grade {
        case .exact, .generated, .carried: "note"
        case .approximated: "warning"
        case .dropped: "error"
        }
    }
}
