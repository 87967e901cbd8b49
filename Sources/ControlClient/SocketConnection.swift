package import Kernel
import SourceText
package import XMLRPC

/// A daemon behind a unix or TCP socket: one blocking connection, kept open between calls.
package final class SocketConnection: DaemonConnection {
    /// Bytes of one answer: the whole configuration of a large daemon, or a long piece of a log.
    private static let answerLimit = 512 << 20

    package var endpoint: Endpoint {
        didSet { if endpoint != oldValue { disconnect() } }
    }

    let kernel: any SystemCalls
    /// Where `follow` reads lines.
    let input: Descriptor
    private var socket: Descriptor?

    package init(_ endpoint: Endpoint, _ kernel: any SystemCalls, input: Descriptor = .standardInput) {
        self.endpoint = endpoint
        self.kernel = kernel
        self.input = input
        // A daemon that goes away while we write is an error to report, not the end of the client.
        kernel.ignoreSignal(.pipe)
    }

    deinit {
        if let socket { kernel.close(socket) }
    }

    package func disconnect() {
        if let socket { kernel.close(socket) }
        socket = nil
    }

    package func call(_ method: String, _ arguments: [XMLRPCValue]) throws(ClientError) -> XMLRPCValue {
        let body = XMLRPCWriter.call(XMLRPCCall(method: method, parameters: arguments))
        let (parser, answer) = try exchange("POST /RPC2", body)
        guard parser.status == 200 else {
            disconnect()
            throw .status(parser.status ?? 0, reason: parser.reason)
        }
        let result: XMLRPCAnswer
        do throws(XMLRPCReadError) {
            result = try XMLRPCReader.answer(answer, limits: XMLRPCLimits(size: Self.answerLimit))
        } catch {
            throw .malformed("\(error)")
        }
        switch result {
        case .success(let value): return value
        case .failure(let fault): throw .fault(fault)
        }
    }

    package func get(_ path: String) throws(ClientError) -> (status: Int, body: [UInt8]) {
        let (parser, body) = try exchange("GET \(path)", [])
        return (parser.status ?? 0, body)
    }

    package func post(_ path: String) throws(ClientError) -> (status: Int, body: [UInt8]) {
        let (parser, body) = try exchange("POST \(path)", [])
        return (parser.status ?? 0, body)
    }

    /// Request line and headers.
    func head(_ request: String, length: Int) -> [UInt8] {
        var text = "\(request) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: svinstall\r\nAccept: */*\r\n"
        if let authorization = endpoint.authorization { text += "Authorization: \(authorization)\r\n" }
        if length > 0 { text += "Content-Type: text/xml\r\nContent-Length: \(length)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// A new connection.
    func connect() throws(ClientError) -> Descriptor {
        do throws(SystemError) {
            switch endpoint.address {
            case .unix(let path): return try kernel.connectUnix(path)
            case .tcp(let host, let port): return try kernel.connectTCP(host: host, port: port)
            case nil: throw SystemError("connect", .invalid, path: endpoint.url)
            }
        } catch {
            if let problem = endpoint.problem { throw .badURL(problem) }
            throw error.call == "getaddrinfo" ? .unknownHost : .system(error)
        }
    }

    private func exchange(
        _ request: String, _ body: [UInt8]
    ) throws(ClientError) -> (parser: HTTPReplyParser, body: [UInt8]) {
        let socket: Descriptor
        if let open = self.socket { socket = open } else { socket = try connect() }
        self.socket = socket
        do throws(SystemError) {
            try kernel.writeAll(socket, head(request, length: body.count) + body)
            return try read(socket)
        } catch {
            disconnect()
            throw error.number == .endOfStream ? .closed : .system(error)
        }
    }

    private func read(_ socket: Descriptor) throws(SystemError) -> (parser: HTTPReplyParser, body: [UInt8]) {
        var parser = HTTPReplyParser()
        var body: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while !parser.isDone {
            let count = try readPiece(socket, &piece)
            if count == 0 {
                guard parser.endsWithConnection else { throw SystemError("read", .endOfStream) }
                break
            }
            body += parser.take(piece[..<count])
            if parser.problem != nil || body.count > Self.answerLimit { throw SystemError("read", .endOfStream) }
        }
        if parser.closes || parser.endsWithConnection { disconnect() }
        return (parser, body)
    }

    /// Reads once into `piece`.
    func readPiece(_ socket: Descriptor, _ piece: inout [UInt8]) throws(SystemError) -> Int {
        let result = piece.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemError) in try kernel.read(socket, into: buffer) }
        }
        return try result.get()
    }
}

extension ErrorNumber {
    /// Stands for "the other side closed in the middle of an answer"; no system call fails with it.
    fileprivate static let endOfStream = ErrorNumber(-1)
}
