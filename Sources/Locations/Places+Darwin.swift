extension Places {
    #if canImport(Darwin)
    static func userLogs(home: String) -> String { home + "/Library/Logs/svinstall" }
    static let systemState = "/var/run/svinstall"
    #else
    static func userLogs(home: String) -> String { home + "/.local/state/svinstall/logs" }
    static let systemState = "/run/svinstall"
    #endif
}
