/// Reads command-line options as getopt(3) and Python's getopt do: `-c FILE`, `-cFILE`, `-nk`, `--name=value`,
/// `--name value`, unambiguous prefixes of long names, `--` as the end of the options.
package struct OptionReader: Sendable {
    /// One option, with the value it was given.
    package struct Match: Hashable, Sendable {
        /// The long name, also when the short one was written.
        package var name: String
        /// As it was written: `-c` or `--configuration`.
        package var written: String
        package var value: String?
    }

    /// An option that a program knows.
    package struct Option: Hashable, Sendable {
        package var name: String
        package var short: Character?
        package var takesValue: Bool

        package init(_ name: String, _ short: Character? = nil, takesValue: Bool = false) {
            self.name = name
            self.short = short
            self.takesValue = takesValue
        }
    }

    /// What to do with words that are no options of ours.
    package enum Mode: Sendable {
        /// The first other word ends the options (supervisord, supervisorctl).
        case stopsAtFirstWord
        /// Options may stand anywhere; unknown ones stay words, so that `tail -100 redis` arrives whole.
        case passesUnknown
        /// Options may stand anywhere; an unknown one is an error.
        case refusesUnknown
    }

    /// The texts are those of Python's getopt, which supervisord shows after `Error: `.
    package struct UsageError: Error, Hashable, Sendable {
        package var message: String

        package init(message: String) {
            self.message = message
        }
    }

    private let options: [Option]
    private let mode: Mode

    package init(_ options: [Option], _ mode: Mode) {
        self.options = options
        self.mode = mode
    }

    /// The options in the order they were written, and the other words.
    package func read(_ words: [String]) throws(UsageError) -> (matches: [Match], words: [String]) {
        var matches: [Match] = []
        var others: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                others += rest
                break
            }
            if word.hasPrefix("--") {
                if try readLong(word, &rest, &matches) { continue }
            } else if word.hasPrefix("-"), word.count > 1 {
                if try readShort(word, &rest, &matches) { continue }
            } else if mode == .stopsAtFirstWord {
                others = [word] + rest
                break
            }
            others.append(word)
        }
        return (matches, others)
    }

    /// `false` when the word is unknown and is to be passed on.
    private func readLong(
        _ word: String, _ rest: inout ArraySlice<String>, _ matches: inout [Match]
    ) throws(UsageError) -> Bool {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let written = String(parts.first ?? "")
        let candidates = options.filter { $0.name.hasPrefix(written) }
        guard let option = candidates.first(where: { $0.name == written }) ?? candidates.first else {
            if mode == .passesUnknown { return false }
            throw UsageError(message: "option --\(written) not recognized")
        }
        // Two short letters may stand for one long name.
        if option.name != written, candidates.contains(where: { $0.name != option.name }) {
            if mode == .passesUnknown { return false }
            throw UsageError(message: "option --\(written) not a unique prefix")
        }
        var value = parts.count > 1 ? String(parts[1]) : nil
        if option.takesValue {
            if value == nil { value = rest.popFirst() }
            if value == nil { throw UsageError(message: "option --\(option.name) requires argument") }
        } else if value != nil {
            throw UsageError(message: "option --\(option.name) must not have an argument")
        }
        matches.append(Match(name: option.name, written: "--\(option.name)", value: value))
        return true
    }

    /// `false` when the first letter is unknown and the word is to be passed on.
    private func readShort(
        _ word: String, _ rest: inout ArraySlice<String>, _ matches: inout [Match]
    ) throws(UsageError) -> Bool {
        var letters = word.dropFirst()
        var found: [Match] = []
        while let letter = letters.popFirst() {
            guard let option = options.first(where: { $0.short == letter }) else {
                if mode == .passesUnknown, found.isEmpty { return false }
                throw UsageError(message: "option -\(letter) not recognized")
            }
            var value: String?
            if option.takesValue {
                value = letters.isEmpty ? rest.popFirst() : String(letters)
                letters = ""
                if value == nil { throw UsageError(message: "option -\(letter) requires argument") }
            }
            found.append(Match(name: option.name, written: "-\(letter)", value: value))
        }
        matches += found
        return true
    }
}

extension OptionReader.Mode: Equatable {}
