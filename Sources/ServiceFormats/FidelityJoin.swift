import ServiceModel
import SourceText

/// Joins what a reader made of each key with what a writer made of each field: the fate of every key, once.
struct FidelityJoin {
    /// One service with the verdicts of its writer.
    struct Part {
        var service: Service
        var verdicts: [FieldVerdict]
        /// Names of keys that were put aside for the way back although a field has them.
        var kept: Set<String>
    }

    private let keys: [SourceKey]
    private let parts: [Part]
    /// The services by the lines on which their settings stand.
    private let partsByLine: [Line: [Int]]

    private struct Line: Hashable {
        var file: String
        var number: Int
    }

    init(keys: [SourceKey], parts: [Part]) {
        self.keys = keys
        self.parts = parts
        var lines: [Line: [Int]] = [:]
        for (index, part) in parts.enumerated() where parts.count > 1 {
            for (_, span) in part.service.fieldsSet {
                guard let span else { continue }
                let line = Line(file: span.file, number: span.start.line)
                if lines[line]?.last != index { lines[line, default: []].append(index) }
            }
        }
        partsByLine = lines
    }

    func report(from: Dialect, to: Dialect) -> FidelityReport {
        var items = keys.map(item)
        var seen: Set<FidelityItem> = []
        let fed = fedFields
        for part in parts {
            for verdict in part.verdicts where verdict.grade == .generated || !fed.contains(verdict.field) {
                guard verdict.grade == .generated || verdict.target != nil else { continue }
                // Several programs of one file differ from the target's defaults in the same way: said once.
                let item = FidelityItem(
                    .generated, code: verdict.code, key: "", target: verdict.target, why: verdict.why,
                    remedy: verdict.remedy)
                if seen.insert(item).inserted { items.append(item) }
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
        case .manager(let why):
            return FidelityItem(.dropped, code: "manager-setting", key: key.name, span: key.span, why: why)
        case .fields(let fields):
            return item(key, fields)
        }
    }

    private func item(_ key: SourceKey, _ fields: [ServiceField]) -> FidelityItem {
        var worst: FieldVerdict?
        var targets: [String] = []
        var kept = false
        for part in owners(of: key) {
            if part.kept.contains(key.name) { kept = true }
            for verdict in part.verdicts where fields.contains(verdict.field) && verdict.grade != .generated {
                if Self.rank(verdict.grade) > worst.map({ Self.rank($0.grade) }) ?? -1 { worst = verdict }
                if let target = verdict.target, !targets.contains(target) { targets.append(target) }
            }
        }
        var item = FidelityItem(
            worst?.grade ?? .exact, code: worst?.code ?? "key", key: key.name, span: key.span,
            target: targets.isEmpty ? nil : targets.joined(separator: ", "), why: worst?.why ?? "",
            remedy: worst?.remedy)
        if item.grade == .dropped && kept { item.grade = .carried }
        if let reservation = key.reservation, item.grade == .exact || item.grade == .carried && !kept {
            item.grade = .approximated
            item.code = reservation.code
            item.why = reservation.why
            item.remedy = reservation.remedy
        }
        return item
    }

    /// The services that a key says something about: those with a setting that stands where the key does.
    private func owners(of key: SourceKey) -> [Part] {
        guard parts.count > 1, let span = key.span else { return parts }
        var found: Set<Int> = []
        for number in span.start.line...max(span.start.line, span.end.line) {
            found.formUnion(partsByLine[Line(file: span.file, number: number)] ?? [])
        }
        return found.isEmpty ? parts : found.sorted().map { parts[$0] }
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
