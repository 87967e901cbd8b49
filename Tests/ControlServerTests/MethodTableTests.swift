import Engine
import Testing

@Suite struct MethodTableTests {
    /// As supervisord 4.3.0 answers `system.listMethods` and `system.methodSignature`, taken down from it.
    static let golden: [(name: String, signature: [String])] = [
        ("supervisor.addProcessGroup", ["boolean", "string"]),
        ("supervisor.clearAllProcessLogs", ["array"]),
        ("supervisor.clearLog", ["boolean"]),
        ("supervisor.clearProcessLog", ["boolean", "string"]),
        ("supervisor.clearProcessLogs", ["boolean", "string"]),
        ("supervisor.getAPIVersion", ["string"]),
        ("supervisor.getAllConfigInfo", ["array"]),
        ("supervisor.getAllProcessInfo", ["array"]),
        ("supervisor.getIdentification", ["string"]),
        ("supervisor.getPID", ["int"]),
        ("supervisor.getProcessInfo", ["struct", "string"]),
        ("supervisor.getState", ["struct"]),
        ("supervisor.getSupervisorVersion", ["string"]),
        ("supervisor.getVersion", ["string"]),
        ("supervisor.readLog", ["string", "int", "int"]),
        ("supervisor.readMainLog", ["string", "int", "int"]),
        ("supervisor.readProcessLog", ["string", "string", "int", "int"]),
        ("supervisor.readProcessStderrLog", ["string", "string", "int", "int"]),
        ("supervisor.readProcessStdoutLog", ["string", "string", "int", "int"]),
        ("supervisor.reloadConfig", ["array"]),
        ("supervisor.removeProcessGroup", ["boolean", "string"]),
        ("supervisor.restart", ["boolean"]),
        ("supervisor.sendProcessStdin", ["boolean", "string", "string"]),
        ("supervisor.sendRemoteCommEvent", ["boolean", "string", "string"]),
        ("supervisor.shutdown", ["boolean"]),
        ("supervisor.signalAllProcesses", ["array", "string"]),
        ("supervisor.signalProcess", ["boolean", "string", "string"]),
        ("supervisor.signalProcessGroup", ["array", "string", "string"]),
        ("supervisor.startAllProcesses", ["array", "boolean"]),
        ("supervisor.startProcess", ["boolean", "string", "boolean"]),
        ("supervisor.startProcessGroup", ["array", "string", "boolean"]),
        ("supervisor.stopAllProcesses", ["array", "boolean"]),
        ("supervisor.stopProcess", ["boolean", "string", "boolean"]),
        ("supervisor.stopProcessGroup", ["array", "string", "boolean"]),
        ("supervisor.tailProcessLog", ["array", "string", "int", "int"]),
        ("supervisor.tailProcessStderrLog", ["array", "string", "int", "int"]),
        ("supervisor.tailProcessStdoutLog", ["array", "string", "int", "int"]),
        ("system.listMethods", ["array"]),
        ("system.methodHelp", ["string", "string"]),
        ("system.methodSignature", ["array", "string"]),
        ("system.multicall", ["array", "array"]),
    ]

    @Test func `the list of methods is the original's, in its order`() throws {
        let server = try TestServer()
        #expect(try server.call("system.listMethods") == .answer(.strings(Self.golden.map(\.name))))
    }

    @Test(arguments: golden) func `a method's signature is the original's`(name: String, signature: [String]) throws {
        let server = try TestServer()
        #expect(
            try server.call("system.methodSignature", "<string>\(name)</string>") == .answer(.strings(signature)))
    }

    @Test(arguments: golden) func `a method's help tells of the parameters and the result of its signature`(
        name: String, signature: [String]
    ) throws {
        let server = try TestServer()
        let answer = try server.call("system.methodHelp", "<string>\(name)</string>")
        let help = answer.components(behind: "<value><string>").components(before: "</string>")
        let kinds = help.split(separator: "\n").compactMap { line -> String? in
            let words = line.split(separator: " ")
            return words.count > 1 && (words[0] == "@param" || words[0] == "@return") ? String(words[1]) : nil
        }
        #expect(Array((kinds.suffix(1) + kinds.dropLast())) == signature)
    }

    @Test(arguments: golden.map(\.name)) func `every method has a sentence of its own`(name: String) throws {
        let help = try TestServer().call("system.methodHelp", "<string>\(name)</string>")
        let sentence = help.components(behind: "<value><string>").components(before: "\n")
        // Without one, its name stands there.
        #expect(sentence.hasSuffix("."))
        #expect(sentence.contains(" "))
    }

    @Test(arguments: [
        "supervisor.nope", "nope.getState", "getState", "supervisor", "supervisor.getState.x", "supervisor._update",
        "supervisor.supervisord.getpid", "supervisor.__class__", "system.__init__", "supervisor.", ".getState",
        // CVE-2017-11610
        "supervisor.supervisord.options.execve", "supervisor.supervisord.options.warnings.linecache.os.system",
        "supervisor.__init__.__globals__", "system.namespaces", "__class__", "supervisor.getState.__func__",
        "supervisor getState", "Supervisor.getState", " supervisor.getState", "supervisor.getState ",
        "twiddler.addProgramToGroup",
    ])
    func `whatever is not in the table is an unknown method, alone and among others`(name: String) throws {
        let server = try TestServer()
        #expect(try server.call(name) == .fault(1, "UNKNOWN_METHOD"))
        let one =
            "<array><data><value><struct><member><name>methodName</name><value>\(name)</value></member>"
            + "</struct></value></data></array>"
        #expect(
            try server.call("system.multicall", one)
                == .answer("<value><array><data>\n\(String.faultValue(1, "UNKNOWN_METHOD"))\n</data></array></value>"))
        #expect(server.engine.requests.isEmpty)
    }

    @Test func `without the interface's section only system methods exist, except on the private socket`() throws {
        let engine = FakeEngine()
        engine.snapshot.offersSupervisorNamespace = false
        #expect(try TestServer(engine).call("supervisor.getPID") == .fault(1, "UNKNOWN_METHOD"))
        #expect(
            try TestServer(engine).call("system.listMethods")
                == .answer(.strings(Self.golden.map(\.name).filter { $0.hasPrefix("system.") })))
        #expect(
            try TestServer(engine, isPrivate: true).call("supervisor.getPID")
                == .answer("<value><int>4711</int></value>"))
    }
}

extension String {
    /// A whole answer around one value, as Python's `xmlrpc.client.dumps` lays it out.
    static func answer(_ value: String) -> String {
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n\(value)\n</param>\n</params>\n</methodResponse>\n"
    }

    static func strings(_ values: [String]) -> String {
        let list = values.map { "<value><string>\($0)</string></value>\n" }.joined()
        return "<value><array><data>\n\(list)</data></array></value>"
    }

    static func fault(_ code: Int, _ text: String) -> String {
        "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n\(faultValue(code, text))\n</fault>\n</methodResponse>\n"
    }

    static func faultValue(_ code: Int, _ text: String) -> String {
        "<value><struct>\n<member>\n<name>faultCode</name>\n<value><int>\(code)</int></value>\n</member>\n"
            + "<member>\n<name>faultString</name>\n<value><string>\(text)</string></value>\n</member>\n"
            + "</struct></value>"
    }
}
