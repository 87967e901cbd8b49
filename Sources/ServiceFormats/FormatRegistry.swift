package import ServiceModel
package import SourceText
package import SupervisorFormat

/// The one list of formats: "any file" asks here.
package enum FormatRegistry {
    /// What a file is, by its content first and its name where the content leaves it open; `nil` = none of ours.
    package static func recognise(_ file: InputFile) -> Format? { Recognition.format(of: file) }

    /// Reads a file of any supported format, or of `format` where the user says so. A failure's status is `.badInput`
    /// with a position; `.badConfiguration` for supervisor config that supervisord refuses.
    package static func read(
        _ file: InputFile, as format: Format? = nil, world: any ConfigurationWorld
    ) throws(Failure) -> ReadResult {
        let result = try inspect(file, as: format, world: world)
        let errors = result.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else { throw Failure(.badInput, errors) }
        return result
    }

    /// The same, but errors of a file that could be read to its end are among the diagnostics.
    static func inspect(
        _ file: InputFile, as format: Format? = nil, world: any ConfigurationWorld
    ) throws(Failure) -> ReadResult {
        let start = SourceSpan(file: file.path, at: .start)
        guard let format = format ?? recognise(file) else {
            throw Failure(
                .badInput, code: "format-unknown", "the file is of no format that svinstall knows",
                remedy: "it reads supervisor config, launchd property lists, systemd units and Procfiles", at: start)
        }
        guard let side = Side.of(format) else {
            throw Failure(
                .badInput, code: "format-not-yet", "reading a \(format.title) is not supported yet",
                remedy: "convert from supervisor config, a launchd property list, a systemd unit or a Procfile",
                at: start)
        }
        return try side.read(file, world)
    }

    /// The file of one service in a format, as the converter's writer makes it (the boot hook is such a service). Where
    /// the format needs several files, the one with the service itself. A failure's status is `.usage` for a format
    /// that cannot be written, `.badInput` for a service that it cannot hold.
    package static func write(_ service: Service, as format: Format, isForUser: Bool) throws(Failure) -> [UInt8] {
        let context = WriteContext(isForUser: isForUser)
        guard let side = Side.of(format), let file = try side.write(service, context).files.first else {
            throw Failure(
                .usage, code: "format-not-yet", "writing a \(format.title) is not supported yet",
                remedy: "choose supervisor, plist, systemd, procfile, openrc, sysv, runit, s6, dinit, upstart or cron")
        }
        // A supervisor config wants a section of the daemon's own.
        return side.combine == nil ? file.bytes : Array("[supervisord]\n\n".utf8) + file.bytes
    }

    /// A plan for services that come from files which describe no daemon (`svinstall run job.plist`): default daemon
    /// settings, one group a service, the dialect's environment written out.
    package static func plan(for services: [Service], files: [String]) -> Plan {
        var seen: Set<String> = []
        var groups: [ServiceGroup] = []
        for service in services where service.disabled?.value != true {
            var copy = service
            copy.writeOutSurroundings(than: nil)
            // Two jobs of one name would be one program: the later gets a number.
            var name = copy.name.value
            var number = 2
            while !seen.insert(name).inserted {
                name = "\(copy.name.value)-\(number)"
                number += 1
            }
            copy.name.value = name
            let priority = copy.effective(\.priority, \.priority)
            groups.append(ServiceGroup(name: name, priority: priority, services: [copy]))
        }
        return Plan(groups: groups, files: files)
    }
}

extension Service {
    /// Writes down the search path and the directory that the dialect's own manager would give a program, where they
    /// differ from what `target` gives; the fields that were written. Without a target, always.
    @discardableResult
    mutating func writeOutSurroundings(than target: Dialect?) -> [ServiceField] {
        var written: [ServiceField] = []
        let own = dialect.defaults
        let other = target?.defaults
        if let path = own.searchPath, path != other?.searchPath, !environment.contains(where: { $0.name == "PATH" }) {
            environment.append(EnvironmentVariable("PATH", Setting(path)))
            written.append(.environment("PATH"))
        }
        if let directory = own.workingDirectory, directory != other?.workingDirectory, workingDirectory == nil {
            workingDirectory = Setting(directory)
            written.append(.workingDirectory)
        }
        return written
    }
}
