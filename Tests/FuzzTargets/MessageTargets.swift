import Engine
import XMLRPC

/// Bodies of requests and answers.
enum XMLRPCRules {
    /// What is read can be written, and is read as the same again.
    static func judge(_ bytes: [UInt8]) -> String? {
        let limits = XMLRPCLimits(size: 1 << 20)
        if let call = try? XMLRPCReader.call(bytes, limits: limits) {
            let written = XMLRPCWriter.call(call)
            guard let again = try? XMLRPCReader.call(written, limits: limits) else { return "a call is refused" }
            // Numbers may be written in fewer digits; what is written of what was read again does not change any more.
            if XMLRPCWriter.call(again) != written { return "a call is read as another" }
        }
        if case .success(let value)? = try? XMLRPCReader.answer(bytes, limits: limits) {
            let written = XMLRPCWriter.answer(value)
            guard case .success(let again)? = try? XMLRPCReader.answer(written, limits: limits) else {
                return "an answer is refused"
            }
            if XMLRPCWriter.answer(again) != written { return "an answer is read as another" }
        }
        return nil
    }
}

/// What programs write, cut into pieces anywhere. The first byte says where.
enum StreamRules {
    /// Capture mode: the pieces make no difference, and no byte is lost or made.
    static func capture(_ bytes: [UInt8]) -> String? {
        guard let first = bytes.first else { return nil }
        let text = Array(bytes.dropFirst())
        let limit = Int(first >> 4) * 5 + 1
        let whole = capture([text], limit: limit)
        let cut = capture(pieces(of: text, length: Int(first & 15) + 1), limit: limit)
        // In small pieces other bytes of an overlong capture are kept: only what is outside is compared.
        if whole.plain != cut.plain { return "the pieces change what is logged" }
        if whole.captured != cut.captured { return "the pieces change what is captured" }
        if whole.complete.count != cut.complete.count { return "the pieces change how much is captured" }
        if (whole.complete + cut.complete).contains(where: { $0.count > max(limit, text.count) }) {
            return "more is captured than was written"
        }
        let tokens = whole.complete.count * (CaptureFilter.begin.count + CaptureFilter.end.count)
        let rest = text.count - whole.plain.count - whole.captured.count - tokens
        return rest == 0 || rest == CaptureFilter.begin.count ? nil : "\(rest) bytes are missing"
    }

    private struct Captured {
        var plain: [UInt8] = []
        var captured: [UInt8] = []
        var complete: [[UInt8]] = []
    }

    private static func capture(_ pieces: [[UInt8]], limit: Int) -> Captured {
        var filter = CaptureFilter(limit: limit)
        var found = pieces.flatMap { piece in piece.withUnsafeBytes { filter.feed($0) } }
        found += filter.finish()
        var result = Captured()
        for piece in found {
            switch piece {
            case .plain(let bytes): result.plain += bytes
            case .captured(let bytes): result.captured += bytes
            case .complete(let bytes): result.complete.append(bytes)
            }
        }
        return result
    }

    /// An event listener's words: the pieces make no difference, and each event has one end.
    static func listener(_ bytes: [UInt8]) -> String? {
        guard let first = bytes.first else { return nil }
        let text = Array(bytes.dropFirst())
        let single = hear(pieces(of: text, length: 1))
        let cut = hear(pieces(of: text, length: Int(first) + 1))
        if single.verdicts != cut.verdicts { return "the pieces change the verdicts" }
        if single.state != cut.state { return "the pieces change the state" }
        if single.verdicts.count > single.sent { return "more verdicts than events" }
        return nil
    }

    /// Sends an event whenever one can be taken; only between pieces, as the engine does.
    private static func hear(
        _ pieces: [[UInt8]]
    ) -> (verdicts: [ListenerConversation.Verdict], state: ListenerConversation.State, sent: Int) {
        var conversation = ListenerConversation()
        var verdicts: [ListenerConversation.Verdict] = []
        var sent = 0
        for piece in pieces.flatMap(lines) {
            for outcome in conversation.hear(piece, "l") {
                if case .verdict(let verdict) = outcome { verdicts.append(verdict) }
            }
            if conversation.state == .ready {
                conversation.sent()
                sent += 1
            }
        }
        return (verdicts, conversation.state, sent)
    }

    /// Cut behind each line's end: what comes behind READY in the same piece breaks the protocol, and where the pieces
    /// end must not matter here.
    private static func lines(_ piece: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        for byte in piece {
            lines[lines.count - 1].append(byte)
            if byte == UInt8(ascii: "\n") { lines.append([]) }
        }
        return lines
    }

    private static func pieces(of bytes: [UInt8], length: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: length).map { Array(bytes[$0..<min($0 + length, bytes.count)]) }
    }
}
