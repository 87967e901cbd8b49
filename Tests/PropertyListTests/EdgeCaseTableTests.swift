import PropertyList
import SourceText
import Testing

@Suite("The table of edge cases is complete")
struct EdgeCaseTableTests {
    /// The numbers of all rows on which the readers of the world disagree, 196 of them.
    static let numbers: [String] =
        [
            1...26, 30...51, 60...63, 70...93, 100...113, 120...132, 140...147, 150...172, 186...189, 200...206,
            210...225,
        ]
        .flatMap { $0.map(EdgeCaseTableTests.threeDigits) }
        + ["180/100", "180/511", "180/512", "180/513", "180/5000", "180/100000"]
        + [300...305, 310...332].flatMap { $0.map(EdgeCaseTableTests.threeDigits) }

    private static func threeDigits(_ number: Int) -> String { Digits.decimal(Int64(number), width: 3) }

    @Test("every number has a row, and every row a number")
    func complete() {
        let xml: [[EdgeCase]] = [
            XMLEdgeCases.document, XMLEdgeCases.structure, XMLEdgeCases.numbers, XMLEdgeCases.datesAndData,
            XMLEdgeCases.strings, XMLEdgeCases.nesting,
        ]
        let names =
            xml.joined().map(\.row) + TextFormatTests.accepted.map(\.0) + TextFormatTests.refused.map(\.0)
            + BinaryEdgeCaseTests.accepted.map(\.0) + BinaryEdgeCaseTests.refused.map(\.0)
        // "019 in a tag" is a further case of row 019; rows without a number are cases of our own.
        let found = Set(
            names.compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0.first?.isNumber == true })
        #expect(Self.numbers.count == 196)
        #expect(Set(Self.numbers).subtracting(found) == [])
        #expect(found.subtracting(Self.numbers) == [])
    }
}
