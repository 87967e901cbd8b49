import PropertyList
import ServiceFormats
import ServiceModel
import SourceText

/// Inputs of the tests.
enum Sample {
    static func plist(_ body: String) -> InputFile {
        let text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\(body)\n</dict>\n</plist>\n"
        return InputFile(path: "job.plist", bytes: Array(text.utf8))
    }

    static func supervisor(_ body: String) -> InputFile {
        InputFile(path: "supervisord.conf", bytes: Array("[supervisord]\n\(body)".utf8))
    }

    /// The job of the article that this project comes from.
    static let article = plist(
        """
        <key>Label</key><string>supervisord</string>
        <key>ProgramArguments</key><array><string>/usr/local/bin/supervisord</string><string>-n</string>
        <string>-c</string><string>/etc/supervisord.conf</string></array>
        <key>RunAtLoad</key><true/>
        <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
        """)

    /// A job with a key of every kind: typed, kept, wrongly typed, unknown.
    static let rich = plist(
        """
        <key>Label</key><string>org.example.rich</string>
        <key>Program</key><string>/bin/sh</string>
        <key>ProgramArguments</key><array><string>zero</string><string>-c</string><string>a "b" 100% $HOME; 'c'</string></array>
        <key>UserName</key><string>www</string>
        <key>GroupName</key><string>staff</string>
        <key>InitGroups</key><false/>
        <key>Umask</key><string>027</string>
        <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/><key>PathState</key><dict><key>/x</key><true/></dict></dict>
        <key>ThrottleInterval</key><integer>10</integer>
        <key>ExitTimeOut</key><integer>20</integer>
        <key>EnvironmentVariables</key><dict><key>A</key><string>1;2 %</string><key>N</key><integer>1</integer></dict>
        <key>StandardOutPath</key><string>/var/log/rich.log</string>
        <key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><integer>512</integer></dict>
        <key>MachServices</key><dict><key>org.example.a</key><true/></dict>
        <key>StartCalendarInterval</key><array><dict><key>Minute</key><integer>5</integer><key>Weekday</key><integer>7</integer></dict></array>
        <key>Nice</key><integer>5</integer>
        <key>RunAtLoda</key><true/>
        <key>LegacyTimers</key><string>yes</string>
        <key>x</key><real>1</real>
        """)

    static let unit = InputFile(
        path: "web.service",
        bytes: Array(
            """
            # a web server
            [Unit]
            Description=The web
            After=network.target

            [Service]
            Type=simple
            User=www
            ExecStart=/usr/bin/web --port 80 "two words" 100%%
            ExecStartPre=/bin/mkdir -p /run/web
            Environment=A=1 "B=two words"
            Restart=on-failure
            RestartSec=5
            TimeoutStopSec=30
            ProtectHome=yes
            LimitNOFILE=1024:4096
            Bogus=1

            [Install]
            WantedBy=multi-user.target

            """.utf8))

    static func convert(
        _ file: InputFile, _ format: Format, to: Format? = nil, strict: Conversion.Strictness = .none
    ) throws -> Conversion.Result {
        try Conversion.convert(
            [file], options: Conversion.Options(format: format, to: to, strictness: strict), world: AnywhereWorld())
    }

    /// The first output as an input, with the others beside it.
    static func converted(_ file: InputFile, to: Format) throws -> InputFile {
        whole(try convert(file, to, to: to).outputs)
    }

    /// The first of several files with the others beside it.
    static func whole(_ outputs: [Conversion.Output]) -> InputFile {
        let others = outputs.dropFirst().map { InputFile(path: $0.name, bytes: $0.bytes) }
        return InputFile(
            path: outputs.first?.name ?? "", bytes: outputs.first?.bytes ?? [], companions: others, looksAround: false)
    }

    /// What came out as inputs: a service's units as one, every other file by itself.
    static func inputs(_ outputs: [Conversion.Output], _ format: Format) -> [InputFile] {
        if format == .systemd {
            return outputs.map { InputFile(path: $0.name, bytes: $0.bytes) }
        }
        return outputs.map { InputFile(path: $0.name, bytes: $0.bytes, looksAround: false) }
    }

    static func value(_ file: InputFile) throws -> PropertyValue {
        try PropertyListDocument.read(file.bytes, path: file.path).plain
    }

    static func text(_ file: InputFile) -> String { String(decoding: file.bytes, as: UTF8.self) }
}
