import NIOCore
import SourceText

/// One answer: status, headers in order, body. Written exactly as the server that supervisord embeds does.
struct HTTPAnswer: Sendable {
    var status: HTTPStatus
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// The connection ends after it, whatever the client asked for.
    var closes = false

    init(_ status: HTTPStatus, type: String, _ body: [UInt8]) {
        self.status = status
        headers = [("Content-Type", type), ("Content-Length", "\(body.count)")]
        self.body = body
    }

    /// An answer that only says its status, with the page that supervisord's clients know.
    init(_ status: HTTPStatus, extra: [(name: String, value: String)] = [], closes: Bool = false) {
        self.status = status
        let lines = [
            "<head>", "<title>Error response</title>", "</head>", "<body>", "<h1>Error response</h1>",
            "<p>Error code \(status.rawValue).", "<p>Message: \(status.phrase).", "</body>", "",
        ]
        body = Array(lines.joined(separator: "\r\n").utf8)
        headers = extra + [("Content-Length", "\(body.count)"), ("Content-Type", "text/html")]
        self.closes = closes
    }

    /// An XML-RPC message; none is an error inside.
    init(message: [UInt8]?) {
        if let message {
            self.init(.ok, type: "text/xml", message)
        } else {
            self.init(.internalError)
        }
    }

    static let unauthorized = HTTPAnswer(
        .unauthorized, extra: [("Connection", "close"), ("WWW-Authenticate", "Basic realm=\"default\"")], closes: true)

    /// Status line, headers and, but for HEAD, the body; `now` in seconds since 1970.
    func write(into buffer: inout ByteBuffer, for request: RequestHead, now: Int64) {
        Self.writeHead(status, headers, keepAlive: request.isOld && request.keepsOpen, into: &buffer, request, now: now)
        if request.method != "HEAD" { buffer.writeBytes(body) }
    }

    /// The same without a connection of NIO's.
    func bytes(for request: RequestHead, now: Int64) -> [UInt8] {
        var buffer = ByteBuffer()
        write(into: &buffer, for: request, now: now)
        return Array(buffer.readableBytesView)
    }

    /// Status line and headers. HTTP/1.0 is told when the connection stays open.
    static func writeHead(
        _ status: HTTPStatus, _ headers: [(name: String, value: String)], keepAlive: Bool,
        into buffer: inout ByteBuffer, _ request: RequestHead, now: Int64
    ) {
        buffer.writeString("HTTP/\(request.isOld ? "1.0" : "1.1") \(status.rawValue) \(status.phrase)\r\n")
        buffer.writeString("Server: Medusa/1.12\r\nDate: \(HTTPDate.text(now))\r\n")
        for header in headers { buffer.writeString("\(header.name): \(header.value)\r\n") }
        buffer.writeString(keepAlive ? "Connection: Keep-Alive\r\n\r\n" : "\r\n")
    }
}

/// The statuses we answer with.
enum HTTPStatus: Int, Sendable {
    case ok = 200
    case movedPermanently = 301
    case badRequest = 400
    case unauthorized = 401
    case forbidden = 403
    case notFound = 404
    case conflict = 409
    case lengthRequired = 411
    case tooLarge = 413
    case internalError = 500

    var phrase: String {
        switch self {
        case .ok: "OK"
        case .movedPermanently: "Moved Permanently"
        case .badRequest: "Bad Request"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .conflict: "Conflict"
        case .lengthRequired: "Length Required"
        case .tooLarge: "Request Entity Too Large"
        case .internalError: "Internal Server Error"
        }
    }
}
