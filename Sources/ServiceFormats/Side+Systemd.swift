import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat

extension Side {
    static let systemd = Side(
        dialect: .systemd,
        read: { (file: InputFile, world: any ConfigurationWorld) throws(Failure) -> ReadResult in
            if world.list(file.path + ".d") != nil {
                throw Failure(
                    .badInput, code: "unit-drop-in-not-yet",
                    "\(file.path).d holds drop-ins, which are not read yet",
                    remedy: "give the output of 'systemctl cat' as one .service file",
                    at: SourceSpan(file: file.path, at: .start))
            }
            let isUser = file.path.contains("/systemd/user/")
            let result = try SystemdReader(isUser: isUser).read(path: file.path, bytes: file.bytes)
            return ReadResult(
                format: .systemd, services: result.service.map { [$0] } ?? [], diagnostics: result.diagnostics,
                keys: result.keys)
        },
        write: { (service: Service, context: WriteContext) throws(Failure) -> Written in
            let result = try SystemdWriter(isUser: context.isForUser).write(service)
            let files = result.units.map { Conversion.Output(name: $0.name, bytes: Array($0.text.utf8)) }
            return Written(files: files, verdicts: result.verdicts)
        },
        entries: { (file: InputFile) -> EntrySource in
            let document = try? UnitDocument(path: file.path, bytes: file.bytes)
            let entries = document.map { unit in
                SystemdEntries.flatten(unit).map { Entry(path: $0.path, value: $0.value) }
            }
            return { _ in entries }
        })
}
