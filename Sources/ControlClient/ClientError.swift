package import Kernel
import SourceText
package import XMLRPC

/// Why a command got no answer it can use. The texts are what supervisorctl 4.3 shows, Python's names included:
/// people and scripts look for them.
package enum ClientError: Error, Hashable, Sendable {
    case fault(XMLRPCFault)
    /// The daemon answered with an HTTP status other than 200.
    case status(Int, reason: String)
    /// The daemon could not be reached, or the connection broke.
    case system(SystemError)
    /// The connection ended before an answer.
    case closed
    /// The answer is none.
    case malformed(String)
    /// The URL is none that leads to a daemon; why, in Python's words.
    case badURL(String)
    /// The host's name leads nowhere.
    case unknownHost
    /// Nobody answered a question.
    case endOfInput(explained: Bool)
    /// Ctrl-C in answer to a question.
    case interrupted
    /// A group call reported something no one expects.
    case unknownResult(code: Int64, name: String)

    /// `<class 'ConnectionRefusedError'>, [Errno 111] Connection refused`.
    var pythonText: String {
        switch self {
        case .fault(let fault): "<class 'xmlrpc.client.Fault'>, \(Self.python(fault))"
        case .status(let code, let reason):
            "<class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: \(code) \(reason)>"
        case .system(let error) where error.number == .nameTooLong: "<class 'OSError'>, AF_UNIX path too long"
        case .system(let error):
            "<class '\(Self.className(error.number))'>, [Errno \(error.number.rawValue)] \(error.number.message)"
        case .closed:
            "<class 'http.client.RemoteDisconnected'>, Remote end closed connection without response"
        case .malformed(let reason): "<class 'xml.parsers.expat.ExpatError'>, \(reason)"
        case .badURL(let reason): "<class 'ValueError'>, \(reason)"
        case .unknownHost: "<class 'socket.gaierror'>, [Errno -2] Name or service not known"
        case .endOfInput(let explained): "<class 'EOFError'>, \(explained ? "EOF when reading a line" : "")"
        case .interrupted: "<class 'KeyboardInterrupt'>, "
        case .unknownResult(let code, let name): "<class 'ValueError'>, Unknown result code \(code) for \(name)"
        }
    }

    /// `<Fault 10: 'BAD_NAME: zz'>`.
    static func python(_ fault: XMLRPCFault) -> String { "<Fault \(fault.code): \(PythonText.repr(fault.text))>" }

    private static func className(_ number: ErrorNumber) -> String {
        switch number {
        case .connectionRefused: "ConnectionRefusedError"
        case .noEntry: "FileNotFoundError"
        case .notDirectory: "NotADirectoryError"
        case .accessDenied, .notPermitted: "PermissionError"
        case .connectionReset: "ConnectionResetError"
        case .brokenPipe: "BrokenPipeError"
        case .timedOut: "TimeoutError"
        default: "OSError"
        }
    }
}

extension PythonText {
    /// `%-*s`: padded on the right to so many characters as Python counts them.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
    }
}
