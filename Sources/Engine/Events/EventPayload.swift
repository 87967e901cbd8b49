package import ServiceModel
package import Supervision

/// An event as listeners are told of it: its type and the text behind the header line.
package struct EventPayload: Hashable, Sendable {
    package let type: EventType
    /// UTF-8.
    package let bytes: [UInt8]

    private init(_ type: EventType, _ bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }

    private init(_ type: EventType, _ text: String) {
        self.init(type, Array(text.utf8))
    }

    /// Reads what `encode` wrote.
    init(decoding reader: inout StateReader) throws(StateDecodingError) {
        guard let type = EventType(named: try reader.string()) else { throw reader.invalid }
        self.type = type
        bytes = try reader.block()
    }

    func encode(to writer: inout StateWriter) {
        writer.string(type.rawValue)
        writer.block(bytes)
    }

    /// `len` of the header: characters (code points), not bytes, because listeners read text (supervisord 4.3).
    package var length: Int { bytes.reduce(into: 0) { count, byte in if byte & 0xc0 != 0x80 { count += 1 } } }

    // MARK: The bodies, supervisord 4.3's byte for byte

    package static func processState(_ change: ProcessStateChange) -> Self {
        let extra =
            switch change.to {
            case .starting, .backoff: " tries:\(change.tries)"
            case .running, .stopping, .stopped: " pid:\(change.pid)"
            case .exited: " expected:\(change.expected ? 1 : 0) pid:\(change.pid)"
            case .fatal, .unknown: ""
            }
        let head = "processname:\(change.name) groupname:\(change.group) from_state:\(change.from.name)"
        return Self(type(of: change.to), head + extra)
    }

    private static func type(of state: ProcessState) -> EventType {
        switch state {
        case .stopped: .processStopped
        case .starting: .processStarting
        case .running: .processRunning
        case .backoff: .processBackoff
        case .stopping: .processStopping
        case .exited: .processExited
        case .fatal: .processFatal
        case .unknown: .processUnknown
        }
    }

    /// What a program wrote, as it was read.
    package static func log(_ name: StreamName, pid: Int32, _ data: [UInt8]) -> Self {
        let channel = name.channel.rawValue
        let head = "processname:\(name.process) groupname:\(name.group) pid:\(pid) channel:\(channel)\n"
        return Self(logType(name.channel), Array(head.utf8) + PythonBytes.text(data))
    }

    /// What a program wrote between the tokens of capture mode.
    package static func communication(_ name: StreamName, pid: Int32, _ data: [UInt8]) -> Self {
        let head = "processname:\(name.process) groupname:\(name.group) pid:\(pid)\n"
        return Self(communicationType(name.channel), Array(head.utf8) + PythonBytes.text(data))
    }

    package static func logType(_ channel: OutputChannel) -> EventType {
        switch channel {
        case .output: .outputLog
        case .error: .errorLog
        }
    }

    package static func communicationType(_ channel: OutputChannel) -> EventType {
        switch channel {
        case .output: .outputCommunication
        case .error: .errorCommunication
        }
    }

    package static func remote(type: String, data: String) -> Self {
        Self(.remoteCommunication, "type:\(type)\n\(data)")
    }

    package static var daemonRunning: Self { Self(.daemonRunning, []) }
    package static var daemonStopping: Self { Self(.daemonStopping, []) }

    package static func groupAdded(_ name: String) -> Self { Self(.groupAdded, "groupname:\(name)\n") }
    package static func groupRemoved(_ name: String) -> Self { Self(.groupRemoved, "groupname:\(name)\n") }

    package static func tick(_ tick: Tick) -> Self { Self(tick.period.type, "when:\(tick.when)") }
}
