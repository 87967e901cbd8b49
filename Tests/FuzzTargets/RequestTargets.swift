import ControlServer
import Engine
import Kernel
import NIOCore
import NIOEmbedded
import PropertyList
import ServiceModel
import SourceText
import Supervision
import Synchronization

/// What clients send, on a connection in memory.
enum RequestRules {
    /// HTTP requests: the first byte says by which door they come and how long the pieces are. How the bytes are cut does
    /// not change the answers, all answers are HTTP, and nobody gets the engine to do what his door does not allow.
    static func http(_ bytes: [UInt8]) -> String? {
        guard let first = bytes.first else { return nil }
        let door = Door.allCases[Int(first) % Door.allCases.count]
        let text = Array(bytes.dropFirst())
        let whole = Talk(door, [text])
        let cut = Talk(door, pieces(of: text, length: Int(first) / Door.allCases.count + 1))
        // What stands behind several requests and is none ends the connection, sooner or later.
        let (less, more) =
            whole.output.count < cut.output.count ? (whole.output, cut.output) : (cut.output, whole.output)
        if !more.starts(with: less) { return "the pieces change the answers" }
        for talk in [whole, cut] {
            if let problem = talk.problem ?? door.problem(talk) { return problem }
        }
        return nil
    }

    /// The JSON interface: the first byte says how it is asked, then come an address, a program's name and what is wrong
    /// with it, NUL between. Every answer is JSON, and says of a program what is true.
    static func json(_ bytes: [UInt8]) -> String? {
        guard let first = bytes.first else { return nil }
        let parts = bytes.dropFirst().split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        var program = ProgramStatus(id: ProgramID(number: 1), group: parts.count > 1 ? parts[1] : "", name: "p")
        program.spawnError = parts.count > 2 ? parts[2] : ""
        let method = ["GET", "POST", "HEAD", "PUT"][Int(first >> 2) % 4]
        let resource = ["status", "staleness", "", "upgrade"][Int(first & 3)]
        let path = "/svinstall/" + (resource.isEmpty ? encoded(parts[0]) : "v1/\(resource)")
        let request = "\(method) \(path) HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        let talk = Talk(.open, [Array(request.utf8)], program)
        if let problem = talk.problem ?? Door.open.problem(talk) { return problem }
        // An address beyond what a request's head may be is given up on by the parser: the connection ends.
        if talk.answers.isEmpty, path.utf8.count > ControlLimits().headerBytes { return nil }
        guard let answer = talk.answers.first, talk.answers.count == 1 else { return "not one answer" }
        if method == "HEAD" { return nil }
        guard let value = try? JSONReader.read(answer.body, path: "answer").plain else { return "not JSON" }
        guard answer.status == 200 else { return value["error"]?.string == nil ? "a refusal without a reason" : nil }
        switch resource {
        case "status":
            let shown = value["programs"]?.array?.first
            if shown?["group"]?.string != program.group { return "the name is another" }
            let error = program.spawnError.isEmpty ? nil : program.spawnError
            return shown?["error"]?.string == error ? nil : "the error is another"
        case "staleness":
            return value["details"]?.array?.first?.string == program.spawnError ? nil : "the detail is another"
        default: return nil
        }
    }

    private static func pieces(of bytes: [UInt8], length: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: length).map { Array(bytes[$0..<min($0 + length, bytes.count)]) }
    }

    /// Every byte as `%XX`, but for letters, digits and slashes.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "/" || scalar == "1")
            return isPlain ? String(scalar) : "%" + Digits.hexadecimal(UInt64(byte), width: 2)
        }.joined()
    }
}

/// Ways in, and what they allow.
private enum Door: CaseIterable {
    case open, locked, readOnly, ofOneGroup

    var settings: ListenerSettings {
        var settings = ListenerSettings(section: "s", address: .tcp(host: "", port: 1))
        switch self {
        case .open: break
        case .locked: (settings.username, settings.password) = ("u", "nobody guesses this one, 7c1f09a4")
        case .readOnly: settings.access = [AccessRule(name: "x", isForOthers: true, rights: .read)]
        case .ofOneGroup:
            settings.access = [AccessRule(name: "x", isForOthers: true, rights: .control(groups: ["grp"]))]
        }
        return settings
    }

    func problem(_ talk: Talk) -> String? {
        for request in talk.requests {
            if case .upgrade = request { return "an upgrade by a public door" }
            switch self {
            case .open: break
            case .locked: return "the engine was asked without the password"
            case .readOnly: if Self.group(request) != nil { return "a change by a door for reading" }
            case .ofOneGroup:
                if let group = Self.group(request), group != "grp" { return "a change of \(group)" }
            }
        }
        if self == .locked, talk.answers.contains(where: { ![100, 400, 401].contains($0.status) }) {
            return "an answer without the password"
        }
        return nil
    }

    /// Whom a change is about; an empty name for more than a group, `nil` for what changes nothing.
    private static func group(_ request: ControlRequest) -> String? {
        switch request {
        case .configuration, .staleness, .readLog, .tailLog: nil
        case .supervise(let request): group(request)
        case .clearProcessLogs(let target), .writeInput(let target, _): group(target)
        case .reread, .addGroup, .clearLog, .clearAllProcessLogs, .reopenLogs, .remoteEvent, .upgrade: ""
        }
    }

    private static func group(_ request: Request) -> String {
        switch request {
        case .start(let target, _), .stop(let target, _), .signal(let target, _): group(target)
        case .addGroup, .removeGroup, .shutdown, .restart: ""
        }
    }

    private static func group(_ target: Target) -> String {
        switch target {
        case .process(let group, _), .group(let group): group
        case .all: ""
        }
    }
}

/// A connection from its beginning to its end: what was answered, what the engine was asked.
private struct Talk {
    struct Answer {
        var status: Int
        var body: [UInt8]
    }

    private(set) var output: [UInt8] = []
    private(set) var requests: [ControlRequest] = []
    private(set) var answers: [Answer] = []
    private(set) var problem: String?

    init(_ door: Door, _ pieces: [[UInt8]], _ program: ProgramStatus? = nil) {
        let engine = ObedientEngine(program)
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(loop: loop)
        do {
            try Conversation.begin(on: channel, door.settings, engine: engine, kernel: HostKernel())
            channel.connect(to: try SocketAddress(unixDomainSocketPath: "/s"), promise: nil)
            for piece in pieces where channel.isActive {
                try channel.writeInbound(ByteBuffer(bytes: piece))
                loop.run()
            }
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) { output += buffer.readableBytesView }
        } catch {
            problem = "the connection trips: \(error)"
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        // What is scheduled holds the conversation.
        loop.advanceTime(by: .seconds(5))
        requests = engine.requests
        if problem == nil { split() }
    }

    /// The answers, one by one.
    private mutating func split() {
        let start = Array("HTTP/1.".utf8)
        var rest = output[...]
        while !rest.isEmpty {
            guard rest.starts(with: start), let end = Self.headEnd(rest),
                let status = Int(String(decoding: rest.dropFirst(9).prefix(3), as: UTF8.self))
            else { return problem = "an answer that is not HTTP" }
            let head = String(decoding: rest[..<end], as: UTF8.self).lowercased().split(separator: "\r\n")
            let length = head.lazy.compactMap { line in
                line.hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
            }.first
            rest = rest[end...]
            // The answer to HEAD has a length and no body.
            let hasBody = !rest.isEmpty && !rest.starts(with: start)
            guard !hasBody || (length ?? 0) <= rest.count else { return problem = "an answer of another length" }
            answers.append(Answer(status: status, body: hasBody ? Array(rest.prefix(length ?? 0)) : []))
            if hasBody { rest = rest.dropFirst(length ?? 0) }
        }
    }

    private static func headEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        let mark: [UInt8] = [13, 10, 13, 10]
        return bytes.indices.first { bytes[$0...].starts(with: mark) }.map { $0 + 4 }
    }
}

/// An engine that does nothing and says it has.
private final class ObedientEngine: EngineControl {
    let snapshot: Snapshot
    private let asked = Mutex<[ControlRequest]>([])
    private let details: [String]

    init(_ program: ProgramStatus?) {
        var programs = ["run", "grp"].map { group in
            var status = ProgramStatus(id: ProgramID(number: 1), group: group, name: group)
            status.state = .running
            status.pid = 7
            return status
        }
        if let program { programs = [program] }
        details = program.map { [$0.spawnError] } ?? []
        snapshot = Snapshot(
            generation: 1, daemonState: .running, pid: 1, identifier: "i", offersSupervisorNamespace: true,
            logFile: nil,
            programs: ProgramList(programs.map { ProgramSnapshot(status: $0, outputLog: nil, errorLog: nil) }),
            groups: programs.map(\.group))
    }

    var requests: [ControlRequest] { asked.withLock { $0 } }

    func submit(_ request: ControlRequest, answer: @escaping @Sendable (ControlAnswer) -> Void) {
        asked.withLock { $0.append(request) }
        switch request {
        case .staleness: answer(.staleness(Staleness(details: details)))
        case .readLog, .tailLog: answer(.log(bytes: [0xff, 60], size: 2, overflow: false))
        case .reread: answer(.groupChanges(GroupChanges()))
        case .configuration: answer(.fault(Fault(.cantReread)))
        default: answer(.done)
        }
    }

    func now() -> Instant { Instant(monotonic: 1, boot: 1, wall: 1_700_000_000_000_000_000) }

    // The lines are made, as if they were written.
    func log(_ level: LogLevel, _ message: @autoclosure () -> String) { _ = message() }
}
