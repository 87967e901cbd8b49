import Engine
import NIOCore
import Supervision
import XMLRPC

/// Runs calls on the control thread: asks the engine where a method needs it, and hands on the one result. Nobody
/// waits meanwhile.
final class MethodRunner {
    typealias Completion = (MethodOutcome) -> Void

    private let service: ControlService
    private let loop: any EventLoop
    private let isPrivate: Bool
    private let log: AccessLog
    /// What the client waits for, as long as it is the answer to one question that anybody could pass on.
    private(set) var waiting: WaitingCall?

    init(_ service: ControlService, _ log: AccessLog, loop: any EventLoop, isPrivate: Bool) {
        self.service = service
        self.log = log
        self.loop = loop
        self.isPrivate = isPrivate
    }

    /// `completion` is called once, on the loop, possibly before this returns.
    func run(_ call: XMLRPCCall, for asker: Asker, _ completion: @escaping Completion) {
        switch begin(call.method, call.parameters, asker) {
        case .done(let outcome): completion(outcome)
        case .ask(let question):
            // Whoever restarts the daemon waits for a configuration that is read.
            if case .supervise(let request) = question.request, request != .restart {
                waiting = WaitingCall(
                    ticket: service.tickets.next(), name: question.name, isPrivate: isPrivate)
            }
            ask(question, ticket: waiting?.ticket ?? 0) { [self] in
                waiting = nil
                completion($0)
            }
        case .sequence(let calls): runSequence(calls, for: asker, completion)
        }
    }

    /// Runs several calls one after the other; results in order.
    func runSequence(_ calls: [XMLRPCValue], for asker: Asker, _ completion: @escaping Completion) {
        guard calls.count <= service.limits.multicallCalls else {
            let detail = "more than \(service.limits.multicallCalls) calls"
            return completion(.fault(.init(.incorrectParameters, detail)))
        }
        advance(calls[...], [], asker, completion)
    }

    /// Why a call is not allowed, as far as there is such a method; said to the log, too.
    func objection(to method: String, _ arguments: [XMLRPCValue], _ asker: Asker) -> String? {
        guard let objection = AccessTable.objection(to: method, arguments, asker.rights) else { return nil }
        log.denied(method, arguments, objection, asker)
        return asker.explained(objection)
    }

    /// Every call of every client begins here.
    private func begin(_ method: String, _ arguments: [XMLRPCValue], _ asker: Asker) -> MethodStep {
        let context = service.context(asker, isPrivate: isPrivate)
        if context.table[method] != nil, let objection = objection(to: method, arguments, asker) {
            return .done(.fault(.init(.failed, objection)))
        }
        let step = MethodTable.begin(method, arguments, context)
        if case .ask = step { log.asked(method, arguments, asker) }
        return step
    }

    private func ask(
        _ question: ControlQuestion, ticket: UInt64 = 0, _ completion: @escaping Completion
    ) {
        let loop = loop
        let workers = service.workers
        let wayBack = service.wayBack
        let isPrivate = isPrivate
        let bound = NIOLoopBound(completion, eventLoop: loop)
        service.engine.submit(question.request, ticket: ticket) { answer in
            if question.mayBlock {
                workers.run(
                    for: loop, { question.outcome(of: answer, isPrivate: isPrivate) }, then: { bound.value($0) })
            } else {
                wayBack.bring(to: loop) { bound.value(question.outcome(of: answer, isPrivate: isPrivate)) }
            }
        }
    }

    private func advance(
        _ calls: ArraySlice<XMLRPCValue>, _ results: [MethodOutcome], _ asker: Asker, _ completion: @escaping Completion
    ) {
        var rest = calls
        var results = results
        while let call = rest.popFirst() {
            switch step(of: call, asker) {
            case .done(let outcome):
                results.append(outcome)
            case .ask(let question):
                let (remaining, soFar) = (rest, results)
                return ask(question) { self.advance(remaining, soFar + [$0], asker, completion) }
            case .sequence:
                results.append(
                    .fault(.init(.incorrectParameters, "Recursive system.multicall forbidden")))
            }
        }
        completion(.several(results))
    }

    /// One element of a multicall; what is wrong with it is its own result.
    private func step(of call: XMLRPCValue, _ asker: Asker) -> MethodStep {
        guard let name = call["methodName"] else {
            return .done(.fault(.init(.incorrectParameters, "No methodName")))
        }
        guard let method = name.text else {
            let reason = "<class 'AttributeError'>:'\(name.pythonType)' object has no attribute 'split'"
            return .done(.broken(reason))
        }
        if method == "system.multicall" { return .sequence([]) }
        guard service.context(asker, isPrivate: isPrivate).table[method] != nil else {
            return .done(.fault(.init(.unknownMethod)))
        }
        switch call["params"] {
        case nil: return begin(method, [], asker)
        case .array(let arguments)?: return begin(method, arguments, asker)
        // Python spreads any sequence: the letters of a string, the keys of a dictionary.
        case .string(let text)?: return begin(method, text.map { .string(String($0)) }, asker)
        case .structure(let members)?: return begin(method, members.map { .string($0.name) }, asker)
        default: return .done(.fault(.init(.incorrectParameters)))
        }
    }
}
