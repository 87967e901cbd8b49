/// Keeps what a program wrote into its log from commanding the terminal on which the log is read.
///
/// Colours (`ESC [ … m`), line ends and tabs pass. Every other control character is shown as `\xhh`, so that the rest of
/// its sequence is plain text. Pieces of a stream may end anywhere.
struct TerminalGuard {
    /// A sequence that may still turn out to be a colour.
    private var pending: [UInt8] = []
    /// Longer ones colour nothing.
    private static let longestColour = 32

    /// What of `bytes` may be shown now.
    mutating func pass(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var shown: [UInt8] = []
        for byte in bytes { take(byte, &shown) }
        return shown
    }

    /// What was held back when the stream ends.
    mutating func finish() -> [UInt8] {
        defer { pending = [] }
        return Self.visible(pending)
    }

    private mutating func take(_ byte: UInt8, _ shown: inout [UInt8]) {
        if pending.isEmpty {
            if byte == 0x1b || byte == 0xc2 { pending = [byte] } else { shown += Self.visible([byte]) }
            return
        }
        if pending == [0xc2] {
            // U+0080 to U+009F are control characters too: one of them begins a sequence as `ESC [` does.
            shown += (0x80...0x9f).contains(byte) ? Self.escape(byte) : [0xc2]
            pending = []
            if !(0x80...0x9f).contains(byte) { take(byte, &shown) }
            return
        }
        switch byte {
        case UInt8(ascii: "[") where pending.count == 1:
            pending.append(byte)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ";"), UInt8(ascii: ":"):
            if pending.count > 1, pending.count < Self.longestColour { return pending.append(byte) }
            fallthrough
        default:
            if byte == UInt8(ascii: "m"), pending.count > 1 {
                shown += pending + [byte]
                pending = []
            } else {
                shown += Self.visible(pending)
                pending = []
                take(byte, &shown)
            }
        }
    }

    private static func visible(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x09, 0x0a, 0x0d: [byte]
            case 0..<0x20, 0x7f: escape(byte)
            default: [byte]
            }
        }
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [0x5c, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
