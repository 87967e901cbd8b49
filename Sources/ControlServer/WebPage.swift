import SourceText

/// An address of the web interface, with what the browser asks of it.
struct WebPage: Sendable {
    enum Kind: String, Sendable {
        case index = "index.html"
        case tail = "tail.html"
        case ok = "ok.html"
        case styleSheet = "stylesheets/supervisor.css"

        /// Exactly these names; `/` is the index.
        init?(path: String) {
            let name = String(path.drop { $0 == "/" })
            self.init(rawValue: name.isEmpty ? "index.html" : name)
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
