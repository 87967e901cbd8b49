import CPlatform
import SourceText

extension HostKernel {
    package func spawn(_ request: SpawnRequest) -> Result<SpawnedProcess, SpawnFailure> {
        let texts = [request.path, request.workingDirectory ?? ""] + request.arguments
        guard !texts.contains(where: { $0.utf8.contains(0) }),
            let arguments = CStringArray(request.arguments.map { Array($0.utf8) }),
            let environment = CStringArray(request.environment.entries)
        else { return .failure(SpawnFailure(step: .preparation, number: .invalid)) }

        let ends = [request.standardInput, request.standardOutput, request.standardError] + request.extraDescriptors
        let limits = request.limits.map {
            svi_limit(resource: $0.resource.rawValue, soft: $0.soft ?? .max, hard: $0.hard ?? .max)
        }
        let groups = request.credentials?.supplementaryGroups ?? []

        return lowDescriptors.withLow(ends.map(\.number)) { low in
            var descriptors = low
            return withExtendedLifetime((arguments, environment)) {
                request.path.withCString { path in
                    withOptionalCString(request.workingDirectory) { directory in
                        groups.withUnsafeBufferPointer { groups in
                            limits.withUnsafeBufferPointer { limits in
                                descriptors.withUnsafeMutableBufferPointer { descriptors in
                                    var job = svi_spawn_job()
                                    job.path = path
                                    job.arguments = arguments.pointers
                                    job.environment = environment.pointers
                                    job.directory = directory
                                    job.umask = request.umask.map { Int32(clamping: $0) } ?? -1
                                    job.grouping = request.grouping.rawValue
                                    if let credentials = request.credentials {
                                        job.has_credentials = 1
                                        job.user = credentials.user
                                        job.group = credentials.group
                                    }
                                    job.groups = groups.baseAddress
                                    job.group_count = groups.count
                                    job.limits = limits.baseAddress
                                    job.limit_count = limits.count
                                    job.death_signal = request.parentDeathSignal?.number ?? 0
                                    job.ignored = request.ignoredSignals.reduce(0) { $0 | 1 << ($1.number - 1) }
                                    job.descriptors = descriptors.baseAddress
                                    job.descriptor_count = Int32(descriptors.count)
                                    return run(&job)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private func run(_ job: inout svi_spawn_job) -> Result<SpawnedProcess, SpawnFailure> {
        let succeeded = withUnsafeMutablePointer(to: &job) { children.spawn($0) }
        guard succeeded else {
            return .failure(
                SpawnFailure(
                    step: SpawnStep(rawValue: job.step) ?? .creation, number: ErrorNumber(job.error),
                    pid: job.pid > 0 ? job.pid : nil))
        }
        let handle = job.handle >= 0 ? Descriptor(number: job.handle) : nil
        return .success(SpawnedProcess(pid: job.pid, handle: handle))
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

private func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
