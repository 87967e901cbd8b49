package import ServiceModel
import SourceText

/// One command line of a unit, prefixes and variable references recognised (systemd.service(5)).
package struct ExecCommand: Hashable, Sendable {
    package struct Prefixes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `-`: a failure counts as success.
        package static let ignoresFailure = Prefixes(rawValue: 1)
        /// `:`: no `$` has a meaning.
        package static let noVariables = Prefixes(rawValue: 2)
        /// `+`, `!`, `!!`: more privileges than `User=` leaves.
        package static let privileged = Prefixes(rawValue: 4)
        /// `|`: through a shell (systemd 258).
        package static let shell = Prefixes(rawValue: 8)
    }

    package enum ParseError: Error, Hashable, Sendable {
        case words(UnitWords.SplitError)
        case empty
        /// A path with a slash that is not absolute.
        case relativePath(String)
        /// `@` without a word behind the path.
        case noArgumentZero
        /// A specifier letter that systemd does not know: the unit fails to load.
        case unknownSpecifier(Character)
        /// `+` together with `!`.
        case prefixes(String)
    }

    package var prefixes: Prefixes
    package var path: String
    /// argv, with argv[0]; specifiers resolved, `$` as the unit's author wrote it.
    package var arguments: [String]
    /// Specifiers whose value depends on the machine and that therefore stand unresolved, e.g. `%H`.
    package var unresolved: [String]

    /// The commands of one `ExecStart=` line: one, or several where a lone `;` stands between them.
    package static func parse(_ value: String, specifiers: UnitSpecifiers) throws(ParseError) -> [ExecCommand] {
        let resolved: (text: String, unresolved: [String])
        do throws(UnitSpecifiers.UnknownSpecifier) {
            resolved = try specifiers.resolve(value)
        } catch {
            throw .unknownSpecifier(error.letter)
        }
        let words: [UnitWords.Word]
        do throws(UnitWords.SplitError) {
            words = try UnitWords.split(resolved.text)
        } catch {
            throw .words(error)
        }
        var commands: [ExecCommand] = []
        for part in words.split(whereSeparator: { $0.text == ";" && !$0.isQuoted }) {
            var command = try ExecCommand(words: part.map { $0.isEscapedSemicolon ? ";" : $0.text })
            command.unresolved = resolved.unresolved
            commands.append(command)
        }
        guard !commands.isEmpty else { throw .empty }
        return commands
    }

    private init(words: [String]) throws(ParseError) {
        guard let first = words.first else { throw .empty }
        var prefixes: Prefixes = []
        var takesArgumentZero = false
        var privileges = ""
        var rest = first[...]
        scan: while let character = rest.first {
            switch character {
            case "-": prefixes.insert(.ignoresFailure)
            case "@": takesArgumentZero = true
            case ":": prefixes.insert(.noVariables)
            case "|": prefixes.insert(.shell)
            case "+", "!":
                privileges.append(character)
                prefixes.insert(.privileged)
            default: break scan
            }
            rest = rest.dropFirst()
        }
        guard ["", "+", "!", "!!"].contains(privileges) else { throw .prefixes(privileges) }
        guard !rest.isEmpty else { throw .empty }
        path = String(rest)
        if path.contains("/") && !path.hasPrefix("/") { throw .relativePath(path) }
        if takesArgumentZero {
            guard words.count > 1 else { throw .noArgumentZero }
            arguments = Array(words.dropFirst())
        } else {
            arguments = [path] + words.dropFirst()
        }
        self.prefixes = prefixes
        unresolved = []
    }

    /// Whether an argument refers to a variable: `${NAME}` anywhere, `$NAME` as a whole word.
    package var usesVariables: Bool {
        !prefixes.contains(.noVariables)
            && arguments.contains { VariableReference.pieces(of: $0).contains(where: \.isReference) }
    }

    /// The arguments with every reference replaced; `nil` when one names a variable that `environment` lacks.
    package func expanded(_ environment: [String: String]) -> [String]? {
        guard !prefixes.contains(.noVariables) else { return arguments }
        var result: [String] = []
        for argument in arguments {
            let pieces = VariableReference.pieces(of: argument)
            if case .splitReference(let name)? = pieces.first {
                guard let value = environment[name] else { return nil }
                result += value.split(whereSeparator: \.isWhitespace).map(String.init)
                continue
            }
            var word = ""
            for piece in pieces {
                switch piece {
                case .text(let text): word += text
                case .reference(let name), .splitReference(let name):
                    guard let value = environment[name] else { return nil }
                    word += value
                }
            }
            result.append(word)
        }
        return result
    }

    /// The command as a text for `/bin/sh -c` in which the variables are still alive.
    package var shellText: String {
        let words = arguments.dropFirst().map { argument in
            let pieces = VariableReference.pieces(of: argument)
            if case .splitReference(let name)? = pieces.first { return "$" + name }
            return pieces.map { piece in
                switch piece {
                case .text(let text): ShellWords.quote(text)
                case .reference(let name), .splitReference(let name): "\"${\(name)}\""
                }
            }.joined()
        }
        return (["set -f; exec", ShellWords.quote(path)] + words).joined(separator: " ")
    }
}

/// A part of an argument that is a variable reference, or none.
enum VariableReference: Hashable {
    case text(String)
    /// `${NAME}`: one word, whatever it holds.
    case reference(String)
    /// `$NAME` as a whole word: split at blanks into any number of words.
    case splitReference(String)

    var isReference: Bool { if case .text = self { false } else { true } }

    /// The parts of one word; `$$` is a dollar. A `$` before anything else stays itself inside a word.
    static func pieces(of word: String) -> [VariableReference] {
        if word.hasPrefix("$"), !word.hasPrefix("$$"), !word.hasPrefix("${") {
            return [.splitReference(String(word.dropFirst()))]
        }
        var pieces: [VariableReference] = []
        var text = ""
        var rest = word[...]
        while let character = rest.popFirst() {
            guard character == "$" else {
                text.append(character)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                text.append("$")
            } else if rest.first == "{", let close = rest.firstIndex(of: "}") {
                if !text.isEmpty { pieces.append(.text(text)) }
                text = ""
                pieces.append(.reference(String(rest[rest.index(after: rest.startIndex)..<close])))
                rest = rest[rest.index(after: close)...]
            } else {
                text.append("$")
            }
        }
        if !text.isEmpty || pieces.isEmpty { pieces.append(.text(text)) }
        return pieces
    }
}

extension ExecCommand {
    /// The command line of a model command; `nil` for one that cannot be written (malformed, a NUL inside).
    package static func text(for command: Command) -> String? {
        guard case .words(let path, let arguments) = command, !arguments.contains(where: { $0.contains("\0") }) else {
            return nil
        }
        // The path is never expanded; only `%` counts there. A literal lone `;` must be quoted.
        let quotedPath = UnitWords.quote(path, dollars: false)
        let words = arguments.dropFirst().map { $0 == ";" ? "\";\"" : UnitWords.quote($0, dollars: true) }
        if arguments.first == path { return ([quotedPath] + words).joined(separator: " ") }
        let zero = UnitWords.quote(arguments.first ?? path, dollars: true)
        // The `@` goes inside the quotes' word: `"@/path with blank"` and `@"/path"` are the same word.
        return (["@" + quotedPath, zero] + words).joined(separator: " ")
    }
}
