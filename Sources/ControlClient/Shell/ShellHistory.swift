import Kernel
import SourceText

/// The lines that were typed, kept in a file (supervisorctl's `history_file`): one a line, oldest first.
struct ShellHistory {
    /// Lines that are kept; the original keeps all of them for ever.
    private static let limit = 100_000

    private(set) var lines: [String] = []
    private let file: String?
    private let kernel: any SystemCalls
    private var isSaved = false

    init(file: String?, _ kernel: any SystemCalls) {
        self.kernel = kernel
        guard let file else {
            self.file = nil
            return
        }
        // A link leads to where the person keeps it.
        let place = (try? kernel.realPath(file)) ?? file
        do throws(SystemError) {
            let bytes = try kernel.readFile(place, limit: 64 << 20)
            lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            isSaved = true
            self.file = place
        } catch {
            // What cannot be read is not ours to replace.
            self.file = error.number == .noEntry ? file : nil
        }
    }

    /// Takes a line in; the same line twice in a row counts once, as in Python.
    mutating func remember(_ line: String) {
        guard !line.isEmpty, lines.last != line else { return }
        lines.append(line)
        isSaved = false
    }

    /// Keeps what was typed for the next time; a file that cannot be written is no reason to complain.
    mutating func save() {
        guard let file, !isSaved else { return }
        let text = lines.suffix(Self.limit).map { $0 + "\n" }.joined()
        try? kernel.writeFileAtomically(file, Array(text.utf8), mode: 0o600)
        isSaved = true
    }
}
