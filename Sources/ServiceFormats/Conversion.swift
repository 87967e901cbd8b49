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
        for input in UnitGathering.complete(inputs, world: world) {
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
        var names = DistinctNames()
        var result = Result(format: target, outputs: [], reports: [], diagnostics: [], violations: [])
        for (input, read) in readings {
            guard let source = Side.of(read.format) else { continue }
            result.diagnostics += read.diagnostics
            var context = WriteContext(isForUser: options.isForUser)
            if let daemon = read.plan?.daemon, daemon.childLogDirectory != world.temporaryDirectory {
                var directory = daemon.childLogDirectory
                while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
                context.automaticLogDirectory = directory
            }
            let crossing = Crossing(
                original: source.entries(input), source: source, target: side, context: context,
                world: ConversionWorld(world))
            var parts: [FidelityJoin.Part] = []
            for service in read.services where options.program.map({ $0 == service.name.value }) ?? true {
                var (files, part) = try crossing.convert(service, isAlone: read.services.count == 1)
                if side.isOnlyWritten {
                    if let other = names.replacement(for: service, files: files) {
                        (files, part) = try crossing.convert(other, isAlone: false)
                    }
                    files = names.new(files)
                }
                result.outputs += files
                parts.append(part)
            }
            guard !parts.isEmpty else { continue }
            let report = FidelityJoin(keys: read.keys, parts: parts).report(from: source.dialect, to: side.dialect)
            result.violations += violations(in: report, options.strictness)
            result.reports.append(report)
        }
        if let combine = side.combine, !result.outputs.isEmpty { result.outputs = [try combine(result.outputs)] }
        if let gather = side.gather { result.outputs = gather(result.outputs) }
        result.outputs = distinct(result.outputs)
        return result
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
        }
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

    private static func violations(in report: FidelityReport, _ strictness: Strictness) -> [Diagnostic] {
        let forbidden: [FidelityGrade] =
            switch strictness {
            case .none: []
            case .strict: [.approximated, .dropped]
            case .exact: [.approximated, .dropped, .carried]
            }
        return report.items.filter { forbidden.contains($0.grade) }.map { item in
            Diagnostic(
                .error, code: item.code, "'\(item.key)' is \(item.grade.rawValue): \(item.why)", remedy: item.remedy,
                at: item.span)
        }
    }

    /// No two files of one name: the later gets a number before its suffix.
    private static func distinct(_ outputs: [Output]) -> [Output] {
        var seen: Set<String> = []
        return outputs.map { output in
            var copy = output
            var number = 2
            while !seen.insert(copy.name).inserted {
                let dot = output.name.lastIndex(of: ".") ?? output.name.endIndex
                copy.name = "\(output.name[..<dot])-\(number)\(output.name[dot...])"
                number += 1
            }
            return copy
        }
    }
}
