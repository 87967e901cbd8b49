import ArgumentParser
import PropertyList
import ServiceFormats
import SourceText

/// `svinstall plist`: the property list reader and writer alone, in plutil's spirit.
struct PlistVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plist", abstract: "Check, convert and print property lists.",
        subcommands: [Lint.self, Convert.self, Print.self])

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tell what is wrong with property lists.")
        @Argument(help: "Files; - is standard input.") var files: [String]

        func run() throws {
            var failed = false
            for path in files {
                do throws(Failure) {
                    let document = try PropertyListDocument.read(try Terminal.read(path), path: path)
                    for warning in document.warnings { Terminal.note(warning.description) }
                    print("\(path): OK")
                } catch {
                    _ = Terminal.report(error)
                    failed = true
                }
            }
            if failed { throw ExitCode(ExitStatus.badInput.rawValue) }
        }
    }

    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write a property list in another format.")
        @Argument(help: "xml, binary, json or openstep.") var format: PropertyListFormat
        @Argument(help: "A file; - is standard input.") var file: String
        @Option(name: [.customShort("o"), .long], help: "A file, or - for standard output.") var output: String = "-"

        func run() throws {
            let document = try PropertyListDocument.read(try Terminal.read(file), path: file)
            for warning in document.warnings { Terminal.note(warning.description) }
            let result = try PropertyListDocument.write(document.plain, as: format)
            for warning in result.warnings { Terminal.note(warning.description) }
            try OutputPlace(output).write([.init(name: file, bytes: result.bytes)])
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a property list, or one value of it.")
        @Argument(help: "A file; - is standard input.") var file: String
        @Argument(help: "Keys and indexes separated by dots, e.g. Sockets.http.0.SockServiceName.") var keyPath: String?

        func run() throws {
            let document = try PropertyListDocument.read(try Terminal.read(file), path: file)
            guard let value = document.plain.value(at: keyPath ?? "") else {
                throw Failure(
                    .badInput, code: "plist-key-path", "\(file): there is no value at \(keyPath ?? "")",
                    remedy: "print the file without a key path to see its keys")
            }
            try Terminal.writeOutput(Array(value.readable.utf8))
        }
    }
}

extension PropertyListFormat: ExpressibleByArgument {
    /// The words of the command line, in any case.
    public init?(argument: String) {
        self.init(rawValue: argument.lowercased() == "openstep" ? "openStep" : argument.lowercased())
    }
}
