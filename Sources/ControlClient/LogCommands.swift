import ServiceModel
import SourceText
import XMLRPC

/// Words about logs: `tail`, `maintail`, `clear`.
enum LogCommands {
    static let all = [
        ControlCommand(
            "tail",
            help: [
                "tail [-f] <name> [stdout|stderr] (default stdout)", "Ex:",
                "tail -f <name>\t\tContinuous tail of named process stdout", "\t\t\tCtrl-C to exit.",
                "tail -100 <name>\tlast 100 *bytes* of process stdout",
                "tail <name> stderr\tlast 1600 *bytes* of process stderr",
            ], completes: .processes
        ) { session, words throws(ClientError) in try tail(session, words) },
        ControlCommand(
            "maintail",
            help: [
                "maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)",
                "maintail -100\tlast 100 *bytes* of supervisord main log file",
                "maintail\tlast 1600 *bytes* of supervisor main log file", "",
            ]
        ) { session, words throws(ClientError) in try mainTail(session, words) },
        ControlCommand(
            "clear",
            help: [
                "clear <name>\t\tClear a process' log files.",
                "clear <name> <name>\tClear multiple process' log files",
                "clear all\t\tClear all process' log files",
            ], completes: .processes
        ) { session, words throws(ClientError) in try clear(session, words) },
    ]

    /// What `-f`, `-100` or nothing asks for.
    private enum Amount {
        case follow
        case bytes(Int64)

        /// `nil` for a word that is neither.
        init?(_ modifier: String?) {
            guard let modifier else {
                self = .bytes(1600)
                return
            }
            let what = modifier.dropFirst()
            if what == "f" {
                self = .follow
            } else if let count = Int64(what) {
                self = .bytes(count)
            } else {
                return nil
            }
        }
    }

    private static func fail(_ session: ControlSession, _ message: String, help verb: String? = nil) {
        session.output.print("Error: \(message)")
        session.exitStatus = ControlStatus.generic
        if let verb, let command = ControlCommand.named(verb) { session.showHelp(command) }
    }

    private static func tail(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        if words.isEmpty { return fail(session, "too few arguments", help: "tail") }
        if words.count > 3 { return fail(session, "too many arguments", help: "tail") }
        var words = words[...]
        let modifier = words.first.flatMap { $0.hasPrefix("-") ? $0 : nil }
        if modifier != nil { words.removeFirst() }
        guard let name = words.first else { return fail(session, "tail requires process name") }
        let channel = words.count == 1 ? "stdout" : (words.last ?? "").lowercased()
        guard channel == "stdout" || channel == "stderr" else {
            return fail(session, "bad channel \(PythonText.repr(channel))")
        }
        switch Amount(modifier) {
        case nil: fail(session, "bad argument \(modifier ?? "")")
        case .follow?: follow("/logtail/\(URLPath.encode(name))/\(channel)", session)
        case .bytes(let count)?:
            let method = channel == "stdout" ? "readProcessStdoutLog" : "readProcessStderrLog"
            try show(session, name) { () throws(ClientError) in
                try session.call(method, .string(name), .int(-count), 0)
            }
        }
    }

    private static func mainTail(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        if words.count > 1 { return fail(session, "too many arguments", help: "maintail") }
        guard let amount = Amount(words.first), words.first?.hasPrefix("-") != false else {
            return fail(session, "bad argument \(words.first ?? "")")
        }
        switch amount {
        case .follow: follow("/mainlogtail", session)
        case .bytes(let count):
            try show(session, "supervisord") { () throws(ClientError) in try session.call("readLog", .int(-count), 0) }
        }
    }

    /// Prints what `read` answers, or why there is nothing.
    private static func show(
        _ session: ControlSession, _ name: String, _ read: () throws(ClientError) -> XMLRPCValue
    ) throws(ClientError) {
        do throws(ClientError) {
            let text = try read().string ?? ""
            guard session.guardsTerminal else { return session.output.print(text) }
            var terminal = TerminalGuard()
            session.output.write(terminal.pass(text.utf8) + terminal.finish())
            session.output.print("")
        } catch {
            session.exitStatus = ControlStatus.generic
            guard case .fault(let fault) = error else { throw error }
            switch fault.code {
            case FaultCode.noFile: session.output.print("\(name): ERROR (no log file)")
            case FaultCode.failed: session.output.print("\(name): ERROR (unknown error reading log)")
            case FaultCode.badName: session.output.print("\(name): ERROR (no such process name)")
            default: throw error
            }
        }
    }

    private static func follow(_ path: String, _ session: ControlSession) {
        session.output.print("==> Press Ctrl-C to exit <==")
        session.output.flush()
        var terminal = TerminalGuard()
        session.connection.follow([path], lines: false) { event in
            switch event {
            case .data(let bytes):
                session.output.write(session.guardsTerminal ? terminal.pass(bytes) : Array(bytes))
                session.output.flush()
                return true
            case .refused(let path, let reason):
                session.notes.print("\(session.connection.endpoint.url)\(path) \(reason)")
                session.notes.flush()
                return true
            case .interrupted:
                session.output.print("")
                return false
            case .ended:
                return false
            case .line, .inputEnded:
                return true
            }
        }
    }

    private static func clear(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        guard !words.isEmpty else { return ProcessCommands.refuse(session, "clear", ControlStatus.generic) }
        if words.contains("all") {
            for row in ProcessRow.rows(try session.call("clearAllProcessLogs")) { try tellCleared(row, session) }
            return
        }
        for word in words {
            let name = ProcessName(word)
            do throws(ClientError) {
                _ = try session.call("clearProcessLogs", .string(word))
                session.output.print("\(ProcessName.join(name.group, name.process ?? "None")): cleared")
            } catch {
                guard case .fault(let fault) = error else { throw error }
                try tellCleared(ProcessRow(name, fault), session)
            }
        }
    }

    private static func tellCleared(_ row: ProcessRow, _ session: ControlSession) throws(ClientError) {
        switch row.status {
        case FaultCode.success: session.output.print("\(row.namespec): cleared")
        case FaultCode.badName: session.output.print("\(row.namespec): ERROR (no such process)")
        case FaultCode.failed: session.output.print("\(row.namespec): ERROR (failed)")
        default: throw .unknownResult(code: row.status, name: row.namespec)
        }
        session.note(status: row.status)
    }
}

/// Names within the path of a URL.
enum URLPath {
    /// Everything but letters, digits and `_.-~:*` as `%XX`.
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "_.-~:*".utf8.contains(byte):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%" + Digits.hexadecimal(UInt64(byte), width: 2).uppercased()
            }
        }
        return result
    }
}
