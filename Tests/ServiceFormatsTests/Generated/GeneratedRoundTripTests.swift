import ServiceFormats
import ServiceModel
import SourceText
import Testing

/// Files by chance, from the same seeds every time: SVINSTALL_GENERATED says how many, SVINSTALL_SEED the first.
@Suite struct GeneratedRoundTripTests {
    struct Pairing: CustomTestStringConvertible {
        let from: Format
        let through: Format

        var testDescription: String { "\(from.rawValue) through \(through.rawValue)" }

        static let formats: [Format] = [.supervisor, .plist, .systemd]
        static let all = formats.flatMap { from in
            formats.filter { $0 != from }.map { Pairing(from: from, through: $0) }
        }
    }

    static func file(_ format: Format, seed: Int) -> InputFile {
        var chance = Chance(seed: UInt64(seed))
        return switch format {
        case .supervisor: GeneratedConfiguration.file(&chance)
        case .systemd: GeneratedUnit.file(&chance)
        default: GeneratedJob.file(&chance)
        }
    }

    @Test(arguments: Pairing.all)
    func `A to B to A gives A, and every key is told once`(pairing: Pairing) throws {
        var refused = 0
        var faults = 0
        for seed in 1...Chance.perPairing where faults < 5 {
            let file = Self.file(pairing.from, seed: seed)
            let there: Conversion.Result
            do {
                there = try Sample.convert(file, pairing.through, to: pairing.through)
            } catch let failure as Failure {
                // A value that the other format cannot hold at all, or that the file's own manager refuses.
                #expect(failure.diagnostics.allSatisfy { $0.span != nil }, "seed \(seed): \(failure)")
                refused += 1
                continue
            }
            do {
                let fault = try fault(file, there, pairing)
                if let fault {
                    faults += 1
                    Issue.record("seed \(seed): \(fault)\n\(Self.shown(file, there.outputs))")
                }
            } catch {
                faults += 1
                Issue.record("seed \(seed): \(error)\n\(Self.shown(file, there.outputs))")
            }
        }
        #expect(refused * 3 < Chance.perPairing, "\(refused) refused")
    }

    /// What is wrong with a conversion; `nil` = nothing.
    private func fault(_ file: InputFile, _ there: Conversion.Result, _ pairing: Pairing) throws -> String? {
        let keys = try FormatRegistry.read(file, world: AnywhereWorld()).keys.map(\.name).sorted()
        let told = there.reports.flatMap(\.items).filter { $0.grade != .generated }
        if told.map(\.key).sorted() != keys { return "the keys told are not the keys there" }
        if let item = told.first(where: { $0.span == nil }) { return "\(item.key) has no place" }
        if let item = told.first(where: { $0.grade != .exact && $0.why.isEmpty }) { return "\(item.key) without why" }
        if let item = told.first(where: { $0.grade == .carried && $0.target == nil && $0.code.hasSuffix("carried") }) {
            return "\(item.key) is carried nowhere"
        }
        let files = Sample.inputs(there.outputs, pairing.through)
        let again = try Conversion.convert(
            files, options: Conversion.Options(format: pairing.from, to: pairing.from), world: AnywhereWorld())
        var back = Sample.whole(again.outputs)
        // %(here)s is the directory in which a configuration stands.
        if pairing.from == .supervisor { back.path = file.path }
        let models = (try Likeness.model(file), try Likeness.model(back))
        if let difference = Likeness.difference(models.0, models.1) {
            return "another model: \(difference)\n\(Sample.text(back))"
        }
        guard try Likeness.daemon(back) == Likeness.daemon(file) else { return "another daemon: \(Sample.text(back))" }
        let (mine, theirs) = (try Likeness.keys(file, pairing.from), try Likeness.keys(back, pairing.from))
        for key in Set(mine.keys).union(theirs.keys) where mine[key] != theirs[key] {
            return "\(key) was \(mine[key] ?? "not there"), is \(theirs[key] ?? "gone")\n\(Sample.text(back))"
        }
        return nil
    }

    private static func shown(_ file: InputFile, _ outputs: [Conversion.Output]) -> String {
        let others = file.companions.map { "--- \($0.path)\n\(Sample.text($0))" }
        let files = outputs.map { "--- \($0.name)\n" + String(decoding: $0.bytes, as: UTF8.self) }
        return "\(Sample.text(file))\(others.joined())=== there\n\(files.joined())"
    }

    /// Every kind of field, by name; a new one does not compile until it is here.
    private static func kind(_ field: ServiceField) -> String {
        switch field {
        case .environment: "environment"
        case .softLimit: "softLimit"
        case .hardLimit: "hardLimit"
        case .foreign(let dialect, _): "foreign \(dialect.rawValue)"
        case .name, .summary, .command, .workingDirectory, .rootDirectory, .umask, .user, .group, .niceness,
            .startsAtLoad, .disabled, .calendar, .interval, .watchedPaths, .queueDirectories, .sockets, .socketHandover,
            .priority, .readiness, .restartOn, .success, .giveUp, .restartDelay, .stopSignal, .stopTimeout, .stopScope,
            .killScope,
            .endsStragglers, .standardInput, .standardOutput, .standardError, .outputRotation, .errorRotation,
            .supervisor:
            "\(field)"
        }
    }

    private static let allFields: [ServiceField] = [
        .name, .summary, .command, .workingDirectory, .rootDirectory, .umask, .user, .group, .niceness,
        .environment(""), .softLimit(.core), .hardLimit(.core), .startsAtLoad, .disabled, .calendar, .interval,
        .watchedPaths, .queueDirectories, .sockets, .socketHandover, .priority, .readiness, .restartOn, .success,
        .giveUp, .restartDelay,
        .stopSignal, .stopTimeout, .stopScope, .killScope, .endsStragglers, .standardInput, .standardOutput,
        .standardError, .outputRotation, .errorRotation, .supervisor(.outputCaptureBytes),
        .supervisor(.errorCaptureBytes), .supervisor(.outputEvents), .supervisor(.errorEvents),
        .supervisor(.outputSyslog), .supervisor(.errorSyslog), .supervisor(.serverURL), .foreign(.supervisor, []),
        .foreign(.launchd, []), .foreign(.systemd, []),
    ]

    @Test func `the files by chance set every field of the model`() throws {
        var missing = Set(Self.allFields.map(Self.kind))
        for format in Pairing.formats {
            for seed in 1...200 {
                guard let read = try? FormatRegistry.read(Self.file(format, seed: seed), world: AnywhereWorld())
                else { continue }
                for (field, _) in read.services.flatMap(\.fieldsSet) { missing.remove(Self.kind(field)) }
            }
        }
        #expect(missing.isEmpty)
    }
}
