/// Our lines in a user's crontab, between two marks.
package enum CronTable {
    package static let mark = "# svinstall: begin"
    private static let end = "# svinstall: end"

    /// The table with our entry, or without it for `nil`; what is not ours stays byte by byte.
    package static func edit(_ table: String, entry: String?) -> String {
        var kept = ""
        var isOurs = false
        for line in table.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == mark { isOurs = true }
            if !isOurs { kept += line + "\n" }
            if line == end { isOurs = false }
        }
        // The split has one more piece than the table has line ends.
        if kept.hasSuffix("\n") { kept.removeLast() }
        guard let entry else { return kept }
        if !kept.isEmpty, !kept.hasSuffix("\n") { kept += "\n" }
        return kept + mark + "\n" + entry + (entry.hasSuffix("\n") ? "" : "\n") + end + "\n"
    }
}
