import Kernel
import SourceText

/// The file with our pid, locked for as long as we live: two daemons never share one.
struct PidFile: Sendable {
    let path: String
    /// Open and locked.
    let descriptor: Descriptor

    enum Outcome {
        case written(PidFile)
        /// Another daemon of ours holds it; its pid, when it can be read.
        case held(Int32?)
        case failed(SystemError)
    }

    /// Whether another daemon holds the file; asked before the daemon detaches, while somebody still reads its errors.
    static func holder<K: SystemCalls>(of path: String, _ kernel: K) -> Outcome? {
        guard let descriptor = try? kernel.open(path, .reading) else { return nil }
        defer { kernel.close(descriptor) }
        return (try? kernel.tryLock(descriptor)) == false ? .held(pid(in: path, kernel)) : nil
    }

    /// Locks the file and writes `PID\n` into it, mode 0644 (supervisord 4.3).
    static func write<K: SystemCalls>(_ path: String, _ kernel: K) -> Outcome {
        do throws(SystemError) {
            let descriptor = try kernel.open(path, OpenOptions(.readWrite, createMode: 0o644))
            guard try kernel.tryLock(descriptor) else {
                kernel.close(descriptor)
                return .held(pid(in: path, kernel))
            }
            do throws(SystemError) {
                try kernel.truncate(descriptor, to: 0)
                try kernel.writeAll(descriptor, Array("\(kernel.processID)\n".utf8))
            } catch {
                kernel.close(descriptor)
                throw error
            }
            return .written(PidFile(path: path, descriptor: descriptor))
        } catch {
            return .failed(error)
        }
    }

    /// Removes the file, as the daemon ends.
    func remove<K: SystemCalls>(_ kernel: K) {
        try? kernel.unlink(path)
        kernel.close(descriptor)
    }

    private static func pid<K: SystemCalls>(in path: String, _ kernel: K) -> Int32? {
        guard let bytes = try? kernel.readFile(path, limit: 64) else { return nil }
        return Int32(String(decoding: bytes, as: UTF8.self).trimmed)
    }
}
