import ServiceModel

/// The stable codes of fidelity reports, each with what it is about.
///
/// A writer's code is its dialect, a hyphen and a topic: `systemd-restart-delay`. Scripts and code scanners know the
/// codes: none is renamed, none gets another meaning.
package enum FidelityCodes {
    /// What a code is about, in a few words; the code itself where it is none of the table's.
    package static func topic(of code: String) -> String {
        if let known = readers[code] { return known }
        for dialect in Dialect.allCases where code.hasPrefix(dialect.rawValue + "-") {
            if let known = topics[String(code.dropFirst(dialect.rawValue.count + 1))] { return known }
        }
        return code
    }

    /// Topics of writers.
    package static let topics: [String: String] = [
        "accept": "Whether each connection gets a process of its own",
        "autorestart": "After which ends the program is started again",
        "autostart": "Whether the program starts with its manager",
        "calendar": "At which times the program starts",
        "capture": "Output that a program marks for event listeners",
        "carried": "A key that only another format knows",
        "chroot": "The directory that is the program's root",
        "command": "What is executed",
        "description": "The text that describes the program",
        "directory": "The directory in which the program runs",
        "disabled": "Whether the program is loaded at all",
        "edited": "A kept key whose file has been edited since",
        "environment": "A variable of the program's environment",
        "events": "Events about what a program writes",
        "exit-time-out": "How long the program may take to stop",
        "exitcodes": "Which exit codes are expected",
        "foreign": "A key that only another format knows",
        "forking": "A program that puts itself into the background",
        "give-up": "When the manager stops trying",
        "group": "The group that the program runs as",
        "input": "The program's standard input",
        "install": "Whether the program starts at boot",
        "interval": "How often the program starts",
        "keep-alive": "After which ends the program is started again",
        "kill-mode": "Whom the signals of a stop reach",
        "killasgroup": "Whom the last signal of a stop reaches",
        "label": "The program's name",
        "limit": "A limit of what the program may use",
        "logfile": "Where an output stream goes",
        "name": "The program's name",
        "native": "A key that is put back where it came from",
        "nice": "The program's priority with the kernel",
        "no-setting": "Something that the target has no setting for",
        "output": "Where an output stream goes",
        "path": "Paths whose changes start the program",
        "port": "The port that the program is told",
        "priority": "The order in which programs start",
        "queue-directories": "Directories that start the program while something is in them",
        "readiness": "When the program counts as running",
        "redirect": "Whether standard error goes where standard output goes",
        "restart": "After which ends the program is started again",
        "restart-delay": "The wait before the program is started again",
        "root": "The directory that is the program's root",
        "rootdirectory": "The directory that is the program's root",
        "rotation": "When a log file is renamed and how many stay",
        "run-at-load": "Whether the program starts with its manager",
        "scope": "Whom the signals of a stop reach",
        "serverurl": "The address of the server that the program is told",
        "socket": "A socket that is held for the program",
        "start": "Whether the program starts with its manager",
        "startretries": "When the manager stops trying",
        "startsecs": "When the program counts as running",
        "stop": "How the program is stopped",
        "stop-scope": "Whom the signals of a stop reach",
        "stop-signal": "The signal that stops the program",
        "stop-timeout": "How long the program may take to stop",
        "stopasgroup": "Whom the first signal of a stop reaches",
        "stopsignal": "The signal that stops the program",
        "stopwaitsecs": "How long the program may take to stop",
        "stragglers": "What becomes of processes that the program leaves behind",
        "success": "Which ends count as success",
        "supervisor-only": "Something that only supervisord has",
        "syslog": "Whether an output stream goes to syslog",
        "throttle": "The wait before the program is started again",
        "umask": "The permissions that new files do not get",
        "user": "The user that the program runs as",
        "watch-paths": "Paths whose changes start the program",
    ]

    /// Codes that say what a reader could not take over, or what no writer has to do with.
    package static let readers: [String: String] = [
        "key": "A key that came over",
        "launchd-socket-key": "A key of a socket that only launchd has",
        "manager-setting": "A setting of the manager, not of a program",
        "not-asked-for": "A key of a program that was not asked for",
        "resolved": "A key that has been followed when the file was read",
        "unchanged": "A key of a file that stays as it is",
        "supervisor-default": "A key of [DEFAULT] that no section uses",
        "supervisor-overridden": "A key that a later one replaces",
        "unit-carrier": "A line of [X-Svinstall] that is none",
        "unit-dbus": "Readiness by a name on the bus",
        "unit-empty": "A key without a value",
        "unit-home": "A directory below somebody's home",
        "unit-idle": "A start that waits for other jobs",
        "unit-ignore-failure": "A command whose failure is ignored",
        "unit-inherit": "Output that follows the standard input",
        "unit-interval-end": "An interval counted from the end of a run",
        "unit-log-append": "A log file that is written from its beginning",
        "unit-log-target": "A log other than the journal",
        "unit-notify-reload": "Reloading by signal and message",
        "unit-optional-directory": "A directory that may be missing",
        "unit-overridden": "A key that a later one replaces",
        "unit-privileged": "A command with other privileges than the program",
        "unit-quotes": "A value whose quotes do not balance",
        "unit-reset": "A line that empties a list",
        "unit-several-commands": "Several commands one after the other",
        "unit-specifier": "A specifier that depends on the machine",
        "unit-start-timeout": "How long a start may take",
        "unit-variable": "An assignment that systemd ignores",
        "unit-variables": "Variables in a command line",
    ]
}
