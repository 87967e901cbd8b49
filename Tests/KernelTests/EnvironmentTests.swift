import Kernel
import Testing

@Suite("Environment variables")
struct EnvironmentTests {
    private let name = "caf\u{e9}"
    private let decomposed = "cafe\u{301}"

    @Test("a value is whole, however Unicode spells the name that is asked for")
    func spellings() {
        var environment = Environment()
        environment.add(entry: Array("\(decomposed)=a=b".utf8))
        #expect(environment[name] == "a=b")
        #expect(environment.variables[decomposed] == "a=b")
    }

    @Test("bytes that are no text reach a child unchanged")
    func bytes() {
        var environment = Environment()
        environment.add(entry: Array("A=".utf8) + [0xff, 0x3d, 0x80])
        #expect(environment.entries == [Array("A=".utf8) + [0xff, 0x3d, 0x80]])
        #expect(environment["A"] == "\u{fffd}=\u{fffd}")
    }

    @Test("what has no name or no value is no variable")
    func nothing() {
        var environment: Environment = ["": "x", "a=b": "x"]
        environment.add(entry: Array("=x".utf8))
        environment.add(entry: Array("x".utf8))
        #expect(environment.isEmpty)
    }

    @Test("they are in order of their names, each once; the last one counts")
    func order() {
        var environment = Environment([("B", "1"), ("A", "2"), ("B", "3"), ("", "x")])
        environment.merge(["C": "4", "A": "5", "D": "6"])
        environment["AB"] = "7"
        environment["C"] = nil
        #expect(environment.entries == ["A=5", "AB=7", "B=3", "D=6"].map { Array($0.utf8) })
        #expect(environment.names == ["A", "AB", "B", "D"])
        #expect(environment["C"] == nil)
    }
}
