import ServiceModel
import SourceText
import SupervisorFormat

/// One service on its way from one format into another, with what it needs for the way back.
///
/// What to carry is not a list of keys that somebody keeps up to date: the service is written, read back and written
/// in its own format again; every key that does not come back as it was is put aside, with what came instead. On the
/// real way back such a key holds only where the same comes again, so an edited native key wins.
struct Crossing {
    /// The keys of the input.
    let original: Side.EntrySource
    let source: Side
    let target: Side
    let context: WriteContext
    let world: any ConfigurationWorld

    /// The files of a service, and its part in the report. `kept` are keys of the whole file that travel with it.
    func convert(
        _ service: Service, keeping whole: [KeptSetting] = []
    ) throws(Failure) -> (files: [Conversion.Output], part: FidelityJoin.Part) {
        guard service.command != nil else {
            throw Failure(
                .badInput, code: "convert-no-command",
                "'\(service.name.value)' starts nothing that another manager could start",
                remedy: "convert a job with a program of its own", at: service.name.span)
        }
        if source.dialect == .supervisor, target.dialect == .supervisor, let entries = original(service) {
            return copy(service, entries, keeping: whole)
        }
        var crossing = service
        var surroundings: [ServiceField] = []
        if source.dialect != target.dialect {
            surroundings = crossing.writeOutSurroundings(than: target.dialect)
            crossing.uniteStreams(for: target.dialect)
            if source.dialect == .procfile { surroundings.append(.workingDirectory) }
        } else if source.dialect == .procfile {
            crossing.workingDirectory = nil
        }
        var written = try target.write(crossing, context)
        var kept: Set<[String]> = []
        var returning: Set<String> = []
        if source.dialect != target.dialect, let original = original(service),
            let regained = try regain(written, of: crossing)
        {
            let aside = Self.aside(original, regained, dialect: source.dialect)
            returning = Set(original.filter(Set(regained).contains).map { $0.path.joined(separator: ".") })
            if !aside.isEmpty {
                // A kept key that meets another one on the way is told once, with what it met.
                kept = Set(aside.map(\.path))
                crossing.foreign.removeAll {
                    $0.dialect == source.dialect && (kept.contains($0.path) || isOfStarter($0))
                }
                crossing.foreign += aside
            }
        }
        let told = kept.union(whole.filter { !$0.isTold }.map(\.setting.path))
        crossing.foreign += whole.map(\.setting)
        if !told.isEmpty || !whole.isEmpty { written = try target.write(crossing, context) }
        let foreign = Set(service.foreign.filter { $0.dialect == source.dialect }.map(\.path))
        var part = FidelityJoin.Part(service: crossing, returning: returning)
        part.verdicts = written.verdicts.filter { verdict in
            guard case .foreign(source.dialect, let path) = verdict.field else { return true }
            if kept.contains(path) { part.kept[path.joined(separator: ".")] = verdict }
            // The keys put aside are told with the key itself.
            return !told.contains(path) || foreign.contains(path)
        }
        for index in part.verdicts.indices where surroundings.contains(part.verdicts[index].field) {
            part.verdicts[index].grade = .generated
            part.verdicts[index].why = "what a program gets from \(source.dialect.rawValue) by itself"
        }
        part.yieldToRestored(target.dialect)
        return (written.files, part)
    }

    /// A program of a supervisor config for another one: its keys as they are written, expansions and all.
    private func copy(
        _ service: Service, _ entries: [Side.Entry], keeping whole: [KeptSetting]
    ) -> (files: [Conversion.Output], part: FidelityJoin.Part) {
        var copy = service
        copy.foreign += whole.map(\.setting)
        var part = FidelityJoin.Part(service: copy, returning: [])
        part.verdicts = copy.fieldsSet.map { FieldVerdict($0.field, .exact, code: "unchanged") }
        return ([SupervisorSide.section(of: service, entries)], part)
    }

    /// Whether it is a key of a unit that starts the service. What such a unit is called depends on the others there are:
    /// its keys come back together, to where nothing of them is.
    private func isOfStarter(_ setting: ForeignSetting) -> Bool {
        source.dialect == .systemd && setting.dialect == .systemd && setting.path.count == 3
    }

    /// The keys of the source's format after the way there and back; `nil` where the target is not read, or its format
    /// carries nothing.
    private func regain(_ written: Side.Written, of service: Service) throws(Failure) -> [Side.Entry]? {
        guard target.dialect != .procfile, !target.isOnlyWritten else { return nil }
        var written = written
        if service.foreign.contains(where: isOfStarter) {
            var bare = service
            bare.foreign.removeAll(where: isOfStarter)
            written = try target.write(bare, context)
        }
        guard let whole = written.files.first else { return nil }
        let file = InputFile(
            path: whole.name, bytes: whole.bytes, companions: Self.companions(written), looksAround: false)
        guard let back = try? target.read(file, world), var service = back.services.first else { return nil }
        service.writeOutSurroundings(than: source.dialect)
        service.uniteStreams(for: source.dialect)
        let again = try source.write(service, WriteContext(isForUser: context.isForUser))
        guard let regained = again.files.first else { return nil }
        let input = InputFile(
            path: regained.name, bytes: regained.bytes, companions: Self.companions(again), looksAround: false)
        return source.entries(input)(service)
    }

    /// The files that describe the service together with the first.
    private static func companions(_ written: Side.Written) -> [InputFile] {
        written.files.dropFirst().map { InputFile(path: $0.name, bytes: $0.bytes, looksAround: false) }
    }

    /// The keys that do not come back as they were.
    private static func aside(
        _ original: [Side.Entry], _ regained: [Side.Entry], dialect: Dialect
    ) -> [ForeignSetting] {
        let before = Dictionary(original.map { ($0.path, $0.value) }, uniquingKeysWith: { _, last in last })
        let after = Dictionary(regained.map { ($0.path, $0.value) }, uniquingKeysWith: { _, last in last })
        var settings: [ForeignSetting] = []
        for entry in original where after[entry.path] != entry.value {
            settings.append(
                ForeignSetting(dialect: dialect, path: entry.path, value: entry.value, replaces: after[entry.path]))
        }
        for entry in regained where before[entry.path] == nil {
            settings.append(
                ForeignSetting(dialect: dialect, path: entry.path, value: nil, replaces: entry.value))
        }
        // What must go comes first: it makes room for what comes.
        return settings.filter { $0.value == nil } + settings.filter { $0.value != nil }
    }
}
