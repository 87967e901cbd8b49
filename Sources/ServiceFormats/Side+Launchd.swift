import LaunchdFormat
import PropertyList
import ServiceModel
import SourceText
import SupervisorFormat

extension Side {
    static let launchd = Side(
        dialect: .launchd,
        read: { (file: InputFile, world: any ConfigurationWorld) throws(Failure) -> ReadResult in
            let document = try PropertyListDocument.read(file.bytes, path: file.path)
            let directories = file.path.split(separator: "/").dropLast()
            let isAgent: Bool? =
                directories.contains("LaunchAgents") ? true : directories.contains("LaunchDaemons") ? false : nil
            let result = LaunchdReader(isAgent: isAgent).read(document.root)
            return ReadResult(
                format: .plist, services: result.service.map { [$0] } ?? [],
                diagnostics: document.warnings + result.diagnostics
                    + (result.service.map { JobCheck.missingDirectories($0, world) } ?? []),
                keys: result.keys)
        },
        write: { (service: Service, context: WriteContext) throws(Failure) -> Written in
            let writer = LaunchdWriter(
                isAgent: context.isForUser, automaticLogDirectory: context.automaticLogDirectory)
            let (bytes, verdicts) = try writer.document(service)
            let name = FileNames.safe(service.name.value) + ".plist"
            return Written(files: [Conversion.Output(name: name, bytes: bytes)], verdicts: verdicts)
        },
        entries: { (file: InputFile) -> EntrySource in
            let root = try? PropertyListDocument.read(file.bytes, path: file.path).plain.dictionary
            let entries = root.map { job in
                LaunchdEntries.flatten(job).map { Entry(path: $0.path, value: PropertyLiteral.text($0.value)) }
            }
            return { _ in entries }
        })
}

/// Names for files that conversions make.
enum FileNames {
    /// A service's name as a file name: no slash, no control character, not hidden, not too long.
    static func safe(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isUnsafe = scalar == "/" || scalar == ":" || scalar.value < 0x20 || scalar.value == 0x7F
            result.unicodeScalars.append(isUnsafe ? "_" : scalar)
        }
        if result.hasPrefix(".") { result = "_" + result.dropFirst() }
        while result.utf8.count > 200 { result.removeLast() }
        return result.isEmpty ? "unnamed" : result
    }
}
