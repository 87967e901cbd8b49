import InitFormats
import ServiceModel
import SourceText
import SupervisorFormat

extension Side {
    /// A format that is written and never read: its files are programs of a shell, or say too little to be read back.
    static func written(_ dialect: Dialect, title: String) -> Side {
        Side(
            dialect: dialect,
            read: { (file: InputFile, _: any ConfigurationWorld) throws(Failure) -> ReadResult in
                throw Failure(
                    .badInput, code: "format-only-written",
                    "the file looks like a \(title), and svinstall writes those but reads none",
                    remedy: "convert from supervisor config, a launchd property list, a systemd unit or a Procfile",
                    at: SourceSpan(file: file.path, at: .start))
            },
            write: { (service: Service, context: WriteContext) throws(Failure) -> Written in
                let result = try InitWriter.write(service, as: dialect, isForUser: context.isForUser)
                let files = result.files.map { file in
                    Conversion.Output(
                        name: file.path, bytes: Array(file.text.utf8), isExecutable: file.isExecutable)
                }
                return Written(files: files, verdicts: result.verdicts)
            },
            entries: { (_: InputFile) -> EntrySource in { _ in nil } }, isOnlyWritten: true)
    }
}
