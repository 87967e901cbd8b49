import Kernel
import ServiceModel
import SourceText

/// The descriptors of one start: the child's ends, ours, and the open log files.
struct SpawnChannels<K: SystemCalls> {
    private let kernel: K
    private(set) var childInput = Descriptor.standardInput
    private(set) var childOutput = Descriptor.standardOutput
    private(set) var childError = Descriptor.standardError
    /// Ends that only the child needs.
    private var childEnds: [Descriptor] = []
    /// Where outputs go that nobody reads.
    private var null: Descriptor?
    private var inputWriter: Descriptor?
    private var listenerReader: Descriptor?
    private var readers: [(channel: OutputChannel, reader: Descriptor, log: Descriptor?, destination: LogDestination)] =
        []

    init(_ kernel: K) {
        self.kernel = kernel
    }

    /// `socket`: the one that the program's group shares, if it does; whoever made it closes it.
    mutating func open(
        _ spec: LaunchSpec, socket: Descriptor? = nil, readsEverything: Bool
    ) throws(SystemError) {
        switch spec.input {
        case .socket where socket != nil:
            childInput = socket ?? .standardInput
        case .pipe:
            let pipe = try kernel.makePipe(.nonBlockingWriter)
            childEnds.append(pipe.reader)
            childInput = pipe.reader
            inputWriter = pipe.writer
        case .file(let path):
            childInput = try openForChild(path, .reading)
        case .null, .socket:
            childInput = try openForChild("/dev/null", .reading)
        }
        childOutput = try output(spec, .output, readsEverything)
        childError = spec.error == .sameAsOutput ? childOutput : try output(spec, .error, readsEverything)
    }

    private mutating func output(
        _ spec: LaunchSpec, _ channel: OutputChannel, _ readsEverything: Bool
    ) throws(SystemError) -> Descriptor {
        switch spec.plan(channel) {
        case .inherited(let descriptor):
            return descriptor
        case .sameAsOutput:
            return childOutput
        case .logged(.none) where !readsEverything && !mustBeRead(spec, channel):
            // The same for both, as a shell's `2>&1` has it.
            if let null { return null }
            let sink = try openForChild("/dev/null", OpenOptions(.write))
            null = sink
            return sink
        case .logged(let destination):
            let log = try destination.open(kernel)
            let pipe: PipeEnds
            do throws(SystemError) {
                pipe = try kernel.makePipe(.nonBlockingReader)
            } catch {
                if let log { kernel.close(log) }
                throw error
            }
            childEnds.append(pipe.writer)
            readers.append((channel, pipe.reader, log, destination))
            return pipe.writer
        }
    }

    /// Whether an output without a log is read all the same.
    private func mustBeRead(_ spec: LaunchSpec, _ channel: OutputChannel) -> Bool {
        spec.observation(channel) != nil || isForEngine(spec, channel) || spec.goesToSystemLog(channel)
    }

    /// The engine reads it, and hands what it read on to the logger.
    private func isForEngine(_ spec: LaunchSpec, _ channel: OutputChannel) -> Bool {
        spec.isListener && channel == .output
    }

    private mutating func openForChild(_ path: String, _ options: OpenOptions) throws(SystemError) -> Descriptor {
        let descriptor = try kernel.open(path, options)
        childEnds.append(descriptor)
        return descriptor
    }

    /// Our ends of the pipes.
    var ours: [(stream: StandardStream, descriptor: Descriptor)] {
        let input = inputWriter.map { [(stream: StandardStream.input, descriptor: $0)] } ?? []
        return input + readers.map { (stream: StandardStream($0.channel), descriptor: $0.reader) }
    }

    /// The child has its ends: gives ours to the logger and returns those to its standard input and from the standard
    /// output of a listener.
    mutating func hand(
        over spec: LaunchSpec, pid: Int32, to logger: LoggerLink<K>, _ outputs: OutputReports
    ) -> (input: Descriptor?, listener: Descriptor?) {
        for descriptor in childEnds { kernel.close(descriptor) }
        for stream in readers {
            var attachment = StreamAttachment(
                spec, stream.channel, to: stream.destination, pid: pid, logger.systemLog, outputs)
            attachment.opened = stream.log
            if isForEngine(spec, stream.channel) {
                listenerReader = stream.reader
            } else {
                attachment.reader = stream.reader
            }
            logger.send(.attach(attachment))
        }
        defer { forget() }
        return (inputWriter, listenerReader)
    }

    /// There will be no child.
    mutating func closeAll() {
        for descriptor in childEnds { kernel.close(descriptor) }
        for stream in readers {
            kernel.close(stream.reader)
            if let log = stream.log { kernel.close(log) }
        }
        if let inputWriter { kernel.close(inputWriter) }
        forget()
    }

    private mutating func forget() {
        childEnds = []
        null = nil
        readers = []
        inputWriter = nil
        listenerReader = nil
    }
}

extension StreamAttachment {
    /// A channel of a run of that program, without descriptors.
    init(
        _ spec: LaunchSpec, _ channel: OutputChannel, to destination: LogDestination, pid: Int32,
        _ systemLog: SystemLogQueue<some SystemCalls>, _ outputs: OutputReports
    ) {
        let name = StreamName(group: spec.group, process: spec.name, channel: channel)
        self.init(
            name: name, program: spec.program, destination: destination, stripsEscapes: spec.stripsEscapes, taps: [])
        if spec.goesToSystemLog(channel) { taps.append(SystemLogTap(systemLog)) }
        if let observation = spec.observation(channel) {
            captureLimit = observation.captureLimit
            announcer = OutputAnnouncer(
                reports: outputs, program: spec.program, name: name, pid: pid,
                tellsEverything: observation.tellsEverything)
        }
    }
}
