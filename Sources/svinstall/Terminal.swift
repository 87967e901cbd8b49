import Kernel
import ServiceFormats
import SourceText

/// What we say to the person: results on standard output, everything else on standard error.
enum Terminal {
    /// `svinstall: …`, one line each, and the status to end with.
    static func report(_ failure: Failure) -> Int32 {
        for diagnostic in failure.diagnostics { note(diagnostic.description) }
        return failure.status.rawValue
    }

    /// `svinstall: TEXT` on standard error.
    static func note(_ text: String) {
        writeError("svinstall: \(text)\n")
    }

    static func writeError(_ text: String) {
        let kernel = HostKernel()
        // Nobody is left to be told when standard error is gone.
        try? kernel.writeAll(.standardError, text.utf8)
    }

    /// Bytes as they are, for results that must not be re-encoded.
    static func writeOutput(_ bytes: [UInt8]) throws(Failure) {
        do throws(SystemError) {
            try HostKernel().writeAll(.standardOutput, bytes)
        } catch {
            throw Failure(.inputOutput, code: "standard-output", "\(error)")
        }
    }

    /// A file, or standard input for `-`. An instance of a systemd template that has no file of its own is read from
    /// the template.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let limit = 256 << 20
        if let template = FormatRegistry.template(of: path),
            (try? HostKernel().status(of: path, followLinks: true)) == nil
        {
            return try read(template)
        }
        do throws(SystemError) {
            return try HostKernel().readFile(path == "-" ? "/dev/stdin" : path, limit: limit)
        } catch {
            let status: ExitStatus =
                switch error.number {
                case .noEntry, .notDirectory: .noInput
                case .accessDenied: .noPermission
                default: .noInput
                }
            throw Failure(
                status, code: "read", "\(path): cannot be read: \(error.number.message)",
                remedy: status == .noPermission ? "run as its owner, or give it mode 0644" : "check the path")
        }
    }
}
