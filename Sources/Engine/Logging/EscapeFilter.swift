import Supervision

/// Takes terminal control sequences out of a stream (`strip_ansi`).
///
/// supervisord 4.3's rule: `ESC [` up to one of `HfABCDRsuJKhlpm`. Its filter forgets at the end of each chunk; this one
/// remembers, so that a sequence in two pieces is found.
struct EscapeFilter: Hashable, Sendable {
    private enum Mode: UInt8 { case text, escape, sequence }
    private var mode = Mode.text

    init() {}

    /// Reads what `encode` wrote.
    init(decoding reader: inout StateReader) throws(StateDecodingError) { mode = try reader.choice() }

    func encode(to writer: inout StateWriter) { writer.integer(mode.rawValue) }

    private static let terminators = Set("HfABCDRsuJKhlpm".utf8)

    /// What is left of `bytes`. An ESC at their end is held back until it is known what it begins.
    mutating func filter(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            switch mode {
            case .text:
                if byte == 0x1b { mode = .escape } else { result.append(byte) }
            case .escape:
                if byte == UInt8(ascii: "[") {
                    mode = .sequence
                } else {
                    result.append(0x1b)
                    mode = byte == 0x1b ? .escape : .text
                    if mode == .text { result.append(byte) }
                }
            case .sequence:
                if Self.terminators.contains(byte) { mode = .text }
            }
        }
        return result
    }

    /// What was held back when the stream ends.
    mutating func finish() -> [UInt8] {
        defer { mode = .text }
        return mode == .escape ? [0x1b] : []
    }
}
