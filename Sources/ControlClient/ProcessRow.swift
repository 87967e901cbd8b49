import ServiceModel
import XMLRPC

/// One element of what the daemon answers about processes: of `getAllProcessInfo`, or of a group call.
struct ProcessRow: Sendable {
    var name: String
    var group: String
    private var value: XMLRPCValue

    init(_ value: XMLRPCValue) {
        self.value = value
        name = value["name"]?.string ?? ""
        group = value["group"]?.string ?? ""
    }

    /// The result of one process that was asked for by itself.
    init(_ name: ProcessName, _ fault: XMLRPCFault) {
        self.name = name.process ?? "None"
        group = name.group
        value = ["status": .int(fault.code), "description": .string(fault.text)]
    }

    /// A call's answer as rows.
    static func rows(_ value: XMLRPCValue) -> [ProcessRow] { (value.array ?? []).map(ProcessRow.init) }

    subscript(_ member: String) -> XMLRPCValue? { value[member] }

    /// `RUNNING`.
    var state: String { value["statename"]?.string ?? "" }
    var stateCode: Int64 { value["state"]?.int ?? 0 }
    var description: String { value["description"]?.string ?? "" }
    var pid: Int64 { value["pid"]?.int ?? 0 }
    /// Of a group call: success or the fault's code.
    var status: Int64 { value["status"]?.int ?? 0 }

    /// STOPPED, EXITED, FATAL, UNKNOWN.
    var isDown: Bool { [0, 100, 200, 1000].contains(stateCode) }
    var isRunning: Bool { stateCode == 20 }
    var isStarting: Bool { stateCode == 10 }

    /// `x` for x in x, else `group:name`.
    var namespec: String { ProcessName.join(group, name) }
}
