import Engine
import ServiceModel
import SourceText
import Supervision

/// The web interface's pages: supervisord's addresses, links and their names, our own looks. No script, nothing from
/// elsewhere, and the pages forbid both.
enum WebText {
    /// The table of all programs with their actions.
    static func index(_ context: MethodContext, message: String?, version: String) -> String {
        let programs = context.snapshot.programs
        let table =
            programs.isEmpty
            ? "<p class=\"empty\">No programs to manage</p>"
            : """
            <table>
            <thead><tr><th>State</th><th>Description</th><th>Name</th><th>Action</th></tr></thead>
            <tbody>
            \(programs.map { row($0, context) }.joined())</tbody>
            </table>
            """
        let note = message.map { "<p id=\"message\" role=\"status\">\(escape($0))</p>\n" } ?? ""
        let identifier = escape(context.snapshot.identifier)
        return page(
            title: "\(context.snapshot.identifier): status",
            """
            <header>
            <img src="images/icon.png" alt="" width="32" height="32">
            <h1>\(identifier)</h1>
            <p class="counts">\(counts(programs))</p>
            <nav class="tools">\(button("Refresh", "index.html?action=refresh"))
            \(act("Restart All", .restartAll, "index.html?action=restartall", context))
            \(act("Stop All", .stopAll, "index.html?action=stopall", context))</nav>
            </header>
            <main>
            \(note)<div class="card">
            \(table)
            </div>
            </main>
            <footer>svinstall \(escape(version)), in the place of supervisord \(DaemonMethods.supervisorVersion)</footer>
            """)
    }

    /// The end of a program's output.
    static func tail(of name: String?, limit: Int64, _ text: String) -> String {
        let again = name.map { name in
            let address = "tail.html?processname=\(PercentCoding.encode(name))&amp;limit="
            return button("Refresh", "\(address)\(limit)") + "\n" + button("Show more", "\(address)\(limit * 4)") + "\n"
        }
        return page(
            title: "tail of \(name ?? "nothing")",
            """
            <header>
            <img src="images/icon.png" alt="" width="32" height="32">
            <h1>\(escape(name ?? "No process"))</h1>
            <p class="counts">the end of its output</p>
            <nav class="tools">\(again ?? "")\(button("All programs", "index.html"))</nav>
            </header>
            <main>
            <div class="card"><pre>\(escape(text))</pre></div>
            </main>
            """)
    }

    /// `5 programs: 2 running, 1 failed`.
    private static func counts(_ programs: ProgramList) -> String {
        let running = programs.count { $0.status.state == .running }
        let failed = programs.count { style($0.status.state) == "statuserror" }
        let all = programs.count == 1 ? "1 program" : "\(programs.count) programs"
        return "\(all): \(running) running" + (failed > 0 ? ", \(failed) failed" : "")
    }

    /// A button for what the client may do, else nothing.
    private static func act(
        _ label: String, _ action: WebAction, _ address: String, _ context: MethodContext
    ) -> String {
        let isAllowed = action.calls.allSatisfy {
            AccessTable.objection(to: $0.name, $0.arguments, context.rights) == nil
        }
        return isAllowed ? button(label, address) : ""
    }

    private static func button(_ label: String, _ address: String, newWindow: Bool = false) -> String {
        "<a class=\"button\" href=\"\(address)\"\(newWindow ? " target=\"_blank\"" : "")>\(label)</a>"
    }

    private static func row(_ program: ProgramSnapshot, _ context: MethodContext) -> String {
        let status = program.status
        let name = ProcessName.join(status.group, status.name)
        let code = PercentCoding.encode(name)
        func act(_ label: String, _ action: WebAction, _ word: String) -> String {
            Self.act(label, action, "index.html?processname=\(code)&amp;action=\(word)", context)
        }
        let control: [String]
        switch status.state {
        case .running: control = [act("Restart", .restart(name), "restart"), act("Stop", .stop(name), "stop")]
        case .stopped, .exited, .fatal: control = [act("Start", .start(name), "start")]
        case .starting, .backoff, .stopping, .unknown: control = []
        }
        let logs = [
            act("Clear Log", .clearLog(name), "clearlog"), button("Tail -f Stdout", "logtail/\(code)", newWindow: true),
            button("Tail -f Stderr", "logtail/\(code)/stderr", newWindow: true),
        ]
        let description = ProcessInformation(program, context).description
        return """
            <tr><td><span class="state \(style(status.state))">\(status.state.name.lowercased())</span></td>\
            <td class="text">\(escape(description))</td>\
            <td class="name"><a href="tail.html?processname=\(code)" target="_blank">\(escape(name))</a></td>\
            <td><div class="actions">\((control + logs).joined(separator: "\n"))</div></td></tr>

            """
    }

    private static func style(_ state: ProcessState) -> String {
        switch state {
        case .running: "statusrunning"
        case .fatal, .backoff: "statuserror"
        case .starting, .stopping: "statusbusy"
        case .stopped, .exited, .unknown: "statusnominal"
        }
    }

    private static func page(title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>\(escape(title))</title>
        <meta name="viewport" content="width=device-width">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'">
        <link rel="stylesheet" href="stylesheets/supervisor.css">
        <link rel="icon" href="images/icon.png" type="image/png"></head>
        <body>
        \(body)
        </body>
        </html>

        """
    }

    /// Text within HTML, also within attributes.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
