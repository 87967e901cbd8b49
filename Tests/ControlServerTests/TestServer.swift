import ControlServer
import Engine
import Kernel
import ServiceModel
import SourceText
import Synchronization

/// A control port on a unix socket of its own, over a fake engine.
final class TestServer {
    let kernel = HostKernel()
    let engine: FakeEngine
    let directory: String
    let path: String
    private let port: HTTPControlPort

    private static let counter = Mutex(0)

    init(
        _ engine: FakeEngine = FakeEngine(), limits: ControlLimits = ControlLimits(), username: String? = nil,
        password: String? = nil, isPrivate: Bool = false, access: [AccessRule] = [], tellsWhoAsks: Bool = false
    ) throws {
        self.engine = engine
        let number = Self.counter.withLock { count in
            count += 1
            return count
        }
        directory = "/tmp/svi-control-\(kernel.processID)-\(number)"
        _ = try kernel.makeDirectories(directory, mode: 0o700)
        path = directory + "/s"
        port = HTTPControlPort(kernel: kernel, limits: limits, version: "9.8.7", tellsWhoAsks: tellsWhoAsks)
        let socket = try kernel.listenUnix(path, mode: 0o600, user: nil, group: nil)
        var settings = ListenerSettings(
            section: "unix_http_server", address: .unix(path: path, mode: 0o600, owner: nil), username: username,
            password: password, isPrivate: isPrivate)
        settings.access = access
        try port.start([BoundListener(settings: settings, descriptor: socket)], engine: engine)
    }

    func stop(grace: TimeSpan = .seconds(1)) { port.stop(grace: grace) }
    func part(grace: TimeSpan = .seconds(1)) -> [WaitingClient] { port.part(grace: grace) }
    func answer(_ client: WaitingClient, _ answer: ControlAnswer) { port.answer(client, answer) }

    deinit {
        port.stop(grace: .zero)
        engine.forgetParked()
        for name in (try? kernel.list(directory)) ?? [] { try? kernel.unlink("\(directory)/\(name)") }
        try? kernel.removeDirectory(directory)
    }

    func connect() throws -> RawConnection { try RawConnection(kernel, path) }

    /// Sends a request on a connection of its own and reads until the server closes or is silent.
    func exchange(_ request: String, silence: Int64 = 300) throws -> RawConnection.Reply {
        let connection = try connect()
        try connection.send(request)
        return connection.readAll(silence: silence)
    }

    /// The answer to one XML-RPC call, headers left out.
    func call(_ method: String, _ parameters: String...) throws -> String { try call(method, parameters) }

    func call(_ method: String, _ parameters: [String]) throws -> String {
        let reply = try exchange(.post(.call(method, parameters), close: true), silence: 5000)
        return reply.body
    }
}

/// A client that sends and reads bytes.
final class RawConnection {
    struct Reply {
        var text: String
        /// The server ended the connection.
        var closed: Bool

        /// Status line and headers without the date.
        var head: String {
            let head = text.components(before: "\r\n\r\n")
            return head.split(separator: "\r\n").filter { !$0.hasPrefix("Date: ") }.joined(separator: "\n")
        }

        var status: Int? { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
        var body: String { text.components(behind: "\r\n\r\n") }
    }

    private let kernel: HostKernel
    let socket: Descriptor

    init(_ kernel: HostKernel, _ path: String) throws {
        self.kernel = kernel
        socket = try kernel.connectUnix(path)
    }

    deinit { kernel.close(socket) }

    func send(_ text: String) throws { try kernel.writeAll(socket, text.utf8) }
    func send(_ bytes: [UInt8]) throws { try kernel.writeAll(socket, bytes) }

    private func read(_ piece: inout [UInt8]) -> Result<Int, SystemError> {
        piece.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemError) in try kernel.read(socket, into: buffer) }
        }
    }

    /// Reads until so many of a byte have come, or five seconds nothing; how many there were.
    func count(_ byte: UInt8, upTo limit: Int) -> Int {
        try? kernel.setTimeouts(socket, milliseconds: 5000)
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while count < limit, case .success(let size) = read(&piece), size > 0 {
            count += piece[..<size].count { $0 == byte }
        }
        return count
    }

    /// Reads to the end in pieces with a pause, in milliseconds, before each; how many bytes came.
    func read(atMost size: Int, every pause: Int64) -> Int {
        try? kernel.setTimeouts(socket, milliseconds: 5000)
        var piece = [UInt8](repeating: 0, count: size)
        var count = 0
        while case .success(let some) = read(&piece), some > 0 {
            count += some
            kernel.sleep(nanoseconds: pause * 1_000_000)
        }
        return count
    }

    /// Reads until the end, `enough` or so many milliseconds of silence.
    func readAll(silence: Int64, until enough: (String) -> Bool = { _ in false }) -> Reply {
        var bytes: [UInt8] = []
        try? kernel.setTimeouts(socket, milliseconds: silence)
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count: Int
            switch read(&piece) {
            case .success(let some): count = some
            // A connection that is reset is as closed as one that ends.
            case .failure(let error):
                return Reply(text: String(decoding: bytes, as: UTF8.self), closed: error.number != .again)
            }
            if count == 0 { return Reply(text: String(decoding: bytes, as: UTF8.self), closed: true) }
            bytes += piece[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            if enough(text) { return Reply(text: text, closed: false) }
        }
    }
}

extension String {
    /// A call's message.
    static func call(_ method: String, _ parameters: [String] = []) -> String {
        let list = parameters.map { "<param><value>\($0)</value></param>" }.joined()
        return
            "<?xml version='1.0'?><methodCall><methodName>\(method)</methodName><params>\(list)</params></methodCall>"
    }

    /// A POST of a body.
    static func post(
        _ body: String, path: String = "/RPC2", version: String = "1.1", headers: String = "", close: Bool = false
    ) -> String {
        "POST \(path) HTTP/\(version)\r\nHost: h\r\n\(headers)\(close ? "Connection: close\r\n" : "")"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func get(_ path: String, headers: String = "", version: String = "1.1") -> String {
        "GET \(path) HTTP/\(version)\r\nHost: h:9001\r\n\(headers)\r\n"
    }

    func components(before mark: String) -> String {
        firstRange(of: mark).map { String(self[..<$0.lowerBound]) } ?? self
    }

    func components(behind mark: String) -> String {
        firstRange(of: mark).map { String(self[$0.upperBound...]) } ?? ""
    }
}
