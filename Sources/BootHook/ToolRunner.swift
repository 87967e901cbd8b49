import Kernel
import SourceText

/// Runs an init system's tools: no shell, bounded in time and in what is kept of their words.
struct ToolRunner<K: SystemCalls> {
    let kernel: K
    /// Told when a tool takes its time.
    var progress: (String) -> Void = { _ in }

    /// Where such tools lie when PATH does not say so: cron and su have short ones.
    private static var directories: [String] {
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    }
    /// Bytes of a tool's words that are kept.
    private static var limit: Int { 1 << 20 }

    func run(_ call: ToolCall) -> ToolAnswer {
        guard let name = call.words.first, let path = find(name) else {
            return ToolAnswer(code: ToolAnswer.missing, error: "\(call.words.first ?? ""): there is no such program")
        }
        do throws(SystemError) {
            guard let user = call.user else { return try run(path, call, account: nil) }
            guard let account = try kernel.user(named: user.name), account.id == user.id else {
                return ToolAnswer(code: ToolAnswer.missing, error: "\(user.name): there is no such user any more")
            }
            return try run(path, call, account: account)
        } catch {
            return ToolAnswer(code: ToolAnswer.missing, error: "\(error)")
        }
    }

    /// The absolute path of a program.
    func find(_ name: String) -> String? {
        if name.contains("/") { return isProgram(name) ? name : nil }
        let path = kernel.variable("PATH") ?? ""
        let places = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") } + Self.directories
        return places.map { "\($0)/\(name)" }.first(where: isProgram)
    }

    private func isProgram(_ path: String) -> Bool {
        guard (try? kernel.status(of: path, followLinks: true))?.kind == .regular else { return false }
        return (try? kernel.mayAccess(path, .execute)) == true
    }

    /// The words are read by machines: no pager, no colours, no translation.
    private func environment(_ call: ToolCall, _ account: UserAccount?) -> Environment {
        var result = kernel.environment
        if let account {
            // What is ours leads to our own manager, not to theirs.
            for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
                result[name] = nil
            }
            result.merge(["HOME": account.home, "USER": account.name, "LOGNAME": account.name])
        }
        result.merge(["LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "PAGER": "cat"])
        if result["PATH"] == nil { result["PATH"] = Self.directories.joined(separator: ":") }
        for (name, value) in call.environment where result[name] == nil || isOthers(name, result[name]) {
            result[name] = value
        }
        return result
    }

    /// `su` without a dash leaves us the runtime directory of whoever called it.
    private func isOthers(_ name: String, _ value: String?) -> Bool {
        guard name == "XDG_RUNTIME_DIR", let value else { return false }
        return (try? kernel.status(of: value, followLinks: true))?.user != kernel.userID
    }

    private func run(
        _ path: String, _ call: ToolCall, account: UserAccount?
    ) throws(SystemError) -> ToolAnswer {
        var credentials: Credentials?
        if let account { credentials = try kernel.credentials(of: account) }
        let null = try kernel.open("/dev/null", OpenOptions(.readWrite))
        defer { kernel.close(null) }
        let output = try kernel.makePipe(.nonBlockingReader)
        defer { kernel.close(output.reader) }
        let error: PipeEnds
        do throws(SystemError) {
            error = try kernel.makePipe(.nonBlockingReader)
        } catch let failure {
            kernel.close(output.writer)
            throw failure
        }
        defer { kernel.close(error.reader) }
        var input: PipeEnds?
        if !call.input.isEmpty { input = try? kernel.makePipe(.blockingBoth) }
        var request = SpawnRequest(
            path: path, arguments: call.words, environment: environment(call, account), grouping: .inherited)
        request.credentials = credentials
        // A daemon that it starts works there as at boot.
        request.workingDirectory = "/"
        request.standardInput = input?.reader ?? null
        request.standardOutput = output.writer
        request.standardError = error.writer
        let outcome = kernel.spawn(request)
        kernel.close(output.writer)
        kernel.close(error.writer)
        if let input {
            // What it does not read is not needed; SIGPIPE is ignored.
            try? kernel.writeAll(input.writer, Array(call.input.utf8))
            kernel.close(input.reader)
            kernel.close(input.writer)
        }
        switch outcome {
        case .failure(let failure): return ToolAnswer(code: 126, error: "\(path): \(failure)")
        case .success(let process): return wait(process, call, output.reader, error.reader)
        }
    }

    private func wait(
        _ process: SpawnedProcess, _ call: ToolCall, _ output: Descriptor, _ error: Descriptor
    ) -> ToolAnswer {
        let start = kernel.now().monotonic
        let end = call.limit.finiteNanoseconds.map { start + $0 } ?? .max
        var pace = ProgressPace()
        var answer = ToolAnswer(code: 0)
        var words: [UInt8] = []
        var errors: [UInt8] = []
        var pause: Int64 = 1_000_000
        while true {
            drain(output, into: &words)
            drain(error, into: &errors)
            if let termination = kernel.reap(process) {
                drain(output, into: &words)
                drain(error, into: &errors)
                answer.code = termination.shellStatus ?? ToolAnswer.missing
                break
            }
            if kernel.now().monotonic >= end {
                try? kernel.signal(process, .kill)
                while kernel.reap(process) == nil { kernel.sleep(nanoseconds: 1_000_000) }
                answer.code = ToolAnswer.timedOut
                errors += Array("it did not end within \(call.limit)".utf8)
                break
            }
            if let seconds = pace.due(kernel.now().monotonic - start) { progress("'\(call)' runs (\(seconds) s)") }
            kernel.sleep(nanoseconds: pause)
            pause = min(pause * 2, 50_000_000)
        }
        answer.output = String(decoding: words, as: UTF8.self)
        answer.error = String(decoding: errors, as: UTF8.self)
        return answer
    }

    private func drain(_ descriptor: Descriptor, into bytes: inout [UInt8]) {
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = piece.withUnsafeMutableBytes { buffer -> Int in
                (try? kernel.read(descriptor, into: buffer)) ?? 0
            }
            if count == 0 { return }
            if bytes.count < Self.limit { bytes += piece[..<count] }
        }
    }
}

/// When somebody who waits is told so: after 1 s, 2 s, 4 s, 8 s…
struct ProgressPace {
    private var next: Int64 = 1

    /// The seconds that have passed, when they are to be told.
    mutating func due(_ nanoseconds: Int64) -> Int64? {
        let seconds = nanoseconds / 1_000_000_000
        guard seconds >= next else { return nil }
        next = seconds * 2
        return seconds
    }
}
