import PropertyList
import SourceText

extension FuzzTarget {
    /// A target for each way to write a property list; any of them may turn out to be another by its content.
    static let propertyLists = [
        FuzzTarget("plist-xml") { judge($0, beginning: "<") }, FuzzTarget("plist-binary") { judge($0, beginning: "b") },
        FuzzTarget("plist-openstep") { judge($0, beginning: nil) }, FuzzTarget("plist-json", judgeJSON),
    ]

    /// What is read can be written in its own format or is refused, and what is written is read as the same.
    private static func judge(_ bytes: [UInt8], beginning: Character?) -> String? {
        // Keeps a target from spending its time on another one's format.
        if let beginning, let first = bytes.first(where: { $0 > 0x20 }), first != beginning.asciiValue, first < 0x80 {
            return nil
        }
        do throws(Failure) {
            let document = try PropertyListDocument.read(bytes, path: "f")
            guard let written = try? document.write(as: document.format) else { return nil }
            // OpenStep makes strings of other values, but its reader gives only what its writer can say.
            let again: PropertyListDocument
            do throws(Failure) {
                again = try PropertyListDocument.read(written.bytes, path: "w")
            } catch {
                return "what was written is refused: \(error)"
            }
            return same(document.plain, again.plain) ? nil : "what was written is read as something else"
        } catch {
            return error.diagnostics.isEmpty || error.diagnostics.contains { $0.span == nil }
                ? "a refusal without a place: \(error)" : nil
        }
    }

    private static func judgeJSON(_ bytes: [UInt8]) -> String? {
        guard let first = bytes.first(where: { $0 > 0x20 }), "[{".utf8.contains(first) else { return nil }
        return judge(bytes, beginning: nil)
    }

    /// As the values' own comparison, but that a NaN is itself.
    private static func same(_ left: PropertyValue, _ right: PropertyValue) -> Bool {
        switch (left, right) {
        case (.real(let a), .real(let b)): a.isNaN && b.isNaN || a == b
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy(same)
        case (.dictionary(let a), .dictionary(let b)):
            a.entries.count == b.entries.count
                && zip(a.entries, b.entries).allSatisfy { $0.key == $1.key && same($0.value, $1.value) }
        default: left == right
        }
    }
}
