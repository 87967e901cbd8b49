#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat
import Testing

/// Real files, from the directory that SVINSTALL_CORPUS names: each is converted into every other format, or refused
/// with a place and a reason. With SVINSTALL_CORPUS_OUT the results are left there for other parsers.
@Suite struct CorpusTests {
    private static let directory = getenv("SVINSTALL_CORPUS").map { String(cString: $0) }
    private static let output = getenv("SVINSTALL_CORPUS_OUT").map { String(cString: $0) }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    private static func leave(_ outputs: [Conversion.Output], _ format: Format, _ index: Int) {
        guard let output else { return }
        let directory = "\(output)/\(format.rawValue)/\(index)"
        _ = system("mkdir -p '\(directory)'")
        for file in outputs {
            guard let stream = fopen("\(directory)/\(file.name)", "w") else { continue }
            fwrite(file.bytes, 1, file.bytes.count, stream)
            fclose(stream)
        }
    }

    @Test(.enabled(if: directory != nil, "SVINSTALL_CORPUS is not set"))
    func
        `every real file is converted with a full report or refused with a place`()
    {
        guard let directory = Self.directory else { return }
        var sums: [String: Int] = [:]
        var index = 0
        for kind in ["plist", "unit", "conf"] {
            for name in Self.names(in: "\(directory)/\(kind)") {
                let path = "\(directory)/\(kind)/\(name)"
                guard let bytes = Self.bytes(of: path) else { continue }
                index += 1
                for target in [Format.plist, .systemd, .supervisor] {
                    let how = convert(InputFile(path: path, bytes: bytes), to: target, index: index)
                    sums["\(kind) to \(target.rawValue): \(how)", default: 0] += 1
                }
            }
        }
        for (what, count) in sums.sorted(by: { $0.key < $1.key }) { print("corpus: \(what) \(count)") }
        #expect(index > 0)
    }

    @Test(.enabled(if: directory != nil, "SVINSTALL_CORPUS is not set"))
    func
        `the fixtures have every key that occurs in the real files`()
    {
        guard let directory = Self.directory else { return }
        var missing: Set<String> = []
        var count = 0
        for kind in ["plist", "unit", "conf"] {
            for name in Self.names(in: "\(directory)/\(kind)") {
                guard let bytes = Self.bytes(of: "\(directory)/\(kind)/\(name)") else { continue }
                let keys = Self.keys(kind, bytes)
                count += keys.count
                missing.formUnion(keys.filter { !$0.isInFixtures }.map(\.name))
            }
        }
        #expect(missing.isEmpty)
        #expect(count > 1000)
    }

    /// The keys of a file, each with whether the project's own fixtures have it; of what is no such file, none.
    private static func keys(_ kind: String, _ bytes: [UInt8]) -> [(name: String, isInFixtures: Bool)] {
        switch kind {
        case "plist":
            let job = try? PropertyListDocument.read(bytes, path: "").plain.dictionary
            return job?.entries.flatMap { key, value in
                [(key, KeySamples.launchd[key] != nil)]
                    + KeySamples.innerKeys(of: key, value).map { ($0, KeySamples.launchdInner.contains($0)) }
            } ?? []
        case "unit":
            let unit = try? UnitDocument(path: "", bytes: bytes)
            return unit?.assignments.map { ($0.name, KeySamples.systemd[[$0.section, $0.key]] != nil) } ?? []
        default:
            let document = try? IniDocument(path: "", bytes: bytes)
            return document?.sections.flatMap { section in
                section.entries.map { entry in
                    let isKnown =
                        KeySamples.supervisor[entry.key] != nil || KeySamples.sections.contains(entry.key)
                    return ("\(section.name).\(entry.key)", isKnown)
                }
            } ?? []
        }
    }

    private func convert(_ file: InputFile, to target: Format, index: Int) -> String {
        let world = AnywhereWorld()
        do throws(Failure) {
            let read = try FormatRegistry.read(file, world: world)
            guard read.format != target else { return "the same" }
            let result = try Conversion.convert(
                [file], options: Conversion.Options(format: target, to: target), world: world)
            Self.leave(result.outputs, target, index)
            guard let report = result.reports.first else { return "converted without a report" }
            let told = report.items.filter { $0.grade != .generated }.map(\.key).sorted()
            #expect(told == read.keys.map(\.name).sorted(), "\(file.path)")
            return try back(result, original: file, format: read.format, world: world)
        } catch {
            #expect(!error.diagnostics.isEmpty)
            for diagnostic in error.diagnostics {
                #expect(diagnostic.span != nil, "\(file.path): \(diagnostic)")
                #expect(diagnostic.span?.file.isEmpty == false)
            }
            print("corpus: refused \(error.description.split(separator: "/").last ?? "")")
            return "refused"
        }
    }

    /// Whether the way back gives the same values.
    private func back(
        _ result: Conversion.Result, original: InputFile, format: Format, world: AnywhereWorld
    ) throws(Failure) -> String {
        let directory = original.path.lastIndex(of: "/").map { String(original.path[...$0]) } ?? ""
        let mains = result.outputs
        let again = try Conversion.convert(
            mains.map { InputFile(path: directory + $0.name, bytes: $0.bytes) },
            options: Conversion.Options(format: format, to: format), world: world)
        guard let output = again.outputs.first else { return "converted, nothing back" }
        let returned = InputFile(path: directory + output.name, bytes: output.bytes)
        let isSame: Bool
        switch format {
        case .plist:
            let before = try PropertyListDocument.read(original.bytes, path: original.path).plain
            isSame = try before == PropertyListDocument.read(output.bytes, path: output.name).plain
        case .systemd:
            isSame = try Self.entries(original) == Self.entries(returned)
        default:
            let before = try Set(FormatRegistry.read(original, world: world).services.map(Self.essence))
            let after = try Set(FormatRegistry.read(returned, world: world).services.map(Self.essence))
            isSame = before == after
        }
        let text = mains.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "\n")
        #expect(isSame, "\(original.path)\n\(text)\n=== back\n\(String(decoding: output.bytes, as: UTF8.self))")
        return isSame ? "converted and back" : "converted, back different"
    }

    private static func entries(_ file: InputFile) throws(Failure) -> Set<SystemdEntries.Entry> {
        Set(SystemdEntries.flatten(try UnitDocument(path: file.path, bytes: file.bytes)))
    }

    /// A program without what names the file that it stands in.
    private static func essence(_ service: Service) -> Service {
        var copy = service
        copy.foreign = service.foreign.filter { $0.dialect == .supervisor && $0.path != ["numprocs"] }
        return copy
    }
}
