import ServiceModel
package import SourceText

/// Whom a request is about, as a client names it.
package enum Target: Hashable, Sendable {
    /// `program`, `group:program`; resolved by the machine.
    case process(group: String, name: String)
    /// `group:*` and `group:`.
    case group(String)
    case all

    /// supervisord's rule: `x` is `x:x`, `g:p` is p in g, `g:*` and `g:` are the group.
    package init(namespec: String) {
        let name = ProcessName(namespec)
        self = name.process.map { .process(group: name.group, name: $0) } ?? .group(name.group)
    }
}

/// What a client asks of the machine. Everything that only reads is answered from a snapshot instead.
package enum Request: Hashable, Sendable {
    /// `waits`: answer when RUNNING or failed, not when spawned.
    case start(Target, waits: Bool)
    /// `waits`: answer when stopped, not when signalled.
    case stop(Target, waits: Bool)
    case signal(Target, Signal)
    case addGroup(GroupPolicy)
    case removeGroup(String)
    /// Stop everything, then end.
    case shutdown
    /// Stop everything, then begin anew with the configuration of that time.
    case restart
}

/// How one process of a group call fared.
package struct ProcessStatus: Hashable, Sendable {
    package var group: String
    package var name: String
    /// `.success` or the fault.
    package var code: Fault.Code
    /// `OK`, or the fault's text.
    package var description: String
    /// See `Fault.crash`.
    package var crash: String?

    package init(group: String, name: String, code: Fault.Code, description: String, crash: String? = nil) {
        self.crash = crash
        self.group = group
        self.name = name
        self.code = code
        self.description = description
    }
}

/// The one answer to a request.
package enum Reply: Hashable, Sendable {
    case done
    /// In order of completion, immediate results first (supervisord 4.3).
    case statuses([ProcessStatus])
    case fault(Fault)
}
