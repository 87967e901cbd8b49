import Kernel
import ServiceFormats
import SourceText

/// Where `-o` puts results: standard output, one file, or a directory.
struct OutputPlace {
    private let path: String
    private let kernel = HostKernel()

    init(_ path: String) {
        self.path = path
    }

    /// Several results go to a directory, or to standard output with a `==> NAME <==` line before each.
    func write(_ outputs: [Conversion.Output]) throws(Failure) {
        if path == "-" {
            for output in outputs {
                if outputs.count > 1 { try Terminal.writeOutput(Array("==> \(output.name) <==\n".utf8)) }
                try Terminal.writeOutput(output.bytes)
            }
        } else if let only = outputs.first, outputs.count == 1, !isDirectory {
            try write(only, to: path)
        } else {
            try makeDirectory(path)
            for output in outputs {
                if let slash = output.name.lastIndex(of: "/") { try makeDirectory("\(path)/\(output.name[..<slash])") }
                try write(output, to: "\(path)/\(output.name)")
            }
        }
    }

    private var isDirectory: Bool {
        path.hasSuffix("/") || (try? kernel.status(of: path, followLinks: true))?.kind == .directory
    }

    private func makeDirectory(_ path: String) throws(Failure) {
        do throws(SystemError) {
            _ = try kernel.makeDirectories(path, mode: 0o755)
        } catch {
            throw Self.cannotCreate(path, error)
        }
    }

    private func write(_ output: Conversion.Output, to path: String) throws(Failure) {
        do throws(SystemError) {
            // Pipes and devices are written to; anything else is replaced in one step.
            if let status = try? kernel.status(of: path, followLinks: true), status.kind != .regular {
                let descriptor = try kernel.open(path, OpenOptions(.write))
                defer { kernel.close(descriptor) }
                try kernel.writeAll(descriptor, output.bytes)
            } else {
                try kernel.writeFileAtomically(path, output.bytes, mode: output.isExecutable ? 0o755 : 0o644)
            }
        } catch {
            throw Self.cannotCreate(path, error)
        }
    }

    private static func cannotCreate(_ path: String, _ error: SystemError) -> Failure {
        Failure(
            error.number == .accessDenied ? .noPermission : .cannotCreate, code: "output",
            "\(path): cannot be written: \(error.number.message)", remedy: "choose another place with -o")
    }
}
