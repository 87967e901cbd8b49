import ProcfileFormat
import ServiceModel
import SourceText
import SupervisorFormat

extension Side {
    static let procfile = Side(
        dialect: .procfile,
        read: { (file: InputFile, world: any ConfigurationWorld) throws(Failure) -> ReadResult in
            let result = ProcfileReader.read(
                path: file.path, bytes: file.bytes, environment: environment(beside: file.path, world))
            let failed = result.diagnostics.contains { $0.severity == .error }
            return ReadResult(
                format: .procfile, services: failed ? [] : result.services, diagnostics: result.diagnostics,
                keys: result.keys)
        },
        write: { (service: Service, _: WriteContext) throws(Failure) -> Written in
            let (line, verdicts) = try ProcfileWriter.line(service)
            return Written(
                files: [Conversion.Output(name: "Procfile", bytes: Array(line.utf8))], verdicts: verdicts)
        },
        entries: { (_: InputFile) -> EntrySource in { _ in nil } },
        combine: { (parts: [Conversion.Output]) throws(Failure) -> Conversion.Output in
            Conversion.Output(name: "Procfile", bytes: parts.flatMap(\.bytes))
        })

    /// The `.env` of the same directory, where there is one.
    private static func environment(beside path: String, _ world: any ConfigurationWorld) -> DotEnv? {
        guard path != "-", path.split(separator: "/").last?.hasPrefix("Procfile") == true else { return nil }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        guard case .content(let bytes) = world.read(directory + ".env", limit: 1 << 20) else { return nil }
        return DotEnv(path: directory + ".env", bytes: bytes)
    }
}
