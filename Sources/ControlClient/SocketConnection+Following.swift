import Kernel
import SourceText

extension SocketConnection {
    /// Beyond the tokens of streams, which are their places.
    private static let inputToken: UInt64 = 1 << 32

    /// One followed resource.
    private struct Stream {
        var path: String
        var socket: Descriptor
        var parser = HTTPReplyParser()
    }

    package func follow(_ paths: [String], lines: Bool, _ handle: (FollowEvent) -> Bool) {
        let poller: any Poller
        do throws(SystemError) {
            poller = try kernel.makePoller()
            try kernel.blockSignals(OwnSignals.ending)
            try poller.watchSignals(OwnSignals.ending)
        } catch {
            _ = handle(.refused(path: "", reason: "\(error)"))
            return
        }
        defer {
            poller.close()
            OwnSignals.unblock(OwnSignals.ending)
        }
        var streams: [UInt64: Stream] = [:]
        defer { for stream in streams.values { kernel.close(stream.socket) } }
        for (index, path) in paths.enumerated() {
            guard let stream = open(path, handle) else { continue }
            streams[UInt64(index)] = stream
            try? poller.add(stream.socket, token: UInt64(index), .readable)
        }
        var input = FollowedInput(input, isOpen: lines)
        if lines { input.watch(poller, token: Self.inputToken, kernel) }
        if streams.isEmpty, !handle(.ended) || !lines { return }
        run(poller, &streams, &input, lines, handle)
    }

    private func run(
        _ poller: any Poller, _ streams: inout [UInt64: Stream], _ input: inout FollowedInput, _ lines: Bool,
        _ handle: (FollowEvent) -> Bool
    ) {
        var events: [PollEvent] = []
        while lines ? input.isOpen : !streams.isEmpty {
            if input.isFile {
                guard input.read(kernel, handle) else { return }
                continue
            }
            do throws(SystemError) { try poller.wait(until: nil, into: &events) } catch { return }
            for event in events {
                switch event {
                case .signal(.interrupt):
                    _ = handle(.interrupted)
                    return
                case .signal(let signal):
                    OwnSignals.deliver(signal)
                    return
                case .ready(Self.inputToken, _, _):
                    guard input.read(kernel, handle) else { return }
                case .ready(let token, _, _):
                    guard let stream = streams[token] else { continue }
                    let (next, goesOn) = read(stream, handle)
                    streams[token] = next
                    if next == nil {
                        poller.remove(stream.socket)
                        kernel.close(stream.socket)
                        if streams.isEmpty, !handle(.ended) { return }
                    }
                    if !goesOn { return }
                case .exited, .woken:
                    break
                }
            }
        }
    }

    private func open(_ path: String, _ handle: (FollowEvent) -> Bool) -> Stream? {
        do throws(ClientError) {
            let socket = try connect()
            do throws(SystemError) {
                try kernel.writeAll(socket, head("GET \(path)", length: 0))
                return Stream(path: path, socket: socket)
            } catch {
                kernel.close(socket)
                throw .system(error)
            }
        } catch {
            let text = error.pythonText.split(separator: ", ", maxSplits: 1).map(String.init)
            let reason = "Cannot connect, error: \(text.first ?? "") (\(text.last ?? ""))"
            _ = handle(.refused(path: path, reason: reason))
            return nil
        }
    }

    /// Takes what has arrived; `nil` for a stream that is over, `false` when the caller wants no more.
    private func read(_ stream: Stream, _ handle: (FollowEvent) -> Bool) -> (Stream?, goesOn: Bool) {
        var stream = stream
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count: Int
        do throws(SystemError) { count = try readPiece(stream.socket, &piece) } catch { return (nil, true) }
        guard count > 0 else { return (nil, true) }
        let body = stream.parser.take(piece[..<count])
        if stream.parser.hasHead, let status = stream.parser.status, status != 200 {
            let goesOn = handle(.refused(path: stream.path, reason: "Cannot read, status code \(status)"))
            return (nil, goesOn)
        }
        let goesOn = body.isEmpty || handle(.data(body))
        return (stream.parser.isDone || stream.parser.problem != nil ? nil : stream, goesOn)
    }
}

/// Standard input while streams are followed.
private struct FollowedInput {
    private(set) var isOpen: Bool
    /// A file is always ready, and no poller takes it.
    private(set) var isFile = false
    private let descriptor: Descriptor
    private var rest: [UInt8] = []

    init(_ descriptor: Descriptor, isOpen: Bool) {
        self.descriptor = descriptor
        self.isOpen = isOpen
    }

    mutating func watch(_ poller: any Poller, token: UInt64, _ kernel: any SystemCalls) {
        do throws(SystemError) {
            try poller.add(descriptor, token: token, .readable)
        } catch {
            isFile = true
        }
    }

    /// Hands on complete lines; `false` when the caller wants no more.
    mutating func read(_ kernel: any SystemCalls, _ handle: (FollowEvent) -> Bool) -> Bool {
        var piece = [UInt8](repeating: 0, count: 4096)
        let result = piece.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemError) in try kernel.read(descriptor, into: buffer) }
        }
        guard case .success(let count) = result, count > 0 else {
            isOpen = false
            if !rest.isEmpty, !handle(.line(String(decoding: rest, as: UTF8.self))) { return false }
            return handle(.inputEnded)
        }
        rest += piece[..<count]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest.removeFirst(end + 1)
            if !handle(.line(line)) { return false }
        }
        return true
    }
}
