/// Keeps one line of a terminal as it should be. Needs nothing of the terminal but `\r` and `\b`, and writes no more
/// than what changes.
package struct LineDisplay: Sendable {
    /// What stands on the line now, and where the cursor is in it.
    private var shown: [Character] = []
    private var column = 0

    package init() {}

    /// What is to be written so that the line shows `text` with the cursor before its character number `cursor`. Of a
    /// text that is too long for `columns`, the part around the cursor is shown.
    package mutating func show(prompt: String, _ text: [Character], cursor: Int, columns: Int) -> String {
        let prompt = Array(prompt)
        // The last column stays free: terminals differ in what they do behind it.
        let room = max(10, columns - prompt.count - 1)
        let start = max(0, cursor - room)
        let line = prompt + text.dropFirst(start).prefix(room)
        let same = zip(shown, line).prefix { $0 == $1 }.count
        var output = ""
        if same < shown.count || same < line.count {
            output += move(to: same)
            output += String(line[same...])
            let surplus = max(0, shown.count - line.count)
            output += String(repeating: " ", count: surplus)
            shown = line + Array(repeating: " ", count: surplus)
            column = shown.count
        }
        output += move(to: prompt.count + cursor - start)
        shown = line
        return output
    }

    private mutating func move(to place: Int) -> String {
        defer { column = place }
        if place >= column { return String(shown[column..<place]) }
        return place == 0 ? "\r" : String(repeating: "\u{8}", count: column - place)
    }
}
