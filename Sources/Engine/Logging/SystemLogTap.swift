import Kernel
import Synchronization

/// Sends a program's output to syslog, each line as `<process name> <line>` (supervisord 4.3, `stdout_syslog`).
///
/// supervisord sends every piece that it reads as if it ended with a line; this joins a line that came in two pieces.
/// Like the original it leaves out the empty lines at the end of a piece.
final class SystemLogTap<K: SystemCalls>: OutputTap {
    /// A line without end is cut there: what a collector takes at most in one message is far less.
    static var longestLine: Int { 65_536 }

    private let queue: SystemLogQueue<K>
    private let unfinished = Mutex<[UInt8]>([])

    init(_ queue: SystemLogQueue<K>) {
        self.queue = queue
    }

    func received(_ bytes: UnsafeRawBufferPointer, from stream: StreamName) {
        let newline = UInt8(ascii: "\n")
        guard let last = bytes.lastIndex(of: newline) else { return keep(bytes, of: stream) }
        let head = unfinished.withLock { rest in
            defer { rest = [] }
            return rest
        }
        let whole = head + bytes[..<last]
        let end = whole.lastIndex { $0 != newline }.map { $0 + 1 } ?? 0
        // Nothing but line ends is one empty line.
        for line in whole[..<end].split(separator: newline, omittingEmptySubsequences: false) { send(line, stream) }
        keep(UnsafeRawBufferPointer(rebasing: bytes[(last + 1)...]), of: stream)
    }

    func ended(_ stream: StreamName) {
        let rest = unfinished.withLock { rest in
            defer { rest = [] }
            return rest
        }
        if !rest.isEmpty { send(rest[...], stream) }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer, of stream: StreamName) {
        let full = unfinished.withLock { rest -> [UInt8]? in
            rest += bytes
            guard rest.count > Self.longestLine else { return nil }
            defer { rest = [] }
            return rest
        }
        if let full { send(full[...], stream) }
    }

    private func send(_ line: ArraySlice<UInt8>, _ stream: StreamName) {
        let prefix = Array("\(stream.process) ".utf8)
        var rest = line
        repeat {
            queue.send(prefix + rest.prefix(Self.longestLine))
            rest = rest.dropFirst(Self.longestLine)
        } while !rest.isEmpty
    }
}
