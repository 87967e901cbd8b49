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
