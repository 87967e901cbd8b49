import ServiceModel
import SourceText
import SupervisorFormat

/// One side of a conversion: a format's reader and writer, in the same clothes for all.
struct Side: Sendable {
    /// A key of a file in the grain in which keys are carried: its path and its value as text.
    struct Entry: Hashable, Sendable {
        var path: [String]
        var value: String
    }

    /// The keys of one service; `nil` where the format is not told apart key by key.
    typealias EntrySource = @Sendable (Service) -> [Entry]?

    /// What was written for one service.
    struct Written: Sendable {
        /// Files of this service alone; the first one holds the service itself.
        var files: [Conversion.Output]
        var verdicts: [FieldVerdict]
    }

    var dialect: Dialect
    var read: @Sendable (InputFile, any ConfigurationWorld) throws(Failure) -> ReadResult
    /// The files of one service.
    var write: @Sendable (Service, WriteContext) throws(Failure) -> Written
    /// The keys of a file's services, as written; the file is read once for all of them.
    var entries: @Sendable (InputFile) -> EntrySource
    /// Puts the files of several services together into one; `nil` = each stays a file of its own.
    var combine: (@Sendable ([Conversion.Output]) throws(Failure) -> Conversion.Output)?

    static func of(_ format: Format) -> Side? {
        switch format {
        case .supervisor: .supervisor
        case .plist: .launchd
        case .systemd: .systemd
        case .procfile: .procfile
        default: nil
        }
    }
}

/// What a writer needs to know besides the service.
struct WriteContext: Sendable {
    var isForUser = false
    /// `childlogdir` of the daemon that the service comes from.
    var automaticLogDirectory: String?
}
