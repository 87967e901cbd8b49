import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat
import Testing

/// What must be the same after a way there and back.
enum Likeness {
    /// The model of a file, without what other formats keep in it, and without where it stands.
    static func model(_ file: InputFile) throws -> [ServiceGroup] {
        let read = try FormatRegistry.read(file, world: AnywhereWorld())
        guard let plan = read.plan else {
            return [ServiceGroup(name: "", services: read.services.map { essence($0) }.sorted(by: precedes))]
        }
        // The registry's services say of themselves what the daemon gives to them.
        let essences = Dictionary(
            read.services.map { ($0.name.value, essence($0)) }, uniquingKeysWith: { first, _ in first })
        return plan.groups.map { group in
            var copy = group
            copy.services = group.services.compactMap { essences[$0.name.value] }.sorted(by: precedes)
            return copy
        }.sorted { $0.name < $1.name }
    }

    private static func precedes(_ left: Service, _ right: Service) -> Bool { left.name.value < right.name.value }

    private static func essence(_ service: Service) -> Service {
        var copy = service
        copy.foreign = service.foreign.filter { $0.dialect == service.dialect }
            .sorted { $0.path.joined(separator: ".") < $1.path.joined(separator: ".") }
        copy.environment.sort { $0.name < $1.name }
        return copy
    }

    /// What two models say differently, in words; `nil` = nothing.
    static func difference(_ left: [ServiceGroup], _ right: [ServiceGroup]) -> String? {
        guard left != right else { return nil }
        func words(_ groups: [ServiceGroup]) -> Set<String> {
            var words: Set<String> = []
            for group in groups {
                words.insert("group \(group.name) \(group.priority) \(group.kind)")
                for service in group.services {
                    for (label, value) in Mirror(reflecting: service).children {
                        let shown = String(describing: value).split(separator: "span: ").map { part in
                            part.hasPrefix("Optional") || part.hasPrefix("nil") ? part.drop { $0 != ")" } : part[...]
                        }.joined()
                        words.insert("\(service.name.value).\(label ?? "") \(shown)")
                    }
                }
            }
            return words
        }
        return "\(words(left).subtracting(words(right)).sorted())\n\(words(right).subtracting(words(left)).sorted())"
    }

    /// The daemon of a configuration.
    static func daemon(_ file: InputFile) throws -> DaemonSettings? {
        var daemon = try FormatRegistry.read(file, world: AnywhereWorld()).plan?.daemon
        daemon?.configurationFile = nil
        return daemon
    }

    /// The keys of a file as they are written, where the format tells them apart.
    static func keys(_ file: InputFile, _ format: Format) throws -> [String: String] {
        var keys: [String: String] = [:]
        switch format {
        case .plist:
            let root = try PropertyListDocument.read(file.bytes, path: file.path).plain.dictionary
            for (key, value) in root?.entries.map({ ($0.key, $0.value) }) ?? [] where key != "X-Svinstall" {
                keys[key] = "\(value.sorted)"
            }
        case .systemd:
            for entry in SystemdEntries.flatten(try units(of: file)) {
                keys[entry.path.joined(separator: ".")] = entry.value
            }
        default: break
        }
        return keys
    }

    private static func units(of file: InputFile) throws -> UnitSet {
        var set = UnitSet(
            name: SystemdReader.unitName(of: UnitName.fileName(of: file.path)),
            service: UnitFragments(try UnitDocument(path: file.path, bytes: file.bytes)))
        for unit in file.companions {
            guard let (_, kind) = UnitName.split(UnitName.fileName(of: unit.path)) else { continue }
            let document = try UnitDocument(path: unit.path, bytes: unit.bytes)
            set.starters.append(UnitSet.Starter(kind: kind, fragments: UnitFragments(document)))
        }
        return set
    }
}
