/// Ctrl-R: the newest line that contains what is being typed, then older ones.
struct HistorySearch: Sendable {
    private var query = ""
    /// Place of the line that was found; the history's count before anything was.
    private var place: Int
    private var failed = false
    /// The line before the search: it comes back when nothing that was found is wanted.
    let original: [Character]

    init(from original: [Character], place: Int) {
        self.original = original
        self.place = place
    }

    /// The words of GNU readline.
    var prompt: String { "(\(failed ? "failed " : "")reverse-i-search)`\(query)': " }

    func found(_ history: [String]) -> String? { history.indices.contains(place) ? history[place] : nil }

    mutating func extend(_ character: Character, _ history: [String]) {
        query.append(character)
        look(from: place, history)
    }

    mutating func older(_ history: [String]) { look(from: place - 1, history) }

    mutating func shorten(_ history: [String]) {
        _ = query.popLast()
        place = history.count
        look(from: place, history)
    }

    private mutating func look(from start: Int, _ history: [String]) {
        guard !query.isEmpty else { return failed = false }
        let last = min(start, history.count - 1)
        let match = last < 0 ? nil : history[...last].lastIndex { $0.contains(query) }
        failed = match == nil
        if let match { place = match }
    }
}
