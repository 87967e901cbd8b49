import SourceText

/// Words of the shell itself: `help`, `quit`, `exit`, `EOF`.
enum ShellCommands {
    /// The words that end the conversation.
    static let ending: Set<String> = ["quit", "exit", "EOF"]

    static let all = [
        ControlCommand(
            "help",
            help: ["help\t\tPrint a list of available actions", "help <action>\tPrint help for <action>"],
            completes: .commands, checksDaemon: false
        ) { session, words throws(ClientError) in help(session, words.joined(separator: " ")) },
        ControlCommand("quit", help: ["quit\tExit the supervisor shell."], checksDaemon: false) {
            session, _ throws(ClientError) in session.output.print("")
        },
        ControlCommand("exit", help: ["exit\tExit the supervisor shell."], checksDaemon: false) {
            session, _ throws(ClientError) in session.output.print("")
        },
        // What the end of the input stands for; no topic of its own.
        ControlCommand("EOF", help: [], checksDaemon: false) { session, _ throws(ClientError) in
            session.output.print("")
        },
    ]

    private static func help(_ session: ControlSession, _ topic: String) {
        if topic.isEmpty { return list(session) }
        guard let command = ControlCommand.named(topic), !command.help.isEmpty else {
            return session.output.print("*** No help on \(topic)")
        }
        session.showHelp(command)
    }

    /// All topics in columns, under the header that supervisorctl has.
    private static func list(_ session: ControlSession) {
        let header = "default commands (type help <topic>):"
        let topics = ControlCommand.all.map(\.name).filter { $0 != "help" && $0 != "EOF" }
        session.output.print("")
        session.output.print(header)
        session.output.print(String(repeating: "=", count: header.count))
        for line in columns(topics, width: 79) { session.output.print(line) }
        session.output.print("")
    }

    /// Words in as few rows as fit, read downwards, two blanks between columns (Python's `cmd.columnize`).
    static func columns(_ words: [String], width: Int) -> [String] {
        guard !words.isEmpty else { return ["<empty>"] }
        var rows = 1
        while true {
            let lists = stride(from: 0, to: words.count, by: rows).map { words[$0..<min($0 + rows, words.count)] }
            let widths = lists.map { list in list.map(\.count).max() ?? 0 }
            if widths.reduce(-2, { $0 + $1 + 2 }) <= width || rows >= words.count {
                return (0..<rows).map { row in
                    zip(lists, widths).compactMap { list, width in
                        row < list.count ? PythonText.padded(list[list.startIndex + row], width) : nil
                    }.joined(separator: "  ")
                }
            }
            rows += 1
        }
    }
}
