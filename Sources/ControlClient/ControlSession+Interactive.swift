import XMLRPC

extension ControlSession {
    /// The interactive shell: begins with `status`, runs lines until the person leaves, always ends with 0
    /// (supervisorctl 4.3).
    package func interact() -> Int32 {
        isInteractive = true
        OwnSignals.endShellOnInterrupt()
        var goesOn = perform("status")
        while goesOn {
            output.flush()
            notes.flush()
            switch console.readLine(prompt: "\(prompt)> ") {
            case .line(let line):
                // Ctrl-C ends a command and with it everything.
                console.saveHistory()
                goesOn = perform(line)
            case .end: goesOn = perform("EOF")
            case .interrupted:
                output.print("")
                goesOn = false
            }
        }
        output.flush()
        notes.flush()
        console.saveHistory()
        return ControlStatus.success
    }

    /// The words that can take the place of `fragment`, a part of `line`, each with the blank behind it: commands first,
    /// then what the command wants (supervisorctl 4.3).
    package func completions(of line: String, _ fragment: String) -> [String] {
        let words = line.split(separator: " ").map(String.init)
        guard let verb = words.first, words.count > 1 || line.hasSuffix(" ") else {
            return complete(fragment, among: ControlCommand.all.map(\.name).filter { $0 != "EOF" })
        }
        return switch ControlCommand.named(verb)?.subject {
        case .commands?: complete(fragment, among: ControlCommand.all.map(\.name).filter { $0 != "EOF" })
        case .groups?: complete(fragment, among: groupNames)
        case .processes?: complete(fragment, among: processNames(for: fragment))
        case .nothing?, nil: []
        }
    }

    private func complete(_ fragment: String, among words: [String]) -> [String] {
        words.filter { $0.hasPrefix(fragment) }.map { $0 + " " }
    }

    private var rows: [ProcessRow] {
        if let completionCache { return completionCache }
        let rows = ProcessRow.rows((try? connection.call("supervisor.getAllProcessInfo", [])) ?? [])
        completionCache = rows
        return rows
    }

    private var groupNames: [String] {
        rows.reduce(into: []) { if !$0.contains($1.group) { $0.append($1.group) } }
    }

    /// `x` for x in x, `g:p` and `g:*` for the others, or for all once a colon is typed.
    private func processNames(for fragment: String) -> [String] {
        rows.reduce(into: []) { names, row in
            guard fragment.contains(":") || row.name != row.group else { return names.append(row.name) }
            names.append("\(row.group):\(row.name)")
            if !names.contains("\(row.group):*") { names.append("\(row.group):*") }
        }
    }
}
