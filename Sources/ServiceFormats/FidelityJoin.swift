import ServiceModel
import SourceText

/// Joins what a reader made of each key with what a writer made of each field: the fate of every key, once.
struct FidelityJoin {
    /// One service with the verdicts of its writer.
    struct Part {
        var service: Service
        var verdicts: [FieldVerdict] = []
        /// Names of keys that were put aside for the way back although a field has them, and how.
        var kept: [String: FieldVerdict] = [:]
        /// Names of keys that come back without being kept: they say what would be written anyway.
        var returning: Set<String> = []

        init(service: Service, returning: Set<String>) {
            self.service = service
            self.returning = returning
        }

        /// What stands in the file is the key that was put back, not what a field would have made of it: such a field
        /// has come back exactly, and what nobody wrote is not there.
        mutating func yieldToRestored(_ dialect: Dialect) {
            let isThere = Dictionary(
                service.foreign.filter { $0.dialect == dialect }.map { ($0.path, $0.value != nil) },
                uniquingKeysWith: { first, _ in first })
            // By key: whether it is there now.
            var restored: [String: Bool] = [:]
            for verdict in verdicts where verdict.grade == .exact {
                guard case .foreign(dialect, let path) = verdict.field, let key = path.last else { continue }
                for name in [key, path.joined(separator: ".")] { restored[name] = isThere[path] ?? false }
            }
            guard !restored.isEmpty else { return }
            verdicts = verdicts.compactMap { verdict in
                if case .foreign = verdict.field { return verdict }
                let key = verdict.target.map(TargetKey.first)
                guard let key, let isThere = restored[key] else { return verdict }
                guard verdict.grade != .generated else { return nil }
                var exact = verdict
                exact.grade = .exact
                exact.target = isThere ? key : nil
                exact.why = ""
                exact.remedy = nil
                return exact
            }
        }
    }

    private let keys: [SourceKey]
    private let parts: [Part]
    /// Services of the file that were not asked for.
    private let passedOver: [Service]
    /// Where the verdicts on each field are among those of a part, in order.
    private let verdictPlaces: [[ServiceField: [Int]]]
    /// The services by the lines on which their settings stand.
    private let partsByLine: [Line: [Int]]
    /// The services of a section of a supervisor config.
    private let partsBySection: [Substring: Set<Int>]

    private struct Line: Hashable {
        var file: String
        var number: Int
    }

    init(keys: [SourceKey], parts: [Part], passedOver: [Service] = []) {
        self.keys = keys
        self.parts = parts
        self.passedOver = passedOver
        verdictPlaces = parts.map { part in Dictionary(grouping: part.verdicts.indices) { part.verdicts[$0].field } }
        var lines: [Line: [Int]] = [:]
        let services = parts.map(\.service) + passedOver
        for (index, service) in services.enumerated() where services.count > 1 {
            for (field, span) in service.fieldsSet {
                guard let span else { continue }
                // A key of the whole file travels with the first service, and is none of its own.
                if case .foreign(.supervisor, let path) = field, path.count == 2 { continue }
                let line = Line(file: span.file, number: span.start.line)
                if lines[line]?.last != index { lines[line, default: []].append(index) }
            }
        }
        partsByLine = lines
        var sections: [Substring: Set<Int>] = [:]
        for key in keys where services.count > 1 && Self.keyOfProgram(key.name) != nil {
            sections[Self.section(of: key.name), default: []].formUnion(Self.owners(of: key, in: lines))
        }
        partsBySection = sections
    }

    func report(from: Dialect, to: Dialect) -> FidelityReport {
        var items = keys.map(item).inOrderOfFiles(\.span)
        var seen: Set<FidelityItem> = []
        let fed = fedFields
        for part in parts {
            for verdict in part.verdicts where verdict.grade == .generated || !fed.contains(verdict.field) {
                guard verdict.grade == .generated || verdict.target != nil else { continue }
                // A key of the source that is only lent to this service is told where it stands.
                if case .foreign = verdict.field, verdict.grade == .carried { continue }
                // Several programs of one file differ from the target's defaults in the same way: said once.
                var item = FidelityItem(
                    .generated, code: verdict.code, key: "", target: verdict.target, places: verdict.places,
                    why: verdict.why, remedy: verdict.remedy)
                item.differs = verdict.differs || ![.exact, .generated].contains(verdict.grade)
                var words = item
                words.places = []
                if seen.insert(words).inserted { items.append(item) }
            }
        }
        return FidelityReport(from: from, to: to, items: items)
    }

    private var fedFields: Set<ServiceField> {
        var fields: Set<ServiceField> = []
        for case .fields(let some) in keys.map(\.use) { fields.formUnion(some) }
        return fields
    }

    private func item(_ key: SourceKey) -> FidelityItem {
        switch key.use {
        case .ineffective(let code, let why, let remedy):
            return FidelityItem(
                .exact, code: code, key: key.name, span: key.span, why: "it has no effect: \(why)", remedy: remedy)
        case .resolved(let why):
            return FidelityItem(.exact, code: "resolved", key: key.name, span: key.span, why: why)
        case .manager(let why, let field):
            return item(key, why: why, keptAs: field)
        case .fields(let fields):
            guard let owners = owners(of: key) else {
                return FidelityItem(
                    .exact, code: "not-asked-for", key: key.name, span: key.span,
                    why: "it belongs to a program that was not asked for")
            }
            return item(key, fields, owners)
        }
    }

    /// The key alone in `program:web.command`, as it is carried; `nil` for names of other kinds.
    private static func keyOfProgram(_ name: String) -> String? {
        guard let dot = name.lastIndex(of: "."), SupervisorSide.describesProgram(String(name[..<dot])) else {
            return nil
        }
        return name[name.index(after: dot)...].lowercased()
    }

    /// A setting of the manager: kept where the target can keep something, else gone.
    private func item(_ key: SourceKey, why: String, keptAs field: ServiceField?) -> FidelityItem {
        let verdict = field.flatMap { field in
            parts.indices.lazy.compactMap { part in
                verdictPlaces[part][field]?.first.map { parts[part].verdicts[$0] }
            }.first
        }
        guard let verdict, verdict.grade != .dropped else {
            return FidelityItem(.dropped, code: "manager-setting", key: key.name, span: key.span, why: why)
        }
        let isCarried = verdict.grade == .carried
        return FidelityItem(
            verdict.grade, code: isCarried ? "manager-setting" : verdict.code, key: key.name, span: key.span,
            target: verdict.target, places: verdict.places, why: isCarried ? why + "; it is kept for the way back" : "")
    }

    private func item(_ key: SourceKey, _ fields: [ServiceField], _ owners: [Int]) -> FidelityItem {
        var worst: FieldVerdict?
        var targets = DistinctList<String>()
        var places = DistinctList<SourceSpan>()
        var kept: FieldVerdict?
        var returns = false
        for owner in owners {
            let part = parts[owner]
            let alone = Self.keyOfProgram(key.name)
            kept = kept ?? part.kept[key.name] ?? alone.flatMap { part.kept[$0] }
            returns = returns || part.returning.contains(key.name) || alone.map(part.returning.contains) == true
            for place in Set(fields).flatMap({ verdictPlaces[owner][$0] ?? [] }).sorted() {
                let verdict = part.verdicts[place]
                guard verdict.grade != .generated else { continue }
                if Self.rank(verdict.grade) > worst.map({ Self.rank($0.grade) }) ?? -1 { worst = verdict }
                if let target = verdict.target { targets.append(target) }
                for place in verdict.places { places.append(place) }
            }
        }
        var item = FidelityItem(
            worst?.grade ?? .exact, code: worst?.code ?? "key", key: key.name, span: key.span,
            target: targets.all.isEmpty ? nil : targets.all.joined(separator: ", "), places: places.all,
            why: worst?.why ?? "", remedy: worst?.remedy)
        if item.grade == .dropped, let kept {
            item.grade = .carried
            item.target = kept.target
            item.places = kept.places
        } else if item.grade == .dropped && returns {
            item.grade = .carried
            item.why += "; on the way back it is there again"
        }
        if let reservation = key.reservation, item.grade == .exact || item.grade == .carried && kept == nil {
            item.grade = .approximated
            item.code = reservation.code
            item.why = reservation.why
            item.remedy = reservation.remedy
        }
        return item
    }

    /// The services that a key says something about: those with a setting that stands where the key does. `nil` where
    /// these were not asked for.
    private func owners(of key: SourceKey) -> [Int]? {
        guard parts.count + passedOver.count > 1 else { return Array(parts.indices) }
        var found = Self.owners(of: key, in: partsByLine)
        // How many processes there are is no field of any of them.
        if found.isEmpty { found = partsBySection[Self.section(of: key.name)] ?? [] }
        let asked = found.filter { $0 < parts.count }
        if asked.isEmpty && !found.isEmpty { return nil }
        return asked.isEmpty ? Array(parts.indices) : asked.sorted()
    }

    private static func owners(of key: SourceKey, in lines: [Line: [Int]]) -> Set<Int> {
        guard let span = key.span else { return [] }
        var found: Set<Int> = []
        for number in span.start.line...max(span.start.line, span.end.line) {
            found.formUnion(lines[Line(file: span.file, number: number)] ?? [])
        }
        return found
    }

    /// `program:web` of `program:web.command`.
    private static func section(of name: String) -> Substring {
        name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
    }

    private static func rank(_ grade: FidelityGrade) -> Int {
        switch grade {
        case .exact, .generated: 0
        case .carried: 1
        case .approximated: 2
        case .dropped: 3
        }
    }
}
