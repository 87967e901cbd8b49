import Engine
import SourceText
import Supervision

/// The web interface's pages: supervisord's addresses and links, our own looks. No script, nothing from elsewhere.
enum WebText {
    /// The table of all programs with their actions.
    static func index(_ context: MethodContext, message: String?, version: String) -> String {
        let rows = context.snapshot.programs.map { row($0, context) }.joined()
        let table =
            rows.isEmpty
            ? "<p>No programs to manage</p>"
            : """
            <table><thead><tr><th>State</th><th>Description</th><th>Name</th><th>Action</th></tr></thead>
            <tbody>
            \(rows)</tbody></table>
            """
        let note = message.map { "<p id=\"message\">\(escape($0))</p>\n" } ?? ""
        return page(
            title: "\(context.snapshot.identifier): status",
            """
            <h1>\(escape(context.snapshot.identifier))</h1>
            \(note)<p class="actions"><a href="index.html?action=refresh">Refresh</a>
            <a href="index.html?action=restartall">Restart All</a>
            <a href="index.html?action=stopall">Stop All</a></p>
            \(table)
            <footer>svinstall \(escape(version)), in the place of supervisord \(DaemonMethods.supervisorVersion)</footer>
            """)
    }

    /// The end of a program's output.
    static func tail(of name: String?, limit: Int64, _ text: String) -> String {
        let refresh = name.map {
            "<p class=\"actions\"><a href=\"tail.html?processname=\(PercentCoding.encode($0))&amp;limit=\(limit)\">"
                + "Refresh</a></p>\n"
        }
        return page(title: "tail of \(name ?? "nothing")", "<pre>\(escape(text))</pre>\n\(refresh ?? "")")
    }

    private static func row(_ program: ProgramSnapshot, _ context: MethodContext) -> String {
        let status = program.status
        let name = namespec(status.group, status.name)
        let code = PercentCoding.encode(name).replacing(":", with: "%3A")
        func link(_ label: String, _ action: String) -> String {
            "<a href=\"index.html?processname=\(code)&amp;action=\(action)\">\(label)</a>"
        }
        let control: [String]
        switch status.state {
        case .running: control = [link("Restart", "restart"), link("Stop", "stop")]
        case .stopped, .exited, .fatal: control = [link("Start", "start")]
        case .starting, .backoff, .stopping, .unknown: control = []
        }
        let logs = [
            link("Clear Log", "clearlog"), "<a href=\"logtail/\(code)\" target=\"_blank\">Tail -f Stdout</a>",
            "<a href=\"logtail/\(code)/stderr\" target=\"_blank\">Tail -f Stderr</a>",
        ]
        let description = ProcessInformation(program, context).description
        return """
            <tr><td class="\(style(status.state))">\(status.state.name.lowercased())</td><td>\(escape(description))</td>\
            <td><a href="tail.html?processname=\(code)" target="_blank">\(escape(name))</a></td>\
            <td class="actions">\((control + logs).joined(separator: " "))</td></tr>

            """
    }

    private static func style(_ state: ProcessState) -> String {
        switch state {
        case .running: "statusrunning"
        case .fatal, .backoff: "statuserror"
        default: "statusnominal"
        }
    }

    private static func page(title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(escape(title))</title>
        <meta name="viewport" content="width=device-width">
        <link rel="stylesheet" href="stylesheets/supervisor.css"></head>
        <body>
        \(body)
        </body></html>

        """
    }

    /// What the pages look like, in light and in dark.
    static let styleSheet = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222;background:#fff}
        table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35em .7em;border-bottom:1px solid #ddd}
        a{color:#06c}.actions a{margin-right:.6em}pre{white-space:pre-wrap}footer{margin-top:2em;color:#777}
        #message{background:#eef6ee;padding:.5em 1em}.statusrunning{color:#080}.statuserror{color:#b00}
        .statusnominal{color:#777}
        @media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#6af}td,th{border-color:#333}
        #message{background:#132}}
        """

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
