import Kernel
import SourceText
import Supervision

/// Reads pieces of log files, by supervisord 4.3's rules (`readFile`, `tailFile`). Blocks.
struct LogReader<K: SystemCalls> {
    let kernel: K

    /// The most bytes in one answer; a client that asks for more gets the last ones of what it asked for.
    static var answerLimit: Int64 { 64 << 20 }

    /// `offset` < 0: the last bytes, `length` must be 0. Otherwise `length` 0 is "to the end"; past the end is empty.
    func read(_ path: String, offset: Int64, length: Int64) -> ControlAnswer {
        withFile(path, missing: .fault(Fault(.noFile, path))) { (descriptor, size) throws(SystemError) in
            guard offset < 0 ? length == 0 : length >= 0 else { return .fault(Fault(.badArguments)) }
            let start = offset < 0 ? max(0, size &+ offset) : offset
            let end = length == 0 ? size : min(size, start.addingReportingOverflow(length).partialValue)
            return try answer(descriptor, start, max(start, end), size: size, overflow: false)
        }
    }

    /// The arithmetic of `tailFile`, odd as it is; a log that is not there is empty, and so is one that cannot be read.
    func tail(_ path: String, offset: Int64, length: Int64) -> ControlAnswer {
        var offset = offset
        var length = length
        let unreadable = ControlAnswer.log(bytes: [], size: offset, overflow: false)
        return withFile(path, missing: Self.emptyTail, unreadable: unreadable) {
            (descriptor, size) throws(SystemError) in
            var overflow = false
            if size > saturated(offset, length) {
                overflow = true
                offset = size - 1
            }
            if saturated(offset, length) > size {
                if offset > size - 1 { length = 0 }
                offset = size - length
            }
            offset = max(offset, 0)
            length = max(length, 0)
            let end = length == 0 ? offset : min(size, saturated(offset, length))
            return try answer(descriptor, offset, max(offset, end), size: size, overflow: overflow)
        }
    }

    static var emptyTail: ControlAnswer { .log(bytes: [], size: 0, overflow: false) }

    private func saturated(_ a: Int64, _ b: Int64) -> Int64 {
        let sum = a.addingReportingOverflow(b)
        return sum.overflow ? (b < 0 ? .min : .max) : sum.partialValue
    }

    private func withFile(
        _ path: String, missing: ControlAnswer, unreadable: ControlAnswer = .fault(Fault(.failed)),
        _ body: (Descriptor, Int64) throws(SystemError) -> ControlAnswer
    ) -> ControlAnswer {
        do throws(SystemError) {
            // Non-blocking: a pipe in the log's place must not hang the worker.
            let descriptor = try kernel.open(path, OpenOptions(.read, nonBlocking: true))
            defer { kernel.close(descriptor) }
            let status = try kernel.status(of: descriptor)
            // What is no terminal and no pipe, such as /dev/null, is a file without content.
            let isEmpty = status.kind == .characterDevice && !kernel.isTerminal(descriptor)
            guard status.kind == .regular || isEmpty else { return unreadable }
            return try body(descriptor, status.size)
        } catch  where error.number == .noEntry {
            return missing
        } catch {
            return unreadable
        }
    }

    private func answer(
        _ descriptor: Descriptor, _ start: Int64, _ end: Int64, size: Int64, overflow: Bool
    ) throws(SystemError) -> ControlAnswer {
        let start = max(start, end - Self.answerLimit)
        var bytes = [UInt8](repeating: 0, count: Int(end - start))
        var filled = 0
        while filled < bytes.count {
            let result = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return Result { () throws(SystemError) in
                    try kernel.read(descriptor, at: start + Int64(filled), into: rest)
                }
            }
            let count = try result.get()
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return .log(bytes: bytes, size: size, overflow: overflow)
    }
}
