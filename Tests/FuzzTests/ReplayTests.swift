import FuzzTargets
import Kernel
import Testing

/// What fuzzers started from and what they found, once more.
@Suite struct ReplayTests {
    /// The files of one directory beside this one, by name.
    private static func files(in directory: String) -> [(name: String, bytes: [UInt8])] {
        let here = #filePath
        let path = here.prefix(upTo: here.lastIndex(of: "/") ?? here.endIndex) + "/Corpora/\(directory)"
        let kernel = HostKernel()
        return ((try? kernel.list(String(path))) ?? []).filter { !$0.hasPrefix(".") }.sorted().compactMap { name in
            (try? kernel.readFile("\(path)/\(name)", limit: 1 << 20)).map { (name, $0) }
        }
    }

    @Test("a corpus breaks no rule", .timeLimit(.minutes(2)), arguments: FuzzTarget.all)
    func corpus(target: FuzzTarget) {
        let files = Self.files(in: target.name)
        #expect(!files.isEmpty, "no corpus for \(target.name)")
        for file in files {
            let broken = target.judge(file.bytes)
            #expect(broken == nil, "\(target.name)/\(file.name)")
        }
    }

    @Test("cut anywhere, a seed breaks no rule", .timeLimit(.minutes(2)), arguments: FuzzTarget.all)
    func cut(target: FuzzTarget) {
        for file in Self.files(in: target.name) where file.bytes.count <= 4096 {
            for length in stride(from: 0, to: file.bytes.count, by: max(1, file.bytes.count / 12)) {
                let broken = target.judge(Array(file.bytes.prefix(length)))
                #expect(broken == nil, "\(target.name)/\(file.name) cut at \(length)")
            }
        }
    }
}
