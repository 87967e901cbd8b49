import ServiceModel
package import SourceText

/// Options of supervisord's command line that override the file (supervisord 4.3 precedence: command line, file,
/// default). `-c`, `-h`, `-?` and `-v` are not among them: they are the command line's own.
package struct CommandLineOverrides: Hashable, Sendable {
    /// One option as it was given.
    package struct Written: Hashable, Sendable {
        /// `-e` or `--loglevel`, spelled out in full when it was a prefix.
        package var option: String
        /// Empty for options that take none.
        package var value: String

        package init(_ option: String, _ value: String = "") {
            self.option = option
            self.value = value
        }
    }

    /// In the order of the command line.
    package var written: [Written]

    package init(_ written: [Written] = []) {
        self.written = written
    }
}

extension SupervisorReader {
    /// Checks the values of the command line alone: the original does so before it looks for a file.
    package func checkOverrides() throws(Failure) {
        var reading = ConfigurationReading(world: world, path: "", keepsToOriginal: keepsToOriginal)
        _ = try overrides.checked(in: &reading)
    }
}

extension CommandLineOverrides {
    /// Checks every option, in the order of the command line, as the original does before it opens the file. The
    /// results set what they override.
    func checked(in reading: inout ConfigurationReading) throws(Failure) -> [DaemonKey.Change] {
        var overrides: [DaemonKey.Change] = []
        var seen: Set<String> = []
        for option in written {
            guard let key = DaemonKey.all.first(where: { option.option == $0.short || option.option == "--" + $0.name })
            else { continue }
            do {
                overrides.append(try key.read(key.isFlag ? "true" : option.value, &reading))
            } catch {
                throw Failure(
                    .usage, code: "option-value",
                    "invalid value for \(option.option) \(PythonText.repr(option.value)): \(error.message)",
                    remedy: error.remedy)
            }
            guard seen.insert(key.name).inserted else {
                throw Failure(
                    .usage, code: "option-twice",
                    "conflicting command line option \(PythonText.repr(option.option))", remedy: "give it once")
            }
        }
        return overrides
    }
}
