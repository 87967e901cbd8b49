import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat

/// What is wrong in a unit on this machine, beyond what its reader finds.
enum UnitCheck {
    /// Problems of one file; what stands in other units of the same service is told when those are checked.
    static func problems(
        _ file: InputFile, found: [Diagnostic], world: any ConfigurationWorld
    ) -> [Diagnostic] {
        let whole = UnitGathering.complete([file], world: world).first ?? file
        let isUser = file.path.contains("/systemd/user/")
        let sets = (try? UnitGathering.sets(of: whole)) ?? []
        let linted = sets.flatMap { set in
            UnitLint.problems(in: set, isUser: isUser, world: Surroundings(world: world))
        }
        // Nothing is wrong with a template; only a conversion wants an instance.
        return (found.filter { $0.code != "unit-template" } + linted).filter { problem in
            guard let place = problem.span?.file, place != file.path else { return true }
            return UnitName.split(UnitName.fileName(of: place)) == nil
        }
    }

    /// What is wrong in a unit itself whose service is not there.
    static func problems(ofStarter file: InputFile) -> [Diagnostic] {
        guard let (stem, kind) = UnitName.split(UnitName.fileName(of: file.path)),
            let unit = try? UnitDocument(path: file.path, bytes: file.bytes),
            let service = try? UnitDocument(path: stem + ".service", bytes: Array("[Service]\nExecStart=/bin/x\n".utf8))
        else { return [] }
        let starter = UnitSet.Starter(kind: kind, fragments: UnitFragments(unit))
        let set = UnitSet(name: stem + ".service", service: UnitFragments(service), starters: [starter])
        return (try? SystemdReader().read(set).diagnostics) ?? []
    }

    private struct Surroundings: UnitSurroundings {
        let world: any ConfigurationWorld

        func kind(of path: String) -> UnitPathKind? {
            switch world.kind(of: path) {
            case .file?: .file
            case .directory?: .directory
            case .other?: .other
            case nil: nil
            }
        }

        func content(of path: String, limit: Int) -> [UInt8]? {
            if case .content(let bytes) = world.read(path, limit: limit) { bytes } else { nil }
        }

        func hasUser(_ name: String) -> Bool {
            UInt32(name).map { world.user(id: $0) != nil } ?? (world.user(named: name) != nil)
        }

        func hasGroup(_ name: String) -> Bool {
            UInt32(name).map(world.hasGroup) ?? (world.groupID(named: name) != nil)
        }
    }
}
