/// Words of a unit's command line (systemd.service(5), "Command lines").
enum UnitWords {
    static func join(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }

    /// A `%` is doubled, as is a `$` anywhere; blanks, quotes and backslashes need quotes.
    static func quote(_ word: String) -> String {
        var text = ""
        var isPlain = !word.isEmpty
        for scalar in word.unicodeScalars {
            switch scalar {
            case "%": text += "%%"
            case "$": text += "$$"
            case "\"", "\\":
                text += "\\"
                text.unicodeScalars.append(scalar)
                isPlain = false
            case " ", "'", ";":
                text.unicodeScalars.append(scalar)
                isPlain = false
            default: text.unicodeScalars.append(scalar)
            }
        }
        return isPlain ? text : "\"\(text)\""
    }
}
