import Locations
import ServiceFormats
import SourceText

/// systemd: systemctl(1), systemd.unit(5), loginctl(1).
extension Hook {
    var unitName: String { label + ".service" }

    /// `systemctl` for the hook's own manager.
    func systemctl(_ words: [String], limit: TimeSpan = .seconds(100)) -> ToolCall {
        systemctl(words, of: scope == .user ? owner : nil, limit: limit)
    }

    /// `systemctl` for the machine's manager (`nil`), or `systemctl --user` with what it needs to find that user's: su
    /// and cron lack it. `offline`: only the links are changed, as nobody's manager need be running for that.
    func systemctl(
        _ words: [String], of owner: Owner?, offline: Bool = false, limit: TimeSpan = .seconds(100)
    ) -> ToolCall {
        guard let owner else { return ToolCall(["systemctl"] + words, limit: limit) }
        var call = ToolCall(
            ["systemctl", "--user"] + words, environment: ["XDG_RUNTIME_DIR": "/run/user/\(owner.id)"], limit: limit)
        if offline { call.environment["SYSTEMD_OFFLINE"] = "1" }
        if owner.id != userID { call.user = owner }
        return call
    }

    private var unitDirectory: String { scope == .user ? "\(home)/.config/systemd/user" : "/etc/systemd/system" }

    func systemdProcedure() throws(Failure) -> Procedure {
        let path = "\(unitDirectory)/\(unitName)"
        let bytes = try FormatRegistry.write(service, as: .systemd, isForUser: scope == .user)
        var row = Procedure(files: [FileImage(path, bytes)]) { Self.judgeSystemd($0) }
        let target = scope == .user ? "default.target" : "multi-user.target"
        row.imageLinks = [LinkImage("\(unitDirectory)/\(target).wants/\(unitName)", target: "../\(unitName)")]
        row.settle = [.call(systemctl(["daemon-reload"]))]
        row.enable = [.call(systemctl(["enable", unitName]))]
        // 1: there is no such unit (any more), which is as good.
        row.disable = [.call(systemctl(["disable", unitName]), fine: [0, 1])]
        let patience = stopPatience
        // `start` ends when the daemon has said that it is ready, or has not in time.
        row.start = [
            .call(systemctl(["reset-failed", unitName]), fine: [0, 1]), .call(systemctl(["start", unitName])),
        ]
        row.stop = [.call(systemctl(["stop", unitName], limit: patience), fine: [0, 5])]
        row.restart = [.call(systemctl(["restart", unitName], limit: patience))]
        row.unload = [.call(systemctl(["reset-failed", unitName]), fine: [0, 1])]
        row.questions = [
            systemctl(["show", "--no-pager"] + Self.properties.flatMap { ["-p", $0] } + [unitName])
        ]
        let unit = scope == .user ? "--user-unit" : "--unit"
        row.logs = ToolCall(["journalctl", "--no-pager", unit, unitName], limit: .infinity)
        let hook = self
        row.explain = { _, answer in SystemctlWords.explain(answer, hook) }
        return row
    }

    /// What stopping may take: the hook's own time, and the final step's.
    var stopPatience: TimeSpan { stopTimeout.finiteMilliseconds.map { .milliseconds($0 + 60_000) } ?? .infinity }

    private static let properties = [
        "LoadState", "UnitFileState", "ActiveState", "SubState", "MainPID", "Result", "ExecMainCode",
        "ExecMainStatus", "NeedDaemonReload", "FragmentPath", "DropInPaths", "TimeoutStopUSec", "ExecStart",
    ]

    private static func judgeSystemd(_ answers: [ToolAnswer]) -> ManagerState {
        var state = ManagerState()
        guard let answer = answers.first, answer.code == 0, let load = answer.value("LoadState") else {
            state.silence = answers.first?.words ?? "no answer"
            return state
        }
        state.isLoaded = load == "loaded"
        let file = answer.value("UnitFileState") ?? ""
        state.isEnabled = file == "enabled" || file == "enabled-runtime"
        if load == "masked" || file.hasPrefix("masked") { state.override = "the unit is masked" }
        state.isStale = answer.value("NeedDaemonReload") == "yes"
        state.changedBy = (answer.value("DropInPaths") ?? "").split(separator: " ").map(String.init)
        state.stopTimeout = answer.value("TimeoutStopUSec").flatMap { TimeSpan($0) }
        // { path=/usr/bin/svinstall ; argv[]=… ; …}
        if let command = answer.value("ExecStart"), let start = command.firstRange(of: "path=")?.upperBound,
            let end = command.firstRange(of: " ; argv[]=")?.lowerBound, start < end
        {
            state.program = String(command[start..<end])
        }
        let active = answer.value("ActiveState") ?? ""
        state.isRunning = active == "active" || active == "reloading"
        state.pid = answer.value("MainPID").flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
        state.lastExit = exit(answer, active)
        return state
    }

    /// How the main process ended; `ExecMainCode` is waitid(2)'s: 1 exited, 2 killed, 3 dumped core.
    private static func exit(_ answer: ToolAnswer, _ active: String) -> String? {
        let result = answer.value("Result") ?? "success"
        let status = answer.value("ExecMainStatus").flatMap { Int32($0) } ?? 0
        switch answer.value("ExecMainCode") {
        case "1" where status == 78: return "exit status 78: the configuration is wrong"
        case "1": return "exit status \(status)" + (result == "success" ? "" : " (\(result))")
        case "2", "3": return "\(Signal(number: status)) (\(result))"
        default: return result == "success" ? nil : result
        }
    }
}

/// What systemctl says when it fails, and what it means.
enum SystemctlWords {
    private static let table: [(part: String, meaning: @Sendable (Hook) -> Explanation)] = [
        (
            "Failed to connect to bus",
            { hook in
                hook.scope == .user
                    ? Explanation(
                        "no systemd of yours is running: nobody is logged in as \(hook.userName), and linger is off",
                        remedy: "sudo loginctl enable-linger \(hook.userName)")
                    : Explanation(
                        "systemd is not process 1 here, or cannot be reached",
                        remedy: "install into an image with --root DIR, or name the init that runs with --init")
            }
        ),
        (
            "has not been booted with systemd",
            { _ in
                Explanation(
                    "systemd is not process 1 here",
                    remedy: "install into an image with --root DIR, or name the init that runs with --init")
            }
        ),
        (
            "authentication required", { _ in Explanation("only root may do that", remedy: "sudo svinstall agent") }
        ),
        ("Access denied", { _ in Explanation("only root may do that", remedy: "sudo svinstall agent") }),
        (
            "masked",
            { hook in
                Explanation(
                    "the unit is masked", remedy: "\(hook.systemctl(["unmask", hook.unitName]).description)")
            }
        ),
        (
            "Job for",
            { hook in
                Explanation(
                    "the daemon did not come up", remedy: "\(hook.agent("status")) shows its last words"
                )
            }
        ),
    ]

    static func explain(_ answer: ToolAnswer, _ hook: Hook) -> Explanation? {
        if answer.code == ToolAnswer.missing {
            return Explanation("systemctl is not installed", remedy: "name the machine's init with --init")
        }
        let text = answer.error + answer.output
        return table.first { text.contains($0.part) }?.meaning(hook)
    }
}

extension Hook {
    /// The option that names the scope, for commands that people are told to type.
    package var scopeWord: String { scope == .system ? " --system" : " --user" }

    /// A command that people are told to type, with what names this hook.
    package func agent(_ verb: String) -> String {
        "svinstall agent \(verb)\(scopeWord)" + (label == Self.defaultLabel(system) ? "" : " --label \(label)")
    }
}
