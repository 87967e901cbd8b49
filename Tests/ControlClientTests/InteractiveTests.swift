import ControlClient
import Testing
import XMLRPC

@Suite struct InteractiveTests {
    @Test func `the shell begins with status, runs lines and always ends with 0`() {
        let trial = Trial(["getAllProcessInfo": .success([.process("a", "FATAL", "x")])])
        trial.person.inputs = [.line("bogus"), .line(""), .line("  help   help "), .end]
        #expect(trial.session.interact() == 0)
        #expect(trial.person.prompts.allSatisfy { $0 == "supervisor> " })
        #expect(trial.person.prompts.count == 4)
        #expect(trial.output.text.hasPrefix("a "))
        #expect(trial.output.text.contains("*** Unknown syntax: bogus\nhelp\t\tPrint"))
        #expect(trial.output.text.hasSuffix("\n\n"))
    }

    @Test(arguments: ["quit", "exit", "EOF"]) func `three words end it`(word: String) {
        let trial = Trial(["getAllProcessInfo": .success([])])
        trial.person.inputs = [.line(word), .line("bogus")]
        #expect(trial.session.interact() == 0)
        #expect(trial.output.text == "\n")
    }

    @Test(arguments: [("y", "Shut down\n"), ("Yes", "Shut down\n"), ("n", ""), ("", "")])
    func `ending the daemon needs a yes`(answer: String, output: String) {
        let trial = Trial(["getAllProcessInfo": .success([]), "shutdown": .success(true)])
        trial.person.inputs = [.line("shutdown"), .line(answer), .line("exit")]
        #expect(trial.session.interact() == 0)
        #expect(trial.person.prompts[1] == "Really shut the remote supervisord process down y/N? ")
        #expect(trial.output.text == output + "\n")
    }

    @Test(arguments: ["shutdown", "reload"]) func `Ctrl-C in answer to a question ends the shell`(word: String) {
        let trial = Trial(["getAllProcessInfo": .success([])])
        trial.person.inputs = [.line(word), .interrupted, .line("version")]
        #expect(trial.session.interact() == 0)
        #expect(trial.output.text == "\n")
        #expect(trial.daemon.calls == ["getAllProcessInfo()"])
    }

    @Test(arguments: [(true, ""), (false, "EOF when reading a line")])
    func `no answer to a question is an error, the shell goes on`(isTerminal: Bool, words: String) {
        let trial = Trial(["getAllProcessInfo": .success([])])
        trial.person.isTerminal = isTerminal
        trial.person.inputs = [.line("reload"), .end, .line("exit")]
        #expect(trial.session.interact() == 0)
        #expect(trial.output.text == "error: <class 'EOFError'>, \(words): file: svinstall line: 0\n\n")
    }

    @Test func `-i asks but runs one action alone`() {
        let trial = Trial(["shutdown": .success(true)])
        trial.person.inputs = [.line("n"), .line("version")]
        #expect(trial.session.run(words: ["shutdown"], asking: true) == 0)
        #expect(trial.person.prompts.count == 1)
        #expect(trial.daemon.calls.isEmpty)
    }

    @Test func `what was typed is saved before it runs`() {
        let trial = Trial(["getAllProcessInfo": .success([])])
        trial.person.inputs = [.line("status"), .line("status"), .interrupted]
        #expect(trial.session.interact() == 0)
        #expect(trial.person.savings == 3)
    }

    @Test func `a daemon that wants a password is asked again with it`() {
        let trial = Trial(["getAllProcessInfo": .success([.process("a")])])
        trial.daemon.answers["getVersion"] = [.failure(.status(401, reason: "Unauthorized")), .success("3.0")]
        trial.person.inputs = [.line("me"), .line("secret"), .end]
        #expect(trial.session.interact() == 0)
        #expect(trial.person.prompts == ["Username:", "Password:", "supervisor> "])
        #expect(trial.daemon.endpoint.username == "me")
        #expect(trial.daemon.endpoint.password == "secret")
        #expect(trial.output.text.hasPrefix("Server requires authentication\n\na "))
    }

    @Test(arguments: [
        ("", ["add ", "avail ", "clear ", "exit ", "fg ", "help "]), ("sta", ["start ", "status "]),
        ("start ", ["a ", "g:p ", "g:* "]), ("start g", ["g:p ", "g:* "]), ("start a:", ["a:a ", "a:* "]),
        ("update ", ["a ", "g "]), ("help sto", ["stop "]), ("reload ", []), ("bogus ", []),
        ("signal HUP a", ["a "]), ("  sta", ["start ", "status "]), ("start g:p", ["g:p "]),
        ("start x/g", ["g:p ", "g:* "]),
    ])
    func `completion offers what fits`(line: String, words: [String]) {
        let trial = Trial(["getAllProcessInfo": .success([.process("a"), .process("p", group: "g")])])
        let candidates = trial.session.completions(of: line, CompletionList.fragment(of: line))
        #expect(Array(candidates.prefix(words.isEmpty ? 1 : 6)) == words)
    }
}

@Suite struct LineEditorTests {
    private func type(_ keys: String, history: [String] = []) -> (LineEditor, LineEditor.Step) {
        var editor = LineEditor(history: history)
        var step = LineEditor.Step.more
        for byte in keys.utf8 { step = editor.take(byte) }
        return (editor, step)
    }

    private static let left = "\u{1B}[D"
    private static let up = "\u{1B}[A"
    private static let down = "\u{1B}OB"

    @Test(arguments: [
        ("start a", "start a"), ("abc\u{7F}", "ab"), ("\u{7F}x", "x"), ("ac\(left)b", "abc"), ("bc\u{1}a", "abc"),
        ("abc\u{1}\u{4}", "bc"), ("abc\u{1}\u{1B}[3~", "bc"), ("ab\u{1}\u{5}c", "abc"), ("one two\u{17}", "one "),
        ("one-two\u{1B}\u{7F}", "one-"), ("one two\u{1B}b\u{1B}bX", "Xone two"), ("one two\u{1}\u{1B}fX", "oneX two"),
        ("one two\u{1}\u{1B}d", " two"), ("one two\u{17}\u{1}\u{19}", "twoone "), ("ba\u{14}", "ab"),
        ("\u{14}b\u{14}", "b"), ("a\u{0}\u{1F}b", "ab"),
        ("one two \u{17}", "one "), ("abc\(left)\u{B}", "ab"), ("abc\(left)\u{15}", "c"), ("grüß", "grüß"),
        ("ü\u{7F}x", "x"), ("a\u{1B}[200~b", "ab"), ("a\u{1B}xb", "ab"), ("ab\u{1B}[Hx\u{1B}[Fy", "xaby"),
    ])
    func `keys edit the line`(keys: String, text: String) {
        #expect(type(keys).0.text == text)
    }

    @Test func `arrows walk through the history and back to what was being typed`() {
        let history = ["first", "second"]
        #expect(type(Self.up, history: history).0.text == "second")
        #expect(type(Self.up + Self.up + Self.up, history: history).0.text == "first")
        #expect(type("dra" + Self.up + Self.down + "ft", history: history).0.text == "draft")
        #expect(type(Self.down, history: history).0.text == "")
    }

    @Test(arguments: [
        ("\u{12}st", "stop b", "(reverse-i-search)`st': "), ("\u{12}st\u{12}", "start a", "(reverse-i-search)`st': "),
        ("\u{12}stax", "start a", "(failed reverse-i-search)`stax': "),
        ("\u{12}sta\u{7F}", "stop b", "(reverse-i-search)`st': "),
        ("\u{12}sta\u{5}!", "start a!", nil), ("x\u{12}\u{7}y", "xy", nil), ("\u{12}b\u{1B}[Dx", "stop xb", nil),
    ])
    func `Ctrl-R looks for a line`(keys: String, text: String, prompt: String?) {
        let (editor, _) = type(keys, history: ["start a", "stop b"])
        #expect(editor.text == text)
        #expect(editor.searchPrompt == prompt)
    }

    @Test func `some keys end the line`() {
        #expect(type("go\r").1 == .finished("go"))
        #expect(type("go\u{3}").1 == .interrupted)
        #expect(type("\u{4}").1 == .ended)
        #expect(type("go\u{4}").1 == .more)
        #expect(type("st\t").1 == .complete)
        #expect(type("st\u{C}").1 == .clear)
        #expect(type("\u{12}o\r", history: ["go"]).1 == .finished("go"))
    }

    @Test func `a completed word takes the fragment's place`() {
        var (editor, _) = type("start re")
        editor.complete("re", with: "redis ")
        #expect(editor.text == "start redis ")
        #expect(editor.cursor == editor.characters.count)
    }
}
