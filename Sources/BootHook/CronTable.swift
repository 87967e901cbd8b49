/// Lines of crontab(5): ours between two marks, and those of others that are switched off for us.
package enum CronTable {
    /// Which table.
    package enum Place: Hashable, Sendable {
        /// By crontab(1).
        case user(Owner)
        /// One of the machine's.
        case file(String)
    }

    package static let mark = "# svinstall: begin"
    private static let end = "# svinstall: end"
    /// In front of a line that is switched off.
    private static let off = "# svinstall: replaced: "

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

    /// Our part of the table; `nil` when there is none.
    package static func entry(of table: String) -> String? {
        guard let start = table.firstRange(of: mark + "\n"), let stop = table[start.upperBound...].firstRange(of: end)
        else { return nil }
        return String(table[start.upperBound..<stop.lowerBound])
    }

    /// The table with that line of somebody else switched on or off; every other byte stays.
    package static func turn(_ line: String, isOn: Bool, in table: String) -> String {
        let (old, new) = isOn ? (off + line, line) : (line, off + line)
        return table.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0 == old ? new : String($0) }.joined(separator: "\n")
    }
}
