package import Kernel
import SourceText

extension VirtualKernel {
    /// The path a descriptor was opened by.
    func pathOf(_ descriptor: Descriptor) -> String {
        locked { $0.descriptors[descriptor.number]?.path ?? "\(descriptor)" }
    }

    /// How many descriptors are open, to find leaks by.
    package var openDescriptorCount: Int { locked { $0.descriptors.count } }

    package func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        try call("read", pathOf(descriptor)) { state throws(SystemError) in
            guard var open = state.descriptors[descriptor.number] else { throw SystemError("read", .badDescriptor) }
            switch open.kind {
            case .null: return 0
            case .file(let inode):
                let bytes = state.files.inodes[inode]?.bytes ?? []
                let taken = bytes.dropFirst(open.offset).prefix(buffer.count)
                buffer.copyBytes(from: taken)
                open.offset += taken.count
                state.descriptors[descriptor.number] = open
                return taken.count
            case .pipeReader(let pipe), .stream(let pipe, _):
                return try Self.read(pipe, into: buffer, &state)
            case .pipeWriter, .listener, .process: throw SystemError("read", .badDescriptor)
            }
        }
    }

    private static func read(
        _ pipe: Int, into buffer: UnsafeMutableRawBufferPointer, _ state: inout VirtualState
    ) throws(SystemError) -> Int {
        guard let source = state.pipes[pipe] else { throw SystemError("read", .badDescriptor) }
        if source.bytes.isEmpty {
            if source.writers > 0 { throw SystemError("read", .again) }
            return 0
        }
        let taken = source.bytes.prefix(buffer.count)
        buffer.copyBytes(from: taken)
        state.pipes[pipe]?.bytes.removeFirst(taken.count)
        return taken.count
    }

    package func read(
        _ descriptor: Descriptor, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        try call("pread", pathOf(descriptor)) { state throws(SystemError) in
            guard case .file(let inode)? = state.descriptors[descriptor.number]?.kind else {
                throw SystemError("pread", .badDescriptor)
            }
            let taken = (state.files.inodes[inode]?.bytes ?? []).dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: taken)
            return taken.count
        }
    }

    package func write(_ descriptor: Descriptor, _ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        try call("write", pathOf(descriptor)) { state throws(SystemError) in
            try Self.write(Array(buffer), to: descriptor.number, &state)
        }
    }

    /// Writes as much as fits.
    static func write(
        _ bytes: [UInt8], to number: Int32, _ state: inout VirtualState
    ) throws(SystemError) -> Int {
        guard var open = state.descriptors[number] else { throw SystemError("write", .badDescriptor) }
        switch open.kind {
        case .null: return bytes.count
        case .file(let inode):
            let now = state.clock.wall
            let offset = open.offset
            let append = open.append
            var end = 0
            state.files.update(inode) { file in
                let start = append ? file.bytes.count : offset
                if file.bytes.count < start {
                    file.bytes += [UInt8](repeating: 0, count: start - file.bytes.count)
                }
                let old = file.bytes.indices.clamped(to: start..<(start + bytes.count))
                file.bytes.replaceSubrange(old.isEmpty ? start..<start : old, with: bytes)
                file.modified = now
                end = start + bytes.count
            }
            open.offset = end
            state.descriptors[number] = open
            return bytes.count
        case .pipeWriter(let pipe), .stream(_, let pipe):
            return try write(bytes, toPipe: pipe, &state)
        case .pipeReader, .listener, .process: throw SystemError("write", .badDescriptor)
        }
    }

    static func write(
        _ bytes: [UInt8], toPipe pipe: Int, _ state: inout VirtualState
    ) throws(SystemError) -> Int {
        guard let target = state.pipes[pipe], target.readers > 0 else { throw SystemError("write", .brokenPipe) }
        let room = target.capacity - target.bytes.count
        if room <= 0, !bytes.isEmpty { throw SystemError("write", .again) }
        state.pipes[pipe]?.bytes += bytes.prefix(room)
        return min(room, bytes.count)
    }

    package func close(_ descriptor: Descriptor) { locked { $0.close(descriptor.number) } }

    package func duplicate(_ descriptor: Descriptor, atLeast least: Int32) throws(SystemError) -> Descriptor {
        try call("fcntl", pathOf(descriptor)) { state throws(SystemError) in
            guard let original = state.descriptors[descriptor.number] else {
                throw SystemError("fcntl", .badDescriptor)
            }
            return state.open(original, atLeast: least)
        }
    }

    package func makePipe(_ blocking: PipeBlocking) throws(SystemError) -> PipeEnds {
        try call("pipe") { state in
            let pipe = state.makePipe()
            return PipeEnds(
                reader: state.open(VirtualDescriptor(.pipeReader(pipe), path: "pipe")),
                writer: state.open(VirtualDescriptor(.pipeWriter(pipe), path: "pipe")))
        }
    }

    package func move(_ source: Descriptor, to target: Descriptor, most: Int) throws(SystemError) -> Int {
        try call("splice", pathOf(source)) { state throws(SystemError) in
            guard let from = state.descriptors[source.number]?.incoming, let bytes = state.pipes[from]?.bytes,
                let to = state.descriptors[target.number]?.outgoing, let room = state.pipes[to]
            else { throw SystemError("splice", .badDescriptor) }
            if bytes.isEmpty {
                if state.pipes[from]?.writers ?? 0 > 0 { throw SystemError("splice", .again) }
                return 0
            }
            let moved = bytes.prefix(min(most, room.capacity - room.bytes.count))
            if moved.isEmpty { throw SystemError("splice", .again) }
            state.pipes[to]?.bytes += moved
            state.pipes[from]?.bytes.removeFirst(moved.count)
            return moved.count
        }
    }

    /// The memory is shared by all that map the file, and what is read of it as a file stays what it was.
    package func mapShared(_ descriptor: Descriptor, size: Int) throws(SystemError) -> UnsafeMutableRawBufferPointer {
        try call("mmap", pathOf(descriptor)) { state throws(SystemError) in
            guard case .file(let inode)? = state.descriptors[descriptor.number]?.kind else {
                throw SystemError("mmap", .badDescriptor)
            }
            if let memory = state.mapped[inode], memory.count >= size { return memory }
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
            memory.initializeMemory(as: UInt8.self, repeating: 0)
            state.mapped[inode] = memory
            return memory
        }
    }

    package func setPipeCapacity(_ descriptor: Descriptor, bytes: Int) throws(SystemError) -> Int {
        try call("fcntl", pathOf(descriptor)) { state throws(SystemError) in
            guard let open = state.descriptors[descriptor.number], let pipe = open.incoming ?? open.outgoing,
                let now = state.pipes[pipe]?.capacity
            else { throw SystemError("fcntl", .badDescriptor) }
            state.pipes[pipe]?.capacity = max(now, bytes)
            return max(now, bytes)
        }
    }

    /// Nothing of a virtual machine blocks unless it is frozen: a pipe without data always says `again`.
    package func setNonBlocking(_ descriptor: Descriptor, _ flag: Bool) throws(SystemError) {
        try call("fcntl", pathOf(descriptor)) { _ in }
    }

    package func isTerminal(_ descriptor: Descriptor) -> Bool { false }

    package func terminalSize(_ descriptor: Descriptor) -> (columns: Int, rows: Int)? { nil }
}
