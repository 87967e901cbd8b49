package import Kernel
import ServiceModel
package import SourceText
package import Supervision

/// What is written down of a run for the daemon after us, in a file without a name that the service manager keeps: what
/// the descriptors beside it are, and whose. The birth is written behind it as soon as there was one.
package struct StoredRun: Hashable, Sendable {
    package var run: RunID
    package var group: String
    package var process: String
    /// What the process was started as (`LaunchSpec.fingerprint`).
    package var fingerprint: UInt64
    /// Logs whose names we chose.
    package var logs: AutomaticLogs?
    /// Our ends of its pipes.
    package var pipes: [Pipe]
    package var birth: Birth?

    package init(
        run: RunID, group: String, process: String, fingerprint: UInt64, logs: AutomaticLogs?, pipes: [Pipe],
        birth: Birth? = nil
    ) {
        self.run = run
        self.group = group
        self.process = process
        self.fingerprint = fingerprint
        self.logs = logs
        self.pipes = pipes
        self.birth = birth
    }

    var name: ProgramName { ProgramName(group: group, process: process) }

    package struct Pipe: Hashable, Sendable {
        package var stream: StandardStream
        package var identity: FileStatus.Identity

        package init(stream: StandardStream, identity: FileStatus.Identity) {
            self.stream = stream
            self.identity = identity
        }
    }

    /// The process exists.
    package struct Birth: Hashable, Sendable {
        package var pid: Int32
        package var instant: Instant

        package init(pid: Int32, instant: Instant) {
            self.pid = pid
            self.instant = instant
        }
    }
}

/// What a pipe is to a program.
package enum StandardStream: UInt8, Hashable, Sendable {
    case input, output, error

    init(_ channel: OutputChannel) {
        self =
            switch channel {
            case .output: .output
            case .error: .error
            }
    }

    /// `nil` for its input.
    var channel: OutputChannel? {
        switch self {
        case .input: nil
        case .output: .output
        case .error: .error
        }
    }
}

// As bytes: a state for the run, one for its birth, each with its length before it.
extension StoredRun {
    private static let frame = StateFrame("svinstall run", version: 1)

    /// All but the birth.
    package func encoded() -> [UInt8] {
        var file = StateWriter()
        file.block(Self.frame.encoded(write))
        return file.bytes
    }

    private func write(_ writer: inout StateWriter) {
        writer.integer(run.number)
        writer.string(group)
        writer.string(process)
        writer.integer(fingerprint)
        writer.optional(logs) { writer, logs in
            writer.optional(logs.output) { $0.string($1) }
            writer.optional(logs.error) { $0.string($1) }
        }
        writer.list(pipes) { writer, pipe in
            writer.integer(pipe.stream.rawValue)
            writer.integer(pipe.identity.device)
            writer.integer(pipe.identity.inode)
        }
    }

    /// What is in the file; a birth that is torn has not been.
    package init(decoding bytes: [UInt8]) throws(StateDecodingError) {
        var file = StateReader(bytes[...])
        var reader = try Self.frame.reader(try file.block())
        run = RunID(number: try reader.integer())
        group = try reader.string()
        process = try reader.string()
        fingerprint = try reader.integer()
        logs = try reader.optional { reader throws(StateDecodingError) in
            AutomaticLogs(
                output: try reader.optional { reader throws(StateDecodingError) in try reader.string() },
                error: try reader.optional { reader throws(StateDecodingError) in try reader.string() })
        }
        pipes = try reader.list { reader throws(StateDecodingError) in
            Pipe(
                stream: try reader.choice(),
                identity: FileStatus.Identity(device: try reader.integer(), inode: try reader.integer()))
        }
        try reader.finish()
        guard run.number > 0 else { throw .damaged }
        birth = file.remaining > 0 ? try? Birth(decoding: &file) : nil
    }
}

extension StoredRun.Birth {
    private static let frame = StateFrame("svinstall birth", version: 1)

    package func encoded() -> [UInt8] {
        var file = StateWriter()
        file.block(
            Self.frame.encoded { writer in
                writer.integer(pid)
                writer.integer(instant.monotonic)
                writer.integer(instant.boot)
                writer.integer(instant.wall)
            })
        return file.bytes
    }

    fileprivate init(decoding file: inout StateReader) throws(StateDecodingError) {
        var reader = try Self.frame.reader(try file.block())
        pid = try reader.integer()
        instant = Instant(
            monotonic: try reader.nanoseconds(), boot: try reader.integer(), wall: try reader.integer())
        try reader.finish()
        guard pid > 0 else { throw .damaged }
    }
}

extension LaunchSpec {
    /// What a process of it is like; another value for what would be another process. What becomes of its output may
    /// change while it runs, what its outputs are may not.
    package var fingerprint: UInt64 {
        var writer = StateWriter()
        switch command {
        case .words(let path, let arguments)?:
            writer.string(path)
            writer.list(arguments) { $0.string($1) }
        case .malformed(let text, _)?: writer.string(text)
        case nil: break
        }
        for text in [workingDirectory, user, userGroup, serverURL, socket?.settings.url] {
            writer.optional(text) { $0.string($1) }
        }
        writer.optional(umask) { $0.integer($1) }
        for kind in ResourceKind.allCases {
            for value in [limits[kind]?.soft?.value, limits[kind]?.hard?.value] {
                writer.optional(value) { $0.integer($1) }
            }
        }
        writer.list(ownEnvironment) { writer, variable in
            writer.string(variable.name)
            writer.string(variable.value.value)
        }
        switch input {
        case .null: writer.integer(UInt8(0))
        case .pipe: writer.integer(UInt8(1))
        case .socket: writer.integer(UInt8(2))
        case .file(let path): writer.string(path)
        }
        for plan in [output, error] {
            switch plan {
            case .logged(.none): writer.integer(UInt8(0))
            case .logged: writer.integer(UInt8(1))
            case .inherited: writer.integer(UInt8(2))
            case .sameAsOutput: writer.integer(UInt8(3))
            }
        }
        return StateFrame.checksum(writer.bytes)
    }
}
