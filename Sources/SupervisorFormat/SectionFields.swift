import ServiceModel
import SourceText

/// One key in force, ready to be read.
struct Field {
    var key: String
    /// Expanded, unless the key is one that is expanded later.
    var text: String
    var span: SourceSpan

    func setting<Value: Hashable & Sendable>(_ value: Value) -> Setting<Value> { Setting(value, at: span) }
}

/// What ends the reading: the original's words, and where the fault stands.
struct Refusal: Error {
    var message: String
    var remedy: String?
    var span: SourceSpan?
    var code: String

    init(_ message: String, remedy: String? = nil, at span: SourceSpan?, code: String = "ini-value") {
        self.message = message
        self.remedy = remedy
        self.span = span
        self.code = code
    }

    init(_ bad: BadValue, at span: SourceSpan?, code: String = "ini-value") {
        self.init(bad.message, remedy: bad.remedy, at: span, code: code)
    }

    func failure(_ status: ExitStatus = .badConfiguration) -> Failure {
        Failure(status, code: code, message.bounded, remedy: remedy, at: span)
    }
}

/// The keys of one section, with the names that their values may use.
struct SectionFields {
    let configuration: MergedConfiguration
    let section: MergedConfiguration.Section
    var names: Expansions

    var name: String { section.name }
    var span: SourceSpan { configuration.span(section) }

    /// The value as written.
    func raw(_ key: String) -> Field? {
        guard let value = configuration.value(key, in: section) else { return nil }
        return Field(key: key, text: value.text, span: configuration.span(value))
    }

    /// The value with its expansions made.
    func expanded(_ key: String) throws(Refusal) -> Field? {
        guard var field = raw(key) else { return nil }
        do {
            field.text = try names.expand(field.text, name: key, section: section.name)
        } catch {
            throw Refusal(error, at: field.span)
        }
        return field
    }

    /// The value converted; `nil` when the key is absent.
    func read<Value>(
        _ key: String, _ convert: (String) throws(BadValue) -> Value
    ) throws(Refusal) -> (value: Value, span: SourceSpan)? {
        guard let field = try expanded(key) else { return nil }
        do {
            return (try convert(field.text), field.span)
        } catch {
            throw Refusal(error, at: field.span)
        }
    }
}
