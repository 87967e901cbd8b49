package import SourceText
package import SupervisorFormat

/// `svinstall check`: all that is wrong, or risky, in a file, whatever its format.
package enum Check {
    /// Every problem with its position, errors and warnings, in the order of the file; empty = nothing found. Never
    /// throws: a file that cannot be read at all is an error among the others.
    package static func check(_ file: InputFile, world: any ConfigurationWorld) -> [Diagnostic] {
        let found: [Diagnostic]
        do throws(Failure) {
            found = try FormatRegistry.inspect(file, world: world).diagnostics
        } catch {
            found = error.diagnostics
        }
        return found.enumerated().sorted { left, right in
            let places = (left.element.span?.start.offset ?? -1, right.element.span?.start.offset ?? -1)
            return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
        }.map(\.element)
    }
}
