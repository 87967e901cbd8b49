import Engine
import Kernel
import SourceText
import Supervision

/// A log file as `/logtail` and `/mainlogtail` stream it: from its last 1024 bytes on, for ever.
struct FollowedLog: Sendable {
    /// Bytes of the file's end that are sent first (supervisord 4.3).
    static let head: Int64 = 1024
    /// Bytes read in one go.
    static let pieceSize = 64 << 10

    var path: String
    /// supervisord tells reverse proxies not to buffer a program's log, but not so its own.
    var refusesBuffering: Bool

    /// The log that an address means: `/logtail/NAME[/stdout|stderr]`, `/mainlogtail`.
    static func find(_ address: String, _ snapshot: Snapshot) -> FollowedLog? {
        if address.begins(with: "/mainlogtail") {
            return snapshot.logFile.map { FollowedLog(path: $0, refusesBuffering: false) }
        }
        let words = address.drop { $0 == "/" }.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, case .process(let group, let name) = Target(namespec: String(words[1])),
            let channel = OutputChannel(rawValue: words.count > 2 ? String(words[2]) : "stdout"),
            let program = snapshot.programs.first(where: { $0.status.group == group && $0.status.name == name }),
            let path = channel == .output ? program.outputLog : program.errorLog
        else { return nil }
        return FollowedLog(path: path, refusesBuffering: true)
    }
}

/// An open file, closed when nobody has it any more.
private final class OpenLog: Sendable {
    let descriptor: Descriptor
    let status: FileStatus
    private let kernel: any SystemCalls

    /// Only regular files: a pipe's bytes belong to its reader. Non-blocking, because opening a pipe would wait.
    init?(_ path: String, _ kernel: any SystemCalls) {
        guard let descriptor = try? kernel.open(path, OpenOptions(.read, nonBlocking: true)) else { return nil }
        guard let status = try? kernel.status(of: descriptor), status.kind == .regular else {
            kernel.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.status = status
        self.kernel = kernel
    }

    deinit { kernel.close(descriptor) }
}

/// How far a log file was read. Its calls block: for a worker.
struct LogReading: Sendable {
    private let kernel: any SystemCalls
    private let path: String
    private var file: OpenLog
    private var offset: Int64
    /// When the file was last changed, seconds since 1970.
    let modified: Int64

    /// Opens the file near its end; `nil` when there is none.
    init?(_ path: String, _ kernel: any SystemCalls) {
        guard let file = OpenLog(path, kernel) else { return nil }
        self.kernel = kernel
        self.path = path
        self.file = file
        offset = max(0, file.status.size - FollowedLog.head)
        modified = file.status.modified / 1_000_000_000
        skipHalfCharacter()
    }

    /// What was written since the last time; empty when nothing was.
    mutating func next() -> [UInt8] {
        guard let status = try? kernel.status(of: file.descriptor) else { return [] }
        if status.size < offset {
            offset = 0
            return Array("==> File truncated <==\n".utf8)
        }
        let piece = read()
        if !piece.isEmpty { return piece }
        followRotation()
        return []
    }

    /// After everything of the old file was read: goes on with the new one of that name, from its beginning.
    private mutating func followRotation() {
        guard let status = try? kernel.status(of: path, followLinks: true), status.identity != file.status.identity,
            let fresh = OpenLog(path, kernel)
        else { return }
        file = fresh
        offset = 0
    }

    private mutating func read() -> [UInt8] {
        var piece = bytes(at: offset, count: FollowedLog.pieceSize)
        let half = Self.unfinishedCharacter(piece)
        // The rest of a character is on its way; a file that ends within one is shown as it is.
        if half < piece.count { piece.removeLast(half) }
        offset += Int64(piece.count)
        return piece
    }

    private func bytes(at offset: Int64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = (try? kernel.read(file.descriptor, at: offset, into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
        }
    }

    /// The beginning may lie within a character: clients decode what they get.
    private mutating func skipHalfCharacter() {
        guard offset > 0 else { return }
        let start = bytes(at: offset, count: 4)
        let skipped = start.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
        if skipped < start.count, start[skipped] & 0xC0 != 0x80 { offset += Int64(skipped) }
    }

    /// The length of a UTF-8 sequence that begins before the end and is not complete there.
    static func unfinishedCharacter(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            switch byte {
            case 0x80..<0xC0: continue
            case 0xC0..<0xE0: return length < 2 ? length : 0
            case 0xE0..<0xF0: return length < 3 ? length : 0
            case 0xF0..<0xF8: return length < 4 ? length : 0
            default: return 0
            }
        }
        return 0
    }
}
