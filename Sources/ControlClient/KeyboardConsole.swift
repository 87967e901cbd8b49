import Kernel
import SourceText

/// Standard input: a line editor with history and completion on a terminal, plain lines otherwise.
final class KeyboardConsole: Console {
    /// Lines kept in the history file.
    private static let historyLimit = 1000

    private let kernel: any SystemCalls
    private let output: any TextSink
    private let historyFile: String?
    private var history: [String] = []
    /// Bytes read but not used yet.
    private var buffer: [UInt8] = []
    /// The words that can stand at the end of a line.
    var completion: (String) -> [String] = { _ in [] }

    init(_ kernel: any SystemCalls, _ output: any TextSink, historyFile: String?) {
        self.kernel = kernel
        self.output = output
        self.historyFile = historyFile
        if let historyFile, let bytes = try? kernel.readFile(historyFile, limit: 1 << 20) {
            history = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    func pause(milliseconds: Int64) { kernel.sleep(nanoseconds: milliseconds * 1_000_000) }

    func readSecret(prompt: String) -> String? {
        let mode = TerminalMode()
        mode?.silent().apply()
        defer {
            mode?.apply()
            if mode != nil { output.print("") }
        }
        guard case .line(let secret) = readPlainLine(prompt) else { return nil }
        return secret
    }

    func readLine(prompt: String) -> ConsoleInput {
        guard let mode = TerminalMode(), output.isTerminal else { return readPlainLine(prompt) }
        mode.raw().apply()
        defer { mode.apply() }
        var editor = LineEditor(history: history)
        show(prompt, editor)
        while let byte = nextByte() {
            switch editor.take(byte) {
            case .more: show(prompt, editor)
            case .complete: complete(prompt, &editor)
            case .interrupted:
                output.print("")
                return .interrupted
            case .ended: return .end
            case .finished(let line):
                output.print("")
                output.flush()
                remember(line)
                return .line(line)
            }
        }
        return .end
    }

    /// Keeps what was typed for the next time; a file that cannot be written is no reason to complain.
    func saveHistory() {
        guard let historyFile, !history.isEmpty else { return }
        let text = history.suffix(Self.historyLimit).joined(separator: "\n") + "\n"
        try? kernel.writeFileAtomically(historyFile, Array(text.utf8), mode: 0o600)
    }

    private func remember(_ line: String) {
        if !line.trimmed.isEmpty, history.last != line { history.append(line) }
    }

    private func readPlainLine(_ prompt: String) -> ConsoleInput {
        output.write(prompt.utf8)
        output.flush()
        var line: [UInt8] = []
        while let byte = nextByte() {
            if byte == UInt8(ascii: "\n") { return .line(String(decoding: line, as: UTF8.self)) }
            line.append(byte)
        }
        return line.isEmpty ? .end : .line(String(decoding: line, as: UTF8.self))
    }

    private func nextByte() -> UInt8? {
        if buffer.isEmpty {
            output.flush()
            var piece = [UInt8](repeating: 0, count: 1024)
            let result = piece.withUnsafeMutableBytes { bytes in
                Result { () throws(SystemError) in try kernel.read(.standardInput, into: bytes) }
            }
            guard case .success(let count) = result, count > 0 else { return nil }
            buffer = Array(piece[..<count])
        }
        return buffer.removeFirst()
    }

    /// Draws the line again; a line longer than the terminal shows the part around the cursor.
    private func show(_ prompt: String, _ editor: LineEditor) {
        let columns = max(20, kernel.terminalSize(.standardOutput)?.columns ?? 80)
        let room = max(10, columns - prompt.count - 1)
        let start = max(0, editor.cursor - room)
        let visible = String(editor.characters.dropFirst(start).prefix(room))
        let back = "\r\u{1B}[\(prompt.count + editor.cursor - start)C"
        output.write("\r\(prompt)\(visible)\u{1B}[K\(prompt.count + editor.cursor - start == 0 ? "\r" : back)".utf8)
        output.flush()
    }

    private func complete(_ prompt: String, _ editor: inout LineEditor) {
        let words = editor.beforeCursor.split(separator: " ", omittingEmptySubsequences: false)
        let word = words.last.map(String.init) ?? ""
        let candidates = completion(editor.beforeCursor)
        if let first = candidates.first {
            let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
            if common.count > word.count {
                editor.complete(word, with: common)
            } else if candidates.count > 1 {
                output.print("")
                let columns = kernel.terminalSize(.standardOutput)?.columns ?? 80
                for line in ShellCommands.columns(candidates.map(\.trimmed), width: columns - 1) { output.print(line) }
            }
        }
        show(prompt, editor)
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
