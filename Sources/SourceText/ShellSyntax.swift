/// What words would mean to a shell, where no shell reads them.
package enum ShellSyntax {
    /// Words that are no arguments to a shell.
    package static let operators: Set<String> = [
        "&&", "||", "|", "&", ";", ">", ">>", "<", "2>&1", "2>", "2>>", "&>", "1>", ">&2",
    ]

    private static let shells: Set<Substring> = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish"]

    /// The text that a shell among the words is given with `-c`, which it reads as its own language; `nil` where none is.
    package static func script(in words: [String]) -> String? {
        guard let shell = words.firstIndex(where: isShell) else { return nil }
        for place in words.indices.dropFirst(shell + 1) {
            let option = words[place]
            guard option.hasPrefix("-") || option.hasPrefix("+") else { return nil }
            let isCommand = !option.hasPrefix("--") && option.hasPrefix("-") && option.contains("c")
            if isCommand { return place + 1 < words.count ? words[place + 1] : nil }
        }
        return nil
    }

    /// By the last part of a path; a login shell's name begins with `-`.
    private static func isShell(_ word: String) -> Bool {
        let name = word.split(separator: "/").last ?? ""
        return shells.contains(name.drop { $0 == "-" })
    }
}
