/// What is executed: always an argument vector, never a text for a shell.
package enum Command: Hashable, Sendable {
    /// `path` is executed (found in PATH when it has no slash); `arguments[0]` is what the program sees as its name.
    case words(path: String, arguments: [String])
    /// The file holds a text that is no list of words. supervisord accepts such a file and fails at each start.
    case malformed(text: String, reason: String)

    /// A command whose path is its first word. An empty list is a malformed command, as supervisord 4.3 says it.
    package static func words(_ words: [String]) -> Command {
        guard let first = words.first else { return .malformed(text: "", reason: "command is empty") }
        return .words(path: first, arguments: words)
    }

    /// The argument vector, or empty for a malformed command.
    package var arguments: [String] {
        if case .words(_, let arguments) = self { arguments } else { [] }
    }
}

/// One variable of a program's environment.
package struct EnvironmentVariable: Hashable, Sendable {
    package var name: String
    package var value: Setting<String>

    package init(_ name: String, _ value: Setting<String>) {
        self.name = name
        self.value = value
    }
}
