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
            let directory = directory(of: file.path, world)
            let services = result.services.map { service in
                var service = service
                service.workingDirectory = directory.map { Setting($0) }
                return service
            }
            let failed = result.diagnostics.contains { $0.severity == .error }
            return ReadResult(
                format: .procfile, services: failed ? [] : services, diagnostics: result.diagnostics,
                keys: result.keys)
        },
        write: { (service: Service, _: WriteContext) throws(Failure) -> Written in
            let result = try ProcfileWriter.write(service)
            let variables = result.variables.map { $0 + "\n" }.joined()
            let files = [
                Conversion.Output(name: "Procfile", bytes: Array(result.line.utf8)),
                Conversion.Output(name: ".env", bytes: Array(variables.utf8)),
            ]
            return Written(files: files, verdicts: result.verdicts)
        },
        entries: { (_: InputFile) -> EntrySource in { _ in nil } }, gather: gathered)

    /// One Procfile of all programs, and one `.env` of what they have in common: a service's parts are its line and its
    /// variables.
    private static let gathered: @Sendable ([Conversion.Output]) -> [Conversion.Output] = { parts in
        var results: [ProcfileWriter.Result] = []
        for part in parts {
            let text = String(decoding: part.bytes, as: UTF8.self)
            if part.name == ".env", !results.isEmpty {
                results[results.count - 1].variables = text.split(separator: "\n").map(String.init)
            } else {
                let name = text.prefix { $0 != ":" }
                let command = text.dropFirst(name.count + 2).dropLast()
                results.append(
                    ProcfileWriter.Result(name: String(name), command: String(command), variables: [], verdicts: []))
            }
        }
        let (procfile, environment) = ProcfileWriter.files(results)
        let first = Conversion.Output(name: "Procfile", bytes: Array(procfile.utf8))
        return [first] + (environment.map { [Conversion.Output(name: ".env", bytes: Array($0.utf8))] } ?? [])
    }

    /// Where a Procfile's programs run: in its own directory. `nil` for one that has none.
    private static func directory(of path: String, _ world: any ConfigurationWorld) -> String? {
        guard path != "-" else { return nil }
        let absolute = path.hasPrefix("/") ? path : world.currentDirectory + "/" + path
        let parts = absolute.split(separator: "/").dropLast().reduce(into: [Substring]()) { parts, part in
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The `.env` of the same directory, where there is one.
    private static func environment(beside path: String, _ world: any ConfigurationWorld) -> DotEnv? {
        guard path != "-", path.split(separator: "/").last?.hasPrefix("Procfile") == true else { return nil }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        guard case .content(let bytes) = world.read(directory + ".env", limit: 1 << 20) else { return nil }
        return DotEnv(path: directory + ".env", bytes: bytes)
    }
}
