import PropertyList
import SourceText
import Testing

@Suite("XML property lists: every row of the table of edge cases")
struct XMLEdgeCaseTests {
    @Test("the verdict", arguments: XMLEdgeCases.document + XMLEdgeCases.structure)
    func documents(row: EdgeCase) { check(row) }

    @Test("the verdict", arguments: XMLEdgeCases.numbers + XMLEdgeCases.datesAndData)
    func scalars(row: EdgeCase) { check(row) }

    @Test("the verdict", arguments: XMLEdgeCases.strings + XMLEdgeCases.nesting)
    func strings(row: EdgeCase) { check(row) }

    private func check(_ row: EdgeCase) {
        let result = Result { () throws(Failure) in
            try PropertyListDocument.read(row.bytes, path: "job.plist")
        }
        switch (result, row.verdict) {
        case (.success(let document), .value(let expected)):
            #expect(sameValue(document.plain["k"] ?? document.plain, expected))
            #expect(document.warnings.isEmpty, "row \(row.row): \(document.warnings)")
        case (.success(let document), .warned(let expected, let code)):
            #expect(sameValue(document.plain["k"] ?? document.plain, expected))
            #expect(document.warnings.map(\.code) == [code], "row \(row.row): \(document.warnings)")
        case (.failure(let failure), .refused(let line, let column)):
            #expect(failure.status == .badInput)
            #expect(failure.diagnostics.count == 1)
            let start = failure.diagnostics.first?.span?.start
            #expect([start?.line, start?.column] == [line, column], "row \(row.row): \(failure)")
        case (.success(let document), .refused):
            Issue.record("row \(row.row) was accepted as \(document.plain)")
        case (.failure(let failure), _):
            Issue.record("row \(row.row) was refused: \(failure)")
        }
    }

    /// Equality under which a NaN equals itself.
    private func sameValue(_ left: PropertyValue, _ right: PropertyValue) -> Bool {
        if case .real(let a) = left, case .real(let b) = right, a.isNaN, b.isNaN { return true }
        return left == right
    }
}
