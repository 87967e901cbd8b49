import ServiceModel
import SourceText

/// One reading of a configuration, from the files to the plan. It collects what is said and found on the way.
struct ConfigurationReading {
    let world: any ConfigurationWorld
    /// The root file as the user named it.
    let path: String
    /// Directory of the root file, absolute: `%(here)s`.
    let here: String
    /// `%(host_node_name)s`, asked for once.
    let hostName: String
    var configuration = MergedConfiguration()
    let environmentNames: EnvironmentNames
    private var warnings: [PlanNotice] = []
    private var infos: [PlanNotice] = []
    var files: [String] = []
    var patterns: [String] = []
    var directories = MissingDirectories()
    let keepsToOriginal: Bool
    /// Whether any `[x-svinstall:NAME]` is there: set once all files are read.
    private(set) var hasCarriers = false
    /// Processes made so far, against `mostProcesses`.
    var processCount = 0
    let budget = ReadingBudget()

    /// A configuration that asks for more processes is refused before it eats the memory.
    static let mostProcesses = 100_000
    /// As many files may be included.
    static let mostFiles = 10_000

    init(world: any ConfigurationWorld, path: String, keepsToOriginal: Bool = false) {
        self.world = world
        self.keepsToOriginal = keepsToOriginal
        self.path = path
        hostName = world.hostName
        here = PythonPath.absolute(PythonPath.directory(of: path), in: world)
        environmentNames = EnvironmentNames(world)
    }

    /// Reads the root file, or takes its bytes, and everything it includes.
    mutating func load(bytes: [UInt8]?) throws(Failure) {
        let content: [UInt8]
        if let bytes { content = bytes } else { content = try contentOfRoot(path, world) }
        configuration.merge(try IniDocument(path: path, bytes: content, acceptsNUL: keepsToOriginal))
        files = [path]
        try include(upTo: SupervisorReader.largestFile - content.count)
        hasCarriers = !configuration.sections(prefix: CarrierSection.prefix).isEmpty
    }

    /// The names that every value may use beside those of its section.
    func names(_ own: [(name: String, value: PercentFormat.Value)]) -> Expansions {
        Expansions(environment: environmentNames, own: own, budget: budget)
    }

    func fields(
        _ section: MergedConfiguration.Section, _ own: [(name: String, value: PercentFormat.Value)]
    ) -> SectionFields {
        SectionFields(configuration: configuration, section: section, names: names(own))
    }

    /// All notices, most important first.
    var notices: [PlanNotice] { warnings + infos }

    mutating func warn(_ text: String, at span: SourceSpan?) {
        warnings.append(PlanNotice(.warning, text, at: span))
    }

    /// `[include] files`: globs relative to the root file, matches in order of their names, not followed further.
    private mutating func include(upTo space: Int) throws(Failure) {
        guard let section = configuration.section(named: "include") else { return }
        configuration.expandHere(here)
        let fields = SectionFields(
            configuration: configuration, section: configuration.section(named: "include") ?? section,
            names: names([("here", .text(here)), ("host_node_name", .text(hostName))]))
        guard var field = fields.raw("files") else {
            throw Refusal(
                ".ini file has [include] section, but no files setting", at: fields.span, code: "ini-include"
            ).failure()
        }
        do {
            field.text = try fields.names.expand(field.text, name: "include.files")
        } catch {
            throw Refusal(error, at: field.span).failure()
        }
        var left = space
        for word in PythonText.words(field.text) {
            let pattern = PythonPath.join(PythonPath.directory(of: PythonPath.absolute(path, in: world)), word)
            patterns.append(pattern)
            let matches: [String]
            do {
                matches = try FilePattern.matches(pattern, in: world, budget).sorted(by: PythonText.precedes)
            } catch {
                throw Refusal(error, at: field.span, code: "ini-include").failure()
            }
            if matches.isEmpty {
                warnings.append(
                    PlanNotice(
                        .warning, "No file matches via include \"\(pattern)\"", at: field.span,
                        isOrdinary: FilePattern.isOfDropIns(pattern, in: world)))
            }
            for file in matches {
                guard files.count <= Self.mostFiles else {
                    throw Refusal(
                        "more than \(Self.mostFiles) files are included", at: field.span, code: "ini-include"
                    ).failure()
                }
                infos.append(PlanNotice(.info, "Included extra file \"\(file)\" during parsing", at: field.span))
                try merge(file, &left, field.span)
            }
        }
    }

    private mutating func merge(_ file: String, _ left: inout Int, _ span: SourceSpan) throws(Failure) {
        switch world.read(file, limit: left) {
        case .content(let bytes):
            left -= bytes.count
            configuration.merge(try IniDocument(path: file, bytes: bytes, acceptsNUL: keepsToOriginal))
            configuration.expandHere(PythonPath.absolute(PythonPath.directory(of: file), in: world))
            files.append(file)
        case .missing:
            warn("Included file \"\(file)\" has gone; it is skipped", at: span)
        case .unreadable(let reason):
            warn("Included file \"\(file)\" cannot be read (\(reason)); it is skipped", at: span)
        case .tooLarge:
            throw Failure(
                .badConfiguration, code: "ini-size", "could not read config file \(file)",
                remedy: "the files together are larger than \(SupervisorReader.largestFile >> 20) MB", at: span)
        }
    }
}

/// The content of a root file, or the original's words for why there is none.
func contentOfRoot(_ path: String, _ world: any ConfigurationWorld) throws(Failure) -> [UInt8] {
    switch world.read(path, limit: SupervisorReader.largestFile) {
    case .content(let bytes): return bytes
    case .missing:
        throw Failure(
            .noInput, code: "config-missing", "could not find config file \(path)",
            remedy: "check the path given with -c")
    case .unreadable(let reason):
        throw Failure(.noInput, code: "config-unreadable", "could not read config file \(path)", remedy: reason)
    case .tooLarge:
        throw Failure(
            .badConfiguration, code: "ini-size", "could not read config file \(path)",
            remedy: "it is larger than \(SupervisorReader.largestFile >> 20) MB")
    }
}

/// Directories of log files that are not there yet. The original refuses such a file; we make them.
struct MissingDirectories {
    private(set) var list: [String] = []
    private var known: Set<String> = []

    /// The original's `existing_dirpath`, but that a missing directory is noted instead of refused. Returns the path
    /// with `~` expanded.
    mutating func path(
        _ text: String, in world: any ConfigurationWorld, mayMake: Bool = true
    ) throws(BadValue) -> String {
        let path = PythonPath.withHome(text, in: world)
        let directory = PythonPath.directory(of: path)
        if directory.isEmpty { return path }
        guard mayMake ? note(directory, in: world) : isThere(directory, in: world) else {
            throw BadValue(
                "The directory named as part of the path \(text) does not exist", remedy: remedy(for: text))
        }
        return path
    }

    /// The original's `existing_directory`, but that a missing directory is noted.
    mutating func directory(_ text: String, in world: any ConfigurationWorld) throws(BadValue) -> String {
        let path = PythonPath.withHome(text, in: world)
        guard note(path, in: world) else {
            throw BadValue("\(text) is not an existing directory", remedy: remedy(for: text))
        }
        return path
    }

    private func remedy(for text: String) -> String {
        if isQuoted(text) { return "values are not unquoted: remove the quotes" }
        if text.utf8.contains(10) { return "the line below is indented and so belongs to the value" }
        return "make it, or correct the path"
    }

    private func isQuoted(_ text: String) -> Bool { text.utf8.first == 34 || text.utf8.first == 39 }

    /// A path that somebody meant: no quotes around it, no swallowed line in it, no way through what is not there.
    private func isPlain(_ path: String) -> Bool {
        !isQuoted(path) && !path.utf8.contains { $0 < 0x20 }
            && !path.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    /// Whether a directory is there, or will be because something else needs it.
    private func isThere(_ directory: String, in world: any ConfigurationWorld) -> Bool {
        known.contains(directory) || world.kind(of: directory) == .directory
    }

    /// Notes a directory that can be made: its path is plain, and nothing but directories lies on the way to it.
    private mutating func note(_ directory: String, in world: any ConfigurationWorld) -> Bool {
        if known.contains(directory) { return true }
        if world.kind(of: directory) == .directory {
            known.insert(directory)
            return true
        }
        let absolute = PythonPath.absolute(directory, in: world)
        guard isPlain(directory) else { return false }
        var ancestor = absolute
        while world.kind(of: ancestor) == nil {
            let parent = PythonPath.directory(of: ancestor)
            if parent == ancestor { break }
            ancestor = parent
        }
        guard world.kind(of: ancestor) == .directory else { return false }
        known.insert(directory)
        if !list.contains(absolute) { list.append(absolute) }
        return true
    }
}
