import Supervision
import XMLRPC

/// `system.*`: what the methods are, and several calls in one.
enum SystemMethods {
    static let all: [Method] = [
        Method("system.listMethods", returns: .array, worksDuringShutdown: true) { call in
            .done(.value(.array(call.context.table.sortedNames.map { .string($0) })))
        },
        Method("system.methodHelp", [.string("name")], returns: .string, worksDuringShutdown: true) {
            call throws(MethodFailure) in
            .done(.value(.string(MethodHelp.text(of: try method(call)))))
        },
        Method("system.methodSignature", [.string("name")], returns: .array, worksDuringShutdown: true) {
            call throws(MethodFailure) in
            .done(.value(.array(try method(call).signature.map { .string($0) })))
        },
        Method("system.multicall", [.array("calls")], returns: .array, worksDuringShutdown: true) {
            call throws(MethodFailure) in
            switch call.arguments[0] {
            case .array(let calls):
                guard let other = calls.first(where: { $0.members == nil }) else { return .sequence(calls) }
                throw .broken("<class 'AttributeError'>:'\(other.pythonType)' object has no attribute 'get'")
            case .string(""):
                return .sequence([])
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
