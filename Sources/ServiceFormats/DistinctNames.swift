import ServiceModel

/// Keeps the files of several services apart, where a service's name is in its files and not only above them.
struct DistinctNames {
    /// The files so far, by name.
    private var files: [String: [UInt8]] = [:]
    /// First path components, the shared ones included.
    private var taken: Set<Substring> = shared
    /// The number that is tried next, by the service's name.
    private var numbers: [String: Int] = [:]

    /// Directories that several services write into: a bundle of s6-rc, cron's.
    private static let shared: Set<Substring> = ["default", "cron.d"]

    private static func root(_ name: String) -> Substring { name.prefix { $0 != "/" } }

    /// The service with a number behind its name, where one of its own names is taken already.
    mutating func replacement(for service: Service, files: [Conversion.Output]) -> Service? {
        guard let first = files.first else { return nil }
        let own = Set(files.map { Self.root($0.name) }).subtracting(Self.shared).union([Self.root(first.name)])
        guard !own.isDisjoint(with: taken) else { return nil }
        let base = service.name.value
        var number = numbers[base, default: 2]
        while taken.contains("\(base)-\(number)") { number += 1 }
        numbers[base] = number
        var other = service
        other.name.value = "\(base)-\(number)"
        return other
    }

    /// The files that are not there yet: what several services say in the same words (a bundle's type) is said once.
    mutating func new(_ more: [Conversion.Output]) -> [Conversion.Output] {
        more.filter { file in
            taken.insert(Self.root(file.name))
            if files[file.name] == file.bytes { return false }
            files[file.name] = file.bytes
            return true
        }
    }
}
