import SourceText

/// An address of the web interface, with what the browser asks of it.
struct WebPage: Sendable {
    /// What is at an address: exactly supervisord's names, and no file of any file system.
    enum Kind: Sendable {
        case index, tail, ok, styleSheet
        case image(WebImage)

        /// `/` is the index.
        init?(path: String) {
            switch path.drop(while: { $0 == "/" }) {
            case "", "index.html": self = .index
            case "tail.html": self = .tail
            case "ok.html": self = .ok
            case "stylesheets/supervisor.css": self = .styleSheet
            case let name:
                guard let image = WebImage(rawValue: String(name)) else { return nil }
                self = .image(image)
            }
        }

        /// Always the same bytes, which can be asked for with GET and HEAD.
        var file: (type: String, bytes: [UInt8])? {
            switch self {
            case .styleSheet: ("text/css", Array(WebStyle.sheet.utf8))
            case .image(let image): (image.type, image.bytes)
            case .index, .tail, .ok: nil
            }
        }
    }

    var kind: Kind
    var query: String
    /// The `Host` header.
    var host: String?

    init(_ kind: Kind, _ head: RequestHead) {
        self.kind = kind
        query = head.query
        host = head.host
    }
}
