/// A system call that failed: which, on what, and why.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name as in its manual page, e.g. `open`.
    package var call: String
    package var number: ErrorNumber
    /// The path, address or name the call was about.
    package var path: String?

    package init(_ call: String, _ number: ErrorNumber, path: String? = nil) {
        self.call = call
        self.number = number
        self.path = path
    }

    /// `open /x: Permission denied (EACCES)`.
    package var description: String {
        let subject = path.map { " \($0)" } ?? ""
        return "\(call)\(subject): \(number.message) (\(number.name))"
    }

    /// The error's name, e.g. `ENOENT`, as supervisord prints it.
    package var name: String { number.name }
}
