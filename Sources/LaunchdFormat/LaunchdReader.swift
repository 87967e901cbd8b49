package import PropertyList
package import ServiceModel
package import SourceText

/// Reads a launchd job: every key typed into the model or kept, every trap said (launchd.plist(5)).
package struct LaunchdReader {
    /// What came of a job.
    package struct Result: Sendable {
        /// `nil` when launchd would refuse the job; then `diagnostics` has an error.
        package var service: Service?
        package var diagnostics: [Diagnostic]
        /// Every key of the file, once.
        package var keys: [SourceKey]
    }

    /// Whether the job is a LaunchAgent; `nil` = nobody knows (agents ignore `UserName` and `GroupName`).
    package var isAgent: Bool?

    package init(isAgent: Bool? = nil) {
        self.isAgent = isAgent
    }

    /// The key under which a job carries what only other dialects can say: an array of
    /// `ForeignSetting.carrierText`. launchd ignores keys that it does not know.
    package static let carrierKey = "X-Svinstall"

    /// Reads the root of a property list.
    package func read(_ root: PropertyNode) -> Result {
        guard let members = root.members else {
            let error = Diagnostic(
                .error, code: "launchd-root", "the root is \(root.kind.named), a job is a dictionary",
                remedy: "write <dict> with the key Label", at: root.span)
            return Result(service: nil, diagnostics: [error], keys: [])
        }
        var reading = LaunchdReading(root: root)
        for member in members { reading.take(member) }
        reading.finish(isAgent: isAgent)
        let failed = reading.diagnostics.contains { $0.severity == .error }
        return Result(service: failed ? nil : reading.service, diagnostics: reading.diagnostics, keys: reading.keys)
    }
}

/// One job while it is being read.
struct LaunchdReading {
    var service: Service
    var diagnostics: [Diagnostic] = []
    var keys: [SourceKey] = []
    let root: PropertyNode

    /// Rules that need more than their own key.
    var label: Setting<String>?
    var program: Setting<String>?
    var programArguments: Setting<[String]>?
    var keepAliveSpan: SourceSpan?

    init(root: PropertyNode) {
        self.root = root
        service = Service(name: Setting("", at: root.span), dialect: .launchd)
    }

    mutating func warn(_ code: String, _ message: String, remedy: String? = nil, at span: SourceSpan) {
        diagnostics.append(Diagnostic(.warning, code: code, message, remedy: remedy, at: span))
    }

    mutating func fail(_ code: String, _ message: String, remedy: String? = nil, at span: SourceSpan) {
        diagnostics.append(Diagnostic(.error, code: code, message, remedy: remedy, at: span))
    }

    /// Accounts for a key that went into fields.
    mutating func account(_ name: String, at span: SourceSpan, _ fields: ServiceField...) {
        keys.append(SourceKey(name, at: span, use: .fields(fields)))
    }

    /// Keeps a key as it is, and accounts for it.
    mutating func keep(_ path: [String], _ value: PropertyNode, at span: SourceSpan) {
        let text = PropertyLiteral.text(value.plain)
        service.foreign.append(ForeignSetting(dialect: .launchd, path: path, value: text, span: span))
        keys.append(
            SourceKey(path.joined(separator: "."), at: span, use: .fields([.foreign(.launchd, path)])))
    }

    mutating func take(_ member: PropertyMember) {
        let span = member.keySpan
        if member.key == LaunchdReader.carrierKey { return takeCarrier(member) }
        guard let row = LaunchdKeys.row(of: member.key) else {
            let remedy = LaunchdKeys.suggestion(for: member.key).map { "did you mean \($0)?" }
            warn(
                "launchd-unknown-key", "launchd does not know the key '\(member.key)' and ignores it",
                remedy: remedy ?? "remove it, or check its spelling", at: span)
            return keep([member.key], member.value, at: span)
        }
        if row.key != member.key {
            warn(
                "launchd-key-case", "the key is spelled '\(row.key)', not '\(member.key)'",
                remedy: "write <key>\(row.key)</key>: only old launchd did not look at case", at: span)
        }
        guard row.kinds.contains(member.value.kind) else {
            switch row.use {
            case .rule(.label), .rule(.programArguments): refuseKind(row, member)
            default: warnKind(row, member)
            }
            return keep([member.key], member.value, at: span)
        }
        switch row.use {
        case .text(let field, let name):
            guard case .string(let text) = member.value.content else { return }
            service[keyPath: field] = Setting(text, at: span)
            account(member.key, at: span, name)
        case .flag(let field, let name):
            guard case .boolean(let flag) = member.value.content else { return }
            service[keyPath: field] = Setting(flag, at: span)
            account(member.key, at: span, name)
        case .texts(let field, let name):
            guard let texts = strings(of: member.value, key: row.key) else {
                return keep([member.key], member.value, at: span)
            }
            service[keyPath: field] = Setting(texts, at: span)
            account(member.key, at: span, name)
        case .file(let field, let name):
            guard case .string(let path) = member.value.content else { return }
            service[keyPath: field] = Setting(path == "/dev/null" ? .null : .file(path), at: span)
            account(member.key, at: span, name)
        case .carried:
            keep([member.key], member.value, at: span)
        case .obsolete(let why):
            warn("launchd-obsolete-key", "'\(row.key)' has no effect: \(why)", remedy: "remove it", at: span)
            keep([member.key], member.value, at: span)
        case .rule(let rule):
            take(member, rule)
        }
    }

    /// The elements of an array when all are strings; else a warning and `nil`.
    mutating func strings(of node: PropertyNode, key: String) -> [String]? {
        var texts: [String] = []
        for element in node.elements ?? [] {
            guard case .string(let text) = element.content else {
                warn(
                    "launchd-wrong-type", "an element of '\(key)' is \(element.kind.named), not a string",
                    remedy: "write <string>…</string>: launchd ignores it", at: element.span)
                return nil
            }
            texts.append(text)
        }
        return texts
    }

    private mutating func warnKind(_ row: LaunchdKeys.Row, _ member: PropertyMember) {
        let wanted = row.kinds.map(\.named).joined(separator: " or ")
        let message = "'\(row.key)' is \(member.value.kind.named), launchd wants \(wanted) and ignores it"
        warn(
            "launchd-wrong-type", message, remedy: "write \(Self.example(for: row, instead: member.value))",
            at: member.value.span)
    }

    /// The same for a key without which there is no job.
    private mutating func refuseKind(_ row: LaunchdKeys.Row, _ member: PropertyMember) {
        let wanted = row.kinds.map(\.named).joined(separator: " or ")
        fail(
            "launchd-wrong-type", "'\(row.key)' is \(member.value.kind.named), not \(wanted); launchd refuses the job",
            remedy: "write \(Self.example(for: row, instead: member.value))", at: member.value.span)
    }

    /// What to write instead of a value of the wrong kind.
    private static func example(for row: LaunchdKeys.Row, instead value: PropertyNode) -> String {
        switch (row.kinds.first, value.plain) {
        case (.boolean, .string(let text)):
            ["true", "yes", "1"].contains(text.lowercased()) ? "<true/>" : "<false/>"
        case (.boolean, .integer(let number)): number == 0 ? "<false/>" : "<true/>"
        case (.boolean, _): "<true/> or <false/>"
        case (.integer, .string(let text)):
            Int64(text.trimmed).map { "<integer>\($0)</integer>" } ?? "<integer>…</integer>"
        case (.integer, .real(let number)): "<integer>\(Int64(exactly: number.rounded()) ?? 0)</integer>"
        case (.integer, _): "<integer>…</integer>"
        case (.array, .string(let text)): "<array>\(strings(of: text, for: row))</array>"
        case (.array, _): "<array>…</array>"
        case (.dictionary, _): "<dict>…</dict>"
        case (.string, .integer(let number)): "<string>\(number)</string>"
        default: "<string>…</string>"
        }
    }

    /// A text as the elements of an array: the words of a command line, else the one that it is.
    private static func strings(of text: String, for row: LaunchdKeys.Row) -> String {
        guard case .rule(.programArguments) = row.use, let words = try? ShellWords.split(text) else {
            return "<string>\(text)</string>"
        }
        return words.map { "<string>\($0)</string>" }.joined()
    }

    private mutating func takeCarrier(_ member: PropertyMember) {
        var fields: [ServiceField] = []
        for element in member.value.elements ?? [] {
            guard case .string(let text) = element.content,
                let setting = ForeignSetting(carrierText: text, at: element.span)
            else {
                warn(
                    "launchd-carrier", "an entry of '\(member.key)' is not one that svinstall wrote",
                    remedy: "remove it", at: element.span)
                continue
            }
            service.foreign.append(setting)
            fields.append(.foreign(setting.dialect, setting.path))
        }
        keys.append(SourceKey(member.key, at: member.keySpan, use: .fields(fields)))
    }
}

extension LaunchdKeys {
    /// The known key that a misspelled one probably means.
    static func suggestion(for key: String) -> String? {
        guard key.utf8.count > 3, key.utf8.count < 64 else { return nil }
        return nearestWord(to: key.lowercased(), among: table.lazy.map { $0.key.lowercased() })
            .flatMap { row(of: $0)?.key }
    }
}

extension LaunchdReader {
    /// Every key of the table with the kinds of values that launchd takes, in the table's order.
    package static var knownKeys: [(name: String, kinds: [PropertyKind])] {
        LaunchdKeys.table.map { ($0.key, $0.kinds) }
    }
}
