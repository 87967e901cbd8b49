import NIOCore
import SourceText

/// Sends what is written to a log file to one client, as it is written. Looks at the file ten times a second, as the
/// original does, and only while the client follows and takes what it is sent.
final class LogStream {
    /// Milliseconds between two looks at a file that did not grow.
    static let interval: Int64 = 100

    private let channel: any Channel
    private let workers: BlockingWorkers
    private let isChunked: Bool
    /// `nil` while a worker has it, and after the end.
    private var reading: LogReading?
    private var timer: Scheduled<Void>?
    private var hasEnded = false

    init(_ reading: LogReading, channel: any Channel, workers: BlockingWorkers, isChunked: Bool) {
        self.reading = reading
        self.channel = channel
        self.workers = workers
        self.isChunked = isChunked
    }

    /// Looks at the file now, unless that is being done.
    func resume() {
        timer?.cancel()
        guard !hasEnded, let taken = reading else { return }
        reading = nil
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        workers.run(for: channel.eventLoop) {
            var reading = taken
            let piece = reading.next()
            return (piece, reading)
        } then: { result in
            bound.value.send(result.0, result.1)
        }
    }

    /// The client is gone.
    func end() {
        hasEnded = true
        timer?.cancel()
        reading = nil
    }

    private func send(_ piece: [UInt8], _ reading: LogReading) {
        guard !hasEnded else { return }
        self.reading = reading
        guard !piece.isEmpty else {
            timer = channel.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Self.interval)) { self.resume() }
            return
        }
        var buffer = channel.allocator.buffer(capacity: piece.count + 16)
        if isChunked { buffer.writeString("\(Digits.hexadecimal(UInt64(piece.count)))\r\n") }
        buffer.writeBytes(piece)
        if isChunked { buffer.writeString("\r\n") }
        channel.writeAndFlush(buffer, promise: nil)
        // A client that does not read is waited for: `channelWritabilityChanged` resumes.
        if channel.isWritable { resume() }
    }
}
