package import SupervisorFormat

extension Places {
    /// Where the daemon's own log and pidfile go when its configuration names none and it was started in `/`, as service
    /// managers do; `nil`: into the working directory, where the original puts them. In `/` a user may not write, on a
    /// Mac nobody may, and two daemons would have one pidfile.
    package func ownFiles(of configuration: String, workingDirectory: String) -> UnnamedFiles? {
        guard workingDirectory == "/" else { return nil }
        let file = configuration.split(separator: "/").last.map(String.init) ?? ""
        let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        let socket = ControlSocket.path(for: configuration, in: self)
        return UnnamedFiles(
            log: "\(logs)/"
                + (["", "svinstall"].contains(stem) || stem.utf8.count > 200
                    ? "svinstall.log" : "svinstall-\(stem).log"),
            pid: "\(socket.dropLast(".sock".utf8.count)).pid")
    }
    /// The log of it alone.
    package func ownLog(of configuration: String, workingDirectory: String) -> String? {
        ownFiles(of: configuration, workingDirectory: workingDirectory)?.log
    }
}
