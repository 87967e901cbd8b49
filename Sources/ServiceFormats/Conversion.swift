package import ServiceModel
package import SourceText
package import SupervisorFormat
import SystemdFormat

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
        /// `--instance NAME`: which instance of a systemd template is meant.
        package var instance: String?

        package init(
            format: Format, to: Format? = nil, program: String? = nil, strictness: Strictness = .none,
            isForUser: Bool = false, instance: String? = nil
        ) {
            self.format = format
            self.to = to
            self.program = program
            self.strictness = strictness
            self.isForUser = isForUser
            self.instance = instance
        }
    }

    /// One file that comes out.
    package struct Output: Hashable, Sendable {
        /// Relative, without `..`, e.g. `redis.service` or `redis/log/run`; safe to create in any directory.
        package var name: String
        package var bytes: [UInt8]
        /// Whether it is a script that is started: mode 0755, else 0644.
        package var isExecutable: Bool

        package init(name: String, bytes: [UInt8], isExecutable: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.isExecutable = isExecutable
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
        var readings: [(input: InputFile, result: ReadResult)] = []
        var named = inputs
        if let instance = options.instance { named = try instances(instance, of: inputs) }
        for input in UnitGathering.complete(named, world: world) {
            readings.append((input, try FormatRegistry.read(input, world: ConversionWorld(world))))
        }
        let target = try self.target(of: readings, options: options)
        guard let side = Side.of(target) else {
            throw Failure(
                .usage, code: "format-not-yet", "writing a \(target.title) is not supported yet",
                remedy: "choose supervisor, plist, systemd, procfile, openrc, sysv, runit, s6, dinit, upstart or cron")
        }
        try checkProgram(options, readings)
        if let same = unchanged(readings, target, options) { return same }
        var run = ConversionRun(target: side, options: options, world: world)
        for (input, read) in readings { try run.take(input, read) }
        return try run.result(format: target)
    }

    /// The inputs with systemd's templates under the name of an instance, as systemd itself reads them.
    private static func instances(_ instance: String, of inputs: [InputFile]) throws(Failure) -> [InputFile] {
        guard !instance.isEmpty, !instance.contains("/") else {
            throw Failure(
                .usage, code: "convert-instance", "'\(instance)' is no name of an instance",
                remedy: "write it as behind the @ of systemctl start, / as -")
        }
        guard inputs.contains(where: { UnitName.isTemplate(UnitName.fileName(of: $0.path)) }) else {
            throw Failure(
                .usage, code: "convert-instance", "no file is a template of systemd",
                remedy: "give one, such as web@.service, or leave --instance out")
        }
        return inputs.map { input in
            let name = UnitName.fileName(of: input.path)
            guard UnitName.isTemplate(name) else { return input }
            var named = input
            named.path = UnitName.directory(of: input.path) + name.replacing("@.", with: "@\(instance).")
            return named
        }
    }

    /// The rule of `convert FORMAT FILE…`: what is FORMAT becomes supervisor config, anything else becomes FORMAT.
    private static func target(
        of readings: [(input: InputFile, result: ReadResult)], options: Options
    ) throws(Failure) -> Format {
        if let to = options.to { return to }
        var found: Format?
        for (input, result) in readings {
            let target = result.format == options.format ? Format.supervisor : options.format
            if let found, found != target {
                throw Failure(
                    .usage, code: "convert-mixed", "the files would become different formats",
                    remedy: "say which one with --to", at: SourceSpan(file: input.path, at: .start))
            }
            found = target
        }
        return found ?? options.format
    }

    /// A whole file that is in the target's format already comes out as it went in, byte by byte.
    private static func unchanged(
        _ readings: [(input: InputFile, result: ReadResult)], _ target: Format, _ options: Options
    ) -> Result? {
        guard let (input, read) = readings.first, readings.count == 1, read.format == target, options.program == nil,
            let dialect = target.dialect
        else { return nil }
        let items = read.keys.map { key in
            FidelityItem(.exact, code: "unchanged", key: key.name, span: key.span, target: key.name)
        }.inOrderOfFiles(\.span)
        let name = input.path.split(separator: "/").last.map(String.init) ?? "output"
        let directory = input.path.lastIndex(of: "/").map { String(input.path[...$0]) } ?? ""
        let companions = input.companions.map { file in
            let isBelow = file.path.hasPrefix(directory) && !file.path.dropFirst(directory.count).contains("..")
            let shown = isBelow ? file.path.dropFirst(directory.count) : file.path.split(separator: "/").last ?? ""
            return Output(name: String(shown.drop { $0 == "/" }), bytes: file.bytes)
        }
        return Result(
            format: target, outputs: [Output(name: name, bytes: input.bytes)] + companions,
            reports: [FidelityReport(from: dialect, to: dialect, items: items)], diagnostics: read.diagnostics,
            violations: [])
    }

    private static func checkProgram(
        _ options: Options, _ readings: [(input: InputFile, result: ReadResult)]
    ) throws(Failure) {
        let names = readings.flatMap { $0.result.services.map(\.name.value) }
        if let program = options.program, !names.contains(program) {
            let known = names.isEmpty ? "the files have no program" : "there are " + names.joined(separator: ", ")
            throw Failure(.usage, code: "convert-no-program", "there is no program '\(program)'", remedy: known)
        }
        if names.isEmpty, let first = readings.first {
            throw Failure(
                .badInput, code: "convert-nothing", "the file describes no program",
                remedy: "add a program, or choose another file", at: SourceSpan(file: first.input.path, at: .start))
        }
    }
}
