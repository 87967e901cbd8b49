package import Kernel
package import SourceText
package import SupervisorFormat

/// Which daemon a control verb talks to, and as whom.
package struct DaemonLookup: Sendable {
    /// What the command line said.
    package struct Request: Hashable, Sendable {
        /// `-s`
        package var serverURL: String?
        /// `-c`
        package var configuration: String?
        /// `-u`
        package var username: String?
        /// `-p`
        package var password: String?

        package init(
            serverURL: String? = nil, configuration: String? = nil, username: String? = nil, password: String? = nil
        ) {
            self.serverURL = serverURL
            self.configuration = configuration
            self.username = username
            self.password = password
        }
    }

    package var settings: ClientSettings
    /// What the person should know about the choice, for standard error.
    package var notice: String?
    /// The configuration that the daemon runs, as far as we know; for hints when nobody answers.
    package var configuration: ConfigurationChoice?

    /// `-s`, then the daemon of the configuration that `ConfigurationChoice` finds: by its private socket when somebody
    /// answers there, else by the file's `[supervisorctl]`. Without an answer and without `-c`, the only daemon of the
    /// own scope, then the system's.
    package static func find<K: SystemCalls>(_ request: Request, _ kernel: K) throws(Failure) -> DaemonLookup {
        var lookup = try address(request, kernel)
        if let username = request.username { lookup.settings.username = username }
        if let password = request.password { lookup.settings.password = password }
        return lookup
    }

    private static func address<K: SystemCalls>(_ request: Request, _ kernel: K) throws(Failure) -> DaemonLookup {
        if let url = request.serverURL { return DaemonLookup(url: url) }
        let own = Places.own(kernel)
        let choice = ConfigurationChoice.find(option: request.configuration, kernel, places: own)
        let system = Places(.system, environment: kernel.environment, home: "/")
        let places = own.scope == .system ? [own] : [own, system]
        for place in places {
            let socket = ControlSocket.path(for: choice.path, in: place)
            if ControlSocket.answers(socket, kernel) { return DaemonLookup(socket: socket, choice) }
        }
        if choice.source != .builtIn, let settings = try fileSettings(choice, kernel) {
            return DaemonLookup(settings: settings, configuration: choice)
        }
        if choice.source != .option, let other = otherDaemon(own, system, kernel) { return other }
        var lookup = DaemonLookup(socket: ControlSocket.path(for: choice.path, in: own), choice)
        let words = choice.source == .builtIn ? "" : " -c \(choice.path)"
        lookup.notice = "no daemon of yours is running; start one with: svinstall run\(words)"
        return lookup
    }

    /// The daemon that a person most likely means when the expected one is not there.
    private static func otherDaemon<K: SystemCalls>(_ own: Places, _ system: Places, _ kernel: K) -> DaemonLookup? {
        let running = ControlSocket.all(in: own, kernel).filter { ControlSocket.answers($0, kernel) }
        if running.count == 1, let socket = running.first {
            var lookup = DaemonLookup(socket: socket, nil)
            lookup.notice = "showing the only running daemon, at \(socket); choose another with -c"
            return lookup
        }
        guard own.scope == .user else { return nil }
        let choice = ConfigurationChoice.find(option: nil, kernel, places: system)
        let socket = ControlSocket.path(for: choice.path, in: system)
        guard ControlSocket.answers(socket, kernel) else { return nil }
        var lookup = DaemonLookup(socket: socket, choice)
        lookup.notice = "you have no daemon of your own running; this is the system's"
        return lookup
    }

    /// `[supervisorctl]` of the file; `nil` when it has none, or is no supervisor config at all.
    private static func fileSettings<K: SystemCalls>(
        _ choice: ConfigurationChoice, _ kernel: K
    ) throws(Failure) -> ClientSettings? {
        guard isFile(choice.path, kernel) else {
            throw Failure(
                .noInput, code: "configuration-missing", "\(choice.path): there is no such file",
                remedy: "give the configuration of the daemon with -c, or its address with -s")
        }
        return try? SupervisorReader(world: HostWorld(kernel)).clientSettings(path: choice.path)
    }

    private init(settings: ClientSettings, configuration: ConfigurationChoice?) {
        self.settings = settings
        self.configuration = configuration
    }

    private init(url: String) {
        settings = ClientSettings()
        settings.serverURL = url
    }

    private init(socket: String, _ choice: ConfigurationChoice?) {
        self.init(url: "unix://\(socket)")
        configuration = choice
    }
}
