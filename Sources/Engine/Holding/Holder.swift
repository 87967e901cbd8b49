import Kernel
import SourceText

/// The parent of a daemon, which keeps its descriptors and starts it anew when it was killed: what systemd does with its
/// descriptor store, where there is no systemd (`live_restore`).
///
/// It knows nothing of programs and reads no configuration. Signals are the daemon's: they are passed on. An end that the
/// daemon chose, or that somebody asked for by a signal, is the holder's end too.
struct Holder<K: SystemCalls> {
    private let kernel: K
    private let role: HolderRole
    private let succession: Succession
    private let poller: any Poller
    private let messages: Descriptor
    private let address: String
    /// The service manager that started us, where one did.
    private let manager: String?

    private var held = HeldDescriptors()
    private var daemon: SpawnedProcess?
    /// The present daemon has answered.
    private var isReady = false
    /// This or one before.
    private var hasAnswered = false
    /// Somebody asked for the end.
    private var isEnding = false
    private var waits: Descriptor?

    private var origin = Origin.first

    /// Which program file a daemon is started from.
    private enum Origin {
        /// What lies in the path; there was no daemon before.
        case first
        case path
        /// The one that we are, whatever lies in its path by now.
        case own
    }

    private enum Token: UInt64 { case messages, daemon }
    /// A daemon that dies at once is started once in that time, as by the hooks (`RestartSec=1s`).
    private static var pause: Int64 { 1_000_000_000 }

    init(_ kernel: K, _ role: HolderRole) throws(SystemError) {
        self.kernel = kernel
        self.role = role
        guard let succession = Succession(kernel) else { throw SystemError("open", .notSupported) }
        self.succession = succession
        manager = kernel.notifySocket
        if case .background(let descriptor) = role {
            waits = descriptor
            try kernel.setInherited(descriptor, false)
        }
        try kernel.blockSignals(Engine<K>.signals)
        // What the daemon leaves is ours to end, where it is nobody's.
        try kernel.becomeSubreaper()
        (messages, address) = try kernel.openDatagrams()
        poller = try kernel.makePoller()
        try poller.add(messages, token: Token.messages.rawValue, .readable)
        try poller.watchSignals(Engine<K>.signals)
    }

    /// Lives as long as there is to be a daemon; its last one's exit code.
    mutating func run() throws(SystemError) -> Int32 {
        try begin(.first)
        while true {
            let start = kernel.now().monotonic
            var end = Termination.unknown
            if daemon != nil {
                end = try attend()
                guard isToBeFollowed(end), !isEnding else { return finish(end) }
                tell("the daemon has ended (\(LogLine.describe(end))); starting it again")
            }
            try waitForEvents(until: start + Self.pause) { $0.isEnding }
            if isEnding {
                _ = finish(end)
                return 0
            }
            do throws(SystemError) {
                // Another program file may lie in the path by now, and be one that does not live: ours is one that did.
                origin = isReady || origin == .own ? .path : .own
                try begin(origin)
            } catch {
                tell("the daemon cannot be started: \(error)")
            }
        }
    }

    // MARK: The daemon

    private mutating func begin(_ origin: Origin) throws(SystemError) {
        isReady = false
        let list = held.list
        var environment = kernel.environment
        environment["NOTIFY_SOCKET"] = address
        environment["FDSTORE"] = "\(Int32.max)"
        environment[K.holderVariable] = "\(kernel.processID)"
        // None at the first start: then there is no daemon before it either.
        environment["LISTEN_FDS"] = origin == .first ? nil : "\(list.count)"
        environment["LISTEN_FDNAMES"] = origin == .first ? nil : list.map(\.name).joined(separator: ":")
        // They named us.
        for variable in ["LISTEN_PID", "SYSTEMD_EXEC_PID", "WATCHDOG_PID"] { environment[variable] = nil }
        var request = SpawnRequest(
            path: origin == .own ? "/proc/self/exe" : succession.program, arguments: succession.arguments,
            environment: environment, grouping: .newGroup)
        request.extraDescriptors = list.map(\.descriptor)
        switch kernel.spawn(request) {
        case .failure(let failure): throw SystemError("execve", failure.number, path: request.path)
        case .success(let process):
            daemon = process
            try poller.watchExit(of: process, token: Token.daemon.rawValue)
        }
    }

    /// Until it has ended; how.
    private mutating func attend() throws(SystemError) -> Termination {
        guard let process = daemon else { return .unknown }
        try waitForEvents(until: nil) { $0.kernel.peekExit(process) != nil }
        // What it still sent is in the socket.
        takeMessages()
        poller.unwatchExit(of: process)
        let end = kernel.reap(process) ?? .unknown
        daemon = nil
        return end
    }

    /// As the hooks have it: another start follows a crash and a failure, but no end that was meant. A start that nobody has
    /// seen succeed fails at once.
    private func isToBeFollowed(_ end: Termination) -> Bool {
        switch end {
        case .exited(let code): hasAnswered && !MeantEnd.isMeant(code)
        case .signalled(let signal, _): !Engine<K>.endingSignals.contains(signal)
        case .unknown: true
        }
    }

    private mutating func finish(_ end: Termination) -> Int32 {
        if end != .exited(code: 0) {
            // A daemon that ended otherwise than in its own order has left programs that the next one would start twice.
            for line in Leftovers(kernel: kernel, spared: [:]).endFamily(of: kernel.processID) { tell(line) }
        }
        return end.shellStatus ?? 1
    }

    // MARK: What happens

    private mutating func waitForEvents(until deadline: Int64?, or isOver: (Self) -> Bool) throws(SystemError) {
        var events: [PollEvent] = []
        while !isOver(self) {
            if let deadline, kernel.now().monotonic >= deadline { return }
            try poller.wait(until: deadline, into: &events)
            for event in events {
                switch event {
                case .ready: takeMessages()
                case .signal(let signal) where signal != .child: passOn(signal)
                case .signal, .exited, .woken: break
                }
            }
            while kernel.reapAnyOrphan() != nil {}
        }
    }

    private mutating func passOn(_ signal: Signal) {
        if Engine<K>.endingSignals.contains(signal) { isEnding = true }
        if let daemon { try? kernel.signal(daemon, signal) }
    }

    private mutating func takeMessages() {
        while let message = try? kernel.receiveDatagram(messages) {
            guard message.sender == daemon?.pid else {
                for descriptor in message.descriptors { kernel.close(descriptor) }
                continue
            }
            let rest = held.take(message, kernel)
            if let manager, !rest.lines.isEmpty {
                try? kernel.sendDatagram(Array(rest.lines.joined(separator: "\n").utf8), to: manager)
            }
            if rest.isReady, !isReady { becameReady() }
        }
    }

    private mutating func becameReady() {
        isReady = true
        hasAnswered = true
        kernel.giveBackMemory()
        guard let descriptor = waits else { return }
        waits = nil
        try? kernel.discardStandardDescriptors()
        try? kernel.writeAll(descriptor, Array(HolderRole.word.utf8))
        kernel.close(descriptor)
    }

    private func tell(_ line: String) {
        kernel.tellStandardError("svinstall: \(line)\n", waits: false)
    }
}
