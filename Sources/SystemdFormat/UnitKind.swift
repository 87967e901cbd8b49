package import SourceText

/// The kinds of units that are read (systemd.unit(5)).
package enum UnitKind: String, Hashable, Sendable, CaseIterable {
    case service, timer, socket, path, target

    /// The kinds that start a service, in the order in which their files are written.
    package static let starters: [UnitKind] = [.timer, .path, .socket]

    /// The section that only this kind has; `nil` for targets, which have none of their own.
    package var section: String? {
        switch self {
        case .service: "Service"
        case .timer: "Timer"
        case .socket: "Socket"
        case .path: "Path"
        case .target: nil
        }
    }

    /// Whether the key is one of those of which systemd wants at least one in a unit of this kind.
    func isTrigger(_ key: String) -> Bool {
        switch self {
        case .timer: key.hasPrefix("On")
        case .socket: key.hasPrefix("Listen")
        case .path: key.hasPrefix("Path") || key == "DirectoryNotEmpty"
        case .service, .target: false
        }
    }

    /// What to write where a unit of this kind has no trigger.
    var exampleTrigger: String {
        switch self {
        case .timer: "OnCalendar= or OnActiveSec="
        case .socket: "ListenStream="
        case .path: "PathModified="
        case .service, .target: ""
        }
    }

    /// The target that starts units of this kind at boot.
    var installTarget: String {
        switch self {
        case .timer: "timers.target"
        case .socket: "sockets.target"
        case .path: "paths.target"
        case .service, .target: "multi-user.target"
        }
    }
}

/// Several files that describe one service: its unit with the drop-ins, and the units that start it.
package struct UnitSet: Sendable {
    /// A unit of another kind that starts the service.
    package struct Starter: Sendable {
        package var kind: UnitKind
        package var fragments: UnitFragments

        package init(kind: UnitKind, fragments: UnitFragments) {
            self.kind = kind
            self.fragments = fragments
        }
    }

    /// The service's full name, e.g. `web@blue.service`.
    package var name: String
    package var service: UnitFragments
    package var starters: [Starter]

    /// Whether a socket starts the service once for each connection: then the service is a template, and its instances
    /// are named by systemd (systemd.socket(5), `Accept=`).
    var servesConnections: Bool {
        starters.contains {
            $0.kind == .socket && $0.fragments.value("Socket", "Accept").flatMap(UnitValue.boolean) == true
        }
    }

    package init(name: String, service: UnitFragments, starters: [Starter] = []) {
        self.name = name
        self.service = service
        self.starters = starters
    }
}

/// One unit as systemd sees it: its file, then its drop-ins in order, as if they were one file.
package struct UnitFragments: Sendable {
    /// The path of the unit's own file.
    package let path: String
    package let assignments: [UnitDocument.Assignment]
    /// Each once, in the order of the files.
    package let sections: [String]
    package let diagnostics: [Diagnostic]
    /// The last values that are not empty, by the keys' names.
    private let last: [String: String]

    package init(_ unit: UnitDocument, dropIns: [UnitDocument] = []) {
        path = unit.path
        let all = [unit] + dropIns
        assignments = all.flatMap(\.assignments)
        sections = DistinctList(all.flatMap(\.sections)).all
        diagnostics = all.flatMap(\.diagnostics)
        last = Dictionary(
            assignments.filter { !$0.value.isEmpty }.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    }

    /// The last value of a key that is not empty.
    package func value(_ section: String, _ key: String) -> String? {
        last["\(section).\(key)"]
    }
}
