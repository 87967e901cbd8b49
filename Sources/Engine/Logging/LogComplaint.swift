import Kernel

/// What is wrong with a log: told once when it begins, and once when it is over.
enum LogComplaint: Hashable, Sendable {
    /// Nothing can be written; what comes is lost.
    case lost(SystemError)
    /// It is written again.
    case recovered(lostBytes: Int64)
    /// It cannot be renamed and grows on.
    case cannotRotate(SystemError)
    /// It is full and has no backups: its older half is dropped.
    case halved

    /// The sentence for the daemon's log; `what` names the output, e.g. `the stdout of 'x'`.
    func text(of what: String) -> String {
        switch self {
        case .lost(let why): "\(what) cannot be logged and is lost until it can: \(why)"
        case .recovered(let bytes): "\(what) is logged again; \(bytes) bytes were lost"
        case .cannotRotate(let why): "the log of \(what) cannot be rotated and goes on growing: \(why)"
        case .halved:
            "the log of \(what) is full and has no backups: its older half is dropped, now and whenever it is full again"
        }
    }
}

/// The complaints of one log, each said once.
struct LogComplaints: Sendable {
    private(set) var lostBytes: Int64 = 0
    private(set) var isLosing = false
    private var cannotRotate = false
    private var wasHalved = false
    private var news: [LogComplaint] = []

    mutating func lost(_ bytes: Int, _ why: SystemError) {
        lostBytes += Int64(bytes)
        if !isLosing { news.append(.lost(why)) }
        isLosing = true
    }

    mutating func written() {
        guard isLosing else { return }
        news.append(.recovered(lostBytes: lostBytes))
        lostBytes = 0
        isLosing = false
    }

    mutating func rotated() { cannotRotate = false }

    mutating func couldNotRotate(_ why: SystemError) {
        if !cannotRotate { news.append(.cannotRotate(why)) }
        cannotRotate = true
    }

    mutating func halved() {
        if !wasHalved { news.append(.halved) }
        wasHalved = true
    }

    /// What has not been told yet.
    mutating func take() -> [LogComplaint] {
        guard !news.isEmpty else { return [] }
        defer { news = [] }
        return news
    }
}
