package import XMLRPC

/// A daemon, as the commands see it. Tests put a script in its place.
package protocol DaemonConnection: AnyObject {
    var endpoint: Endpoint { get set }

    /// Calls a method and waits for its result, however long that takes.
    func call(_ method: String, _ arguments: [XMLRPCValue]) throws(ClientError) -> XMLRPCValue

    /// Fetches a resource; any status is an answer.
    func get(_ path: String) throws(ClientError) -> (status: Int, body: [UInt8])

    /// Asks for something to be done; any status is an answer.
    func post(_ path: String) throws(ClientError) -> (status: Int, body: [UInt8])

    /// Streams resources, for ever or until `handle` answers `false`. With `lines`, standard input too. Interrupts
    /// (Ctrl-C) arrive as an event instead of ending the program.
    func follow(_ paths: [String], lines: Bool, _ handle: (FollowEvent) -> Bool)

    /// Gives the connection up; the next call makes a new one.
    func disconnect()
}

/// Something that happened while streams were followed.
package enum FollowEvent: Hashable, Sendable {
    case data([UInt8])
    /// The stream cannot be had; the text is for people.
    case refused(path: String, reason: String)
    /// Every stream has ended.
    case ended
    /// A line of standard input, without its end.
    case line(String)
    case inputEnded
    case interrupted
}

/// Where text goes. Buffered; whoever waits for anything flushes first.
package protocol TextSink: AnyObject {
    func write(_ bytes: some Collection<UInt8>)
    func flush()
    var isTerminal: Bool { get }
}

extension TextSink {
    /// A line.
    func print(_ line: String) {
        write((line + "\n").utf8)
    }
}

/// The person at the keyboard.
package protocol Console: AnyObject {
    /// Asks for a line.
    func readLine(prompt: String) -> ConsoleInput
    /// Asks for a line that is not shown.
    func readSecret(prompt: String) -> ConsoleInput
    /// Keeps the lines of this conversation for the next one.
    func saveHistory()
    /// Whether there is a person, and not a file or a program.
    var isTerminal: Bool { get }
    /// Waits.
    func pause(milliseconds: Int64)
}

/// What came from the keyboard.
package enum ConsoleInput: Hashable, Sendable {
    case line(String)
    case end
    case interrupted
}
