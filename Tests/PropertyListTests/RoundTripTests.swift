import PropertyList
import SourceText
import Testing

/// A generator of values from a seed (SplitMix64), so that a failure can be run again.
struct ValueGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func text() -> String {
        let alphabet: [Character] =
            Array("abcXYZ019 _-./:$%&<>\"'\\=;,(){}[]\n\t\r") + ["é", "😀", "日", "e\u{301}", "\u{FFFD}"]
        return String(
            (0..<Int.random(in: 0...8, using: &self)).compactMap { _ in alphabet.randomElement(using: &self) })
    }

    /// `kinds`: what scalars the format can say.
    mutating func value(_ kinds: [PropertyKind], depth: Int = 0) -> PropertyValue {
        let containers: [PropertyKind] = depth < 5 ? [.array, .dictionary, .dictionary] : []
        switch (kinds + containers).randomElement(using: &self) ?? .string {
        case .string: return .string(text())
        case .integer:
            let value = next() >> UInt64.random(in: 0..<64, using: &self)
            if Bool.random(using: &self) { return .integer(PropertyInteger(value)) }
            return .integer(PropertyInteger(Int64(truncatingIfNeeded: value)))
        case .real: return .real(Double.random(in: -1e9...1e9, using: &self))
        case .boolean: return .boolean(Bool.random(using: &self))
        case .date:
            return .date(
                PropertyDate(secondsSince2001: Double(Int.random(in: -60_000_000_000...200_000_000_000, using: &self))))
        case .data:
            return .data(
                (0..<Int.random(in: 0...200, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) })
        case .array:
            return .array((0..<Int.random(in: 0...3, using: &self)).map { _ in value(kinds, depth: depth + 1) })
        case .dictionary:
            // Now and then more keys than are searched one by one.
            let count = Int.random(in: 0...9, using: &self) == 0 ? 25 : Int.random(in: 0...3, using: &self)
            return .dictionary(
                PropertyDictionary((0..<count).map { _ in (text(), value(kinds, depth: depth + 1)) }))
        case .uid: return .uid(next() >> UInt64.random(in: 0..<64, using: &self))
        case .null: return .null
        }
    }
}

@Suite("Every format reads back what it wrote")
struct RoundTripTests {
    static let scalars: [(PropertyListFormat, [PropertyKind])] = [
        (.xml, [.string, .integer, .real, .boolean, .date, .data]),
        (.binary, [.string, .integer, .real, .boolean, .date, .data, .uid]),
        (.json, [.string, .integer, .real, .boolean]), (.openStep, [.string, .data]),
    ]

    @Test("400 generated values", arguments: scalars)
    func roundTrip(format: PropertyListFormat, kinds: [PropertyKind]) throws {
        var generator = ValueGenerator(state: 42)
        for round in 0..<400 {
            // A root string in OpenStep or JSON syntax may look like another format: files hold containers.
            let value: PropertyValue = ["root": generator.value(kinds)]
            let written = try PropertyListDocument.write(value, as: format)
            let document = try PropertyListDocument.read(written.bytes, path: "generated")
            #expect(document.format == format)
            #expect(document.plain == value, "round \(round)")
            #expect(document.warnings.isEmpty)
            let again = try PropertyListDocument.write(document.plain, as: format)
            #expect(again.bytes == written.bytes, "round \(round)")
        }
    }

    @Test("a file cut off anywhere is refused with a position, or is a shorter file of the format", arguments: scalars)
    func truncation(format: PropertyListFormat, kinds: [PropertyKind]) throws {
        var generator = ValueGenerator(state: 7)
        let value: PropertyValue = ["root": generator.value(kinds, depth: 3), "k": "vé", "l": [["a": "b"]]]
        let bytes = try PropertyListDocument.write(value, as: format).bytes
        let document = try PropertyListDocument.read(bytes, path: "whole")
        // A final newline may go.
        let last = bytes.last == UInt8(ascii: "\n") ? bytes.count - 1 : bytes.count
        for length in 0..<last {
            do {
                let cut = try PropertyListDocument.read(Array(bytes[..<length]), path: "cut")
                // XML readers stop at the end of the root; the first letters of `bplist` are a bare OpenStep word.
                let isSame = format == .xml && cut.plain == document.plain
                #expect(isSame || (format == .binary && length < 6), "accepted at \(length) of \(bytes.count)")
            } catch {
                #expect(error.diagnostics.first?.span?.file == "cut")
            }
        }
    }

    @Test("a changed byte never crashes a reader", arguments: scalars)
    func mutation(format: PropertyListFormat, kinds: [PropertyKind]) throws {
        var generator = ValueGenerator(state: 99)
        let value: PropertyValue = ["root": generator.value(kinds, depth: 4), "k": "vé", "d": ["a": ["b", "c"]]]
        let bytes = try PropertyListDocument.write(value, as: format).bytes
        var accepted = 0
        for _ in 0..<2000 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                broken[Int.random(in: 0..<broken.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            let result = Result { () throws(Failure) in try PropertyListDocument.read(broken, path: "broken") }
            switch result {
            case .success: accepted += 1
            case .failure(let failure): #expect(failure.diagnostics.first?.span != nil)
            }
        }
        #expect(accepted < 2000)
    }
}
