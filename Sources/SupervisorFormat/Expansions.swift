import SourceText

/// The names that `%(name)s` may use in one place, and the original's words when one is not there.
struct Expansions {
    let environment: EnvironmentNames
    /// `ENV_X` of the program's own environment, before those of the daemon.
    var local: [String: String] = [:]
    /// The names of the section at hand, later ones first in force; few.
    var own: [(name: String, value: PercentFormat.Value)] = []
    let budget: ReadingBudget

    init(
        environment: EnvironmentNames, own: [(name: String, value: PercentFormat.Value)] = [], budget: ReadingBudget
    ) {
        self.environment = environment
        self.own = own
        self.budget = budget
    }

    /// Expands one value.
    ///
    /// - Parameters:
    ///   - name: what the original calls the value in its message.
    ///   - section: goes before the name with a dot, where the original does so: `program:a.command`.
    func expand(_ text: String, name: String, section: String? = nil) throws(BadValue) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let result: String
        do {
            result = try PercentFormat.format(text, lookup: lookup, wholeDictionary: dictionaryText)
        } catch {
            let whole = section.map { "\($0).\(name)" } ?? name
            let start = "Format string \(PythonText.repr(text)) for \(PythonText.repr(whole))"
            switch error {
            case .missing(let missing):
                throw BadValue(
                    "\(start) contains names (\(PythonText.repr(missing))) which cannot be expanded. Available names: "
                        + allNames().joined(separator: ", "))
            case .malformed(let reason):
                throw BadValue("\(start) is badly formatted: \(reason)", remedy: "write a literal % as %%")
            }
        }
        try budget.spend(bytes: result.utf8.count)
        return result
    }

    private func lookup(_ name: String) -> PercentFormat.Value? {
        if let found = local[name] { return .text(found) }
        if let found = own.last(where: { $0.name == name }) { return found.value }
        return environment[name].map { .text($0) }
    }

    private func allNames() -> [String] {
        Set(environment.all.keys).union(local.keys).union(own.map(\.name)).sorted(by: PythonText.precedes)
    }

    /// What `%s` without a name makes of the dictionary.
    private func dictionaryText() -> String {
        let pairs = allNames().map { name in
            switch lookup(name) {
            case .number(let number)?: "\(PythonText.repr(name)): \(number)"
            case .text(let text)?: "\(PythonText.repr(name)): \(PythonText.repr(text))"
            case nil: PythonText.repr(name)
            }
        }
        return "{" + pairs.joined(separator: ", ") + "}"
    }
}

/// `ENV_X` for every variable of the environment, and of `[supervisord] environment` once that is read. Put together at the
/// first question: most configurations ask none.
final class EnvironmentNames {
    private let world: any ConfigurationWorld
    private var known: [String: String]?

    init(_ world: any ConfigurationWorld) {
        self.world = world
    }

    /// By name, `ENV_` included.
    var all: [String: String] {
        if let known { return known }
        var names: [String: String] = [:]
        for (name, value) in world.environment { names["ENV_" + name] = value }
        known = names
        return names
    }

    subscript(name: String) -> String? { all[name] }

    func set(_ variable: String, _ value: String) {
        var names = all
        names["ENV_" + variable] = value
        known = names
    }
}

/// A value that is not what its key wants; the message is the original's.
package struct BadValue: Error, Hashable, Sendable {
    package var message: String
    package var remedy: String?

    init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }
}
