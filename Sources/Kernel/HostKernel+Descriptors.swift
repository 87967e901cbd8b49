import CPlatform

extension HostKernel {
    package func read(
        _ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        try retrying("read") { CPlatform.read(descriptor.number, buffer.baseAddress, buffer.count) }
    }

    package func read(
        _ descriptor: Descriptor, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        try retrying("pread") { pread(descriptor.number, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    package func write(_ descriptor: Descriptor, _ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        try retrying("write") { CPlatform.write(descriptor.number, buffer.baseAddress, buffer.count) }
    }

    package func close(_ descriptor: Descriptor) {
        // Not repeated after EINTR: the number is free then and may be somebody else's already.
        _ = CPlatform.close(descriptor.number)
    }

    package func duplicate(_ descriptor: Descriptor, atLeast least: Int32) throws(SystemError) -> Descriptor {
        Descriptor(number: try retrying("fcntl") { svi_duplicate(descriptor.number, least) })
    }

    package func makePipe(_ blocking: PipeBlocking) throws(SystemError) -> PipeEnds {
        var ends: (Int32, Int32) = (-1, -1)
        _ = try retrying("pipe") {
            withUnsafeMutableBytes(of: &ends) { svi_pipe($0.assumingMemoryBound(to: Int32.self).baseAddress) }
        }
        let pipe = PipeEnds(reader: Descriptor(number: ends.0), writer: Descriptor(number: ends.1))
        if blocking == .nonBlockingReader || blocking == .nonBlockingBoth { try setNonBlocking(pipe.reader, true) }
        if blocking == .nonBlockingWriter || blocking == .nonBlockingBoth { try setNonBlocking(pipe.writer, true) }
        return pipe
    }

    package func move(_ source: Descriptor, to target: Descriptor, most: Int) throws(SystemError) -> Int {
        Int(try retrying("splice") { svi_move(source.number, target.number, most) })
    }

    package func mapShared(_ descriptor: Descriptor, size: Int) throws(SystemError) -> UnsafeMutableRawBufferPointer {
        guard let memory = svi_map_shared(descriptor.number, size) else { throw SystemError("mmap", .current) }
        return UnsafeMutableRawBufferPointer(start: memory, count: size)
    }

    package func setPipeCapacity(_ descriptor: Descriptor, bytes: Int) throws(SystemError) -> Int {
        let wanted = Int32(clamping: bytes)
        return Int(try retrying("fcntl") { svi_set_pipe_capacity(descriptor.number, wanted) })
    }

    package func setNonBlocking(_ descriptor: Descriptor, _ flag: Bool) throws(SystemError) {
        _ = try retrying("fcntl") { svi_set_nonblocking(descriptor.number, flag ? 1 : 0) }
    }

    package func isTerminal(_ descriptor: Descriptor) -> Bool { isatty(descriptor.number) == 1 }

    package func terminalSize(_ descriptor: Descriptor) -> (columns: Int, rows: Int)? {
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard svi_terminal_size(descriptor.number, &columns, &rows) == 0, columns > 0, rows > 0 else { return nil }
        return (Int(columns), Int(rows))
    }
}
