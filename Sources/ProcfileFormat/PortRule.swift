import ServiceModel
import SourceText

/// The PORT that foreman and honcho give each program: the base for the first line, 100 more for each further one.
enum PortRule {
    /// The base where `.env` names none.
    private static let base = 5000

    /// The port of the program on the `index`-th line, from 0; a PORT in the environment is the base.
    static func assign(to service: inout Service, index: Int) {
        let named = service.environment.firstIndex { $0.name == "PORT" }
        let first = named.map { service.environment[$0].value }
        guard let number = first.map({ Int($0.value) }) ?? base else { return }
        let (port, isTooBig) = number.addingReportingOverflow(100 * index)
        guard !isTooBig else { return }
        let variable = EnvironmentVariable("PORT", Setting("\(port)", at: first?.span))
        if let named { service.environment[named] = variable } else { service.environment.append(variable) }
    }

    /// Whether a variable is what the rule makes by itself: it need not be written.
    static func isImplied(_ variable: EnvironmentVariable, _ service: Service) -> Bool {
        service.dialect == .procfile && variable.name == "PORT" && variable.value.span == nil
    }
}
