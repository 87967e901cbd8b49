import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat

extension Side {
    static let systemd = Side(
        dialect: .systemd,
        read: { (file: InputFile, world: any ConfigurationWorld) throws(Failure) -> ReadResult in
            let whole = UnitGathering.complete([file], world: world).first ?? file
            return try readUnits(whole)
        },
        write: { (service: Service, context: WriteContext) throws(Failure) -> Written in
            let result = try SystemdWriter(isUser: context.isForUser).write(service)
            let files = result.units.map { Conversion.Output(name: $0.name, bytes: Array($0.text.utf8)) }
            return Written(files: files, verdicts: result.verdicts)
        },
        entries: { (file: InputFile) -> EntrySource in
            let sets = (try? UnitGathering.sets(of: file)) ?? []
            let entries = sets.map { set in SystemdEntries.flatten(set).map { Entry(path: $0.path, value: $0.value) } }
            return { service in
                let place = sets.firstIndex { serviceName(of: $0) == service.name.value }
                return place.map { entries[$0] } ?? entries.first
            }
        })

    private static func serviceName(of set: UnitSet) -> String {
        let stem = UnitName.split(set.name)?.stem ?? set.name
        return UnitName.unescape(stem.hasSuffix("@") ? String(stem.dropLast()) : stem)
    }

    private static func readUnits(_ file: InputFile) throws(Failure) -> ReadResult {
        let reader = SystemdReader(isUser: file.path.contains("/systemd/user/"))
        var whole = ReadResult(format: .systemd, services: [])
        let sets = try UnitGathering.sets(of: file)
        if UnitName.split(UnitName.fileName(of: file.path))?.kind == .target {
            let target = UnitFragments(try UnitDocument(path: file.path, bytes: file.bytes))
            guard !sets.isEmpty || !file.looksAround && !file.companions.isEmpty || wantsNothing(target) else {
                throw Failure(
                    .badInput, code: "unit-target-alone", "none of the services that the target wants is beside it",
                    remedy: "put them into its directory, or give them by name",
                    at: SourceSpan(file: file.path, at: .start))
            }
            whole.diagnostics += target.diagnostics
            whole.keys += target.assignments.map { assignment in
                SourceKey(
                    "target.\(assignment.name)", at: assignment.keySpan,
                    use: .manager(why: "a target only says what starts together", field: nil))
            }
        }
        for set in sets {
            let result = try reader.read(set)
            if let service = result.service { whole.services.append(service) }
            whole.diagnostics += result.diagnostics
            whole.keys += result.keys
        }
        return whole
    }

    private static func wantsNothing(_ target: UnitFragments) -> Bool {
        !target.assignments.contains { ["Wants", "Requires", "BindsTo", "Upholds"].contains($0.key) }
    }
}
