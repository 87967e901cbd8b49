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

    /// Gives every program what it does not say itself, and says for each what it was given, as settings that travel with
    /// it: on the way back, where the daemon's own key is there too, the program's goes. (The daemon's variables are in
    /// every program's environment already, and stay there.)
    func apply(to services: inout [Service]) -> [[ForeignSetting]] {
        var lent: [[ForeignSetting]] = Array(repeating: [], count: services.count)
        let umask = place(of: "umask")
        let user = place(of: "user")
        // Only who goes into the background changes the directory.
        let directory = daemon.staysInForeground ? nil : place(of: "directory")
        // 1024 is what a program may open anyway.
        let descriptors = daemon.minimumDescriptors > 1024 ? place(of: "minfds") : nil
        func lend(_ key: String, _ value: String, to index: Int) {
            lent[index].append(
                ForeignSetting(dialect: .supervisor, path: ["supervisord", key], value: raw(key), replaces: value))
        }
        for index in services.indices {
            if let umask, services[index].umask == nil {
                services[index].umask = Setting(daemon.umask, at: umask)
                lend("umask", Digits.octal(UInt64(daemon.umask), width: 3), to: index)
            }
            if let user, let name = daemon.user, services[index].user == nil {
                services[index].user = Setting(name, at: user)
                services[index].supervisor.userID = userID
                lend("user", name, to: index)
            }
            if let directory, let path = daemon.directory, services[index].workingDirectory == nil {
                services[index].workingDirectory = Setting(path, at: directory)
                lend("directory", path, to: index)
            }
            if let descriptors, services[index].limits[.openFiles] == nil {
                let count = Setting(UInt64(daemon.minimumDescriptors), at: descriptors)
                services[index].limits[.openFiles] = ResourceLimit(soft: count)
            }
        }
        return lent
    }

    /// Where the key that counts stands.
    private func place(of key: String) -> SourceSpan? { entry(key).map { $0.document.valueSpan($0.entry) } }

    /// The key's value as it is written.
    private func raw(_ key: String) -> String? { entry(key).map { $0.document.value(of: $0.entry) } }

    private func entry(_ key: String) -> (document: IniDocument, entry: IniDocument.Entry)? {
        for document in documents.reversed() {
            for section in document.sections.reversed() where section.name == "supervisord" {
                if let entry = section.entries.last(where: { $0.key == key }) { return (document, entry) }
            }
        }
        return nil
    }
}
