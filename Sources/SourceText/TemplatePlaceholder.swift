/// What a build system or a template engine puts something else for.
package enum TemplatePlaceholder {
    /// Whether the text holds one: `@NAME@`, `{{ name }}`, `{% … %}`.
    package static func occurs(in text: String) -> Bool {
        if text.contains("{{") || text.contains("{%") { return true }
        let between = text.split(separator: "@", omittingEmptySubsequences: false).dropFirst().dropLast()
        return between.contains { name in
            !name.isEmpty && name.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isAlphabetic && $0.isASCII }
        }
    }
}
