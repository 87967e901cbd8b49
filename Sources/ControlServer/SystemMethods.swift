import Supervision
import XMLRPC

/// `system.*`: what the methods are, and several calls in one.
enum SystemMethods {
    static let all: [Method] = [
        Method(
            "system.listMethods", returns: .array,
            help: "The names of all methods, sorted.", worksDuringShutdown: true
        ) { call in
            .done(.value(.array(call.context.table.sortedNames.map { .string($0) })))
        },
        Method(
            "system.methodHelp", [.string("name")], returns: .string,
            help: "What the method of that name does.", worksDuringShutdown: true
        ) { call throws(MethodFailure) in
            .done(.value(.string(try method(call).documentation)))
        },
        Method(
            "system.methodSignature", [.string("name")], returns: .array,
            help: "The type of the method's result, followed by the types of its parameters.",
            worksDuringShutdown: true
        ) { call throws(MethodFailure) in
            .done(.value(.array(try method(call).signature.map { .string($0) })))
        },
        Method(
            "system.multicall", [.array("calls")], returns: .array,
            help: """
                Performs calls one after the other and answers with their results in that order. Each call is a struct \
                of methodName and params; a call that is refused leaves a struct of faultCode and faultString.
                """,
            worksDuringShutdown: true
        ) { call throws(MethodFailure) in
            switch call.arguments[0] {
            case .array(let calls):
                guard let other = calls.first(where: { $0.members == nil }) else { return .sequence(calls) }
                throw .broken("<class 'AttributeError'>:'\(other.pythonType)' object has no attribute 'get'")
            case .string, .base64:
                throw .broken("<class 'AttributeError'>:'str' object has no attribute 'get'")
            default:
                throw .fault(.incorrectParameters)
            }
        },
    ]

    private static func method(_ call: MethodCall) throws(MethodFailure) -> Method {
        guard let name = call.arguments[0].text, let method = call.context.table[name] else {
            throw .fault(.signatureUnsupported)
        }
        return method
    }
}

extension Method {
    /// The help with the parameters and the result, tagged as supervisord's texts are.
    fileprivate var documentation: String {
        var lines = [" \(help)", ""]
        for parameter in parameters {
            let note = parameter.isOptional ? " (may be left out)" : ""
            lines.append("@param \(parameter.kind.rawValue) \(parameter.name)\(note)")
        }
        lines.append("@return \(result.rawValue) result")
        return lines.joined(separator: "\n")
    }
}
