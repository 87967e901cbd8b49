/// An open file descriptor. A plain number with a name: whoever opened it closes it, by `DescriptorCalls.close`.
package struct Descriptor: Hashable, Sendable, CustomStringConvertible {
    package let number: Int32

    package init(number: Int32) {
        self.number = number
    }

    package static let standardInput = Descriptor(number: 0)
    package static let standardOutput = Descriptor(number: 1)
    package static let standardError = Descriptor(number: 2)

    package var description: String { "fd \(number)" }
}

/// Both ends of a pipe, close-on-exec.
package struct PipeEnds: Hashable, Sendable {
    package var reader: Descriptor
    package var writer: Descriptor

    package init(reader: Descriptor, writer: Descriptor) {
        self.reader = reader
        self.writer = writer
    }
}

/// Which end of a new pipe never blocks. Children want blocking ends; we want the other.
package enum PipeBlocking: Hashable, Sendable {
    /// We read what a child writes: the reading end is non-blocking.
    case nonBlockingReader
    /// We write what a child reads: the writing end is non-blocking.
    case nonBlockingWriter
    case nonBlockingBoth
    case blockingBoth
}

/// Reading, writing and closing what is open. None of these blocks on a non-blocking descriptor or on a file whose
/// disk answers; a frozen disk blocks `write`, which is why log files have a thread of their own.
package protocol DescriptorCalls: Sendable {
    /// Reads into `buffer`: the number of bytes, 0 at the end, `ErrorNumber.again` when nothing is there yet.
    func read(_ descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int

    /// Reads at a byte offset of a file, leaving its position alone (pread(2)).
    func read(
        _ descriptor: Descriptor, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int

    /// Writes from `buffer`: the number of bytes taken, possibly fewer; `ErrorNumber.again` when none can be taken.
    /// The process is expected to ignore SIGPIPE and then sees `ErrorNumber.brokenPipe`.
    func write(_ descriptor: Descriptor, _ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int

    /// Closes; errors have no remedy and are not reported.
    func close(_ descriptor: Descriptor)

    /// A copy of the descriptor at a free number not below `least`, close-on-exec.
    func duplicate(_ descriptor: Descriptor, atLeast least: Int32) throws(SystemError) -> Descriptor

    /// A new pipe, both ends close-on-exec.
    func makePipe(_ blocking: PipeBlocking) throws(SystemError) -> PipeEnds

    /// Moves what is in one pipe into another, at most so many bytes and what that has room for; none is in neither at any
    /// moment. As `read` otherwise. Linux.
    func move(_ source: Descriptor, to target: Descriptor, most: Int) throws(SystemError) -> Int

    /// The first `size` bytes of a file as memory that everybody shares who maps them; for good.
    func mapShared(_ descriptor: Descriptor, size: Int) throws(SystemError) -> UnsafeMutableRawBufferPointer

    /// Asks for a pipe of at least `bytes`; returns what it is now. Where pipes have one size it is returned unchanged.
    func setPipeCapacity(_ descriptor: Descriptor, bytes: Int) throws(SystemError) -> Int

    func setNonBlocking(_ descriptor: Descriptor, _ flag: Bool) throws(SystemError)

    /// Whether it is a terminal.
    func isTerminal(_ descriptor: Descriptor) -> Bool

    /// Columns and rows of a terminal; `nil` when it is none.
    func terminalSize(_ descriptor: Descriptor) -> (columns: Int, rows: Int)?
}

extension DescriptorCalls {
    /// Sees whether so many descriptors are to be had, by taking them for a moment; `ErrorNumber.tooManyOpenFiles` where
    /// they are not.
    package func requireDescriptors(_ count: Int) throws(SystemError) {
        var taken: [Descriptor] = []
        defer { for descriptor in taken { close(descriptor) } }
        for _ in 0..<count { taken.append(try duplicate(.standardError, atLeast: 3)) }
    }
}
