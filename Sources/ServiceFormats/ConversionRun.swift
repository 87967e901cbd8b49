import ServiceModel
import SourceText
import SupervisorFormat

/// A conversion while it goes from file to file: every service is written first, then the files are put together, then
/// the reports can say where everything stands.
struct ConversionRun {
    /// One input that gave something.
    private struct Reading {
        var source: Dialect
        var keys: [SourceKey]
        var passedOver: [Service]
        /// Its services' places in `parts`.
        var parts: Range<Int>
    }

    private let target: Side
    private let options: Conversion.Options
    private let world: any ConfigurationWorld
    private var names = DistinctNames()
    private var readings: [Reading] = []
    private var parts: [FidelityJoin.Part] = []
    private var pieces: [Side.Piece] = []
    private var diagnostics: [Diagnostic] = []

    init(target: Side, options: Conversion.Options, world: any ConfigurationWorld) {
        self.target = target
        self.options = options
        self.world = world
    }

    /// Writes the services of one input.
    mutating func take(_ input: InputFile, _ read: ReadResult) throws(Failure) {
        guard let source = Side.of(read.format) else { return }
        diagnostics += read.diagnostics
        let wanted = options.program
        let isAskedFor = { (service: Service) in wanted.map { $0 == service.name.value } ?? true }
        let indices = read.services.indices.filter { isAskedFor(read.services[$0]) }
        let asked = indices.map { read.services[$0] }
        guard !asked.isEmpty else { return }
        if source.dialect == .supervisor, target.dialect != .supervisor {
            diagnostics += SupervisorSide.warnOfPartners(asked)
        }
        var whole = input
        whole.companions += read.included
        let crossing = Crossing(
            original: source.entries(whole), source: source, target: target, context: context(for: read),
            world: ConversionWorld(world))
        let first = parts.count
        for index in indices {
            let service = read.services[index]
            let kept = kept(of: read, for: index, isFirst: index == indices.first)
            var (files, part) = try crossing.convert(service, keeping: kept)
            if target.isOnlyWritten {
                if let other = names.replacement(for: service, files: files) {
                    (files, part) = try crossing.convert(other, keeping: kept)
                }
                files = names.new(files)
            }
            pieces.append(Side.Piece(service: part.service, files: files))
            parts.append(part)
        }
        readings.append(
            Reading(
                source: source.dialect, keys: read.keys, passedOver: read.services.filter { !isAskedFor($0) },
                parts: first..<parts.count))
    }

    /// What travels with a service: what it got from the whole file, and with the first one all that the file keeps.
    private func kept(of read: ReadResult, for index: Int, isFirst: Bool) -> [KeptSetting] {
        let lent = index < read.lent.count ? read.lent[index] : []
        let own = lent.map { KeptSetting(setting: $0, isTold: false) }
        guard isFirst else { return own }
        return own + read.kept.filter { kept in !lent.contains { $0.path == kept.setting.path } }
    }

    private func context(for read: ReadResult) -> WriteContext {
        var context = WriteContext(isForUser: options.isForUser)
        if let daemon = read.plan?.daemon, daemon.childLogDirectory != world.temporaryDirectory {
            var directory = daemon.childLogDirectory
            while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
            context.automaticLogDirectory = directory
        }
        return context
    }

    /// Puts the files together and tells of every key.
    mutating func result(format: Format) throws(Failure) -> Conversion.Result {
        var outputs = pieces.flatMap(\.files)
        if let combine = target.combine, !outputs.isEmpty {
            let combined = try combine(pieces, ConversionWorld(world))
            outputs = [combined.file]
            forget(combined.lost)
            let places = SupervisorPlaces(combined.file)
            for index in parts.indices where index < combined.names.count {
                let name = combined.names[index]
                parts[index].fillPlaces { places.places(of: $0, program: name) }
            }
        } else if let gather = target.gather {
            outputs = Conversion.distinct(gather(outputs))
        } else {
            outputs = Conversion.distinct(outputs)
            fillPlaces(outputs)
        }
        var result = Conversion.Result(
            format: format, outputs: outputs, reports: [], diagnostics: diagnostics.inOrderOfFiles(\.span),
            violations: [])
        for reading in readings {
            let join = FidelityJoin(
                keys: reading.keys, parts: Array(parts[reading.parts]), passedOver: reading.passedOver)
            let report = join.report(from: reading.source, to: target.dialect)
            result.violations += options.strictness.violations(in: report)
            result.reports.append(report)
        }
        return result
    }

    /// Keys of a whole file that found no place in the new one.
    private mutating func forget(_ lost: Set<[String]>) {
        for part in parts.indices {
            for index in parts[part].verdicts.indices {
                guard case .foreign(.supervisor, let path) = parts[part].verdicts[index].field, lost.contains(path)
                else { continue }
                parts[part].verdicts[index].grade = .dropped
                parts[part].verdicts[index].target = nil
                parts[part].verdicts[index].why = "the programs that are here would not be the same with it"
            }
        }
    }

    /// Where everything stands, for formats that keep a service's files apart.
    private mutating func fillPlaces(_ outputs: [Conversion.Output]) {
        var next = 0
        for index in parts.indices {
            let end = min(outputs.count, next + pieces[index].files.count)
            let own = Array(outputs[next..<end])
            next = end
            switch target.dialect {
            case .launchd:
                let places = own.first.map(JobPlaces.init)
                parts[index].fillPlaces { places?.places(of: $0) ?? [] }
            case .systemd:
                let places = UnitPlaces(own)
                parts[index].fillPlaces { places.places(of: $0) }
            default:
                // A script says things in its own way; the file is all that can be named.
                let places = own.first.map { [SourceSpan(file: $0.name, at: .start)] } ?? []
                parts[index].fillPlaces { _ in places }
            }
        }
    }
}

extension FidelityJoin.Part {
    /// Asks for each thing that was written where it stands.
    fileprivate mutating func fillPlaces(_ find: (String) -> [SourceSpan]) {
        for index in verdicts.indices {
            if let target = verdicts[index].target { verdicts[index].places = find(target) }
        }
        for (name, verdict) in kept { kept[name]?.places = verdict.target.map(find) ?? [] }
    }
}

extension Conversion {
    /// No two files of one name: the later gets a number before its suffix.
    static func distinct(_ outputs: [Output]) -> [Output] {
        var seen: Set<String> = []
        var numbers: [String: Int] = [:]
        return outputs.map { output in
            var copy = output
            while !seen.insert(copy.name).inserted {
                let number = numbers[output.name, default: 2]
                numbers[output.name] = number + 1
                let dot = output.name.lastIndex(of: ".") ?? output.name.endIndex
                copy.name = "\(output.name[..<dot])-\(number)\(output.name[dot...])"
            }
            return copy
        }
    }
}

extension Conversion.Strictness {
    /// The keys whose fate it forbids.
    func violations(in report: FidelityReport) -> [Diagnostic] {
        let forbidden: [FidelityGrade] =
            switch self {
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
}
