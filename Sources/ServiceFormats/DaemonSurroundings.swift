import ServiceModel
import SourceText
import SupervisorFormat

/// What programs get from `[supervisord]` without a word in their own sections: they are its children (supervisord
/// 4.3). Under another manager each must say it by itself.
struct DaemonSurroundings {
    /// Keys of `[supervisord]` that reach its programs, where these have a key of the same name.
    static let keys: Set<String> = ["environment", "user", "umask", "directory"]

    private let daemon: DaemonSettings
    private let documents: [IniDocument]
    private let userID: UInt32?

    init(_ daemon: DaemonSettings, _ documents: [IniDocument], world: any ConfigurationWorld) {
        self.daemon = daemon
        self.documents = documents
        userID = daemon.user.flatMap { UInt32($0) ?? world.user(named: $0)?.id }
    }

    /// Gives every program what it does not say itself. (Its environment has the daemon's variables already.)
    func apply(to services: inout [Service]) {
        let umask = place(of: "umask")
        let user = place(of: "user")
        // Only who goes into the background changes the directory.
        let directory = daemon.staysInForeground ? nil : place(of: "directory")
        // 1024 is what a program may open anyway.
        let descriptors = daemon.minimumDescriptors > 1024 ? place(of: "minfds") : nil
        for index in services.indices {
            if let umask, services[index].umask == nil { services[index].umask = Setting(daemon.umask, at: umask) }
            if let user, let name = daemon.user, services[index].user == nil {
                services[index].user = Setting(name, at: user)
                services[index].supervisor.userID = userID
            }
            if let directory, let path = daemon.directory, services[index].workingDirectory == nil {
                services[index].workingDirectory = Setting(path, at: directory)
            }
            if let descriptors, services[index].limits[.openFiles] == nil {
                let count = Setting(UInt64(daemon.minimumDescriptors), at: descriptors)
                services[index].limits[.openFiles] = ResourceLimit(soft: count)
            }
        }
    }

    /// Where the key that counts stands.
    private func place(of key: String) -> SourceSpan? {
        for document in documents.reversed() {
            for section in document.sections.reversed() where section.name == "supervisord" {
                if let entry = section.entries.last(where: { $0.key == key }) { return document.valueSpan(entry) }
            }
        }
        return nil
    }
}
