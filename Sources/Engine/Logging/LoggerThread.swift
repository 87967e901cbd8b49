import Kernel
import Reactor
import ServiceModel
import SourceText
import Supervision

/// Owns the programs' pipes and log files, and the main log. A disk that hangs, hangs this thread and nobody else.
final class LoggerThread<K: SystemCalls> {
    private let kernel: K
    private let link: LoggerLink<K>
    private let poller: any Poller
    private var events: [PollEvent] = []
    private var mainLog: MainLog<K>
    private var streams = StreamTable<K>()
    private let files: LogFiles<K>
    /// One for all pipes; its pages are touched only as far as reads fill them.
    private let buffer: UnsafeMutableRawBufferPointer
    /// Where output is found by a daemon after us, should we be killed between reading and writing it.
    private let ferry: Ferry<K>?
    private var isStopping = false
    private var pace = ReadingPace()
    /// Pipes that are read by the clock for as long as each rest fills them well. A watched pipe costs its writer a call
    /// into the poller with every piece.
    private var pouring: [UInt64] = []

    /// Reads of one pipe before the others get their turn.
    private static var readsInTurn: Int { 4 }
    /// For readers and collectors to take the last bytes.
    private static var farewell: Int64 { 2_000_000_000 }

    private init(
        _ kernel: K, _ poller: any Poller, _ link: LoggerLink<K>, _ mainLog: MainLog<K>, _ ferry: Ferry<K>?
    ) {
        self.ferry = ferry
        buffer = ferry?.buffer ?? UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 19, alignment: 4096)
        self.kernel = kernel
        self.poller = poller
        self.link = link
        files = LogFiles(kernel, poller) { link.inherited.log($0) }
        self.mainLog = mainLog
        self.mainLog.write(through: link)
    }

    deinit { if ferry == nil { buffer.deallocate() } }

    /// Starts the thread and returns the way to it.
    /// `ferry`: the number of the one that output shall cross, where descriptors are kept.
    static func start(
        _ kernel: K, mainLog: MainLog<K>, store: DescriptorStore<K>? = nil, ferry number: UInt64 = 0
    ) throws(SystemError) -> LoggerLink<K> {
        let poller = try kernel.makePoller()
        let link = LoggerLink<K>(kernel, waking: poller)
        let failure = HostThread.start {
            let ferry = store.flatMap { Ferry(kernel, $0, number: number) }
            LoggerThread(kernel, poller, link, mainLog, ferry).run()
        }
        if let failure { throw SystemError("pthread_create", failure) }
        return link
    }

    private func run() {
        while !isStopping {
            guard (try? poller.wait(until: pouring.isEmpty ? nil : 0, into: &events)) != nil else { return }
            for command in link.mailbox.takeAll() { perform(command) }
            for token in pouring where !pump(token, hangUp: false).isPouring { watchAgain(token) }
            var allShort = true
            var pumped = false
            for case .ready(let token, _, let hangUp) in events {
                if files.hasRoom(token) {
                    resume()
                    continue
                }
                pumped = true
                let outcome = pump(token, hangUp: hangUp)
                if pace.hasRested, outcome.isPouring {
                    // Its next read is due after a rest too: at once it would find little.
                    readByClock(token)
                } else if !outcome.isShort {
                    allShort = false
                }
            }
            let dropped = link.takeDropped()
            if dropped > 0 { mainLog.tellLost(lines: dropped, wall: kernel.now().wall) }
            let isDue = pace.isRestDue(afterShortTurn: pumped && allShort)
            if isDue || !pouring.isEmpty && allShort { kernel.sleep(nanoseconds: ReadingPace.rest) }
        }
    }

    private func readByClock(_ token: UInt64) {
        guard let stream = streams[token], let reader = stream.reader, !stream.isPaused else { return }
        poller.remove(reader)
        pouring.append(token)
    }

    private func watchAgain(_ token: UInt64) {
        pouring.removeAll { $0 == token }
        if let stream = streams[token], !stream.isPaused { watch(stream) }
    }

    private func watch(_ stream: LogStream<K>) {
        guard let reader = stream.reader else { return }
        do throws(SystemError) {
            try poller.add(reader, token: stream.token, .readable)
        } catch {
            log(.error, "cannot watch the output of '\(stream.name.process)': \(error)")
            detach(stream)
        }
    }

    private func perform(_ command: LoggerCommand<K>) {
        switch command {
        case .line(let level, let message, let wall):
            mainLog.write(level, message, wall: wall)
        case .attach(let attachment):
            attach(attachment)
        case .release(let program):
            for stream in streams.of(program) { finishNow(stream) }
        case .closeOutputs(let program):
            // One that waits for its log to take bytes again ends with its pipe.
            for stream in streams.of(program) where stream.reader != nil && !stream.isPaused { finishNow(stream) }
        case .settle(let programs, let isEnd, let done):
            for stream in streams.of(programs) where !stream.isPaused {
                takeIn(stream)
                if isEnd { flush(stream) }
            }
            done()
        case .feed(let program, let bytes):
            takeFed(bytes, of: program)
        case .endFeed(let program):
            for stream in streams.of(program) where stream.reader == nil { finish(stream) }
        case .clear(let destinations, let done):
            done(clear(destinations))
        case .clearMain(let done):
            done(clearMain())
        case .reopen:
            reopen()
        case .resume:
            resume()
        case .replaceMain(let log):
            mainLog.close()
            mainLog = log
            mainLog.write(through: link)
        case .handOver(let release, let done):
            done(handOver())
            release.sleep { $0 ? () : nil }
        case .stop(let done):
            for stream in streams.all { finishNow(stream) }
            for (path, bytes) in files.lost {
                log(.error, "'\(path)' could not be written to the end; \(bytes) bytes were lost")
            }
            mainLog.close()
            let deadline = kernel.now().monotonic + Self.farewell
            link.inherited.finish(until: deadline)
            link.systemLog.finish(until: deadline)
            poller.close()
            isStopping = true
            done()
        }
    }

    private func handOver() -> LoggerHandOver {
        let deadline = kernel.now().monotonic + Self.farewell
        link.inherited.finish(until: deadline)
        link.systemLog.finish(until: deadline)
        return LoggerHandOver(
            streams: streams.all.map(\.handOver), isWritten: link.inherited.isWritten)
    }

    // MARK: Streams

    private func attach(_ attachment: StreamAttachment) {
        let log = files.join(attachment.destination)
        if let log, let opened = attachment.opened { take(opened, for: log) }
        let stream = streams.add(attachment, to: log)
        if ferry != nil, let reader = stream.reader { stream.source = (try? kernel.status(of: reader))?.identity }
        if !attachment.missing.isEmpty { attachment.missing.withUnsafeBytes { deliver($0, to: stream) } }
        for cargo in attachment.cargoes { cargo.arrived() }
        watch(stream)
    }

    private func take(_ opened: Descriptor, for log: SharedLog<K>) {
        do throws(SystemError) { try files.take(opened, for: log) } catch { tellNotOpened(error) }
        resume()
    }

    private func detach(_ stream: LogStream<K>) {
        guard streams.remove(stream) else { return }
        pouring.removeAll { $0 == stream.token }
        for tap in stream.taps { tap.ended(stream.name) }
        if let reader = stream.reader {
            poller.remove(reader)
            kernel.close(reader)
        }
        guard let log = stream.log else { return }
        tell(files.leave(log), of: stream.name)
        resume()
    }

    /// Reads what is there, a few times at most. Ends the stream at its end.
    private func pump(_ token: UInt64, hangUp: Bool) -> ReadingPace.Pumped {
        guard let stream = streams[token], let reader = stream.reader else { return .nothing }
        for _ in 0..<Self.readsInTurn {
            if stream.isPaused { return .nothing }
            let result = Result { () throws(SystemError) in try read(reader, of: stream) }
            switch result {
            case .success(0):
                tellClosed(reader, of: stream.name)
                finish(stream)
                return .nothing
            case .success(let count):
                deliver(count, to: stream)
                let capacity = stream.capacity
                // Small pieces do not fill the pipe's pages: it is full long before it holds its capacity.
                if count >= capacity / 2 { grow(stream) }
                // A short read emptied the pipe; after a hang-up the end is still to be seen.
                if count < min(capacity, buffer.count), !hangUp { return .emptied(count) }
            case .failure(let error) where error.number == .again:
                return .nothing
            case .failure(let error):
                log(.error, "reading the output of '\(stream.name.process)': \(error)")
                detach(stream)
                return .nothing
            }
        }
        return .more
    }

    /// Ends a stream that has not ended by itself. The end of another one may have let it go on, and it could not be
    /// watched: then it is gone.
    private func finishNow(_ stream: LogStream<K>) {
        guard streams[stream.token] != nil else { return }
        takeIn(stream)
        finish(stream)
    }

    /// Takes in what the pipe holds at this moment; a grandchild that goes on writing cannot hold us up.
    private func takeIn(_ stream: LogStream<K>) {
        guard let reader = stream.reader else { return }
        for _ in 0..<64 {
            guard let count = try? read(reader, of: stream), count > 0 else { break }
            deliver(count, to: stream)
        }
    }

    private func takeFed(_ bytes: [UInt8], of program: ProgramID) {
        for stream in streams.of(program) where stream.reader == nil {
            bytes.withUnsafeBytes { deliver($0, to: stream) }
        }
        let dropped = link.wroteFed(bytes.count)
        if dropped > 0 {
            log(.warning, "\(dropped) bytes of event listeners' output were not logged: the disk is too slow")
        }
    }

    private func finish(_ stream: LogStream<K>) {
        flush(stream)
        detach(stream)
    }

    private func flush(_ stream: LogStream<K>) {
        if let rest = stream.filter?.finish(), !rest.isEmpty {
            rest.withUnsafeBytes { pass($0, to: stream) }
        }
        for piece in stream.capture?.finish() ?? [] { take(piece, of: stream) }
    }

    /// Reads into the buffer what a pipe holds; `deliver` follows.
    private func read(_ reader: Descriptor, of stream: LogStream<K>) throws(SystemError) -> Int {
        guard let ferry, let source = stream.source, let file = stream.log?.outlet.place(kernel) else {
            return try kernel.read(reader, into: buffer)
        }
        return try ferry.carry(reader, source, to: file)
    }

    private func deliver(_ count: Int, to stream: LogStream<K>) {
        deliver(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: stream)
        ferry?.arrived()
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer, to stream: LogStream<K>) {
        if let filtered = stream.filter?.filter(bytes) {
            filtered.withUnsafeBytes { pass($0, to: stream) }
        } else {
            pass(bytes, to: stream)
        }
    }

    private func pass(_ bytes: UnsafeRawBufferPointer, to stream: LogStream<K>) {
        guard let pieces = stream.capture?.feed(bytes) else { return write(bytes, to: stream) }
        for piece in pieces { take(piece, of: stream) }
    }

    private func take(_ piece: CaptureFilter.Piece, of stream: LogStream<K>) {
        switch piece {
        case .plain(let bytes):
            bytes.withUnsafeBytes { write($0, to: stream) }
        case .captured(let bytes):
            bytes.withUnsafeBytes { tell($0, of: stream) }
        case .complete(let bytes):
            stream.announcer?.captured(bytes)
            log(.debug, "\(PythonText.repr(stream.name.process)) \(stream.name.channel.rawValue) emitted a comm event")
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream<K>) {
        guard !bytes.isEmpty else { return }
        if let log = stream.log {
            tell(log.append(bytes), of: stream.name)
            if log.outlet.isFull { pause(stream, until: log) }
        }
        for tap in stream.taps { tap.received(bytes, from: stream.name) }
        tell(bytes, of: stream)
    }

    /// Tells those who want to know of everything, captured or not.
    private func tell(_ bytes: UnsafeRawBufferPointer, of stream: LogStream<K>) {
        // Who read it has told it.
        guard stream.reader != nil else { return }
        if mainLog.level <= .debug {
            let text = String(decoding: bytes, as: UTF8.self)
            log(.debug, "'\(stream.name.process)' \(stream.name.channel.rawValue) output:\n\(text)")
        }
        stream.announcer?.wrote(bytes)
    }

    private func tellClosed(_ reader: Descriptor, of name: StreamName) {
        if mainLog.level <= .debug { log(.debug, LogLine.closed(reader, of: name.process, name.channel)) }
    }

    private func grow(_ stream: LogStream<K>) {
        guard !stream.isGrown else { return }
        stream.isGrown = true
        if let reader = stream.reader,
            let capacity = try? kernel.setPipeCapacity(reader, bytes: LogStream<K>.grownCapacity)
        {
            stream.capacity = capacity
        }
    }

    private func tell(_ complaints: [LogComplaint], of name: StreamName) {
        for complaint in complaints {
            log(.error, complaint.text(of: "the \(name.channel.rawValue) of '\(name.process)'"))
        }
    }

    /// Leaves a program's output in its pipe until its log takes bytes again.
    private func pause(_ stream: LogStream<K>, until log: SharedLog<K>) {
        guard !stream.isPaused, files.watchForRoom(log) else { return }
        streams.pause(stream)
        pouring.removeAll { $0 == stream.token }
        if let reader = stream.reader { poller.remove(reader) }
    }

    private func resume() {
        for stream in streams.resume() { watch(stream) }
    }

    // MARK: Files

    private func clear(_ destinations: [LogDestination]) -> SystemError? {
        var failure: SystemError?
        for destination in destinations {
            do throws(SystemError) { try files.clear(destination) } catch { failure = error }
        }
        resume()
        return failure
    }

    private func clearMain() -> SystemError? {
        guard let path = mainLog.ownPath else { return nil }
        do throws(SystemError) {
            try kernel.unlink(path)
            log(.info, "reopening log file")
            try mainLog.open()
            return nil
        } catch {
            return error
        }
    }

    private func reopen() {
        log(.info, "supervisord logreopen")
        do throws(SystemError) { try mainLog.open() } catch { log(.error, "cannot reopen the log: \(error)") }
        for error in files.reopen() { tellNotOpened(error) }
        resume()
    }

    private func tellNotOpened(_ why: SystemError) { log(.error, "cannot open a log file: \(why)") }

    private func log(_ level: LogLevel, _ message: String) {
        mainLog.write(level, message, wall: kernel.now().wall)
    }
}
