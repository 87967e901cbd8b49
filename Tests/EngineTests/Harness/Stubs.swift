import Engine
import Kernel
import ServiceModel
import SourceText
import Synchronization

/// A configuration that tests set.
final class StubSource: PlanSource {
    private let state: Mutex<Result<Plan, Failure>>
    private let loads = Mutex(0)

    init(_ plan: Plan) {
        state = Mutex(.success(plan))
    }

    var loadCount: Int { loads.withLock { $0 } }

    func set(_ result: Result<Plan, Failure>) { state.withLock { $0 = result } }

    func load() throws(Failure) -> Plan {
        loads.withLock { $0 += 1 }
        return try state.withLock { $0 }.get()
    }

    func changes(from active: Plan, to fresh: Plan) -> (changes: GroupChanges, details: [String]) {
        let old = Dictionary(uniqueKeysWithValues: active.groups.map { ($0.name, $0) })
        let new = Dictionary(uniqueKeysWithValues: fresh.groups.map { ($0.name, $0) })
        let changes = GroupChanges(
            added: fresh.groups.map(\.name).filter { old[$0] == nil },
            changed: fresh.groups.map(\.name).filter { old[$0] != nil && old[$0] != new[$0] },
            removed: active.groups.map(\.name).filter { new[$0] == nil })
        return (changes, changes.changed.map { "\($0): changed" })
    }
}

/// Ears that hear nobody: the script of a test talks to the engine directly.
final class StubPort: ControlPort {
    private let script: @Sendable () -> Void
    private let lives = Mutex(0)
    /// Whose descriptors the listeners are.
    private let kernel: any SystemCalls
    private let descriptors = Mutex<[Descriptor]>([])
    private let present = Mutex<(any EngineControl)?>(nil)

    /// The engine of the present life.
    var engine: (any EngineControl)? { present.withLock { $0 } }

    init(on kernel: any SystemCalls = HostKernel(), _ script: @escaping @Sendable () -> Void) {
        self.kernel = kernel
        self.script = script
    }

    func start(_ listeners: [BoundListener], engine: any EngineControl) throws {
        add(listeners)
        let life = lives.withLock { count in
            count += 1
            return count
        }
        present.withLock { $0 = engine }
        // A script is for the first life; later ones reach it through `LifeLine`.
        LifeLine.current.withLock { $0 = engine }
        guard life == 1 else { return }
        if let error = HostThread.start(script) { throw SystemError("pthread_create", error) }
    }

    func add(_ listeners: [BoundListener]) {
        descriptors.withLock { $0 += listeners.map(\.descriptor) }
    }

    var listeners: [BoundListener] { [] }

    func stop(grace: TimeSpan) {
        let all = descriptors.withLock { list in
            defer { list = [] }
            return list
        }
        for descriptor in all { kernel.close(descriptor) }
    }
}

/// The engine of the daemon's present life.
enum LifeLine {
    static let current = Mutex<(any EngineControl)?>(nil)
}
