import Kernel
import ServiceModel
import SourceText

/// One reading of the configuration, and how its files looked then.
struct ConfigurationReading: Sendable {
    var plan: Result<Plan, Failure>
    var stamps: FileStamps
    /// How it differs from what was active when it was asked for; `nil` where that was not asked.
    var difference: Difference?

    struct Difference: Sendable {
        var changes: GroupChanges
        var details: [String]
    }
}

/// What a reading was asked for.
enum ReadingPurpose: Sendable {
    case reread(@Sendable (ControlAnswer) -> Void)
    case staleness(@Sendable (ControlAnswer) -> Void)
    /// A restart: only a configuration that can be read stops anything.
    case restart(RestartOrigin)
}

/// Who asked for a restart.
enum RestartOrigin: Sendable {
    case signal(Signal)
    case client(@Sendable (ControlAnswer) -> Void)
}
