#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A private directory, and commands of a shell in it, each a child process.
struct Shell {
    let directory: String

    init() throws {
        var template = Array("/tmp/svinstall-init-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Problem.noDirectory }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    enum Problem: Error { case noDirectory, noFile(String) }

    func remove() { _ = system("rm -rf \(directory)") }

    /// Writes a file below the directory, its directories too.
    func write(_ name: String, _ text: String, isExecutable: Bool = false) throws {
        if let slash = name.lastIndex(of: "/") { _ = system("mkdir -p \(directory)/\(name[..<slash])") }
        let path = "\(directory)/\(name)"
        guard let file = fopen(isExecutable ? path + ".text" : path, "w") else { throw Problem.noFile(name) }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        // A child of another test may still have our descriptor, and such a file cannot be executed: its copy can.
        if isExecutable { _ = system("cp \(path).text \(path) && chmod 755 \(path)") }
    }

    func read(_ name: String) -> [UInt8] {
        guard let file = fopen("\(directory)/\(name)", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
        return bytes
    }

    /// Runs a command line in the directory; its exit status and all that it wrote.
    func run(_ command: String) -> (status: Int32, output: String) {
        let status = system("cd \(directory) && { PATH=\(directory)/bin:$PATH; \(command)\n} >output 2>&1")
        return (status >> 8 & 0xFF, String(decoding: read("output"), as: UTF8.self))
    }
}

/// The same numbers in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
