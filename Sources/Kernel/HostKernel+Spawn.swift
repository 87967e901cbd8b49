import CPlatform
import SourceText

extension HostKernel {
    package func spawn(_ request: SpawnRequest) -> Result<SpawnedProcess, SpawnFailure> {
        begin(request, waits: true)()
    }

    package func beginSpawn(_ request: SpawnRequest) -> @Sendable () -> Result<SpawnedProcess, SpawnFailure> {
        begin(request, waits: false)
    }

    private func begin(
        _ request: SpawnRequest, waits: Bool
    ) -> @Sendable () -> Result<SpawnedProcess, SpawnFailure> {
        guard let arguments = CStringArray(request.arguments.map { Array($0.utf8) }),
            let environment = CStringArray(request.environment.entries),
            let paths = CStringArray([request.path, request.workingDirectory].compactMap { $0.map { Array($0.utf8) } })
        else { return { .failure(SpawnFailure(step: .preparation, number: .invalid)) } }
        let birth = Birth(request, arguments, environment, paths: paths, waits: waits, children, lowDescriptors)
        return { birth.end() }
    }
}

/// A child that is being made, with all that it reads on its way to its program.
///
/// Safe to share: `init` fills the memory and makes the child, `end` alone touches it afterwards, and is called once. What
/// the child reads or writes are allocations of this object and of the string arrays it holds; none is freed before `end`
/// has returned, because `deinit` calls it where nobody did.
private final class Birth: @unchecked Sendable {
    private let strings: [CStringArray]
    private let job: UnsafeMutablePointer<svi_spawn_job>
    private let descriptors: UnsafeMutableBufferPointer<Int32>
    private let limits: UnsafeMutableBufferPointer<svi_limit>
    private let groups: UnsafeMutableBufferPointer<gid_t>
    private let loan: LowDescriptors.Loan
    private let children: ChildRegistry
    private let lowDescriptors: LowDescriptors
    private var hasEnded = false

    init(
        _ request: SpawnRequest, _ arguments: CStringArray, _ environment: CStringArray, paths: CStringArray,
        waits: Bool, _ children: ChildRegistry, _ lowDescriptors: LowDescriptors
    ) {
        strings = [arguments, environment, paths]
        self.children = children
        self.lowDescriptors = lowDescriptors
        let ends = [request.standardInput, request.standardOutput, request.standardError] + request.extraDescriptors
        loan = lowDescriptors.lend(ends.map(\.number))
        descriptors = Self.memory(of: loan.ends)
        limits = Self.memory(
            of: request.limits.map {
                svi_limit(resource: $0.resource.rawValue, soft: $0.soft ?? .max, hard: $0.hard ?? .max)
            })
        groups = Self.memory(of: request.credentials?.supplementaryGroups ?? [])
        job = .allocate(capacity: 1)
        job.initialize(to: svi_spawn_job())

        job.pointee.path = UnsafePointer(paths.pointers[0])
        job.pointee.directory = UnsafePointer(paths.pointers[1])
        job.pointee.arguments = arguments.pointers
        job.pointee.environment = environment.pointers
        job.pointee.umask = request.umask.map { Int32(clamping: $0) } ?? -1
        job.pointee.grouping = request.grouping.rawValue
        if let credentials = request.credentials {
            job.pointee.has_credentials = 1
            job.pointee.user = credentials.user
            job.pointee.group = credentials.group
        }
        job.pointee.groups = UnsafePointer(groups.baseAddress)
        job.pointee.group_count = groups.count
        job.pointee.limits = UnsafePointer(limits.baseAddress)
        job.pointee.limit_count = limits.count
        job.pointee.death_signal = request.parentDeathSignal?.number ?? 0
        job.pointee.ignored = request.ignoredSignals.reduce(0) { $0 | 1 << ($1.number - 1) }
        job.pointee.waits = waits ? 1 : 0
        job.pointee.descriptors = descriptors.baseAddress
        job.pointee.descriptor_count = Int32(descriptors.count)
        children.begin(job)
    }

    /// Waits until the program runs, or is known to have failed.
    func end() -> Result<SpawnedProcess, SpawnFailure> {
        hasEnded = true
        let succeeded = children.end(job)
        lowDescriptors.giveBack(loan)
        let done = job.pointee
        guard succeeded else {
            return .failure(
                SpawnFailure(
                    step: SpawnStep(rawValue: done.step) ?? .creation, number: ErrorNumber(done.error),
                    pid: done.pid > 0 ? done.pid : nil))
        }
        let handle = done.handle >= 0 ? Descriptor(number: done.handle) : nil
        return .success(SpawnedProcess(pid: done.pid, handle: handle))
    }

    deinit {
        if !hasEnded { _ = end() }
        job.deallocate()
        descriptors.deallocate()
        limits.deallocate()
        groups.deallocate()
    }

    /// The elements have no references: freeing the memory is all that their end takes.
    private static func memory<Element: BitwiseCopyable>(
        of elements: [Element]
    ) -> UnsafeMutableBufferPointer<Element> {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = memory.initialize(from: elements)
        return memory
    }
}

/// A NULL-terminated array of C strings in one block of memory, as execve(2) takes it.
final class CStringArray {
    private let storage: UnsafeMutableRawPointer
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// `nil` when a string holds a NUL byte.
    init?(_ strings: [[UInt8]]) {
        guard !strings.contains(where: { $0.contains(0) }) else { return nil }
        let tableSize = (strings.count + 1) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride
        let textSize = strings.reduce(0) { $0 + $1.count + 1 }
        storage = UnsafeMutableRawPointer.allocate(byteCount: tableSize + textSize, alignment: 16)
        pointers = storage.bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: strings.count + 1)
        var text = (storage + tableSize).bindMemory(to: CChar.self, capacity: textSize)
        for (index, string) in strings.enumerated() {
            (pointers + index).initialize(to: text)
            string.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: text, count: $0.count).copyMemory(from: $0) }
            text += string.count
            text.initialize(to: 0)
            text += 1
        }
        (pointers + strings.count).initialize(to: nil)
    }

    deinit {
        storage.deallocate()
    }
}
