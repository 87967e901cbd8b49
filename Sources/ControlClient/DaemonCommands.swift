import Kernel
import XMLRPC

/// Words about the daemon as a whole: `shutdown`, `reload`, `open`, and `fg`, which takes the terminal.
enum DaemonCommands {
    static let all = [
        ControlCommand(
            "shutdown", help: ["shutdown \tShut the remote supervisord down."], refusesArguments: true,
            checksDaemon: false
        ) { session, _ throws(ClientError) in try shutdown(session) },
        ControlCommand(
            "reload", help: ["reload \t\tRestart the remote supervisord."], refusesArguments: true, checksDaemon: false
        ) { session, _ throws(ClientError) in try reload(session) },
        ControlCommand(
            "open",
            help: [
                "open <url>\tConnect to a remote supervisord process.",
                "\t\t(for UNIX domain socket, use unix:///socket/path)",
            ], checksDaemon: false
        ) { session, words throws(ClientError) in try open(session, words.joined(separator: " ")) },
        ControlCommand(
            "fg", help: ["fg <process>\tConnect to a process in foreground mode", "\t\tCtrl-C to exit"],
            completes: .processes
        ) { session, words throws(ClientError) in try Foreground.run(session, words) },
    ]

    /// In the interactive shell a person must agree.
    private static func mayGoOn(_ session: ControlSession, _ question: String) throws(ClientError) -> Bool {
        guard session.isInteractive else { return true }
        return try session.ask(question).lowercased().hasPrefix("y")
    }

    private static func shutdown(_ session: ControlSession) throws(ClientError) {
        guard try mayGoOn(session, "Really shut the remote supervisord process down y/N? ") else { return }
        let url = session.connection.endpoint.url
        do throws(ClientError) {
            _ = try session.call("shutdown")
            session.output.print("Shut down")
        } catch {
            switch error {
            case .fault(let fault) where fault.code == FaultCode.shutdownState:
                return session.output.print("ERROR: already shutting down")
            case .system(let problem) where problem.number == .connectionRefused:
                session.output.print("ERROR: \(url) refused connection (already shut down?)")
            case .system(let problem) where problem.number == .noEntry:
                session.output.print("ERROR: \(url) no such file (already shut down?)")
            default:
                throw error
            }
            session.exitStatus = ControlStatus.generic
        }
    }

    private static func reload(_ session: ControlSession) throws(ClientError) {
        guard try mayGoOn(session, "Really restart the remote supervisord process y/N? ") else { return }
        do throws(ClientError) {
            _ = try session.call("restart")
            session.output.print("Restarted supervisord")
        } catch {
            session.exitStatus = ControlStatus.generic
            guard case .fault(let fault) = error, fault.code == FaultCode.shutdownState else { throw error }
            session.output.print("ERROR: already shutting down")
        }
    }

    private static func open(_ session: ControlSession, _ url: String) throws(ClientError) {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard url.contains(":"), scheme == "unix" || scheme == "http" else {
            session.output.print("ERROR: url must be http:// or unix://")
            session.exitStatus = ControlStatus.generic
            return
        }
        session.connection.endpoint.url = url
        let status = session.exitStatus
        if try session.checkDaemon() { try StatusCommands.status(session, []) }
        session.exitStatus = status
    }
}

/// `fg`: a program's logs on the terminal, the terminal's lines on its standard input.
enum Foreground {
    static func run(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        guard let name = words.first else {
            session.output.print("ERROR: no process name supplied")
            session.exitStatus = ControlStatus.generic
            if let command = ControlCommand.named("fg") { session.showHelp(command) }
            return
        }
        guard words.count == 1 else {
            session.output.print("ERROR: too many process names supplied")
            session.exitStatus = ControlStatus.generic
            return
        }
        guard let row = try find(name, session) else { return }
        guard row.isRunning else {
            session.output.print("ERROR: process not running")
            session.exitStatus = ControlStatus.generic
            return
        }
        session.output.print("==> Press Ctrl-C to exit <==")
        session.output.flush()
        let path = "/logtail/\(URLPath.encode(name))"
        var failure: ClientError?
        session.connection.follow(["\(path)/stdout", "\(path)/stderr"], lines: true) { event in
            do throws(ClientError) {
                return try handle(event, name, session)
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
    }

    private static func find(_ name: String, _ session: ControlSession) throws(ClientError) -> ProcessRow? {
        do throws(ClientError) {
            return ProcessRow(try session.call("getProcessInfo", .string(name)))
        } catch {
            guard case .fault(let fault) = error else { throw error }
            if fault.code == FaultCode.badName {
                session.output.print("ERROR: bad process name supplied")
                session.exitStatus = ControlStatus.generic
            } else {
                session.output.print("ERROR: \(ClientError.python(fault))")
            }
            return nil
        }
    }

    private static func handle(
        _ event: FollowEvent, _ name: String, _ session: ControlSession
    ) throws(ClientError) -> Bool {
        switch event {
        case .data(let bytes):
            session.output.write(bytes)
            session.output.flush()
            return true
        case .refused(let path, let reason):
            session.notes.print("\(session.connection.endpoint.url)\(path) \(reason)")
            session.notes.flush()
            return true
        case .ended:
            // The keyboard still counts.
            return true
        case .line(let line):
            return try send(line + "\n", name, session)
        case .interrupted, .inputEnded:
            session.output.print("Exiting foreground")
            return false
        }
    }

    /// `false` when the program does not run any more.
    private static func send(_ text: String, _ name: String, _ session: ControlSession) throws(ClientError) -> Bool {
        do throws(ClientError) {
            _ = try session.call("sendProcessStdin", .string(name), .string(text))
        } catch {
            guard case .fault(let fault) = error else { throw error }
            session.output.print(
                fault.code == FaultCode.notRunning ? "Process got killed" : "ERROR: \(ClientError.python(fault))")
            session.output.print("Exiting foreground")
            return false
        }
        if ProcessRow(try session.call("getProcessInfo", .string(name))).isRunning { return true }
        session.output.print("Process got killed")
        session.output.print("Exiting foreground")
        return false
    }
}
