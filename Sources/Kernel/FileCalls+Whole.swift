/// Files as a whole, said in terms of the single calls, so that every kernel has them.
extension FileCalls where Self: DescriptorCalls & HostCalls {
    /// The content of a file of at most `limit` bytes; `ErrorNumber.fileTooLarge` beyond. Blocks.
    package func readFile(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let descriptor = try open(path, .reading)
        defer { close(descriptor) }
        let status = try status(of: descriptor)
        if status.kind == .directory { throw SystemError("read", .isDirectory, path: path) }
        var content: [UInt8] = []
        // A size of 0 says nothing about pipes and /proc: those grow piece by piece.
        content.reserveCapacity(Int(min(Int64(limit), max(status.size, 0))))
        // Little for a small file: each page of fresh memory costs a fault.
        var piece = [UInt8](repeating: 0, count: status.size > 0 ? Int(min(max(status.size, 4096), 65_536)) : 65_536)
        while true {
            let count = try readPiece(descriptor, into: &piece, path: path)
            if count == 0 { return content }
            if content.count + count > limit { throw SystemError("read", .fileTooLarge, path: path) }
            content.append(contentsOf: piece[..<count])
        }
    }

    private func readPiece(
        _ descriptor: Descriptor, into piece: inout [UInt8], path: String
    ) throws(SystemError) -> Int {
        let result = piece.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemError) in try read(descriptor, into: buffer) }
        }
        return try result.mapError { SystemError("read", $0.number, path: path) }.get()
    }

    /// Writes all of `bytes`, however many calls that takes. Blocks; the descriptor must be a blocking one.
    package func writeAll(_ descriptor: Descriptor, _ bytes: some Sequence<UInt8>) throws(SystemError) {
        let all = Array(bytes)
        var offset = 0
        while offset < all.count {
            let result = all.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[offset...])
                return Result { () throws(SystemError) in try write(descriptor, rest) }
            }
            offset += try result.get()
        }
    }

    /// Puts a file in its place in one step: readers see the old content or the new one, never a part. `mode` holds
    /// whatever the umask; `nil` owners stay the caller's. Blocks.
    package func writeFileAtomically(
        _ path: String, _ bytes: [UInt8], mode: UInt32, user: UInt32? = nil, group: UInt32? = nil
    ) throws(SystemError) {
        let temporary = "\(path).\(processID).new"
        // A left-over of a crashed process with our pid would make the exclusive creation fail for ever.
        discard(temporary)
        let descriptor = try open(temporary, OpenOptions(.write, createMode: 0o600, exclusive: true))
        do throws(SystemError) {
            defer { close(descriptor) }
            try writeAll(descriptor, bytes)
            if user != nil || group != nil { try setOwner(descriptor, user: user, group: group) }
            try setMode(descriptor, mode)
            try synchronise(descriptor)
        } catch {
            discard(temporary)
            throw SystemError(error.call, error.number, path: path)
        }
        do throws(SystemError) {
            try rename(temporary, to: path)
        } catch {
            discard(temporary)
            throw SystemError(error.call, error.number, path: path)
        }
    }

    private func discard(_ path: String) {
        do throws(SystemError) { try unlink(path) } catch { return }
    }

    /// Makes a directory and those above it that are missing; returns the ones made, outermost first. Blocks.
    package func makeDirectories(_ path: String, mode: UInt32) throws(SystemError) -> [String] {
        var missing: [String] = []
        var current = path
        while current.count > 1, current.hasSuffix("/") { current.removeLast() }
        while !current.isEmpty, !(try isDirectory(current)) {
            missing.append(current)
            current = parentDirectory(of: current)
        }
        missing.reverse()
        for directory in missing {
            do throws(SystemError) {
                try makeDirectory(directory, mode: mode)
            } catch  where error.number == .exists {
                // Somebody else was faster, which is as good, unless it is no directory.
                guard try isDirectory(directory) else { throw error }
            }
        }
        return missing
    }

    private func isDirectory(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            let kind = try status(of: path, followLinks: true).kind
            guard kind == .directory else { throw SystemError("mkdir", .notDirectory, path: path) }
            return true
        } catch  where error.number == .noEntry {
            return false
        }
    }
}

/// The directory part of a path: `/a/b` gives `/a`, `a` gives the empty text (the current directory).
package func parentDirectory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    let parent = path[..<slash]
    return parent.isEmpty ? "/" : String(parent)
}
