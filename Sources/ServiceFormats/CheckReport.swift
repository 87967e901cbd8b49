package import PropertyList
import ServiceModel
package import SourceText
package import SupervisorFormat

/// `svinstall check --json`: what was found in one file, and what a daemon would make of it.
package struct CheckReport: Sendable {
    package let file: String
    /// As `Check.check` finds them.
    package let problems: [Diagnostic]
    private let reading: Reading?
    private let client: Result<ClientSettings, Failure>?

    private enum Reading {
        case plan(Plan)
        case refused(Failure)
    }

    /// - Parameter format: what the file is; `nil` = what it looks like, and supervisor config where nothing is clear.
    package init(_ file: InputFile, as format: Format? = nil, world: any ConfigurationWorld) {
        self.file = file.path
        let format = format ?? FormatRegistry.recognise(file) ?? .supervisor
        problems = Check.check(file, as: format, world: world)
        guard format == .supervisor else {
            (reading, client) = (nil, nil)
            return
        }
        let reader = SupervisorReader(world: world)
        do throws(Failure) {
            reading = .plan(try reader.plan(path: file.path, bytes: file.bytes))
        } catch {
            reading = .refused(error)
        }
        client = Result { () throws(Failure) in try reader.clientSettings(path: file.path, bytes: file.bytes) }
    }

    /// The report for programs: schema `svinstall.check/1`. For supervisor config `supervisord` and `supervisorctl`
    /// hold the values in force, or `refusal` the words with which the daemon or the client would refuse the file.
    package var json: PropertyValue {
        var members = PropertyDictionary()
        members["schema"] = "svinstall.check/1"
        members["file"] = .string(file)
        members["problems"] = .array(problems.map { JSONReport.value($0) })
        switch reading {
        case .plan(let plan)?: members["supervisord"] = PlanDescription.value(plan)
        case .refused(let failure)?: members["supervisord"] = Self.refusal(failure)
        case nil: break
        }
        switch client {
        case .success(let settings)?: members["supervisorctl"] = PlanDescription.value(settings)
        case .failure(let failure)?: members["supervisorctl"] = Self.refusal(failure)
        case nil: break
        }
        return .dictionary(members)
    }

    private static func refusal(_ failure: Failure) -> PropertyValue {
        ["refusal": .string(failure.diagnostics.first?.message ?? "")]
    }
}
