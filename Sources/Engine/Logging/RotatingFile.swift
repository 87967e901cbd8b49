import Kernel
import ServiceModel
import SourceText

/// A log file that is renamed to `.1`, `.2` … when it has grown to its size.
///
/// supervisord 4.3 rotates after the chunk that crosses the size; so does this, but it cuts the chunk after the line
/// that crosses it: no line is torn, and a file exceeds its size by less than a line (or `longestLine`). With no backups
/// the newest half of the file stays.
struct RotatingFile<K: SystemCalls>: Sendable {
    private let kernel: K
    let destination: LogDestination
    private(set) var descriptor: Descriptor?
    /// Bytes in the file as far as we know: our writes since it was opened and what it held then.
    private(set) var size: Int64 = 0
    private(set) var complaints: LogComplaints
    private var canRotate = false
    /// After a rotation that failed: the size at which it is tried again.
    private var postponed: Int64 = 0
    /// What a pipe or a device did not take yet. A file takes everything or fails.
    private var waiting: [UInt8] = []

    /// Bytes that wait for a pipe or a device; further ones are lost.
    static var mostWaiting: Int { 1 << 20 }

    /// A text without line ends is cut there.
    static var longestLine: Int64 { 65_536 }

    init(_ destination: LogDestination, _ kernel: K, _ complaints: LogComplaints = LogComplaints()) {
        self.destination = destination
        self.kernel = kernel
        self.complaints = complaints
    }

    private var path: String {
        if case .file(let path, _, _, _) = destination { path } else { "" }
    }

    private var rotation: LogRotation {
        if case .file(_, let rotation, _, _) = destination {
            rotation
        } else {
            LogRotation(maximumBytes: .init(bytes: 0), backups: 0)
        }
    }

    /// Opens (or opens anew) the file.
    mutating func open() throws(SystemError) {
        let fresh = try destination.open(kernel)
        adopt(fresh)
    }

    /// Takes an open descriptor of the destination over, and closes the one in use.
    mutating func adopt(_ fresh: Descriptor?) {
        close()
        descriptor = fresh
        guard let fresh, let status = try? kernel.status(of: fresh) else { return }
        canRotate = status.kind == .regular
        size = status.size
        postponed = 0
    }

    mutating func close() {
        if let descriptor { kernel.close(descriptor) }
        descriptor = nil
        size = 0
        canRotate = false
        if !waiting.isEmpty { complaints.lost(waiting.count, SystemError("write", .again)) }
        waiting = []
    }

    /// Whether it is no file and takes nothing at the moment.
    var isFull: Bool { !waiting.isEmpty }

    /// Writes what waits, as far as it is taken.
    mutating func writeWaiting() {
        let bytes = waiting
        waiting = []
        bytes.withUnsafeBytes { write($0) }
    }

    /// Which file is open.
    var identity: FileStatus.Identity? {
        descriptor.flatMap { try? kernel.status(of: $0) }?.identity
    }

    /// What is wrong with it and was not told yet.
    mutating func takeComplaints() -> [LogComplaint] { complaints.take() }

    /// Appends all bytes, rotating where it must.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let limit = rotation.maximumBytes.bytes
        guard canRotate, limit > 0 else { return write(bytes) }
        var rest = bytes
        while !rest.isEmpty {
            let crossing = limit - size
            if Int64(rest.count) < crossing { return write(rest) }
            // The line that holds byte number `limit` goes in whole.
            let firstCandidate = Int(max(crossing - 1, 0))
            let end = lineEnd(in: rest, from: firstCandidate) ?? cut(rest.count)
            guard let end else { return write(rest) }
            write(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            rest = UnsafeRawBufferPointer(rebasing: rest[end...])
            rotateIfDue(limit)
        }
    }

    /// The index after the first line end at or after `start`.
    private func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
    }

    /// Where to cut `count` bytes of a line without end; `nil` while it may still end.
    private func cut(_ count: Int) -> Int? {
        let hard = rotation.maximumBytes.bytes + Self.longestLine - size
        return Int64(count) >= hard ? Int(max(hard, 1)) : nil
    }

    private mutating func rotateIfDue(_ limit: Int64) {
        guard size >= limit, size >= postponed, let descriptor else { return }
        // Somebody else may have cut the file.
        if let actual = try? kernel.status(of: descriptor).size, actual < limit {
            size = actual
            return
        }
        do throws(SystemError) {
            if rotation.backups > 0 {
                try shift()
            } else {
                try keepNewestHalf()
                complaints.halved()
            }
            try open()
            complaints.rotated()
        } catch {
            // The file goes on growing rather than losing anything.
            postponed = size + limit
            complaints.couldNotRotate(error)
        }
    }

    private func shift() throws(SystemError) {
        for number in stride(from: rotation.backups - 1, through: 1, by: -1) {
            try renameIfThere("\(path).\(number)", to: "\(path).\(number + 1)")
        }
        try renameIfThere(path, to: "\(path).1")
    }

    private func renameIfThere(_ old: String, to new: String) throws(SystemError) {
        do throws(SystemError) {
            try kernel.rename(old, to: new)
        } catch  where error.number == .noEntry {
            return
        }
    }

    /// Replaces the file by its newest half, from a line's beginning on.
    private func keepNewestHalf() throws(SystemError) {
        guard case .file(let path, _, let mode, _) = destination else { return }
        let temporary = "\(path).new"
        do throws(SystemError) {
            try copyNewestHalf(of: path, to: temporary, mode: mode)
            try kernel.rename(temporary, to: path)
        } catch {
            try? kernel.unlink(temporary)
            throw error
        }
    }

    private func copyNewestHalf(of path: String, to temporary: String, mode: UInt32) throws(SystemError) {
        let source = try kernel.open(path, .reading)
        defer { kernel.close(source) }
        let target = try kernel.open(temporary, OpenOptions(.write, createMode: mode, truncate: true, refuseLink: true))
        defer { kernel.close(target) }
        var offset = size / 2
        var atLineStart = false
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try kernel.read(source, at: offset, into: buffer)
            if count == 0 { break }
            offset += Int64(count)
            var piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if !atLineStart, let newline = piece.firstIndex(of: UInt8(ascii: "\n")) {
                piece = UnsafeRawBufferPointer(rebasing: piece[(newline + 1)...])
            }
            atLineStart = true
            try kernel.writeAll(target, piece)
        }
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard let descriptor else { return }
        if isFull { writeWaiting() }
        var rest = bytes
        if isFull { return wait(rest) }
        while !rest.isEmpty {
            let result = Result { () throws(SystemError) in try kernel.write(descriptor, rest) }
            switch result {
            case .success(let count):
                size += Int64(count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                complaints.written()
            case .failure(let error) where error.number == .again && !canRotate:
                return wait(rest)
            case .failure(let error):
                complaints.lost(rest.count, error)
                return
            }
        }
    }

    private mutating func wait(_ bytes: UnsafeRawBufferPointer) {
        guard waiting.count + bytes.count <= Self.mostWaiting else {
            return complaints.lost(bytes.count, SystemError("write", .again))
        }
        waiting += bytes
    }
}
