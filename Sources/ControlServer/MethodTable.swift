import Engine
import Supervision
import XMLRPC

/// The closed list of XML-RPC methods. A name that is not in it reaches nothing, whatever it looks like.
struct MethodTable: Sendable {
    private let methods: [String: Method]
    private let names: [String]

    private init(_ methods: [Method]) {
        self.methods = Dictionary(methods.map { ($0.name, $0) }) { first, _ in first }
        names = self.methods.keys.sorted()
    }

    /// What a daemon with `[rpcinterface:supervisor]` offers.
    static let complete = MethodTable(
        SystemMethods.all + DaemonMethods.all + ProcessMethods.all + InformationMethods.all + LogMethods.all
            + GroupMethods.all)

    /// What is left without that section.
    static let systemOnly = MethodTable(SystemMethods.all)

    /// The method of a name.
    subscript(name: String) -> Method? { methods[name] }

    /// All names, sorted as `system.listMethods` answers them.
    var sortedNames: [String] { names }
}

/// One method: what introspection tells, and what it does.
struct Method: Sendable {
    /// The types of XML-RPC that signatures speak of.
    enum Kind: String, Sendable {
        case string, int, boolean, array
        case structure = "struct"
    }

    struct Parameter: Sendable {
        var kind: Kind
        var name: String
        var isOptional = false

        static func string(_ name: String) -> Parameter { Parameter(kind: .string, name: name) }
        static func int(_ name: String) -> Parameter { Parameter(kind: .int, name: name) }
        static func array(_ name: String) -> Parameter { Parameter(kind: .array, name: name) }
        /// supervisord's `wait=True`.
        static let wait = Parameter(kind: .boolean, name: "wait", isOptional: true)
    }

    typealias Body = @Sendable (MethodCall) throws(MethodFailure) -> MethodStep

    /// `namespace.method`.
    var name: String
    var result: Kind
    var parameters: [Parameter]
    /// Answered also while the daemon ends or begins anew (supervisord 4.3: only `system.*` and `sendRemoteCommEvent`).
    var worksDuringShutdown: Bool
    var body: Body

    init(
        _ name: String, _ parameters: [Parameter] = [], returns result: Kind, worksDuringShutdown: Bool = false,
        _ body: @escaping Body
    ) {
        self.name = name
        self.result = result
        self.parameters = parameters
        self.worksDuringShutdown = worksDuringShutdown
        self.body = body
    }

    /// `system.methodSignature`: the result's type, then the parameters'.
    var signature: [String] { [result.rawValue] + parameters.map(\.kind.rawValue) }

    /// The number of arguments it can be called with.
    var arity: ClosedRange<Int> { parameters.count { !$0.isOptional }...parameters.count }
}

/// One call of a method.
struct MethodCall: Sendable {
    var arguments: [XMLRPCValue]
    var context: MethodContext
}

/// How far a call got by itself.
enum MethodStep: Sendable {
    case done(MethodOutcome)
    /// The engine has to answer; `interpret` says what its answer means.
    case ask(ControlQuestion)
    /// `system.multicall`: one after the other.
    case sequence([XMLRPCValue])
}

/// Why a call has no result.
enum MethodFailure: Error, Sendable {
    case fault(Fault)
    /// What made supervisord answer HTTP 500, in Python's words: `<class 'AttributeError'>:…`.
    case broken(String)

    static func fault(_ code: Fault.Code, _ detail: String? = nil) -> MethodFailure { .fault(Fault(code, detail)) }
}

extension MethodTable {
    /// Begins a call: finds the method, checks the number of arguments and the daemon's state, runs it.
    static func begin(_ name: String, _ arguments: [XMLRPCValue], _ context: MethodContext) -> MethodStep {
        guard let method = context.table[name] else { return .done(.fault(Fault(.unknownMethod))) }
        guard method.arity.contains(arguments.count) else { return .done(.fault(Fault(.incorrectParameters))) }
        if !method.worksDuringShutdown, context.snapshot.daemonState.rawValue < DaemonState.running.rawValue {
            return .done(.fault(Fault(.shutdownState)))
        }
        do throws(MethodFailure) {
            return try method.body(MethodCall(arguments: arguments, context: context))
        } catch {
            return .done(MethodOutcome(error))
        }
    }
}
