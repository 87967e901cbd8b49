import ControlClient
import Kernel
import XMLRPC

/// A daemon that answers as the test says, and remembers what it was asked.
final class ScriptedDaemon: DaemonConnection {
    var endpoint = Endpoint(url: "unix:///s.sock")
    /// `method(arguments)` of each call but `getVersion`.
    private(set) var calls: [String] = []
    private(set) var paths: [String] = []
    /// Answers by method, or by `method(first argument)`, which wins; several are given one after the other, the last
    /// for ever.
    var answers: [String: [Result<XMLRPCValue, ClientError>]] = [:]
    var resources: [String: (status: Int, body: [UInt8])] = [:]
    var events: [FollowEvent] = []

    init(_ answers: [String: Result<XMLRPCValue, ClientError>] = [:]) {
        self.answers = answers.mapValues { [$0] }
        if self.answers["getVersion"] == nil { self.answers["getVersion"] = [.success("3.0")] }
    }

    func call(_ method: String, _ arguments: [XMLRPCValue]) throws(ClientError) -> XMLRPCValue {
        let name = String(method.dropFirst("supervisor.".count))
        let words = arguments.map { argument -> String in
            switch argument {
            case .string(let text): text
            case .int(let number): "\(number)"
            default: "\(argument)"
            }
        }
        if name != "getVersion" { calls.append("\(name)(\(words.joined(separator: ",")))") }
        let key = "\(name)(\(words.first ?? ""))"
        let chosen = answers[key] != nil ? key : name
        guard var list = answers[chosen], let answer = list.first else {
            throw .fault(XMLRPCFault(code: 1, text: "UNKNOWN_METHOD"))
        }
        if list.count > 1 { list.removeFirst() }
        answers[chosen] = list
        return try answer.get()
    }

    func get(_ path: String) throws(ClientError) -> (status: Int, body: [UInt8]) {
        paths.append(path)
        return resources[path] ?? (404, [])
    }

    func post(_ path: String) throws(ClientError) -> (status: Int, body: [UInt8]) { try get("POST \(path)") }

    func follow(_ paths: [String], lines: Bool, _ handle: (FollowEvent) -> Bool) {
        self.paths += paths
        for event in events where !handle(event) { return }
    }

    func disconnect() {}
}

extension Result where Success == XMLRPCValue, Failure == ClientError {
    static func fault(_ code: Int64, _ text: String) -> Self { .failure(.fault(XMLRPCFault(code: code, text: text))) }
    static func system(_ number: ErrorNumber) -> Self { .failure(.system(SystemError("connect", number))) }
}

/// Text that the session writes.
final class Transcript: TextSink {
    private(set) var text = ""
    var isTerminal = false
    func write(_ bytes: some Collection<UInt8>) { text += String(decoding: bytes, as: UTF8.self) }
    func flush() {}
}

/// A person whose answers are known beforehand.
final class ScriptedPerson: Console {
    var inputs: [ConsoleInput] = []
    private(set) var prompts: [String] = []
    private(set) var pauses = 0
    private(set) var savings = 0
    var isTerminal = false

    func readLine(prompt: String) -> ConsoleInput {
        prompts.append(prompt)
        return inputs.isEmpty ? .end : inputs.removeFirst()
    }

    func readSecret(prompt: String) -> ConsoleInput { readLine(prompt: prompt) }

    func saveHistory() { savings += 1 }

    func pause(milliseconds: Int64) { pauses += 1 }
}

/// A session with everything around it scripted.
struct Trial {
    let daemon: ScriptedDaemon
    let output = Transcript()
    let notes = Transcript()
    let person = ScriptedPerson()
    let session: ControlSession

    init(_ daemon: ScriptedDaemon, _ manners: ControlSession.Manners = .supervisorctl) {
        self.daemon = daemon
        session = ControlSession(
            connection: daemon, manners: manners, output: output, notes: notes, console: person)
    }

    init(
        _ answers: [String: Result<XMLRPCValue, ClientError>] = [:],
        _ manners: ControlSession.Manners = .supervisorctl
    ) {
        self.init(ScriptedDaemon(answers), manners)
    }

    func run(_ line: String) -> Int32 { session.run(words: line.split(separator: " ").map(String.init)) }
}

extension XMLRPCValue {
    static func process(
        _ name: String, _ state: String = "RUNNING", group: String? = nil, pid: Int64 = 0, _ description: String = ""
    ) -> XMLRPCValue {
        let codes = [
            "STOPPED": 0, "STARTING": 10, "RUNNING": 20, "BACKOFF": 30, "STOPPING": 40, "EXITED": 100, "FATAL": 200,
            "UNKNOWN": 1000,
        ]
        return [
            "name": .string(name), "group": .string(group ?? name), "statename": .string(state),
            "state": .int(Int64(codes[state] ?? 0)), "pid": .int(pid), "description": .string(description),
        ]
    }

    static func result(_ name: String, _ status: Int64, group: String? = nil, _ text: String = "OK") -> XMLRPCValue {
        [
            "name": .string(name), "group": .string(group ?? name), "status": .int(status),
            "description": .string(text),
        ]
    }
}
