package import SourceText

/// A user, as records and command lines name one.
package struct Owner: Hashable, Sendable {
    package var id: UInt32
    package var name: String

    package init(id: UInt32, name: String) {
        self.id = id
        self.name = name
    }
}

/// A call of an init system's own tool: a list of words, never a line for a shell.
package struct ToolCall: Hashable, Sendable, CustomStringConvertible {
    /// The first one is looked up in PATH.
    package var words: [String]
    /// What it finds on its standard input.
    package var input: String
    /// Variables beside our own.
    package var environment: [String: String]
    /// How long it may take before it is ended.
    package var limit: TimeSpan
    /// Somebody else in whose name root runs it.
    package var user: Owner?

    package init(
        _ words: [String], input: String = "", environment: [String: String] = [:], limit: TimeSpan = .seconds(100)
    ) {
        self.words = words
        self.input = input
        self.environment = environment
        self.limit = limit
    }

    /// The line a person would type.
    package var description: String {
        let asUser = user.map { ["sudo", "-u", $0.name] } ?? []
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return (asUser + variables + [ShellWords.join(words)]).joined(separator: " ").oneLine
    }
}

/// How a tool ended.
package struct ToolAnswer: Hashable, Sendable {
    /// The exit status; 128 and the signal's number after a signal, as shells say it.
    package var code: Int32
    package var output: String
    package var error: String

    package init(code: Int32, output: String = "", error: String = "") {
        self.code = code
        self.output = output
        self.error = error
    }

    /// There is no such program on this machine: what shells answer.
    static let missing: Int32 = 127
    /// It did not end in time: what timeout(1) answers.
    static let timedOut: Int32 = 124

    /// Its own words, the errors first, on one line.
    package var words: String {
        let text = error.isEmpty ? output : error
        return text.split(separator: "\n").map { trimming($0) }.filter { !$0.isEmpty }.prefix(3).joined(separator: "; ")
            .oneLine
    }

    /// What stands behind `NAME=`, as `systemctl show` writes it.
    func value(_ name: String) -> String? {
        for line in output.split(separator: "\n") where line.hasPrefix(name + "=") {
            return String(line.dropFirst(name.utf8.count + 1))
        }
        return nil
    }
}
