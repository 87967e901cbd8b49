#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import ServiceFormats
import Testing

/// Python's plistlib on what is written, where Python is installed.
@Suite struct PlistlibOracleTests {
    private static let python = "/usr/bin/python3"
    private static let isThere = access(python, X_OK) == 0

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    @Test(.enabled(if: isThere, "python3 is not installed"), arguments: [Format.supervisor, .systemd])
    func `plistlib reads the same values from a job and from what came back`(through: Format) throws {
        var template = Array("/tmp/svinstall-plistlib-XXXXXX".utf8CString)
        _ = try #require(mkdtemp(&template))
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { _ = system("rm -r \(directory)") }
        for (index, job) in [Sample.article, Sample.rich].enumerated() {
            let back = try Sample.converted(try Sample.converted(job, to: through), to: .plist)
            // plistlib knows a property list by its first bytes.
            try write(job.bytes, to: "\(directory)/\(index).before")
            try write(back.bytes, to: "\(directory)/\(index).after")
        }
        let script =
            "import plistlib,sys;"
            + "[sys.exit(1) for i in (0,1) if plistlib.load(open(f'\(directory)/{i}.before','rb'))"
            + "!=plistlib.load(open(f'\(directory)/{i}.after','rb'))]"
        #expect(system("\(Self.python) -c \"\(script)\"") == 0)
    }
}
