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
    /// Whether its files are never read back; a service's name is then part of what they say.
    var isOnlyWritten = false
    /// A service and what was written for it.
    struct Piece: Sendable {
        var service: Service
        var files: [Conversion.Output]
    }

    /// What several services' files became.
    struct Combined: Sendable {
        var file: Conversion.Output
        /// The names of the services in the file, in their order.
        var names: [String]
        /// Kept keys of the whole file that found no place in it, by section and key.
        var lost: Set<[String]>
    }

    /// Puts the files of several services together into one; `nil` = each stays a file of its own.
    var combine: (@Sendable ([Piece], any ConfigurationWorld) throws(Failure) -> Combined)?
    /// The same where what comes out may be several files.
    var gather: (@Sendable ([Conversion.Output]) -> [Conversion.Output])?

    static func of(_ format: Format) -> Side? {
        switch format {
        case .supervisor: .supervisor
        case .plist: .launchd
        case .systemd: .systemd
        case .procfile: .procfile
        case .openrc: .written(.openrc, title: format.title)
        case .sysv: .written(.sysv, title: format.title)
        case .runit: .written(.runit, title: format.title)
        case .s6: .written(.s6, title: format.title)
        case .dinit: .written(.dinit, title: format.title)
        case .upstart: .written(.upstart, title: format.title)
        case .cron: .written(.cron, title: format.title)
        case .compose, .daemontools, .nomad, .kubernetes: nil
        }
    }
}

/// What a writer needs to know besides the service.
struct WriteContext: Sendable {
    var isForUser = false
    /// `childlogdir` of the daemon that the service comes from.
    var automaticLogDirectory: String?
}
