package import SourceText

/// Everything a daemon is told to do: the immutable result of reading its configuration.
package struct Plan: Hashable, Sendable {
    package var daemon: DaemonSettings
    /// In the order of start: by priority, then name (supervisord 4.3).
    package var groups: [ServiceGroup]
    /// What the reader has to say; goes into the daemon's log when it starts.
    package var notices: [PlanNotice]
    /// Every file that was read, the root file first: what is compared to tell whether the plan is still current.
    package var files: [String]
    /// Directories and patterns whose listing decided which files were read (`[include] files=`).
    package var patterns: [String]
    /// Directories that the configuration names and that do not exist; whoever runs the plan makes them (mode 0755,
    /// parents too) and says so in the log. Each once, in the order in which they are named.
    package var directoriesToMake: [String]

    package init(
        daemon: DaemonSettings = DaemonSettings(), groups: [ServiceGroup] = [], notices: [PlanNotice] = [],
        files: [String] = [], patterns: [String] = [], directoriesToMake: [String] = []
    ) {
        self.daemon = daemon
        self.groups = groups
        self.notices = notices
        self.files = files
        self.patterns = patterns
        self.directoriesToMake = directoriesToMake
    }
}

/// A sentence for the daemon's log. Two are equal when they say the same.
package struct PlanNotice: Hashable, Sendable {
    package var level: LogLevel
    package var text: String
    /// What it is about; the log does not show it.
    package var span: SourceSpan?
    /// Nothing is amiss, whatever the level of the line in the original's log.
    package var isOrdinary: Bool

    package init(_ level: LogLevel, _ text: String, at span: SourceSpan? = nil, isOrdinary: Bool = false) {
        self.level = level
        self.text = text
        self.span = span
        self.isOrdinary = isOrdinary
    }

    package static func == (left: Self, right: Self) -> Bool { left.level == right.level && left.text == right.text }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(level)
        hasher.combine(text)
    }
}

/// Levels of the daemon's log, most important first (supervisord 4.3 `loglevel`).
package enum LogLevel: Int, Hashable, Sendable, Comparable, CaseIterable {
    case critical = 50
    case error = 40
    case warning = 30
    case info = 20
    case debug = 10
    case trace = 5
    case blather = 3

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// The four letters of a log line.
    package var tag: String {
        switch self {
        case .critical: "CRIT"
        case .error: "ERRO"
        case .warning: "WARN"
        case .info: "INFO"
        case .debug: "DEBG"
        case .trace: "TRAC"
        case .blather: "BLAT"
        }
    }

    /// The word in a configuration: `warn`, not `warning`.
    package var word: String {
        switch self {
        case .critical: "critical"
        case .error: "error"
        case .warning: "warn"
        case .info: "info"
        case .debug: "debug"
        case .trace: "trace"
        case .blather: "blather"
        }
    }
}

/// Programs that are added, removed, started and stopped together.
package struct ServiceGroup: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The group that each `[program:x]` forms by itself.
        case program
        /// A `[group:x]` of several programs.
        case heterogeneous
        case eventListener(EventPool)
        case fastCGI(FastCGISocket)
    }

    package var name: String
    package var priority: Int
    package var kind: Kind
    /// In the order in which the daemon starts them.
    package var services: [Service]
    /// Configured, but never run: a later member of the group has the same name.
    package var shadowed: [Service]

    package init(
        name: String, priority: Int = 999, kind: Kind = .program, services: [Service], shadowed: [Service] = []
    ) {
        self.name = name
        self.priority = priority
        self.kind = kind
        self.services = services
        self.shadowed = shadowed
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.priority == right.priority && left.kind == right.kind
            && areSame(left.services, right.services) && areSame(left.shadowed, right.shadowed)
    }

    /// As `==` has it, in their places: an array's own, and a span's elements, are copied to be compared, and a service is
    /// large.
    private static func areSame(_ left: [Service], _ right: [Service]) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where !isSame(left[index], right[index]) { return false }
        return true
    }

    /// Borrows what it compares; `==` by itself, between two elements, is handed copies.
    @inline(never)
    private static func isSame(_ left: borrowing Service, _ right: borrowing Service) -> Bool { left == right }
}

/// What an `[eventlistener:x]` section adds to its programs.
package struct EventPool: Hashable, Sendable {
    /// Event type names as configured, upper case.
    package var events: [String]
    package var bufferSize: Int
    package var resultHandler: String

    package init(events: [String], bufferSize: Int, resultHandler: String) {
        self.events = events
        self.bufferSize = bufferSize
        self.resultHandler = resultHandler
    }
}

/// The socket that the programs of an `[fcgi-program:x]` share.
package struct FastCGISocket: Hashable, Sendable {
    /// `tcp://host:port` or `unix:///path`.
    package var url: String
    package var backlog: Int?
    package var mode: UInt32?
    /// `user[:group]`.
    package var owner: String?

    package init(url: String, backlog: Int? = nil, mode: UInt32? = nil, owner: String? = nil) {
        self.url = url
        self.backlog = backlog
        self.mode = mode
        self.owner = owner
    }
}
