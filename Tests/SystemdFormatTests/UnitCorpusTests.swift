#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import ServiceModel
import SourceText
import SystemdFormat
import Testing

/// Real units, from the directory `unit` in the one that SVINSTALL_CORPUS names.
@Suite struct UnitCorpusTests {
    private static let directory = getenv("SVINSTALL_CORPUS").map { String(cString: $0) + "/unit" }

    private static func names() -> [String] {
        guard let directory, let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    @Test(.enabled(if: directory != nil, "SVINSTALL_CORPUS is not set"))
    func `every real unit is the same after it was read and written, or refused with a place`() throws {
        guard let directory = Self.directory else { return }
        var refused = 0
        var same = 0
        for name in Self.names() {
            let path = "\(directory)/\(name)"
            let result: SystemdReader.Result
            do throws(Failure) {
                result = try SystemdReader().read(path: path, bytes: Self.bytes(of: path))
            } catch {
                refused += 1
                #expect(error.diagnostics.allSatisfy { $0.span != nil && $0.remedy != nil }, "\(error)")
                continue
            }
            guard let first = result.service, first.command != nil else {
                refused += 1
                let errors = result.diagnostics.filter { $0.severity == .error }
                #expect(errors.allSatisfy { $0.span != nil && $0.remedy != nil }, "\(name)")
                continue
            }
            let unit = try SystemdWriter().write(first).units[0]
            let second = try SystemdReader().read(path: unit.name, bytes: Array(unit.text.utf8)).service
            #expect(second == first, "\(name)\n\(unit.text)")
            same += 1
        }
        print("units: \(same) the same, \(refused) refused")
        #expect(same > 0)
    }
}
