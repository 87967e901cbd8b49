import ArgumentParser
import PropertyList
import ServiceFormats
import SourceText

/// `svinstall plist`: the property list reader and writer alone, in plutil's spirit.
struct PlistVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plist", abstract: "Check, convert and print property lists.",
        discussion: """
            XML, binary, JSON and OpenStep files are told apart by their content. Status 65: a file is no property list, or \
            the format cannot say what is in it, or there is nothing at the key path. 66: a file cannot be read.
            """,
        subcommands: [Lint.self, Convert.self, Print.self])

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lint", abstract: "Tell what is wrong with property lists.")
        @Argument(help: "Files; - is standard input.") var files: [String]

        func run() throws {
            try PlistFiles.each(of: files) { (path) throws(Failure) in
                _ = try PlistFiles.read(path)
                try Terminal.writeOutput(Array("\(path): OK\n".utf8))
            }
        }
    }

    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "convert", abstract: "Write property lists in another format.")
        @Argument(help: "xml, binary, json or openstep.") var format: PropertyListFormat
        @Argument(help: "Files; - is standard input.") var files: [String]
        @Option(
            name: [.customShort("o"), .long],
            help: "A file, or - for standard output; a directory for several files, each under its own name.")
        var output: String = "-"
        @Flag(help: "Write the keys of dictionaries in the order of their bytes, as Apple's tools do.")
        var sortKeys = false

        func validate() throws {
            let names = files.map(PlistFiles.name)
            if output != "-", let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
                throw ValidationError("two of the files are called \(twice): convert them one by one")
            }
        }

        func run() throws {
            var outputs: [Conversion.Output] = []
            let format = format
            let sortKeys = sortKeys
            let status = PlistFiles.firstFailure(of: files) { (path) throws(Failure) in
                let document = try PlistFiles.read(path)
                let result = try document.write(as: format, sortingKeys: sortKeys)
                PlistFiles.tell(result.warnings, of: path)
                outputs.append(.init(name: PlistFiles.name(path), bytes: result.bytes))
            }
            // Of several files those that are well are converted, as plutil does.
            if !outputs.isEmpty {
                let isAmongSeveral = files.count > 1 && output != "-" && !output.hasSuffix("/")
                try OutputPlace(isAmongSeveral ? output + "/" : output).write(outputs)
            }
            if let status { throw ExitCode(status.rawValue) }
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "print", abstract: "Show a property list, or one value of it.")
        @Argument(help: "A file; - is standard input.") var file: String
        @Argument(
            help: "Keys and indexes separated by dots, e.g. Sockets.http.0.SockServiceName; \\. is a dot in a key.")
        var keyPath: String?
        @Option(help: "Write the value as xml, binary, json or openstep.") var format: PropertyListFormat?

        func run() throws {
            let document = try PlistFiles.read(file)
            guard let value = document.plain.value(at: keyPath ?? "") else {
                throw Failure(
                    .badInput, code: "plist-key-path", "\(file): there is no value at \(keyPath ?? "")",
                    remedy: "print the file without a key path to see its keys")
            }
            guard let format else { return try Terminal.writeOutput(Array(value.readable.utf8)) }
            let result = try PlistFiles.write(value, as: format, of: file)
            try Terminal.writeOutput(result.bytes)
        }
    }
}

/// Files that are given to a verb of `plist`.
private enum PlistFiles {
    /// As large as a file is read at all: the limit for jobs is smaller.
    private static let limits = PropertyListLimits(size: 256 << 20)

    /// A file, its warnings said.
    static func read(_ path: String) throws(Failure) -> PropertyListDocument {
        let document = try PropertyListDocument.read(try Terminal.read(path), path: path, limits: limits)
        for warning in document.warnings { Terminal.note(warning.description) }
        return document
    }

    /// A value of a file in a format, its warnings said.
    static func write(
        _ value: PropertyValue, as format: PropertyListFormat, of path: String
    ) throws(Failure) -> PropertyListDocument.Output {
        do throws(Failure) {
            let result = try PropertyListDocument.write(value, as: format)
            tell(result.warnings, of: path)
            return result
        } catch {
            throw Failure(error.status, error.diagnostics.map { placed($0, in: path) })
        }
    }

    /// Says what a writer has to say; it knows no file.
    static func tell(_ warnings: [Diagnostic], of path: String) {
        for warning in warnings { Terminal.note(placed(warning, in: path).description) }
    }

    private static func placed(_ diagnostic: Diagnostic, in path: String) -> Diagnostic {
        var placed = diagnostic
        placed.span = diagnostic.span ?? SourceSpan(file: path, at: .start)
        return placed
    }

    /// The last part of a path.
    static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Does something with every file, whatever becomes of the others; ends with the status of the first failure.
    static func each(of paths: [String], _ body: (String) throws(Failure) -> Void) throws {
        if let status = firstFailure(of: paths, body) { throw ExitCode(status.rawValue) }
    }

    /// Does something with every file and reports what fails; the status of the first failure.
    static func firstFailure(of paths: [String], _ body: (String) throws(Failure) -> Void) -> ExitStatus? {
        var first: ExitStatus?
        for path in paths {
            do throws(Failure) {
                try body(path)
            } catch {
                _ = Terminal.report(error)
                first = first ?? error.status
            }
        }
        return first
    }
}

extension PropertyListFormat: ExpressibleByArgument {
    /// The words of the command line, in any case; plutil's own names too.
    public init?(argument: String) {
        let word = argument.lowercased()
        self.init(rawValue: ["xml1": "xml", "binary1": "binary"][word] ?? word)
    }
}
