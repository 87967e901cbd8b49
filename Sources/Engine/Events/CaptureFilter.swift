import Supervision

/// Finds what a program writes between the tokens of capture mode (`*_capture_maxbytes`, supervisord 4.3).
///
/// Only what may be the beginning of a token is held back, and given out at the end of the stream. (The original holds
/// back up to 24 bytes of anything, and loses them at the end.)
package struct CaptureFilter: Hashable, Sendable {
    /// A piece of a stream, in order.
    package enum Piece: Hashable, Sendable {
        /// For the log.
        case plain([UInt8])
        /// Written between the tokens: not for the log.
        case captured([UInt8])
        /// The second token: all of it that was kept.
        case complete([UInt8])
    }

    private let limit: Int
    private var captured: [UInt8]?
    /// What may be the beginning of the token that is looked for.
    private var held: [UInt8] = []

    package static let begin = Array("<!--XSUPERVISOR:BEGIN-->".utf8)
    package static let end = Array("<!--XSUPERVISOR:END-->".utf8)

    /// `limit`: bytes kept between the tokens.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Reads what `encode` wrote.
    init(decoding reader: inout StateReader) throws(StateDecodingError) {
        limit = Int(clamping: try reader.integer(Int64.self))
        captured = try reader.optional { reader throws(StateDecodingError) in try reader.block() }
        held = try reader.block()
    }

    func encode(to writer: inout StateWriter) {
        writer.integer(Int64(limit))
        writer.optional(captured) { $0.block($1) }
        writer.block(held)
    }

    /// The pieces of the next bytes.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> [Piece] {
        var pieces: [Piece] = []
        var rest = (held + bytes)[...]
        held = []
        while !rest.isEmpty {
            let token = captured == nil ? Self.begin : Self.end
            if let start = Self.position(of: token, in: rest) {
                pass(rest[..<start], &pieces)
                rest = rest[(start + token.count)...]
                toggle(&pieces)
            } else {
                let beginning = Self.beginning(of: token, atEndOf: rest)
                pass(rest.dropLast(beginning), &pieces)
                held = Array(rest.suffix(beginning))
                rest = []
            }
        }
        return pieces
    }

    /// What was held back, when the stream ends. What stands behind a first token without a second is nobody's
    /// (supervisord 4.3).
    package mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        pass(held[...], &pieces)
        held = []
        return pieces
    }

    private mutating func pass(_ bytes: ArraySlice<UInt8>, _ pieces: inout [Piece]) {
        guard !bytes.isEmpty else { return }
        guard var kept = captured else { return pieces.append(.plain(Array(bytes))) }
        pieces.append(.captured(Array(bytes)))
        // What does not fit pushes as many of the oldest bytes out as it has itself (supervisord 4.3).
        if kept.count + bytes.count > limit { kept.removeFirst(min(bytes.count, kept.count)) }
        captured = kept + bytes
    }

    private mutating func toggle(_ pieces: inout [Piece]) {
        if let kept = captured {
            pieces.append(.complete(kept))
            captured = nil
        } else {
            captured = []
        }
    }

    private static func position(of token: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        var start = bytes.startIndex
        while let first = bytes[start...].firstIndex(of: token[0]) {
            if bytes[first...].starts(with: token) { return first }
            start = first + 1
        }
        return nil
    }

    /// How many bytes at the end are a token's beginning.
    private static func beginning(of token: [UInt8], atEndOf bytes: ArraySlice<UInt8>) -> Int {
        (1..<token.count).last { bytes.count >= $0 && bytes.suffix($0).elementsEqual(token.prefix($0)) } ?? 0
    }
}
