import Engine
import Kernel
import SourceText
import Supervision
import XMLRPC

/// The result of a call, ready to be written.
enum MethodOutcome: Sendable {
    case value(XMLRPCValue)
    case fault(Fault)
    /// HTTP 500 by itself, `FAILED: …` within `system.multicall`.
    case broken(String)
    /// Bytes of a log as a string.
    case text([UInt8])
    /// `[string, size, overflow]`.
    case tail(bytes: [UInt8], size: Int64, overflow: Bool)
    case statuses([ProcessStatus])
    case process(ProcessInformation)
    /// All programs that this shows.
    case processes(MethodContext)
    /// The results of `system.multicall`.
    case several([MethodOutcome])

    init(_ failure: MethodFailure) {
        switch failure {
        case .fault(let fault): self = .fault(fault)
        case .broken(let reason): self = .broken(reason)
        }
    }

    /// An answer that does not fit its question.
    static func unexpected(_ answer: ControlAnswer) -> MethodOutcome {
        if case .fault(let fault) = answer { return .fault(fault) }
        return .broken("<class 'RuntimeError'>:the engine's answer does not fit the request")
    }

    /// The whole message; `nil` where the original answers HTTP 500.
    func message() -> [UInt8]? {
        switch self {
        case .broken: nil
        case .fault(let fault): XMLRPCWriter.fault(fault.xmlrpc)
        default: XMLRPCWriter.answer(capacity: capacity) { write(into: &$0) }
        }
    }

    /// Roughly the bytes it takes.
    private var capacity: Int {
        switch self {
        case .processes(let context): 512 + context.snapshot.programs.count * 1400
        case .text(let bytes), .tail(let bytes, _, _): 512 + bytes.count
        default: 512
        }
    }

    private func write(into writer: inout XMLRPCWriter) {
        switch self {
        case .value(let value): writer.value(value)
        case .fault(let fault): writer.fault(fault.xmlrpc)
        case .broken(let reason): writer.fault(Fault(.failed, reason).xmlrpc)
        case .text(let bytes): writer.string(bytes: bytes)
        case .tail(let bytes, let size, let overflow):
            writer.array {
                $0.string(bytes: bytes)
                $0.int(size.capped)
                $0.boolean(overflow)
            }
        case .statuses(let statuses):
            writer.array { for status in statuses { status.write(into: &$0) } }
        case .process(let process): process.write(into: &writer)
        case .processes(let context):
            writer.array {
                for program in context.snapshot.programs { ProcessInformation(program, context).write(into: &$0) }
            }
        case .several(let outcomes):
            writer.array { for outcome in outcomes { outcome.write(into: &$0) } }
        }
    }
}

extension ProcessStatus {
    /// Members in the order in which supervisord's dictionary has them.
    fileprivate func write(into writer: inout XMLRPCWriter) {
        writer.structure {
            $0.member("name", name)
            $0.member("group", group)
            $0.member("status", Int64(code.rawValue))
            $0.member("description", description)
        }
    }
}

extension Fault {
    var xmlrpc: XMLRPCFault { XMLRPCFault(code: Int64(code.rawValue), text: text) }
}

extension Int64 {
    /// XML-RPC integers have 32 bits; supervisord clamps (`capped_int`).
    var capped: Int64 { Swift.min(Swift.max(self, -0x8000_0000), 0x7FFF_FFFF) }
}
