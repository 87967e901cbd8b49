package import ServiceModel
package import SourceText
package import SupervisorFormat

/// `svinstall convert`: any file into another format, each key accounted for.
package enum Conversion {
    /// What a conversion must not do.
    package enum Strictness: Hashable, Sendable {
        /// Anything goes; the report says what was lost.
        case none
        /// `--strict`: nothing may be approximated or dropped.
        case strict
        /// `--strict=exact`: nothing may be carried either.
        case exact
    }

    package struct Options: Hashable, Sendable {
        /// The word behind `convert`: what comes out, or, where the input already is that, what goes in.
        package var format: Format
        /// `--to`: what comes out, whatever goes in.
        package var to: Format?
        /// `--program NAME`: only this one.
        package var program: String?
        package var strictness: Strictness
        /// Whether the result is for a user's manager (LaunchAgent, `systemd --user`) and not for the system's.
        package var isForUser: Bool

        package init(
            format: Format, to: Format? = nil, program: String? = nil, strictness: Strictness = .none,
            isForUser: Bool = false
        ) {
            self.format = format
            self.to = to
            self.program = program
            self.strictness = strictness
            self.isForUser = isForUser
        }
    }

    /// One file that comes out.
    package struct Output: Hashable, Sendable {
        /// A name without directory, e.g. `redis.service`; safe to create in any directory.
        package var name: String
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    package struct Result: Sendable {
        package var format: Format
        /// In the order of the input; supervisor config is always one file.
        package var outputs: [Output]
        /// One for each input file, in its order.
        package var reports: [FidelityReport]
        /// Warnings and notes of readers and writers.
        package var diagnostics: [Diagnostic]
        /// What `options.strictness` forbids and the conversion did; empty = fine. Not empty: exit with status 65
        /// and write nothing.
        package var violations: [Diagnostic]
    }

    /// Converts files. A failure's status is `.badInput` (or `.badConfiguration` for supervisor config) with a
    /// position, `.usage` for a format that cannot be written or a program that no file has.
    package static func convert(
        _ inputs: [InputFile], options: Options, world: any ConfigurationWorld
    ) throws(Failure) -> Result {
        throw Failure(.internalError, code: "convert-unfinished", "conversion is not there yet")
    }
}
