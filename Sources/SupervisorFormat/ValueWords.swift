import ServiceModel
import SourceText

/// Texts in the form in which the file's grammar gives them back unchanged.
package enum ValueWords {
    /// Whether the grammar reads a value back as it is: no comment starts in it, no line begins or ends with white
    /// space, none is lost at its end.
    package static func isSayable(_ value: String) -> Bool {
        guard value.utf8.contains(where: { isSuspicious($0) }) || value.isEmpty else { return true }
        let file = Array(("[s]\nk=" + continued(value) + "\n").utf8)
        guard let document = try? IniDocument(path: "", bytes: file), document.sections.count == 1 else { return false }
        let entries = document.sections.flatMap(\.entries)
        return entries.count == 1 && entries.first.map { document.value(of: $0) } == value
    }

    /// Whether a text is read back as the name of a section.
    package static func isSectionName(_ name: String) -> Bool {
        let document = try? IniDocument(path: "", bytes: Array("[\(name)]\n".utf8))
        return document?.sections.map(\.name) == [name]
    }

    /// Whether a text is read back as the name of a key.
    package static func isKey(_ key: String) -> Bool {
        let document = try? IniDocument(path: "", bytes: Array("[s]\n\(key)=\n".utf8))
        return document?.sections.count == 1 && document?.sections.first?.entries.map(\.key) == [key]
    }

    private static func isSuspicious(_ byte: UInt8) -> Bool { byte <= 0x20 || byte >= 0x7F }

    /// The lines of a value below each other, the later ones indented.
    package static func continued(_ value: String) -> String {
        var result = ""
        let lines = value.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            if number > 0 { result += line.isEmpty ? "\n" : "\n    " }
            result.unicodeScalars.append(contentsOf: line)
        }
        return result
    }

    /// Each `%` doubled, as often as the original expands the value.
    static func escaped(_ text: String, expansions: Int) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(contentsOf: repeatElement(scalar, count: scalar == "%" ? 1 << expansions : 1))
        }
        return result
    }

    /// A command line that is split into these words, and in which no `;` or `#` follows white space: the file's
    /// grammar would begin a comment there, quotes or not. Line feeds stand between quotes of their own, so that
    /// no line loses white space.
    package static func command(_ words: [String]) -> String {
        words.map { word in
            guard needsCare(word) else { return ShellWords.quote(word) }
            var result = "'"
            var isAfterSpace = false
            for scalar in word.unicodeScalars {
                switch scalar {
                case "'": result += "'\\''"
                case ";" where isAfterSpace, "#" where isAfterSpace: result += "'\\" + String(scalar) + "'"
                case "\n": result += "''\n''"
                default: result.unicodeScalars.append(scalar)
                }
                isAfterSpace = PythonText.isSpace(scalar)
            }
            return result + "'"
        }.joined(separator: " ")
    }

    private static func needsCare(_ word: String) -> Bool {
        var isAfterSpace = false
        for scalar in word.unicodeScalars {
            if scalar == "\n" || (isAfterSpace && (scalar == ";" || scalar == "#")) { return true }
            isAfterSpace = PythonText.isSpace(scalar)
        }
        return false
    }

    /// `NAME="value"`; `nil` where supervisord 4.3 has no way to say it: it knows no escapes between quotes, strips
    /// every quote at both ends, and its comments begin between quotes too.
    package static func variable(_ name: String, _ value: String) -> String? {
        guard !name.isEmpty, name.unicodeScalars.allSatisfy(EnvironmentList.isWord) else { return nil }
        let quote = value.unicodeScalars.contains("\"") ? "'" : "\""
        let text = "\(name)=\(quote)\(value)\(quote)"
        guard let read = try? EnvironmentList.parse(text), read.count == 1, let only = read.first,
            only.name == name, only.value == value, isSayable(text)
        else { return nil }
        return text
    }

    /// A name that supervisord accepts and finds again in its section's header.
    package static func programName(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isRefused =
                scalar == ":" || scalar == "/" || PythonText.isSpace(scalar)
                || scalar.properties.generalCategory == .control
            result.unicodeScalars.append(isRefused ? "-" : scalar)
        }
        return result.isEmpty ? "program" : result
    }
}
