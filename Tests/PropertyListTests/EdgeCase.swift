import PropertyList
import SourceText
import Testing

/// One row of the table of edge cases that property list readers disagree about.
struct EdgeCase: Sendable, CustomTestStringConvertible {
    enum Verdict: Sendable {
        /// Accepted with this value of the key `k`, or this root.
        case value(PropertyValue)
        /// Accepted, with a warning of this code.
        case warned(PropertyValue, String)
        /// Refused at this line and column.
        case refused(line: Int, column: Int)
    }

    let row: String
    let bytes: [UInt8]
    let verdict: Verdict

    var testDescription: String { "row \(row)" }

    /// A whole file.
    static func file(_ row: String, _ bytes: [UInt8], _ verdict: Verdict) -> EdgeCase {
        EdgeCase(row: row, bytes: bytes, verdict: verdict)
    }

    static func file(_ row: String, _ text: String, _ verdict: Verdict) -> EdgeCase {
        EdgeCase(row: row, bytes: Array(text.utf8), verdict: verdict)
    }

    static let head = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">

        """

    /// A file whose root is `xml`, in line 4.
    static func root(_ row: String, _ xml: String, _ verdict: Verdict) -> EdgeCase {
        file(row, head + xml + "\n</plist>\n", verdict)
    }

    /// A file whose root is a dictionary with the key `k` and the value `xml`, which begins in line 4, column 20.
    static func key(_ row: String, _ xml: String, _ verdict: Verdict) -> EdgeCase {
        root(row, "<dict>  <key>k</key>\(xml)</dict>", verdict)
    }

    /// Column of the first character of the value in `key`.
    static let valueColumn = 21
}
