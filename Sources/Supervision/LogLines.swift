import ServiceModel
import SourceText

/// Every sentence that the machine logs. Texts and levels are supervisord 4.3's where it has one.
enum LogLine {
    static func spawned(_ name: String, pid: Int32) -> Action {
        .log(.info, "spawned: '\(name)' with pid \(pid)")
    }

    static func survived(_ name: String, pid: Int32) -> Action {
        .log(.info, "took up: '\(name)' with pid \(pid), which the daemon before this one started")
    }

    static func spawnError(_ text: String) -> Action {
        .log(.info, "spawnerr: \(text)")
    }

    static func success(_ name: String, _ readiness: Readiness) -> Action {
        .log(
            .info,
            "success: \(name) entered RUNNING state, process has stayed up for > than \(startSeconds(readiness)) "
                + "seconds (startsecs)")
    }

    static func exited(_ name: String, _ termination: Termination, expected: Bool) -> Action {
        .log(
            expected ? .info : .warning,
            "exited: \(name) (\(describe(termination)); \(expected ? "expected" : "not expected"))")
    }

    static func stopped(_ name: String, _ termination: Termination, expected: Bool) -> Action {
        .log(expected ? .info : .warning, "stopped: \(name) (\(describe(termination)))")
    }

    static func gaveUp(_ name: String) -> Action {
        .log(.info, "gave up: \(name) entered FATAL state, too many start retries too quickly")
    }

    static func brakes(_ name: String) -> Action {
        .log(.info, "restarting \(name) at most once a second, because it keeps ending within a second of its start")
    }

    static func alreadyRunning(_ name: String) -> Action {
        .log(.warning, "process '\(name)' already running")
    }

    static func waitingToStop(_ name: String) -> Action {
        .log(.info, "waiting for \(name) to stop")
    }

    static func waitingToDie(_ names: [String]) -> Action {
        .log(.info, "waiting for \(names.joined(separator: ", ")) to die")
    }

    static func state(_ name: String, _ state: ProcessState) -> Action {
        .log(.blather, "\(name) state: \(state.name)")
    }

    static func killing(_ name: String, pid: Int32) -> Action {
        .log(.warning, "killing '\(name)' (\(pid)) with SIGKILL")
    }

    static func killing(_ name: String, pid: Int32, _ signal: Signal, _ scope: SignalScope) -> Action {
        let whom = scope == .main ? "" : "process group "
        return .log(.debug, "killing \(name) (pid \(pid)) \(whom)with signal \(signal)")
    }

    static func killedInBackoff(_ name: String) -> Action {
        .log(.debug, "Attempted to kill \(name), which is in BACKOFF state.")
    }

    static func sending(_ name: String, pid: Int32, _ signal: Signal) -> Action {
        .log(.debug, "sending \(name) (pid \(pid)) sig \(signal)")
    }

    static func received(_ request: DaemonSignal, _ signal: Signal, ignored: Bool) -> Action {
        switch request {
        case .shutdown: .log(.warning, "received \(signal) indicating exit request")
        case .restart where ignored:
            .log(.warning, "ignored \(signal) indicating restart request (shutdown in progress)")
        case .restart: .log(.warning, "received \(signal) indicating restart request")
        }
    }

    /// As supervisord words the end of a process: `exit status 1`, `terminated by SIGSEGV (core dumped)`.
    static func describe(_ termination: Termination) -> String {
        switch termination {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal, let coreDumped): "terminated by \(signal)\(coreDumped ? " (core dumped)" : "")"
        case .unknown: "unknown termination cause"
        }
    }

    /// `startsecs`: whole seconds as supervisord writes them, a fraction where another dialect has one.
    private static func startSeconds(_ readiness: Readiness) -> String {
        guard case .alive(let span) = readiness, let count = span.finiteMilliseconds, count > 0 else { return "0" }
        guard count % 1000 != 0 else { return "\(count / 1000)" }
        var fraction = Digits.decimal(count % 1000, width: 3)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(count / 1000).\(fraction)"
    }
}

/// Texts that clients read.
enum SpawnErrorText {
    static let tooQuickly = "Exited too quickly (process log may have details)"

    static func badExit(_ status: Int32) -> String { "Bad exit code \(status)" }
}

extension Termination {
    /// supervisord's exit status: the code, or -1 for everything that is none.
    var status: Int32 {
        if case .exited(let code) = self { code } else { -1 }
    }
}
