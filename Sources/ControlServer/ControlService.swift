import Engine
import Kernel
import NIOCore
import ServiceModel
import SourceText
import Supervision
import XMLRPC

/// What every connection shares: the engine, the kernel, the bounds. Says what a request is for.
struct ControlService: Sendable {
    var engine: any EngineControl
    var kernel: any SystemCalls
    var limits: ControlLimits
    var workers: BlockingWorkers
    var wayBack: WayBack
    /// svinstall's own version.
    var version: String
    /// Of requests that wait for the machine.
    var tickets = Tickets()

    /// What is to be done with a request of which only the head has arrived.
    enum Intake: Sendable {
        /// The answer is known; a body is read and thrown away first, so that the client is ready to listen.
        case answer(HTTPAnswer)
        /// Without a body.
        case serve(Resource)
        /// With the body, of a length that the head told.
        case collect(Resource, length: Int)
    }

    /// What can be asked for.
    enum Resource: Sendable {
        case rpc
        case log(FollowedLog)
        case page(WebPage)
        case json(JSONResource)
    }

    /// Admits or refuses a request by its head. Order and statuses are supervisord's: authentication, then the
    /// address, then the method, then the length; last our own rules. Who did not say a password is no asker.
    func admit(_ head: RequestHead, _ asker: Asker?) -> Intake {
        guard let asker else { return .answer(.unauthorized) }
        if asker.rights == .none { return .answer(HTTPAnswer(.forbidden)) }
        if head.isFromAnotherSite, head.wantsAnEffect { return .answer(HTTPAnswer(.forbidden)) }
        let intake = admit(head)
        switch intake {
        case .answer: return intake
        case .serve(let resource), .collect(let resource, _):
            guard let objection = asker.objection(to: AccessTable.need(of: resource)) else { return intake }
            return .answer(JSONResource.refusal(.forbidden, objection))
        }
    }

    private func admit(_ head: RequestHead) -> Intake {
        switch head.path {
        case let path where path.begins(with: "/RPC2"):
            return head.method == "POST" ? collect(.rpc, head) : .answer(HTTPAnswer(.badRequest))
        case let path where path.begins(with: "/logtail") || path.begins(with: "/mainlogtail"):
            guard head.method == "GET" else { return .answer(HTTPAnswer(.badRequest)) }
            return FollowedLog.find(path, engine.snapshot).map { .serve(.log($0)) } ?? refuseLog(path)
        case let path where path.begins(with: JSONResource.prefix):
            return admitJSON(path, head)
        default:
            return admitPage(head)
        }
    }

    /// supervisord trips over `/logtail` without a name.
    private func refuseLog(_ path: String) -> Intake {
        let hasName = path.drop { $0 == "/" }.contains("/") || path.begins(with: "/mainlogtail")
        return .answer(HTTPAnswer(hasName ? .notFound : .internalError))
    }

    private func admitJSON(_ path: String, _ head: RequestHead) -> Intake {
        let resource = JSONResource(path: path)
        let methods = resource?.methods ?? ["GET", "HEAD"]
        guard methods.contains(head.method) else {
            return .answer(JSONResource.refusal(.badRequest, "only \(methods[0]) is possible here"))
        }
        guard let resource else {
            return .answer(JSONResource.refusal(.notFound, "no such resource; there are: \(JSONResource.list)"))
        }
        return .serve(.json(resource))
    }

    private func admitPage(_ head: RequestHead) -> Intake {
        if let kind = WebPage.Kind(path: head.path) {
            let page = WebPage(kind, head)
            let isFile = kind.file != nil
            if head.method == "GET" || (isFile && head.method == "HEAD") { return .serve(.page(page)) }
            if head.method == "POST", !isFile { return collect(.page(page), head) }
        }
        return .answer(HTTPAnswer(head.method == "GET" || head.method == "HEAD" ? .notFound : .badRequest))
    }

    /// A body must say its length (supervisord 4.3 knows no chunked requests) and be of bearable size.
    private func collect(_ resource: Resource, _ head: RequestHead) -> Intake {
        guard let length = head.contentLength else {
            return .answer(HTTPAnswer(.lengthRequired, closes: head.isChunked))
        }
        guard length <= limits.bodyBytes else { return .answer(HTTPAnswer(.tooLarge, closes: true)) }
        return .collect(resource, length: length)
    }

    /// The state of now for one call; the private socket has the supervisor namespace whatever the configuration says.
    func context(_ asker: Asker, isPrivate: Bool) -> MethodContext {
        let snapshot = engine.snapshot
        let kernel = kernel
        return MethodContext(
            snapshot: snapshot, now: engine.now(), civilTime: { kernel.localTime(wall: $0) },
            userID: { name in (try? kernel.user(named: name))?.id }, rights: asker.rights,
            table: isPrivate || snapshot.offersSupervisorNamespace ? .complete : .systemOnly)
    }

    /// Reads a call; a failure is the answer supervisord gives.
    func readCall(_ body: ByteBuffer) throws(CallRefusal) -> XMLRPCCall {
        guard String(validating: body.readableBytesView, as: UTF8.self) != nil else { throw .notUTF8 }
        do throws(XMLRPCReadError) {
            return try XMLRPCReader.call(
                Array(body.readableBytesView), limits: XMLRPCLimits(size: limits.bodyBytes, depth: limits.xmlDepth))
        } catch {
            switch error {
            case .malformed: throw .malformed
            case .noMethodName: throw .noMethodName
            case .tooLarge: throw .tooLarge
            }
        }
    }
}

/// A request's body that is no call.
enum CallRefusal: Error, Sendable {
    case malformed, noMethodName, tooLarge, notUTF8

    /// What the client is told. Without any the connection ends without a word, as supervisord's does.
    var status: HTTPStatus? {
        switch self {
        case .malformed, .noMethodName: .badRequest
        case .tooLarge: .tooLarge
        case .notUTF8: nil
        }
    }

    /// What the log is told.
    var reason: String {
        switch self {
        case .malformed: "unmarshallable"
        case .noMethodName: "no method name"
        case .tooLarge: "too large"
        case .notUTF8: "not UTF-8"
        }
    }
}
