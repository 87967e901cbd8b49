import Engine
import Kernel
import NIOCore
import NIOHTTP1
import ServiceModel
import SourceText
import Supervision
import XMLRPC

/// One connection: takes requests one at a time, in order; while one is being answered nothing further is read.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// Between two requests.
        case idle
        case receiving(RequestHead, ControlService.Intake, body: ByteBuffer)
        /// The engine or a worker is busy with it.
        case answering(RequestHead)
        case following(LogStream)
        /// An answer is on its way to a client that may read it slowly; what it asks next waits, so that no more than
        /// one answer is kept for it.
        case writing
        /// The last answer is written; what still arrives is thrown away until the client has closed, because closing
        /// with unread bytes would destroy the answer on its way.
        case lingering
        case closed
    }

    let door: ListenerDoor
    private let service: ControlService
    private let registry: ConnectionRegistry
    private let channel: any Channel
    private let runner: MethodRunner
    private let log: AccessLog
    /// Of a unix socket's client, where that matters.
    private var peer: PeerCredentials?
    private var asker = Asker(rights: .none)
    private let loop: NIOIsolatedEventLoop
    private var phase = Phase.idle
    private var endsAfterAnswer = false
    private var hasAsked = false
    /// Parts that were already decoded when the answer to the request before them was not complete.
    private var pending: [HTTPServerRequestPart] = []
    private var wantsRead = false
    private var timer: Scheduled<Void>?
    /// When we began to wait for the client.
    private(set) var waitingSince = NIODeadline.now()

    init(_ service: ControlService, _ door: ListenerDoor, _ registry: ConnectionRegistry, _ channel: any Channel) {
        self.service = service
        self.door = door
        self.registry = registry
        self.channel = channel
        loop = channel.eventLoop.assumeIsolated()
        log = AccessLog(service.engine, door, client: channel.remoteAddress)
        runner = MethodRunner(service, log, loop: channel.eventLoop, isPrivate: door.isPrivate)
    }

    // MARK: events

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        guard registry.admit(self, limit: service.limits.connections) else { return close() }
        if door.wantsPeer { peer = credentials(context) }
        limitWait(service.limits.requestTimeout)
    }

    private func credentials(_ context: ChannelHandlerContext) -> PeerCredentials? {
        let kernel = service.kernel
        return try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            try kernel.peerCredentials(Descriptor(number: $0))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        if case .following(let stream) = phase { stream.end() }
        phase = .closed
        pending = []
        registry.remove(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A request that is none is not answered (supervisord 4.3); one that the parser gave up on cannot be.
        switch phase {
        case .answering, .writing, .lingering, .following: endsAfterAnswer = true
        case .idle, .receiving, .closed:
            log.failed(error)
            close()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isBusy { pending.append(part) } else { take(part) }
    }

    func read(context: ChannelHandlerContext) {
        if isBusy { wantsRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .following(let stream) = phase, channel.isWritable { stream.resume() }
        context.fireChannelWritabilityChanged()
    }

    // MARK: for the registry

    /// Whether it is the client that has to do something.
    var isWaitingForClient: Bool {
        switch phase {
        case .idle, .receiving, .lingering: true
        case .answering, .following, .writing, .closed: false
        }
    }

    func close() { channel.close(promise: nil) }

    /// Gives the connection up, where the client waits for an answer that somebody else can give; `nil` where not.
    func giveUp() -> WaitingClient? {
        let kernel = service.kernel
        guard case .answering(let head) = phase, let call = runner.waiting, pending.isEmpty,
            let copy = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self, { try kernel.duplicate(Descriptor(number: $0), atLeast: 3) })
        else { return nil }
        phase = .closed
        close()
        return WaitingClient(
            ticket: call.ticket, descriptor: copy, manner: call.manner(isOld: head.isOld))
    }

    /// How long a first question that is on its way is waited for at the end.
    private static let firstQuestion = TimeAmount.milliseconds(100)

    /// The daemon ends: an answer under way is finished, and whoever has just come is answered; everything else is dropped.
    func closeAfterAnswer() {
        switch phase {
        case .answering, .writing: endsAfterAnswer = true
        case .receiving: closeUnlessAsked()
        case .idle where !hasAsked: closeUnlessAsked()
        case .idle, .following, .lingering, .closed: close()
        }
    }

    private func closeUnlessAsked() {
        endsAfterAnswer = true
        _ = loop.scheduleTask(in: Self.firstQuestion) { [self] in
            switch phase {
            case .idle, .receiving: close()
            case .answering, .following, .writing, .lingering, .closed: break
            }
        }
    }

    // MARK: requests

    private var isBusy: Bool {
        switch phase {
        case .answering, .following, .writing: true
        case .idle, .receiving, .lingering, .closed: false
        }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch (part, phase) {
        case (.head(let head), .idle):
            hasAsked = true
            limitWait(service.limits.requestTimeout)
            begin(RequestHead(head))
        case (.body(var bytes), .receiving(let head, let intake, var body)):
            phase = .idle
            let limit: Int
            if case .collect(_, let length) = intake {
                body.writeBuffer(&bytes)
                limit = length
            } else {
                limit = service.limits.bodyBytes
                discarded += bytes.readableBytes
            }
            phase = .receiving(head, intake, body: body)
            if body.readableBytes > limit || discarded > service.limits.bodyBytes {
                answer(HTTPAnswer(.tooLarge, closes: true), to: head)
            }
        case (.end, .receiving(let head, let intake, let body)):
            phase = .answering(head)
            perform(intake, head, body)
        default:
            break
        }
    }

    /// Bytes of bodies nobody wants, of this request.
    private var discarded = 0

    private func begin(_ head: RequestHead) {
        discarded = 0
        let asker = door.rules.asker(head.authorization, peer)
        self.asker = asker ?? Asker(rights: .none)
        let intake = service.admit(head, asker)
        var body = ByteBuffer()
        switch intake {
        case .answer(let refusal) where refusal.closes && !isSmall(head):
            // Not worth reading: told at once, then the connection ends.
            return answer(refusal, to: head)
        case .collect(_, let length):
            body = channel.allocator.buffer(capacity: min(length, 64 << 10))
            if head.expectsContinue { send(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")) }
        case .answer, .serve:
            break
        }
        phase = .receiving(head, intake, body: body)
    }

    private func isSmall(_ head: RequestHead) -> Bool {
        !head.isChunked && (head.contentLength ?? 0) <= 64 << 10
    }

    private func perform(_ intake: ControlService.Intake, _ head: RequestHead, _ body: ByteBuffer) {
        timer?.cancel()
        switch intake {
        case .answer(let refusal):
            answer(refusal, to: head)
        case .serve(let resource), .collect(let resource, _):
            serve(resource, head, body)
        }
    }

    private func serve(_ resource: ControlService.Resource, _ head: RequestHead, _ body: ByteBuffer) {
        switch resource {
        case .rpc:
            do throws(CallRefusal) {
                let call = try service.readCall(body)
                log.called(call.method)
                runner.run(call, for: asker) {
                    self.log.ended(call.method, $0, body)
                    self.answer(HTTPAnswer(message: self.registry.sharedAnswer.message(of: $0)), to: head)
                }
            } catch {
                log.refused(body, error)
                if let status = error.status { answer(HTTPAnswer(status), to: head) } else { close() }
            }
        case .json(let resource):
            serve(resource, head)
        case .page(let page):
            let visit = WebVisit(page, body: body, door: door, service: service, runner: runner, for: asker)
            visit.answer { self.answer($0, to: head) }
        case .log(let log):
            follow(log, head)
        }
    }

    private func serve(_ resource: JSONResource, _ head: RequestHead) {
        switch resource {
        case .version:
            answer(JSONResource.answer(JSONDocument.version(service.version, service.engine.snapshot)), to: head)
        case .status:
            answer(
                JSONResource.answer(JSONDocument.status(service.context(asker, isPrivate: door.isPrivate))), to: head)
        case .upgrade where !door.isPrivate:
            answer(
                JSONResource.refusal(.forbidden, "only the daemon's own user may do this, on its own socket"), to: head)
        case .staleness, .upgrade:
            if resource.need.isChange { log.tellChange(resource.rawValue, asker) }
            let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
            service.engine.submit(resource == .upgrade ? .upgrade : .staleness) { [wayBack = service.wayBack] answer in
                wayBack.bring(to: bound.eventLoop) {
                    let reply: HTTPAnswer
                    switch answer {
                    case .staleness(let staleness): reply = JSONResource.answer(JSONDocument.staleness(staleness))
                    case .done: reply = JSONResource.answer(JSONDocument.underWay)
                    case .fault(let fault) where resource == .upgrade:
                        reply = JSONResource.refusal(.conflict, fault.detail ?? fault.text)
                    case .fault(let fault): reply = JSONResource.refusal(.internalError, fault.text)
                    default: reply = JSONResource.refusal(.internalError, "the engine's answer does not fit")
                    }
                    bound.value.answer(reply, to: head)
                }
            }
        }
    }

    // MARK: answers

    private func answer(_ answer: HTTPAnswer, to head: RequestHead) {
        switch phase {
        case .closed, .lingering, .writing: return
        case .idle, .receiving, .answering, .following: break
        }
        var buffer = channel.allocator.buffer(capacity: answer.body.count + 512)
        answer.write(into: &buffer, for: head, now: service.engine.now().epochSeconds)
        if answer.closes || !head.keepsOpen { endsAfterAnswer = true }
        log.answered(head, answer.status, size: buffer.readableBytes)
        phase = .writing
        limitStall(unsent: buffer.readableBytes)
        send(buffer).assumeIsolated().whenSuccess { self.written() }
    }

    @discardableResult
    private func send(_ buffer: ByteBuffer) -> EventLoopFuture<Void> { channel.writeAndFlush(buffer) }

    /// An answer has reached the kernel.
    private func written() {
        guard case .writing = phase else { return }
        if endsAfterAnswer {
            phase = .lingering
            pending = []
            limitWait(.seconds(2))
            channel.close(mode: .output, promise: nil)
            // Without reading on, the client's end would not be noticed.
            readAgain()
        } else {
            phase = .idle
            limitWait(service.limits.idleTimeout)
            resume()
        }
    }

    /// Goes on with what arrived meanwhile.
    private func resume() {
        while !isBusy, !pending.isEmpty { take(pending.removeFirst()) }
        if !isBusy { readAgain() }
    }

    private func readAgain() {
        guard wantsRead else { return }
        wantsRead = false
        channel.read()
    }

    private func limitWait(_ span: TimeSpan) {
        timer?.cancel()
        waitingSince = .now()
        guard let milliseconds = span.finiteMilliseconds else { return }
        timer = loop.scheduleTask(in: .milliseconds(milliseconds)) { self.close() }
    }

    /// Gives up on a client that takes its answer too slowly. How long it may take depends on the size: logs are large
    /// and some lines slow.
    private func limitStall(unsent: Int) {
        timer?.cancel()
        guard let milliseconds = service.limits.writeTimeout.finiteMilliseconds else { return }
        timer = loop.scheduleTask(in: .milliseconds(milliseconds)) {
            let left = (try? self.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? unsent
            if left > unsent - ControlLimits.leastWritten { self.close() } else { self.limitStall(unsent: left) }
        }
    }

    // MARK: logs

    private func follow(_ log: FollowedLog, _ head: RequestHead) {
        let kernel = service.kernel
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        service.workers.run(for: channel.eventLoop) {
            LogReading(log.path, kernel)
        } then: { reading in
            bound.value.stream(reading, log, head)
        }
    }

    private func stream(_ reading: LogReading?, _ log: FollowedLog, _ head: RequestHead) {
        guard let reading else { return answer(HTTPAnswer(.notFound), to: head) }
        guard case .answering = phase else { return }
        let isChunked = !head.isOld && head.keepsOpen
        var headers = [
            ("Last-Modified", HTTPDate.text(reading.modified)), ("Content-Type", "text/plain;charset=utf-8"),
        ]
        if log.refusesBuffering { headers.append(("X-Accel-Buffering", "no")) }
        if isChunked { headers.append(("Transfer-Encoding", "chunked")) }
        var buffer = channel.allocator.buffer(capacity: 512)
        HTTPAnswer.writeHead(
            .ok, headers, keepAlive: false, into: &buffer, head, now: service.engine.now().epochSeconds)
        send(buffer)
        let stream = LogStream(reading, channel: channel, workers: service.workers, isChunked: isChunked)
        phase = .following(stream)
        stream.resume()
        // Reading goes on, so that the client's end is noticed; whatever it sends is thrown away.
        readAgain()
    }
}
