import Kernel
import SourceText

/// How what programs write gets from their pipes into the logger's hands without a moment in which it would be lost if we
/// were killed, or logged twice.
///
/// It crosses a pipe of our own, which like a piece of shared memory a service manager keeps for us. First the memory
/// says whose output is moved and to which byte of which file it goes; the kernel moves it, and it is in one of the two
/// pipes at any moment; the memory says how much that was; then it is read into the memory. Until it says that it has
/// arrived in the log, whoever comes after us finds all of it there, and in the log how much of it has.
struct Ferry<K: SystemCalls> {
    private let kernel: K
    private let pipe: PipeEnds
    private let memory: UnsafeMutableRawBufferPointer
    let number: UInt64

    /// What is moved at once, at most.
    private static var load: Int { 1 << 18 }
    fileprivate static var headBytes: Int { 4096 }
    static var size: Int { headBytes + load }
    /// A pipe holds so many pieces as it has pages, and pieces may be small.
    private static var pipeSize: Int { 1 << 20 }
    /// In the store: the reading end, and the memory.
    static var descriptors: Int { 2 }

    /// Numbers of 64 bits at the memory's beginning.
    fileprivate enum Field: Int {
        case mark, isUnderWay, pipeDevice, pipeInode, fileDevice, fileInode, offset, count
    }

    /// Tells such memory from anything else, and its layout from others.
    fileprivate static var mark: UInt64 { 0x7376_6966_6572_7931 }

    /// `nil` where it cannot be made or kept: then output goes without.
    init?(_ kernel: K, _ store: DescriptorStore<K>, number: UInt64) {
        self.kernel = kernel
        self.number = number
        guard let pipe = try? kernel.makePipe(.nonBlockingBoth) else { return nil }
        self.pipe = pipe
        guard let file = try? kernel.openMemory() else {
            kernel.close(pipe.reader)
            kernel.close(pipe.writer)
            return nil
        }
        defer { kernel.close(file) }
        guard (try? kernel.setPipeCapacity(pipe.writer, bytes: Self.pipeSize)) != nil,
            (try? kernel.truncate(file, to: Int64(Self.size))) != nil,
            let memory = try? kernel.mapShared(file, size: Self.size),
            store.keep([pipe.reader, file], as: .ferry(number))
        else {
            kernel.close(pipe.reader)
            kernel.close(pipe.writer)
            return nil
        }
        self.memory = memory
        set(.mark, Self.mark)
    }

    /// Where what was moved is found.
    var buffer: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[Self.headBytes...]) }

    /// Moves what a pipe holds into the buffer; as `read`. `arrived` must follow when it is in the log.
    func carry(
        _ reader: Descriptor, _ source: FileStatus.Identity, to file: FileStatus
    ) throws(SystemError) -> Int {
        set(.pipeDevice, source.device)
        set(.pipeInode, source.inode)
        set(.fileDevice, file.identity.device)
        set(.fileInode, file.identity.inode)
        set(.offset, UInt64(bitPattern: file.size))
        set(.count, 0)
        set(.isUnderWay, 1)
        do throws(SystemError) {
            let count = try kernel.move(reader, to: pipe.writer, most: Self.load)
            set(.count, UInt64(count))
            var taken = 0
            while taken < count {
                taken += try kernel.read(
                    pipe.reader, into: UnsafeMutableRawBufferPointer(rebasing: buffer[taken..<count]))
            }
            if count == 0 { arrived() }
            return count
        } catch  where error.number != .again {
            // What cannot be moved here goes without.
            arrived()
            return try kernel.read(reader, into: buffer)
        } catch {
            arrived()
            throw error
        }
    }

    /// What was moved is in the log.
    func arrived() { set(.isUnderWay, 0) }

    private func set(_ field: Field, _ value: UInt64) {
        memory.storeBytes(of: value, toByteOffset: field.rawValue * 8, as: UInt64.self)
    }
}

/// What was on its way when the daemon before us was killed.
struct Cargo: Sendable {
    /// The pipe it came from.
    let source: FileStatus.Identity
    /// The log it was to go to, and where in that it was to begin.
    private let file: FileStatus.Identity
    private let offset: Int64
    let bytes: [UInt8]
    /// Of the ferry: what a later one carried comes after it.
    let number: UInt64
    /// Where the ferry's memory says that something is under way; mapped for good.
    private let isUnderWay: UInt

    /// `nil` when nothing was. Closes the descriptors.
    init?<K: SystemCalls>(_ number: UInt64, _ descriptors: [Descriptor], _ kernel: K) {
        defer { for descriptor in descriptors { kernel.close(descriptor) } }
        let kinds = descriptors.map { ($0, (try? kernel.status(of: $0))?.kind) }
        guard let reader = kinds.first(where: { $0.1 == .fifo })?.0,
            let file = kinds.first(where: { $0.1 == .regular })?.0,
            let memory = try? kernel.mapShared(file, size: Ferry<K>.size)
        else { return nil }
        func field(_ field: Ferry<K>.Field) -> UInt64 {
            memory.loadUnaligned(fromByteOffset: field.rawValue * 8, as: UInt64.self)
        }
        guard field(.mark) == Ferry<K>.mark, field(.isUnderWay) == 1 else { return nil }
        let left = Self.rest(of: reader, kernel)
        // What has left the pipe is in the memory.
        let read = max(Int(clamping: field(.count)) - left.count, 0)
        guard read <= memory.count - Ferry<K>.headBytes else { return nil }
        bytes = Array(memory[Ferry<K>.headBytes...].prefix(read)) + left
        source = FileStatus.Identity(device: field(.pipeDevice), inode: field(.pipeInode))
        self.file = FileStatus.Identity(device: field(.fileDevice), inode: field(.fileInode))
        offset = Int64(bitPattern: field(.offset))
        self.number = number
        guard let base = memory.baseAddress else { return nil }
        isUnderWay = UInt(bitPattern: base + Ferry<K>.Field.isUnderWay.rawValue * 8)
        if bytes.isEmpty { return nil }
    }

    /// It is in the log now: a daemon after us, should we be killed before the ferry is let go of, need not look for it.
    func arrived() { UnsafeMutableRawPointer(bitPattern: isUnderWay)?.storeBytes(of: 0, as: UInt64.self) }

    private static func rest(of pipe: Descriptor, _ kernel: some SystemCalls) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while let count = piece.withUnsafeMutableBytes({ try? kernel.read(pipe, into: $0) }), count > 0 {
            bytes += piece[..<count]
        }
        return bytes
    }

    /// What of it is not in the log yet. The log may have been rotated on the way, several times.
    func missing(in path: String, _ kernel: some SystemCalls) -> [UInt8] {
        var names = [path]
        while let found = try? kernel.status(of: names[names.count - 1], followLinks: true), found.identity != file {
            names.append("\(path).\(names.count)")
        }
        guard (try? kernel.status(of: names[names.count - 1], followLinks: true))?.identity == file else {
            return bytes
        }
        var done = 0
        var start = offset
        for name in names.reversed() {
            let part = same(bytes[done...], name, from: start, kernel)
            done += part
            // What follows is in the next file only if this one ends here.
            guard let size = (try? kernel.status(of: name, followLinks: true))?.size, start + Int64(part) == size else {
                break
            }
            start = 0
        }
        return Array(bytes[done...])
    }

    /// How many bytes a file holds from some place on as these are.
    private func same(
        _ wanted: ArraySlice<UInt8>, _ path: String, from start: Int64, _ kernel: some SystemCalls
    ) -> Int {
        guard let descriptor = try? kernel.open(path, .reading) else { return 0 }
        defer { kernel.close(descriptor) }
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while count < wanted.count {
            let here = start + Int64(count)
            guard let read = piece.withUnsafeMutableBytes({ try? kernel.read(descriptor, at: here, into: $0) }),
                read > 0
            else {
                break
            }
            let rest = wanted.dropFirst(count)
            let equal = zip(piece[..<read], rest).prefix { $0 == $1 }.count
            count += equal
            if equal < min(read, rest.count) { break }
        }
        return count
    }
}
