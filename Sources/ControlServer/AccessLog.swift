import Engine
import NIOCore
import NIOHTTP1
import ServiceModel
import SourceText
import Supervision
import XMLRPC

/// What the daemon's log is told of requests, in the words of supervisord 4.3: calls, their outcomes and every answer
/// at level `trace`, requests that are none at `error`. Of the private socket it is told nothing.
struct AccessLog: Sendable {
    private let engine: any EngineControl
    private let isSilent: Bool
    private let address: SocketAddress?
    private let tellsWhoAsks: Bool

    init(_ engine: any EngineControl, _ door: ListenerDoor, client: SocketAddress?) {
        self.engine = engine
        isSilent = door.isPrivate
        address = client
        tellsWhoAsks = door.tellsWhoAsks
    }

    private var now: String { HTTPDate.accessed(engine.now().epochSeconds) }

    /// `host:port` of the client; that of a unix socket has none.
    private var client: String { "\(address?.ipAddress ?? "localhost"):\(address?.port ?? 0)" }

    // MARK: calls

    func called(_ method: String) { write(.trace, "XML-RPC method called: \(method)()") }

    /// `body`: the request's, for a call that broke.
    func ended(_ method: String, _ outcome: MethodOutcome, _ body: ByteBuffer) {
        switch outcome {
        case .fault(let fault):
            write(.trace, "XML-RPC method \(method)() returned fault: [\(fault.code.rawValue)] \(fault.text)")
        case .broken(let reason):
            write(
                .critical,
                "Handling XML-RPC request with data \(shown(body)) raised an unexpected exception: \(reason)")
        default:
            write(.trace, "XML-RPC method \(method)() returned successfully")
        }
    }

    /// A body that is no call.
    func refused(_ body: ByteBuffer, _ refusal: CallRefusal) {
        write(.error, "XML-RPC request data \(shown(body)) is invalid: \(refusal.reason)")
    }

    // MARK: who asks

    /// Who asks for a change, on the private socket too. The original does not say it.
    func asked(_ method: String, _ arguments: [XMLRPCValue] = [], _ asker: Asker) {
        guard tellsWhoAsks, AccessTable.methods[method]?.isChange == true else { return }
        tellChange(shown(method, arguments), asker)
    }

    /// The same for what is no method.
    func tellChange(_ what: String, _ asker: Asker) {
        if tellsWhoAsks { engine.log(.info, "\(what): asked for by \(asker.name(at: client))") }
    }

    /// What one of our own rules does not allow.
    func denied(_ method: String, _ arguments: [XMLRPCValue], _ objection: String, _ asker: Asker) {
        let who = asker.name(at: client)
        engine.log(.warning, "\(shown(method, arguments)): refused to \(who): \(asker.section ?? "") \(objection)")
    }

    /// `stopProcess web:a`: whom it is about stands in the first argument.
    private func shown(_ method: String, _ arguments: [XMLRPCValue]) -> String {
        let name = method.split(separator: ".").last.map(String.init) ?? method
        guard let subject = arguments.first?.text, !subject.isEmpty else { return name }
        return "\(name) \(String(String.UnicodeScalarView(subject.unicodeScalars.prefix(Self.mostShown))).oneLine)"
    }

    private static let mostShown = 100

    // MARK: requests

    /// A request that the parser gave up on.
    func failed(_ error: any Error) {
        guard let error = error as? HTTPParserError else { return }
        write(.error, "Bad HTTP request: \(error)")
    }

    /// `size`: bytes of the whole answer.
    func answered(_ head: RequestHead, _ status: HTTPStatus, size: Int) {
        guard !isSilent else { return }
        // Whatever speaks of errors is one, to the original, were it the name of a program.
        let level = Self.speaksOfErrors(head.uri) ? LogLevel.error : .trace
        write(level, "\(client) - - [\(now)] \"\(head.line)\" \(status.rawValue) \(size)")
    }

    /// Whether there is an "error" in it, in letters of any size.
    private static func speaksOfErrors(_ address: String) -> Bool {
        let word: StaticString = "error"
        var matched = 0
        for byte in address.utf8 {
            let letter = byte | 0x20
            // Its first letter comes but once in it: where the word breaks off, at most that one is there.
            matched = letter == word.utf8Start[matched] ? matched + 1 : letter == word.utf8Start[0] ? 1 : 0
            if matched == word.utf8CodeUnitCount { return true }
        }
        return false
    }

    // MARK: lines

    private func write(_ level: LogLevel, _ text: @autoclosure () -> String) {
        if !isSilent { engine.log(level, text()) }
    }

    /// The beginning of a body: a client shall not decide how long our lines are.
    private func shown(_ body: ByteBuffer) -> String {
        let bytes = body.readableBytesView
        let text = PythonText.repr(String(decoding: bytes.prefix(Self.mostBytesShown), as: UTF8.self))
        return bytes.count > Self.mostBytesShown ? text + "…" : text
    }

    private static let mostBytesShown = 1000
}
