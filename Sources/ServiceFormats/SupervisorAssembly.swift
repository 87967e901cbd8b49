import ServiceModel
import SourceText
import SupervisorFormat

/// One file that supervisord starts from, of programs that were written one by one. Programs of one name are numbered.
///
/// What the programs carry of a daemon comes back beside them: its own sections, groups, sections of several processes.
/// None of it may change a program: each is tried, and read, and left out where the programs would not be the same.
struct SupervisorAssembly {
    private typealias Entry = (key: String, value: String)

    private struct Program {
        var name: String
        var text: String
        /// Lines that say what the daemon gave, where its own section says it again.
        var lent: [String] = []

        /// The text without them.
        var bare: String {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for line in lent { if let place = lines.firstIndex(where: { $0 == line }) { lines.remove(at: place) } }
            return lines.joined(separator: "\n")
        }
    }

    private let world: any ConfigurationWorld
    private var programs: [Program] = []
    private var sections: [(name: String, entries: [Entry])] = []
    private var places: [String: Int] = [:]
    private var known: Set<[String]> = []
    private let fileName: String

    init(_ pieces: [Side.Piece], world: any ConfigurationWorld) {
        self.world = world
        fileName = pieces.count == 1 ? pieces.first?.files.first?.name ?? "supervisord.conf" : "supervisord.conf"
        var names: Set<String> = []
        for piece in pieces {
            var lent: [String] = []
            for setting in piece.service.foreign where setting.dialect == .supervisor {
                guard let text = setting.replaces, setting.path.count == 2, setting.path[0] == "supervisord" else {
                    continue
                }
                lent.append("\(setting.path[1])=\(text)")
            }
            for file in piece.files {
                var program = Self.numbered(String(decoding: file.bytes, as: UTF8.self), &names)
                program.lent = lent
                programs.append(program)
            }
            for setting in piece.service.foreign where setting.dialect == .supervisor && setting.path.count == 2 {
                guard let value = setting.value else { continue }
                add(setting.path[0], setting.path[1], value)
            }
        }
    }

    /// A program's text with a number behind its name where that is taken.
    private static func numbered(_ text: String, _ names: inout Set<String>) -> Program {
        let header = text.prefix { $0 != "\n" }.dropFirst().dropLast()
        let name = String(header.drop { $0 != ":" }.dropFirst())
        let kind = header.prefix { $0 != ":" }
        var number = 2
        var unique = name
        while !names.insert(unique).inserted {
            unique = "\(name)-\(number)"
            number += 1
        }
        var renamed = text
        if unique != name {
            for prefix in ["[\(kind):", "[x-svinstall:"] {
                renamed = renamed.replacing("\(prefix)\(name)]\n", with: "\(prefix)\(unique)]\n")
            }
        }
        return Program(name: unique, text: renamed)
    }

    /// A key that the file's grammar can say; the first one counts.
    private mutating func add(_ section: String, _ key: String, _ value: String) {
        guard ValueWords.isSectionName(section), ValueWords.isKey(key), ValueWords.isSayable(value),
            !section.hasPrefix("x-svinstall:"), section != "include", section != "DEFAULT"
        else { return }
        guard known.insert([section, key]).inserted else { return }
        if let place = places[section] {
            sections[place].entries.append((key, value))
        } else {
            places[section] = sections.count
            sections.append((section, [(key, value)]))
        }
    }

    // MARK: What is tried

    /// What is put into the file besides the programs.
    private struct Choice: Hashable {
        /// Sections of several processes instead of each process by itself.
        var folds = false
        /// Keys of `[supervisord]` that reach the programs.
        var surrounds = false
        var groups = false
        var daemon = false
    }

    private static let choices: [Choice] = [true, false].flatMap { folds in
        [true, false].flatMap { surrounds in
            [true, false].map { Choice(folds: folds, surrounds: surrounds, groups: $0, daemon: true) }
        }
    }

    var result: Side.Combined {
        let plain = Choice()
        guard !sections.isEmpty, let wanted = essences(of: text(plain)) else { return combined(plain) }
        var seen: Set<String> = []
        for choice in Self.choices {
            let candidate = text(choice)
            guard seen.insert(candidate).inserted else { continue }
            if essences(of: candidate) == wanted { return combined(choice) }
        }
        return combined(plain)
    }

    private func combined(_ choice: Choice) -> Side.Combined {
        var lost: Set<[String]> = []
        for section in sections {
            let entries = chosen(section, choice).map(\.key)
            for entry in section.entries where !entries.contains(entry.key) { lost.insert([section.name, entry.key]) }
        }
        let file = Conversion.Output(name: fileName, bytes: Array(text(choice).utf8))
        return Side.Combined(file: file, names: programs.map(\.name), lost: lost)
    }

    private func chosen(_ section: (name: String, entries: [Entry]), _ choice: Choice) -> [Entry] {
        switch SupervisorSide.kind(of: section.name) {
        case "group": return choice.groups ? section.entries : []
        case "supervisord":
            guard choice.daemon else { return [] }
            return section.entries.filter { choice.surrounds || !DaemonSurroundings.keys.contains($0.key) }
        case let kind where SupervisorSide.programKinds.contains(kind): return choice.folds ? section.entries : []
        default: return choice.daemon ? section.entries : []
        }
    }

    private func text(_ choice: Choice) -> String {
        var parts = ["[supervisord]\n"]
        var folded: [String] = []
        var behind: [String] = []
        for section in sections {
            let entries = chosen(section, choice)
            guard !entries.isEmpty else { continue }
            let lines = entries.map { "\($0.key)=\(ValueWords.continued($0.value))\n" }.joined()
            let text = "[\(section.name)]\n" + lines
            if section.name == "supervisord" {
                parts[0] = text
            } else if SupervisorSide.describesProgram(section.name) {
                folded.append(text)
                behind.append(section.name)
            } else {
                parts.append(text)
            }
        }
        let gone = behind.isEmpty ? [] : processes(of: folded)
        parts += programs.filter { !gone.contains($0.name) }.map { choice.surrounds ? $0.bare : $0.text } + folded
        return parts.joined(separator: "\n")
    }

    /// The names of the processes that sections describe.
    private func processes(of sections: [String]) -> Set<String> {
        let text = "[supervisord]\n" + sections.joined()
        let file = InputFile(path: fileName, bytes: Array(text.utf8), looksAround: false)
        guard let read = try? SupervisorSide.read(file, world) else { return [] }
        return Set(read.services.map(\.name.value))
    }

    /// The programs that a file describes, by name, without what other dialects keep in it.
    private func essences(of text: String) -> [Service]? {
        let file = InputFile(path: fileName, bytes: Array(text.utf8), looksAround: false)
        guard let read = try? SupervisorSide.read(file, world) else { return nil }
        return read.services.sorted { $0.name.value < $1.name.value }.map { service in
            var copy = service
            // No program says them: they come from the daemon's minfds.
            copy.limits = [:]
            copy.foreign = service.foreign.filter { $0.dialect == .supervisor && $0.path.count == 1 }
                .sorted { $0.path[0] < $1.path[0] }
            return copy
        }
    }
}
