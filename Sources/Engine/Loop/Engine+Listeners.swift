import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// What the engine keeps of a listener that runs.
struct ListenerRun: Sendable {
    /// Our end of its standard output; `nil` once it is closed.
    var output: Descriptor?
    var conversation = ListenerConversation()
    /// What it was sent and has not answered.
    var event: QueuedEvent?
    /// RUNNING: one that has just been started is told nothing yet.
    var isRunning = false

    init(_ output: Descriptor) {
        self.output = output
    }
}

/// Event listeners: what they say, and their end.
extension Engine {
    /// Bytes of a listener that are read in one turn.
    private static var pieceSize: Int { 16_384 }
    /// What is read of one that has ended; a grandchild that goes on writing cannot hold us up.
    private static var lastPieces: Int { 256 }
    /// In tokens of the poller: a listener's standard output.
    private static var listenerBit: UInt64 { 1 << 61 }

    /// The run whose standard output a token of the poller stands for.
    func listener(of token: UInt64) -> RunID? {
        token & Self.listenerBit == 0 ? nil : RunID(number: token & ~Self.listenerBit)
    }

    func watchListener(_ run: RunID, _ output: Descriptor) {
        listenerRuns[run] = ListenerRun(output)
        do throws(SystemError) {
            try loop.poller.add(output, token: run.number | Self.listenerBit, .readable)
        } catch {
            log(.error, "cannot watch the output of a listener: \(error)")
            closeListener(run)
        }
    }

    func followListener(_ change: ProcessStateChange) {
        guard let run = programs[change.program]?.run else { return }
        listenerRuns[run]?.isRunning = change.to == .running
    }

    /// It has said something, or has closed its standard output.
    func hearListener(_ run: RunID) {
        guard readListener(run) == .end else { return }
        if let output = listenerRuns[run]?.output, let program = runs[run]?.program {
            log(.debug, LogLine.closed(output, of: programs[program]?.spec.name ?? "", .output))
        }
        closeListener(run)
    }

    private enum Reading { case more, nothing, end }

    private func readListener(_ run: RunID) -> Reading {
        guard let output = listenerRuns[run]?.output else { return .end }
        var reading = Reading.more
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, count in
            do throws(SystemError) {
                count = try kernel.read(output, into: UnsafeMutableRawBufferPointer(buffer))
                if count == 0 { reading = .end }
            } catch {
                reading = error.number == .again ? .nothing : .end
            }
        }
        if !bytes.isEmpty { hear(bytes, from: run) }
        return reading
    }

    private func hear(_ bytes: [UInt8], from run: RunID) {
        guard let program = runs[run]?.program, let spec = programs[program]?.spec else { return }
        log(.debug, "\(PythonText.repr(spec.name)) stdout output:\n\(PythonBytes.repr(bytes))")
        logger.feed(bytes, of: program)
        for outcome in listenerRuns[run]?.conversation.hear(bytes, spec.name) ?? [] {
            switch outcome {
            case .note(let note):
                write([note])
            case .verdict(let verdict):
                let event = listenerRuns[run]?.event
                listenerRuns[run]?.event = nil
                if verdict == .returned, let event { write(desk.takeBack(event, into: spec.group)) }
            }
        }
    }

    private func closeListener(_ run: RunID) {
        guard let output = listenerRuns[run]?.output else { return }
        loop.poller.remove(output)
        kernel.close(output)
        listenerRuns[run]?.output = nil
    }

    /// A listener has ended: its last words count, then what it has not answered is handed out again. To be called
    /// when its end is known and before the machine is told.
    func hearLastWords(of run: RunID) {
        guard let program = runs[run]?.program, listenerRuns[run] != nil else { return }
        var pieces = 0
        while pieces < Self.lastPieces, readListener(run) == .more { pieces += 1 }
        closeListener(run)
        logger.send(.endFeed(program))
    }
}
