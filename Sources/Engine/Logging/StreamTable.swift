import Kernel
import Supervision

/// The outputs that the logger reads, by token, by program and by whether they wait for their log. Its own.
struct StreamTable<K: SystemCalls> {
    private var streams: [UInt64: LogStream<K>] = [:]
    /// The streams of every program that has any, oldest first: nothing looks through those of all others.
    private var tokens: [ProgramID: [UInt64]] = [:]
    /// What is paused, so that nothing looks through all that is not.
    private var paused: Set<UInt64> = []
    private var nextToken: UInt64 = 1

    subscript(token: UInt64) -> LogStream<K>? { streams[token] }

    /// Oldest first.
    var all: [LogStream<K>] { streams.keys.sorted().compactMap { streams[$0] } }

    /// The streams of a program, oldest first.
    func of(_ program: ProgramID) -> [LogStream<K>] { (tokens[program] ?? []).compactMap { streams[$0] } }

    /// The streams of several programs, oldest first.
    func of(_ programs: Set<ProgramID>) -> [LogStream<K>] {
        programs.flatMap { tokens[$0] ?? [] }.sorted().compactMap { streams[$0] }
    }

    mutating func add(_ attachment: StreamAttachment, to log: SharedLog<K>?) -> LogStream<K> {
        let stream = LogStream(attachment, to: log, token: nextToken)
        nextToken += 1
        streams[stream.token] = stream
        tokens[stream.program, default: []].append(stream.token)
        return stream
    }

    /// `false`: it was not there any more.
    mutating func remove(_ stream: LogStream<K>) -> Bool {
        guard streams.removeValue(forKey: stream.token) != nil else { return false }
        tokens[stream.program]?.removeAll { $0 == stream.token }
        if tokens[stream.program]?.isEmpty == true { tokens[stream.program] = nil }
        paused.remove(stream.token)
        return true
    }

    mutating func pause(_ stream: LogStream<K>) {
        stream.isPaused = true
        paused.insert(stream.token)
    }

    /// Ends the pause of all whose logs take bytes again, and returns them, oldest first.
    mutating func resume() -> [LogStream<K>] {
        let ready = paused.sorted().compactMap { streams[$0] }.filter { $0.log?.outlet.isFull != true }
        for stream in ready {
            stream.isPaused = false
            paused.remove(stream.token)
        }
        return ready
    }
}
