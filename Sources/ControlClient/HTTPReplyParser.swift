import SourceText

/// Takes an HTTP/1 answer apart as it arrives.
struct HTTPReplyParser {
    private enum Phase {
        case statusLine, headers
        /// Bytes still to come; `nil` until the connection ends.
        case body(remaining: Int?)
        case chunkSize
        case chunk(remaining: Int)
        /// The line end behind a chunk.
        case chunkEnd
        case trailers
        case done
    }

    /// Bytes of a line: status, header, size of a chunk.
    private static let lineLimit = 64 << 10

    private var phase = Phase.statusLine
    private var buffer: [UInt8] = []
    private var isChunked = false
    private var length: Int?
    /// Header lines so far; more are no answer.
    private var headerCount = 0
    private(set) var status: Int?
    private(set) var reason = ""
    /// Whether the server ends the connection after this answer.
    private(set) var closes = false
    /// What is wrong with the answer.
    private(set) var problem: String?

    var isDone: Bool { if case .done = phase { true } else { false } }

    /// Status and headers are complete.
    var hasHead: Bool {
        switch phase {
        case .statusLine, .headers: false
        default: true
        }
    }

    /// The body goes on until the connection ends.
    var endsWithConnection: Bool { if case .body(nil) = phase { true } else { false } }

    /// Takes bytes in and returns what they add to the body.
    mutating func take(_ bytes: some Collection<UInt8>) -> [UInt8] {
        buffer.append(contentsOf: bytes)
        var body: [UInt8] = []
        var start = 0
        while problem == nil, step(&start, &body) {}
        buffer.removeFirst(start)
        return body
    }

    /// One step; `false` when more bytes are needed, or none any more.
    private mutating func step(_ start: inout Int, _ body: inout [UInt8]) -> Bool {
        switch phase {
        case .done:
            return false
        case .body(let remaining):
            let count = min(remaining ?? .max, buffer.count - start)
            body.append(contentsOf: buffer[start..<start + count])
            start += count
            if let remaining { phase = remaining == count ? .done : .body(remaining: remaining - count) }
            return false
        case .chunk(let remaining):
            let count = min(remaining, buffer.count - start)
            body.append(contentsOf: buffer[start..<start + count])
            start += count
            phase = remaining == count ? .chunkEnd : .chunk(remaining: remaining - count)
            return count == remaining
        case .statusLine, .headers, .chunkSize, .chunkEnd, .trailers:
            guard let line = line(&start) else { return false }
            take(line: line)
            return true
        }
    }

    private mutating func line(_ start: inout Int) -> String? {
        guard let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) else {
            if buffer.count - start > Self.lineLimit { problem = "a line of the answer is too long" }
            return nil
        }
        var line = buffer[start..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        start = end + 1
        return String(decoding: line, as: UTF8.self)
    }

    private mutating func take(line: String) {
        switch phase {
        case .statusLine: takeStatus(line)
        case .headers: line.isEmpty ? endHead() : takeHeader(line)
        case .chunkSize:
            let digits = line.prefix { $0 != ";" && $0 != " " }
            guard let size = Int(digits, radix: 16), size >= 0 else {
                problem = "a chunk without a size"
                return
            }
            phase = size == 0 ? .trailers : .chunk(remaining: size)
        case .chunkEnd: phase = .chunkSize
        case .trailers: if line.isEmpty { phase = .done }
        case .body, .chunk, .done: break
        }
    }

    private mutating func takeStatus(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), let code = Int(words[1]) else {
            problem = "the answer does not begin as one of HTTP does"
            return
        }
        status = code
        reason = words.count > 2 ? String(words[2]) : ""
        closes = words[0] == "HTTP/1.0"
        phase = .headers
    }

    private mutating func takeHeader(_ line: String) {
        headerCount += 1
        if headerCount > 200 { problem = "too many headers" }
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = String(line[line.index(after: colon)...]).trimmed.lowercased()
        switch line[..<colon].lowercased() {
        case "content-length": length = Int(value)
        case "transfer-encoding": isChunked = value == "chunked"
        case "connection": closes = value != "keep-alive"
        default: break
        }
    }

    private mutating func endHead() {
        if let status, (100..<200).contains(status) {
            phase = .statusLine
        } else if isChunked {
            phase = .chunkSize
        } else {
            phase = length == 0 ? .done : .body(remaining: length)
        }
    }
}
