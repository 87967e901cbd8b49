import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat

/// Puts the unit files together that describe one service: those given together, and those found beside a given one
/// (systemd.unit(5)): drop-ins, the template of an instance, the timer, socket or path unit that starts a service, the
/// services that a target wants.
enum UnitGathering {
    private static let largest = 4 << 20

    /// What a unit file is.
    private enum Role: Hashable {
        case unit(UnitKind)
        /// A drop-in of the unit of that name.
        case dropIn(of: String)
    }

    /// Which service a file is about, and where that service's files are.
    private struct Place: Hashable {
        var directory: String
        var service: String
    }

    /// The inputs with units that belong together put into one input each, in the order of the first of them. Other files
    /// stay as they are.
    static func complete(_ inputs: [InputFile], world: any ConfigurationWorld) -> [InputFile] {
        var order: [Place] = []
        var groups: [Place: [InputFile]] = [:]
        var places: [Place?] = []
        for input in inputs {
            guard input.looksAround, input.path != "-", Recognition.format(of: input) == .systemd else {
                places.append(nil)
                continue
            }
            let place = place(of: input)
            places.append(place)
            if groups[place] == nil { order.append(place) }
            groups[place, default: []].append(input)
        }
        var done: Set<Place> = []
        return zip(inputs, places).compactMap { input, place in
            guard let place else { return input }
            guard done.insert(place).inserted else { return nil }
            let isTarget = role(of: input) == .unit(.target)
            let whole = completed(groups[place] ?? [input], place, world)
            return isTarget ? withServices(whole, given: Set(order), world) : whole
        }
    }

    /// The units of one input: one set, or one for each service of a target.
    static func sets(of file: InputFile) throws(Failure) -> [UnitSet] {
        if role(of: file) == .unit(.target) {
            var sets: [UnitSet] = []
            for service in file.companions where role(of: service) == .unit(.service) {
                sets += try self.sets(of: service)
            }
            return sets
        }
        let name = UnitName.fileName(of: file.path)
        let dropIns = dropIns(among: file.companions)
        var set = UnitSet(name: SystemdReader.unitName(of: name), service: try fragments(of: file, dropIns))
        for companion in file.companions {
            guard case .unit(let kind) = role(of: companion), UnitKind.starters.contains(kind) else { continue }
            set.starters.append(
                UnitSet.Starter(kind: kind, fragments: try fragments(of: companion, dropIns)))
        }
        return [set]
    }

    /// The drop-ins among files, by their directories' names.
    private static func dropIns(among files: [InputFile]) -> [String: [InputFile]] {
        var found: [String: [InputFile]] = [:]
        for file in files {
            if case .dropIn(let owner) = role(of: file) { found[owner + ".d", default: []].append(file) }
        }
        return found
    }

    /// A unit with its drop-ins, in the order in which systemd reads them: by file name; of two with one name only the
    /// more specific.
    private static func fragments(
        of file: InputFile, _ dropIns: [String: [InputFile]]
    ) throws(Failure) -> UnitFragments {
        let directories = UnitName.dropInDirectories(of: UnitName.fileName(of: file.path))
        let chosen = Dictionary(
            directories.flatMap { dropIns[$0] ?? [] }.map { (UnitName.fileName(of: $0.path), $0) },
            uniquingKeysWith: { specific, _ in specific })
        var documents: [UnitDocument] = []
        for (_, file) in chosen.sorted(by: { $0.key < $1.key }) {
            documents.append(try UnitDocument(path: file.path, bytes: file.bytes))
        }
        return UnitFragments(try UnitDocument(path: file.path, bytes: file.bytes), dropIns: documents)
    }

    private static func role(of file: InputFile) -> Role {
        let parts = file.path.split(separator: "/")
        if let parent = parts.dropLast().last, parent.hasSuffix(".d"), file.path.hasSuffix(".conf") {
            return .dropIn(of: String(parent.dropLast(2)))
        }
        if let (_, kind) = UnitName.split(UnitName.fileName(of: file.path)) { return .unit(kind) }
        let sections = (try? UnitDocument(path: file.path, bytes: file.bytes))?.sections ?? []
        return .unit(UnitKind.allCases.first { kind in kind.section.map(sections.contains) ?? false } ?? .service)
    }

    private static func place(of file: InputFile) -> Place {
        let directory = UnitName.directory(of: file.path)
        switch role(of: file) {
        case .unit(let kind):
            return Place(directory: directory, service: service(of: file, kind))
        case .dropIn(let owner):
            let above = UnitName.directory(of: String(directory.dropLast()))
            let stem = UnitName.split(owner).map { $0.stem } ?? owner
            return Place(directory: above, service: owner.hasSuffix(".target") ? owner : stem + ".service")
        }
    }

    /// The unit that a file is, or that it starts.
    private static func service(of file: InputFile, _ kind: UnitKind) -> String {
        let name = UnitName.fileName(of: file.path)
        guard UnitKind.starters.contains(kind), let (stem, _) = UnitName.split(name), let section = kind.section else {
            return kind == .target ? name : SystemdReader.unitName(of: name)
        }
        let unit = (try? UnitDocument(path: file.path, bytes: file.bytes)).map { UnitFragments($0) }
        let named = unit?.value(section, kind == .socket ? "Service" : "Unit")
        let text = named.flatMap { try? UnitSpecifiers(unitName: name).resolve($0).text }
        if let text, text.hasSuffix(".service") { return text }
        let isAccepting = unit?.value(section, "Accept").flatMap(UnitValue.boolean) ?? false
        return stem + (kind == .socket && isAccepting ? "@" : "") + ".service"
    }

    // MARK: Beside the files

    private static func read(_ path: String, as shown: String? = nil, _ world: any ConfigurationWorld) -> InputFile? {
        guard case .content(let bytes) = world.read(path, limit: largest) else { return nil }
        return InputFile(path: shown ?? path, bytes: bytes, looksAround: false)
    }

    /// A unit by name, or the template of an instance under the instance's name.
    private static func unit(_ name: String, in directories: [String], _ world: any ConfigurationWorld) -> InputFile? {
        for directory in directories {
            if let found = read(directory + name, world) { return found }
            if let template = UnitName.template(of: name),
                let found = read(directory + template, as: directory + name, world)
            {
                return found
            }
        }
        return nil
    }

    /// Where systemd looks for units (systemd.unit(5)).
    private static func directories(beside directory: String) -> [String] {
        let isUser = directory.contains("/systemd/user")
        let kind = isUser ? "user" : "system"
        return [directory] + ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { "\($0)/systemd/\(kind)/" }
    }

    /// One input of the files of a service, with what is found beside them.
    private static func completed(_ given: [InputFile], _ place: Place, _ world: any ConfigurationWorld) -> InputFile {
        let isMain: (InputFile) -> Bool = { file in
            role(of: file) == .unit(place.service.hasSuffix(".target") ? .target : .service)
        }
        let found =
            given.contains(where: isMain) ? nil : unit(place.service, in: directories(beside: place.directory), world)
        guard var main = given.first(where: isMain) ?? found ?? given.first else {
            return InputFile(path: place.directory + place.service, bytes: [])
        }
        var companions = given.filter { $0.path != main.path }
        for name in starterNames(of: main, place) {
            guard !companions.contains(where: { UnitName.fileName(of: $0.path) == name }),
                let (_, kind) = UnitName.split(name), UnitKind.starters.contains(kind),
                let starter = unit(name, in: [place.directory], world), service(of: starter, kind) == place.service
            else { continue }
            companions.append(starter)
        }
        for unit in [main] + companions {
            guard case .unit = role(of: unit) else { continue }
            for dropIn in dropIns(of: unit, world) where !companions.contains(where: { $0.path == dropIn.path }) {
                companions.append(dropIn)
            }
        }
        main.companions = companions
        main.looksAround = false
        return main
    }

    /// The units that may start a service: those of its own name, and those that it names as its sockets or that are to
    /// be enabled with it.
    private static func starterNames(of main: InputFile, _ place: Place) -> [String] {
        guard UnitName.split(place.service)?.kind == .service else { return [] }
        let usual = UnitName.starterStem(of: place.service)
        let unit = (try? UnitDocument(path: main.path, bytes: main.bytes)).map { UnitFragments($0) }
        let named = (unit?.assignments ?? []).filter { ["Service.Sockets", "Install.Also"].contains($0.name) }
        return UnitKind.starters.map { "\(usual).\($0.rawValue)" }
            + named.flatMap { $0.value.split(separator: " ").map(String.init) }.filter { !$0.contains("/") }
    }

    private static func dropIns(of unit: InputFile, _ world: any ConfigurationWorld) -> [InputFile] {
        let directory = UnitName.directory(of: unit.path)
        return UnitName.dropInDirectories(of: UnitName.fileName(of: unit.path)).flatMap { name in
            (world.list(directory + name) ?? []).filter { $0.hasSuffix(".conf") }.sorted().compactMap {
                read("\(directory)\(name)/\($0)", world)
            }
        }
    }

    /// A target with the services that it wants and that are not given by themselves.
    private static func withServices(
        _ target: InputFile, given: Set<Place>, _ world: any ConfigurationWorld
    ) -> InputFile {
        guard let unit = try? fragments(of: target, dropIns(among: target.companions)) else { return target }
        let directory = UnitName.directory(of: target.path)
        var result = target
        var seen: Set<String> = []
        for assignment in unit.assignments where ["Wants", "Requires", "BindsTo", "Upholds"].contains(assignment.key) {
            for word in assignment.value.split(separator: " ").map(String.init) {
                guard let (stem, kind) = UnitName.split(word), kind != .target,
                    case let place = Place(directory: directory, service: stem + ".service"),
                    !given.contains(place), seen.insert(place.service).inserted,
                    let service = self.unit(place.service, in: [directory], world)
                else { continue }
                result.companions.append(completed([service], place, world))
            }
        }
        return result
    }
}

extension FormatRegistry {
    /// The path of the template of an instance, `d/web@.service` for `d/web@blue.service`; `nil` for any other path. A
    /// unit that is not there can be read from its template under its own path.
    package static func template(of path: String) -> String? {
        UnitName.template(of: UnitName.fileName(of: path)).map { UnitName.directory(of: path) + $0 }
    }
}
