package import SourceText
package import SupervisorFormat

/// `svinstall check`: all that is wrong, or risky, in a file, whatever its format.
package enum Check {
    /// Every problem with its position, errors and warnings, in the order of the file; empty = nothing found. Never
    /// throws: a file that cannot be read at all is an error among the others.
    package static func check(_ file: InputFile, world: any ConfigurationWorld) -> [Diagnostic] { [] }
}
