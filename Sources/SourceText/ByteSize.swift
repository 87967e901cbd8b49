/// A number of bytes. Suffixes are powers of 1024 in every dialect that we read.
package struct ByteSize: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var bytes: Int64

    package init(bytes: Int64) {
        self.bytes = bytes
    }

    package static func megabytes(_ count: Int64) -> ByteSize { ByteSize(bytes: count << 20) }

    package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }

    /// The shortest supervisord form: `50MB`, `1KB`, `1000`.
    package var description: String {
        for (suffix, shift) in [("GB", Int64(30)), ("MB", 20), ("KB", 10)]
        where bytes != 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(suffix)"
        }
        return "\(bytes)"
    }

    /// Which suffixes a dialect knows.
    package enum Suffixes: Sendable {
        /// `KB`, `MB`, `GB` in any case, blanks before them allowed (supervisord 4.3).
        case supervisor
        /// `K`, `M`, `G`, `T`, `P`, `E` (systemd.exec(5)).
        case systemd

        fileprivate var table: [(suffix: String, shift: Int64)] {
            switch self {
            case .supervisor: [("kb", 10), ("mb", 20), ("gb", 30)]
            case .systemd: [("k", 10), ("m", 20), ("g", 30), ("t", 40), ("p", 50), ("e", 60)]
            }
        }
    }

    /// Reads a whole number with an optional suffix; `nil` when the text is none or overflows 63 bits.
    package init?(_ text: some StringProtocol, suffixes: Suffixes) {
        var digits = trimming(Substring(text)).lowercased()
        var shift: Int64 = 0
        if let match = suffixes.table.first(where: { digits.hasSuffix($0.suffix) }) {
            digits = String(digits.dropLast(match.suffix.count)).trimmed
            shift = match.shift
        }
        guard let value = Int64(digits) else { return nil }
        let product = value.multipliedReportingOverflow(by: 1 << shift)
        guard !product.overflow else { return nil }
        bytes = product.partialValue
    }
}
