package import SourceText

/// How one init system takes, starts and lets go of a hook: a row of a table, to be read beside the init's manual.
///
/// A value made from the hook alone. Nothing in it has been done; the steps go to `StepRunner`, the questions to
/// `Inspector`.
package struct Procedure: Sendable {
    /// The hook's files; the first one says what runs.
    package var files: [FileImage]
    /// Directories that must be there before the hook starts.
    package var directories: [String] = []
    /// Links that make it start at boot, where no tool of the init makes them.
    package var links: [LinkImage] = []
    /// Links that the init's tool makes; written by us into a tree that is not running.
    package var imageLinks: [LinkImage] = []
    /// Links in places that a boot empties: of no use in a tree that is not running.
    package var liveLinks: [LinkImage] = []
    /// A link whose number the init's tool chooses.
    package var bootLink: BootLink?
    /// The manager reads its files again.
    package var settle: [Step] = []
    package var enable: [Step] = []
    package var disable: [Step] = []
    /// The manager takes the job (and starts it, where the two are one); for managers that only know what they were told.
    package var load: [Step] = []
    package var unload: [Step] = []
    package var start: [Step] = []
    /// The daemon stops its programs and stays down until the next boot or `start`.
    package var stop: [Step] = []
    package var restart: [Step] = []
    /// Why it does not start at boot although everything is in its place.
    package var bootObstacle: Explanation?
    /// Programs of which one has to be there for anything to be started.
    package var starters: [String] = []
    /// What is done after the files are gone.
    package var forget: [Step] = []
    /// Files that the manager keeps beside ours; they go with them.
    package var leftovers: [String] = []
    /// Directories of the manager beside ours in which it leaves files under names of its own making: their beginning.
    package var leftoverFamilies: [LeftoverFamily] = []
    /// What the manager is asked, and what its answers mean.
    package var questions: [ToolCall] = []
    /// It is the hook's own file that answers whether the daemon runs.
    package var asksItsFile = false
    package var judge: @Sendable ([ToolAnswer]) -> ManagerState
    /// What shows the daemon's own words.
    package var logs: ToolCall?
    /// What the init cannot do, said aloud.
    package var remarks: [String] = []
    /// Why a call of the init's tool failed, and what mends it.
    package var explain: @Sendable (ToolCall, ToolAnswer) -> Explanation? = { _, _ in nil }

    package init(files: [FileImage], judge: @escaping @Sendable ([ToolAnswer]) -> ManagerState) {
        self.files = files
        self.judge = judge
    }
}

/// Files whose names the manager makes up.
package struct LeftoverFamily: Hashable, Sendable {
    package var directory: String
    package var prefix: String

    package init(_ directory: String, prefix: String) {
        self.directory = directory
        self.prefix = prefix
    }
}

/// A link of a runlevel: `S01svinstall`.
package struct BootLink: Hashable, Sendable {
    package var directory: String
    package var prefix: String
    package var suffix: String
}

/// A cause in plain words, and what to do.
package struct Explanation: Hashable, Sendable {
    package var cause: String
    package var remedy: String

    package init(_ cause: String, remedy: String) {
        self.cause = cause
        self.remedy = remedy
    }
}

/// What an init system says of the hook; `nil` where it does not know or has no such thing.
package struct ManagerState: Hashable, Sendable {
    /// Why it could not be asked.
    package var silence: String?
    package var isLoaded: Bool?
    /// It has the file in mind as it was before a change.
    package var isStale = false
    package var isEnabled: Bool?
    /// What keeps it from starting although it is enabled: a mask, an override.
    package var override: String?
    /// Settings of others that change the hook, e.g. drop-ins.
    package var changedBy: [String] = []
    /// What it starts, where it tells.
    package var program: String?
    /// How long it waits after its request to stop, where it tells.
    package var stopTimeout: TimeSpan?
    package var isRunning: Bool?
    package var pid: Int32?
    /// How the daemon ended last, in words.
    package var lastExit: String?

    package init() {}
}

extension Hook {
    /// The row of this hook's init system.
    package func procedure() throws(Failure) -> Procedure {
        switch system {
        case .systemd: try systemdProcedure()
        case .launchd: try launchdProcedure()
        case .openrc: try openRCProcedure()
        case .sysv: try sysVProcedure()
        case .runit: try runitProcedure()
        case .s6: try s6Procedure()
        case .cron: try cronProcedure()
        }
    }
}
