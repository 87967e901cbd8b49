import Kernel
import SourceText

/// Standard input: a line editor with history and completion on a terminal, plain lines otherwise.
final class KeyboardConsole: Console {
    private let kernel: any SystemCalls
    private let output: any TextSink
    private var history: ShellHistory
    /// The words that can take the place of a line's last one.
    var completion: (_ line: String, _ fragment: String) -> [String] = { _, _ in [] }

    init(_ kernel: any SystemCalls, _ output: any TextSink, historyFile: String?) {
        self.kernel = kernel
        self.output = output
        history = ShellHistory(file: historyFile, kernel)
    }

    var isTerminal: Bool { kernel.isTerminal(.standardInput) && output.isTerminal }

    func pause(milliseconds: Int64) { kernel.sleep(nanoseconds: milliseconds * 1_000_000) }

    func saveHistory() { history.save() }

    func readLine(prompt: String) -> ConsoleInput {
        guard output.isTerminal, let keyboard = RawKeyboard(kernel) else { return readPlainLine(prompt) }
        let input = edit(prompt, keyboard, LineEditor(history: history.lines))
        keyboard.close()
        // Of Ctrl-C the session tells; at the end of the input the cursor stays where it is.
        if case .line(let line) = input {
            output.print("")
            output.flush()
            history.remember(line)
        }
        return input
    }

    func readSecret(prompt: String) -> ConsoleInput {
        guard let keyboard = RawKeyboard(kernel) else { return readPlainLine(prompt) }
        defer { keyboard.close() }
        output.write(prompt.utf8)
        output.flush()
        var editor = LineEditor(history: [])
        while true {
            switch keyboard.next() {
            case .interrupted: return .interrupted
            case .end: return .end
            case .resumed: continue
            case .key(let byte):
                switch editor.take(byte) {
                case .interrupted: return .interrupted
                case .ended: return .end
                case .finished(let secret):
                    output.print("")
                    return .line(secret)
                case .more, .complete, .clear: continue
                }
            }
        }
    }

    // MARK: without a terminal

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

    /// One byte and no more: what is behind the line may be meant for a program in the foreground.
    private func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        let result = withUnsafeMutableBytes(of: &byte) { bytes in
            Result { () throws(SystemError) in try kernel.read(.standardInput, into: bytes) }
        }
        guard case .success(let count) = result, count > 0 else { return nil }
        return byte
    }

    // MARK: on a terminal

    private var columns: Int { max(20, kernel.terminalSize(.standardOutput)?.columns ?? 80) }

    private func edit(_ prompt: String, _ keyboard: RawKeyboard, _ editor: LineEditor) -> ConsoleInput {
        var editor = editor
        var display = LineDisplay()
        // Whether the key before was a TAB that changed nothing: another one shows what there is.
        var isTabIdle = false
        show(prompt, editor, &display)
        while true {
            let wasTabIdle = isTabIdle
            isTabIdle = false
            switch keyboard.next() {
            case .interrupted: return .interrupted
            case .end: return .end
            case .resumed:
                output.write("\r".utf8)
                display = LineDisplay()
            case .key(let byte):
                switch editor.take(byte) {
                case .more: break
                case .interrupted: return .interrupted
                case .ended: return .end
                case .finished(let line):
                    show(prompt, editor, &display)
                    return .line(line)
                case .clear:
                    output.write("\u{1B}[H\u{1B}[2J".utf8)
                    display = LineDisplay()
                case .complete:
                    isTabIdle = wasTabIdle ? list(&display, editor, keyboard) : !complete(&editor)
                }
            }
            show(prompt, editor, &display)
        }
    }

    private func show(_ prompt: String, _ editor: LineEditor, _ display: inout LineDisplay) {
        let text = display.show(
            prompt: editor.searchPrompt ?? prompt, editor.characters, cursor: editor.cursor, columns: columns)
        output.write(text.utf8)
        output.flush()
    }

    private func candidates(_ editor: LineEditor) -> (fragment: String, list: CompletionList) {
        let fragment = CompletionList.fragment(of: editor.beforeCursor)
        return (fragment, CompletionList(completion(editor.text, fragment)))
    }

    /// Goes on with the word at the cursor as far as there is no choice; whether that changed anything. The bell says
    /// that there is a choice, or nothing.
    private func complete(_ editor: inout LineEditor) -> Bool {
        let (fragment, list) = candidates(editor)
        if list.words.count != 1 { output.write([0x07]) }
        let common = list.commonPrefix
        guard common.count > fragment.count else { return false }
        editor.complete(fragment, with: common)
        return true
    }

    /// Shows every word that fits.
    private func list(_ display: inout LineDisplay, _ editor: LineEditor, _ keyboard: RawKeyboard) -> Bool {
        let list = candidates(editor).list
        switch list.words.count {
        case 0: output.write([0x07])
        case 1: return true
        case let count:
            output.print("")
            display = LineDisplay()
            if count >= CompletionList.modestCount, !agrees("Display all \(count) possibilities? (y or n)", keyboard) {
                output.print("")
                return true
            }
            for line in list.lines(columns: columns) { output.print(line) }
        }
        return true
    }

    private func agrees(_ question: String, _ keyboard: RawKeyboard) -> Bool {
        output.write(question.utf8)
        output.flush()
        while case .key(let byte) = keyboard.next() {
            switch byte {
            case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: " "):
                output.print("")
                return true
            case UInt8(ascii: "n"), UInt8(ascii: "N"), 0x7F, 0x07: return false
            default: output.write([0x07])
            }
            output.flush()
        }
        return false
    }
}
