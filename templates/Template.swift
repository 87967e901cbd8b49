// Templates, floor 0: texts that are embedded in the binary.

/// The texts that svinstall writes or runs by itself.
package enum Template: Sendable {
    /// The configuration of `svinstall run` where no other is found.
    case builtInConfiguration
    /// What is added to it where redis-server is present; `@redis@` and `@port@` are filled in.
    case redis
    /// What `svinstall init` writes; `@logs@` and `@state@` are filled in.
    case userConfiguration
    /// What `echo_supervisord_conf` prints.
    case sampleSupervisordConfiguration

    /// The text, placeholders included.
    package var text: String {
        let bytes =
            switch self {
            case .builtInConfiguration: PackageResources.default_conf
            case .redis: PackageResources.redis_conf
            case .userConfiguration: PackageResources.user_conf
            case .sampleSupervisordConfiguration: PackageResources.sample_conf
            }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text with each `@name@` replaced by its value.
    package func filled(_ values: [String: String]) -> String {
        var pieces = text.split(separator: "@", omittingEmptySubsequences: false)[...]
        var result = String(pieces.popFirst() ?? "")
        while let name = pieces.popFirst() {
            if let value = values[String(name)], let next = pieces.popFirst() {
                result += value + next
            } else {
                result += "@" + name
            }
        }
        return result
    }
}
