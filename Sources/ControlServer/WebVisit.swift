import Engine
import Kernel
import NIOCore
import SourceText
import Supervision
import XMLRPC

/// One request to the web interface: shows a page, or performs an action and sends the browser back with a message.
final class WebVisit {
    private let page: WebPage
    private let fields: [String: String]
    private let door: ListenerDoor
    private let service: ControlService
    private let runner: MethodRunner
    private let asker: Asker

    init(
        _ page: WebPage, body: ByteBuffer, door: ListenerDoor, service: ControlService, runner: MethodRunner,
        for asker: Asker
    ) {
        self.page = page
        self.asker = asker
        self.door = door
        self.service = service
        self.runner = runner
        // Of equal names the query's first and the form's last counts, the form before the query (supervisord 4.3).
        let query = PercentCoding.fields(page.query)
        let form = PercentCoding.fields(String(decoding: body.readableBytesView, as: UTF8.self))
        fields = Dictionary(query.map { ($0.name, $0.value) }) { first, _ in first }
            .merging(form.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// `completion` is called once, on the loop.
    func answer(_ completion: @escaping (HTTPAnswer) -> Void) {
        switch page.kind {
        case .ok:
            completion(HTTPAnswer(.ok, type: "text/plain", Array("OK".utf8)))
        case .styleSheet, .image:
            let file = page.kind.file
            completion(file.map { HTTPAnswer(.ok, type: $0.type, $0.bytes) } ?? HTTPAnswer(.notFound))
        case .tail:
            tail(completion)
        case .index:
            guard let word = fields["action"] else { return completion(index()) }
            act(word, completion)
        }
    }

    /// Everything, else the process, else the action is looked at, as supervisord does.
    private func act(_ word: String, _ completion: @escaping (HTTPAnswer) -> Void) {
        let process = fields["processname"]
        let action = WebAction(word, process: process)
        if let process, action?.isAboutAll != true, (try? context().program(named: process)) == nil {
            return completion(redirect("No such process named \(process)"))
        }
        guard let action else { return completion(HTTPAnswer(.internalError)) }
        for call in action.calls {
            guard runner.objection(to: call.name, call.arguments, asker) == nil else {
                return completion(HTTPAnswer(.forbidden))
            }
        }
        perform(action, completion)
    }

    private func context() -> MethodContext { service.context(asker, isPrivate: true) }

    private func perform(_ action: WebAction, _ completion: @escaping (HTTPAnswer) -> Void) {
        let calls = action.calls.map { name, arguments -> XMLRPCValue in
            ["methodName": .string(name), "params": .array(arguments)]
        }
        runner.runSequence(calls, for: asker) { outcome in
            guard case .several(let results) = outcome else { return completion(HTTPAnswer(.internalError)) }
            let time = self.context().civilTime(self.service.engine.now().wall).asctime
            completion(self.redirect(action.message(results, at: time)))
        }
    }

    private func redirect(_ message: String) -> HTTPAnswer {
        var answer = HTTPAnswer(.movedPermanently)
        var host = page.host ?? door.address
        if host.hasSuffix(":80") { host.removeLast(3) }
        let location = "http://\(host)/?message=\(PercentCoding.encode(message))"
        answer.headers =
            [("Location", location), ("Content-Type", "text/html")] + Self.uncached
            + answer.headers.filter { $0.name == "Content-Length" }
        return answer
    }

    private func index() -> HTTPAnswer {
        html(WebText.index(context(), message: fields["message"], version: service.version))
    }

    private func tail(_ completion: @escaping (HTTPAnswer) -> Void) {
        guard let name = fields["processname"] else {
            return completion(html(WebText.tail(of: nil, limit: 1024, "No process name found")))
        }
        let wanted = fields["limit"].flatMap { Int64($0) } ?? 1024
        let limit = min(max(1024, wanted), Int64(service.limits.bodyBytes))
        let call = XMLRPCCall(
            method: "supervisor.readProcessStdoutLog", parameters: [.string(name), .int(-limit), 0])
        runner.run(call, for: asker) { outcome in
            let text =
                switch outcome {
                case .text(let bytes): XMLRPCText.sanitise(bytes)
                case .fault(let fault) where fault.code == .noFile: "No file for \(name)"
                case .fault(let fault):
                    "ERROR: unexpected rpc fault [\(fault.code.rawValue)] \(fault.text)"
                default: "ERROR: the log cannot be read"
                }
            completion(self.html(WebText.tail(of: name, limit: limit, text)))
        }
    }

    private func html(_ text: String) -> HTTPAnswer {
        var answer = HTTPAnswer(.ok, type: "text/html;charset=utf-8", Array(text.utf8))
        answer.headers.insert(contentsOf: Self.uncached, at: 1)
        return answer
    }

    private static let uncached = [
        (name: "Pragma", value: "no-cache"), (name: "Cache-Control", value: "no-cache"),
        (name: "Expires", value: HTTPDate.text(0)),
    ]
}
