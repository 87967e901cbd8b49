import ControlClient
import Kernel
import Synchronization
import Testing
import XMLRPC

/// A server that sends what the test wrote down, one text a connection, after it has read a request.
final class ScriptedServer: Sendable {
    let path: String
    private let kernel = HostKernel()
    private let received = Mutex<[String]>([])

    private static let counter = Mutex(0)

    init(_ replies: [String]) throws {
        let number = Self.counter.withLock { count in
            count += 1
            return count
        }
        // A directory of its own: sockets take their names by way of temporary ones.
        let directory = "/tmp/svi-client-\(kernel.processID)-\(number)"
        _ = try kernel.makeDirectories(directory, mode: 0o700)
        path = directory + "/s"
        let listener = try kernel.listenUnix(path, mode: 0o600, user: nil, group: nil)
        let kernel = kernel
        _ = HostThread.start { [self] in
            for reply in replies {
                guard let socket = Self.accept(listener, kernel) else { break }
                try? kernel.setNonBlocking(socket, false)
                received.withLock { $0.append(Self.readRequest(socket, kernel)) }
                // One byte at a time for answers that ask for it: clients must not depend on packets.
                let pieces = reply.hasPrefix("SLOW") ? reply.dropFirst(4).map(String.init) : [reply]
                for piece in pieces { try? kernel.writeAll(socket, piece.utf8) }
                kernel.close(socket)
            }
            kernel.close(listener)
            try? kernel.unlink(path)
            try? kernel.removeDirectory(directory)
        }
    }

    var requests: [String] { received.withLock { $0 } }

    private static func accept(_ listener: Descriptor, _ kernel: HostKernel) -> Descriptor? {
        for _ in 0..<2000 {
            if let socket = try? kernel.accept(listener) { return socket }
            kernel.sleep(nanoseconds: 5_000_000)
        }
        return nil
    }

    private static func readRequest(_ socket: Descriptor, _ kernel: HostKernel) -> String {
        var text = ""
        var piece = [UInt8](repeating: 0, count: 65_536)
        while !text.hasSuffix("</methodCall>\n"), !(text.hasPrefix("GET") && text.hasSuffix("\r\n\r\n")) {
            guard let count = try? piece.withUnsafeMutableBytes({ try kernel.read(socket, into: $0) }), count > 0 else {
                return text
            }
            text += String(decoding: piece[..<count], as: UTF8.self)
        }
        return text
    }
}

@Suite struct SocketConnectionTests {
    private static let body =
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><int>7</int></value>\n"
        + "</param>\n</params>\n</methodResponse>\n"
    private static let chunks =
        "SLOWHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\n\(body.prefix(5))\r\n"
        + "\(String(body.utf8.count - 5, radix: 16))\r\n\(body.dropFirst(5))\r\n0\r\nTrailer: x\r\n\r\n"

    private func connection(_ server: ScriptedServer) -> SocketConnection {
        SocketConnection(
            Endpoint(url: "unix://\(server.path)", username: "Aladdin", password: "open sesame"), HostKernel())
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
        "SLOWHTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)", "HTTP/1.0 200 OK\r\n\r\n\(body)",
        chunks,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\ncontent-length:\(body.utf8.count)\n\n\(body)",
    ])
    func `an answer is understood however it comes`(reply: String) throws {
        let server = try ScriptedServer([reply])
        #expect(try connection(server).call("supervisor.getPID", []) == 7)
    }

    @Test func `a request carries method, length and credentials`() throws {
        let server = try ScriptedServer([Self.chunks])
        _ = try connection(server).call("supervisor.getPID", ["x"])
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("POST /RPC2 HTTP/1.1\r\n"))
        // The example of RFC 7617 §2.
        #expect(request.contains("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"))
        #expect(request.contains("<methodName>supervisor.getPID</methodName>"))
    }

    @Test(arguments: [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", ClientError.status(401, reason: "Unauthorized")),
        ("", .closed), ("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<me", .closed), ("nonsense\r\n\r\n", .closed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .closed),
    ])
    func `what is no answer is an error`(reply: String, error: ClientError) throws {
        let server = try ScriptedServer([reply])
        #expect(throws: error) { try connection(server).call("supervisor.getPID", []) }
    }

    @Test func `an answer that is no XML-RPC is an error`() throws {
        let server = try ScriptedServer(["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<no>"])
        #expect(throws: ClientError.self) { try connection(server).call("supervisor.getPID", []) }
    }

    @Test func `nobody there is told as the system tells it`() {
        let nowhere = SocketConnection(Endpoint(url: "unix:///tmp/svi-no-such-socket"), HostKernel())
        #expect(throws: ClientError.system(SystemError("connect", .noEntry, path: "/tmp/svi-no-such-socket"))) {
            try nowhere.call("supervisor.getPID", [])
        }
        let wrong = SocketConnection(Endpoint(url: "ftp://x"), HostKernel())
        #expect(throws: ClientError.badURL("Unknown protocol for serverurl ftp://x")) {
            try wrong.call("supervisor.getPID", [])
        }
    }

    @Test func `after an answer that ended the connection the next call makes a new one`() throws {
        let server = try ScriptedServer(["HTTP/1.0 200 OK\r\n\r\n\(Self.body)", Self.chunks])
        let connection = connection(server)
        #expect(try connection.call("supervisor.getPID", []) == 7)
        #expect(try connection.call("supervisor.getPID", []) == 7)
    }

    @Test func `streams and lines are followed together until the caller has enough`() throws {
        let kernel = HostKernel()
        let pipe = try kernel.makePipe(.blockingBoth)
        defer { kernel.close(pipe.reader) }
        let stream = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
        let server = try ScriptedServer(["SLOW" + stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"])
        let connection = SocketConnection(Endpoint(url: "unix://\(server.path)"), kernel, input: pipe.reader)
        try kernel.writeAll(pipe.writer, "hello\nlast".utf8)
        var data = ""
        var others: [FollowEvent] = []
        connection.follow(["/a", "/b"], lines: true) { event in
            if case .data(let bytes) = event {
                data += String(decoding: bytes, as: UTF8.self)
            } else {
                others.append(event)
            }
            if event == .ended { kernel.close(pipe.writer) }
            return true
        }
        #expect(data == "onetwo")
        #expect(
            others == [
                .line("hello"), .refused(path: "/b", reason: "Cannot read, status code 404"), .ended, .line("last"),
                .inputEnded,
            ])
    }

    @Test func `streams alone are followed until they end`() throws {
        let server = try ScriptedServer(["HTTP/1.0 200 OK\r\n\r\nall of it"])
        var events: [FollowEvent] = []
        connection(server).follow(["/a"], lines: false) { event in
            events.append(event)
            return true
        }
        #expect(events == [.data(Array("all of it".utf8)), .ended])
    }

    @Test func `a daemon that is not there is told, and nothing is waited for`() {
        let nowhere = SocketConnection(Endpoint(url: "unix:///tmp/svi-no-such-socket"), HostKernel())
        var events: [FollowEvent] = []
        nowhere.follow(["/a"], lines: false) { event in
            events.append(event)
            return true
        }
        let reason = "Cannot connect, error: <class 'FileNotFoundError'> ([Errno 2] No such file or directory)"
        #expect(events == [.refused(path: "/a", reason: reason), .ended])
    }
}
