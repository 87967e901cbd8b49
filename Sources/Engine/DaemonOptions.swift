package import SourceText

/// How a daemon is run; what the command line says and the configuration does not.
package struct DaemonOptions: Sendable {
    /// As whom we were called: decides the words and exit codes of a start that fails.
    package enum Persona: Hashable, Sendable {
        case svinstall
        /// Called as supervisord; `name` is argv[0], shown in its usage errors.
        case supervisord(name: String)
    }

    package enum Detachment: Hashable, Sendable {
        /// Stay in the foreground.
        case never
        case always
        /// As `nodaemon` says: for the supervisord persona.
        case asConfigured
    }

    package var persona: Persona
    package var detachment: Detachment
    /// Path of the private control socket, in a directory that is there; `nil` for none.
    package var privateSocket: String?
    /// Orphaned descendants become our children (Linux); PID 1 gets them anyway.
    package var becomesSubreaper: Bool
    /// How long the daemon waits for its last log bytes and answers when it ends.
    package var farewell: TimeSpan
    /// How long the daemon may take to stop everything, as whoever stops it has said; near the end all programs that are
    /// left are told at once. A service manager that can be asked (sd_notify(3)) is asked for what is needed instead.
    package var shutdownTimeout: TimeSpan?
    /// Programs live on when the daemon is killed, and the next one goes on with them, whatever the configuration says
    /// (`DaemonSettings.liveRestore`).
    package var liveRestore = false

    package init(
        persona: Persona = .svinstall, detachment: Detachment = .never, privateSocket: String? = nil,
        becomesSubreaper: Bool = false, farewell: TimeSpan = .seconds(3)
    ) {
        self.persona = persona
        self.detachment = detachment
        self.privateSocket = privateSocket
        self.becomesSubreaper = becomesSubreaper
        self.farewell = farewell
    }
}
