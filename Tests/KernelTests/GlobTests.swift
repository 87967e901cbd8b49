import Kernel
import Testing

@Suite("Patterns over file names")
struct GlobTests {
    @Test(
        "wildcards match as in glob(3)",
        arguments: [
            ("*.conf", ["a.conf", "b.conf"]), ("?.conf", ["a.conf", "b.conf"]), ("[!a]*.conf", ["b.conf"]),
            ("[a-b].co*", ["a.conf", "b.conf"]), (".*", [".hidden.conf"]), ("a.conf", ["a.conf"]),
            ("missing.conf", []), ("*/*.ini", ["d/x.ini"]), ("[", ["["]), ("*a*.*o*f", ["a.conf"]), ("d/", ["d"]),
            ("no*/x", []),
        ] as [(String, [String])])
    func patterns(_ pattern: String, _ expected: [String]) throws {
        let kernel = HostKernel()
        try withScratchDirectory { directory in
            for name in ["a.conf", "b.conf", ".hidden.conf", "["] {
                try kernel.writeFileAtomically(directory + "/" + name, [], mode: 0o600)
            }
            try kernel.makeDirectory(directory + "/d", mode: 0o700)
            try kernel.writeFileAtomically(directory + "/d/x.ini", [], mode: 0o600)
            #expect(kernel.glob(directory + "/" + pattern) == expected.map { directory + "/" + $0 })
        }
    }
}
