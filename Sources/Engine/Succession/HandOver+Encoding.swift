import Kernel
import ServiceModel
import Supervision

// The hand-over as bytes, in the manner of the machine's state.
extension HandOver {
    /// A version that a program does not know is refused by it before anything is given up.
    private static let frame = StateFrame("svinstall heirs", version: 3)

    func encoded() -> [UInt8] { Self.frame.encoded(write) }

    private func write(_ writer: inout StateWriter) {
        writer.string(program)
        writer.list(arguments) { $0.string($1) }
        writer.optional(startDirectory) { $0.string($1) }
        writer.optional(directory) { $0.string($1) }
        writer.flag(isDetached)
        writer.integer(upgrades)
        writer.integer(generation)
        writer.block(machine)
        writer.list(listeners) { writer, listener in
            writer.string(listener.address)
            writer.flag(listener.isPrivate)
            writer.descriptor(listener.descriptor)
        }
        writer.optional(pidFile) { $0.descriptor($1) }
        writer.list(programs) { writer, program in
            writer.integer(program.id.number)
            writer.optional(program.logs.output) { $0.string($1) }
            writer.optional(program.logs.error) { $0.string($1) }
        }
        writer.list(runs) { $0.run($1) }
        writer.list(streams) { $0.stream($1) }
        writer.integer(nextSerial)
        ticks.encode(to: &writer)
        writer.list(pools) { writer, pool in
            writer.string(pool.name)
            writer.integer(pool.nextSerial)
            writer.list(pool.events) { $1.encode(to: &$0) }
        }
        writer.list(sockets) { writer, socket in
            writer.string(socket.group)
            writer.optional(socket.descriptor) { $0.descriptor($1) }
            writer.list(socket.holders) { $0.integer($1.number) }
        }
        writer.optional(storeSize) { $0.count($1) }
        writer.list(keptRuns) { $0.integer($1.number) }
        writer.optional(ferry) { $0.integer($1) }
        writer.integer(lastRequest)
        writer.list(clients) { writer, entry in
            writer.integer(entry.request.number)
            writer.integer(entry.client.ticket)
            writer.descriptor(entry.client.descriptor)
            writer.block(entry.client.manner)
        }
    }

    init(decoding bytes: [UInt8]) throws(StateDecodingError) {
        var reader = try Self.frame.reader(bytes)
        program = try reader.string()
        arguments = try reader.list { reader throws(StateDecodingError) in try reader.string() }
        startDirectory = try reader.optionalString()
        directory = try reader.optionalString()
        isDetached = try reader.flag()
        upgrades = try reader.integer()
        generation = try reader.integer()
        machine = try reader.block()
        listeners = try reader.list { reader throws(StateDecodingError) in
            Listener(
                address: try reader.string(), isPrivate: try reader.flag(), descriptor: try reader.descriptor())
        }
        pidFile = try reader.optional { reader throws(StateDecodingError) in try reader.descriptor() }
        programs = try reader.list { reader throws(StateDecodingError) in
            Program(
                id: ProgramID(number: try reader.integer()),
                logs: AutomaticLogs(output: try reader.optionalString(), error: try reader.optionalString()))
        }
        runs = try reader.list { reader throws(StateDecodingError) in try reader.run() }
        streams = try reader.list { reader throws(StateDecodingError) in try reader.stream() }
        nextSerial = try reader.integer()
        ticks = try TickSchedule(decoding: &reader)
        pools = try reader.list { reader throws(StateDecodingError) in
            Pool(
                name: try reader.string(), nextSerial: try reader.integer(),
                events: try reader.list { reader throws(StateDecodingError) in try QueuedEvent(decoding: &reader) })
        }
        sockets = try reader.list { reader throws(StateDecodingError) in
            Socket(
                group: try reader.string(),
                descriptor: try reader.optional { reader throws(StateDecodingError) in try reader.descriptor() },
                holders: try reader.list { reader throws(StateDecodingError) in RunID(number: try reader.integer()) })
        }
        storeSize = try reader.optional { reader throws(StateDecodingError) in try reader.count() }
        keptRuns = try reader.list { reader throws(StateDecodingError) in RunID(number: try reader.integer()) }
        ferry = try reader.optional { reader throws(StateDecodingError) in try reader.integer() }
        lastRequest = try reader.integer()
        clients = try reader.list { reader throws(StateDecodingError) in
            Client(
                request: RequestID(number: try reader.integer()),
                client: WaitingClient(
                    ticket: try reader.integer(), descriptor: try reader.descriptor(),
                    manner: try reader.block()))
        }
        try reader.finish()
    }
}

extension StateWriter {
    fileprivate mutating func descriptor(_ value: Descriptor) { integer(value.number) }

    fileprivate mutating func run(_ run: HandOver.Run) {
        integer(run.id.number)
        integer(run.program.number)
        integer(run.pid)
        optional(run.handle) { $0.descriptor($1) }
        optional(run.input) { $0.descriptor($1) }
        block(run.pendingInput)
        optional(run.listener) { writer, listener in
            writer.optional(listener.output) { $0.descriptor($1) }
            listener.conversation.encode(to: &writer)
            writer.optional(listener.event) { $1.encode(to: &$0) }
            writer.flag(listener.isRunning)
        }
    }

    fileprivate mutating func stream(_ stream: HandOver.Stream) {
        integer(stream.program.number)
        string(stream.channel.rawValue)
        optional(stream.reader) { $0.descriptor($1) }
        integer(stream.pid)
        optional(stream.escapes) { $1.encode(to: &$0) }
        optional(stream.capture) { $1.encode(to: &$0) }
    }
}

extension StateReader {
    fileprivate mutating func optionalString() throws(StateDecodingError) -> String? {
        try optional { reader throws(StateDecodingError) in try reader.string() }
    }

    fileprivate mutating func descriptor() throws(StateDecodingError) -> Descriptor {
        let number = try integer(Int32.self)
        guard number >= 0 else { throw invalid }
        return Descriptor(number: number)
    }

    fileprivate mutating func run() throws(StateDecodingError) -> HandOver.Run {
        HandOver.Run(
            id: RunID(number: try integer()), program: ProgramID(number: try integer()), pid: try integer(),
            handle: try optional { reader throws(StateDecodingError) in try reader.descriptor() },
            input: try optional { reader throws(StateDecodingError) in try reader.descriptor() },
            pendingInput: try block(),
            listener: try optional { reader throws(StateDecodingError) in
                HandOver.ListenerState(
                    output: try reader.optional { reader throws(StateDecodingError) in try reader.descriptor() },
                    conversation: try ListenerConversation(decoding: &reader),
                    event: try reader.optional { reader throws(StateDecodingError) in
                        try QueuedEvent(decoding: &reader)
                    },
                    isRunning: try reader.flag())
            })
    }

    fileprivate mutating func stream() throws(StateDecodingError) -> HandOver.Stream {
        let program = ProgramID(number: try integer())
        guard let channel = OutputChannel(rawValue: try string()) else { throw invalid }
        return HandOver.Stream(
            program: program, channel: channel,
            reader: try optional { reader throws(StateDecodingError) in try reader.descriptor() }, pid: try integer(),
            escapes: try optional { reader throws(StateDecodingError) in try EscapeFilter(decoding: &reader) },
            capture: try optional { reader throws(StateDecodingError) in try CaptureFilter(decoding: &reader) })
    }
}
