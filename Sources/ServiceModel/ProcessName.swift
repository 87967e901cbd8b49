/// A process as people name it: `x` is x in x, `g:p` is p in g, `g:*` and `g:` are the whole group (supervisord 4.3:
/// `make_namespec`, `split_namespec`).
package struct ProcessName: Hashable, Sendable {
    package var group: String
    /// `nil` for the whole group.
    package var process: String?

    package init(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else {
            group = text
            process = text
            return
        }
        group = String(text[..<colon])
        let name = String(text[text.index(after: colon)...])
        process = name.isEmpty || name == "*" ? nil : name
    }

    package static func join(_ group: String, _ name: String) -> String { group == name ? name : "\(group):\(name)" }
}
