/// What supervisord 4.3 does to its users and a daemon of ours would rather not: lose bytes, or refuse what could be done. Called
/// as supervisord it does all of it, for nobody shall be able to tell the two apart but by the differences that are
/// listed; called as svinstall it does none.
struct Manners: Hashable, Sendable {
    /// A file in a control socket's place makes room, whatever it holds.
    var replacesFilesBySockets: Bool
    /// A program's outputs are closed once it has been reaped: what its children still have to say is lost, and they
    /// are told by EPIPE.
    var closesOutputsAtReaping: Bool
    /// `/dev/stdout` is no log of a program while it is a socket, which cannot be opened by its path.
    var refusesSocketsAsLogs: Bool
    /// The log goes to standard output also where standard output is the log.
    var repeatsLines: Bool
    /// Programs go on when the daemon is killed. Otherwise they are killed with it (Linux), so that none runs twice once
    /// the daemon is started again.
    var leavesProgramsBehind: Bool

    static let own = Manners(
        replacesFilesBySockets: false, closesOutputsAtReaping: false, refusesSocketsAsLogs: false, repeatsLines: false,
        leavesProgramsBehind: false)
    static let original = Manners(
        replacesFilesBySockets: true, closesOutputsAtReaping: true, refusesSocketsAsLogs: true, repeatsLines: true,
        leavesProgramsBehind: true)
}

extension DaemonOptions {
    var manners: Manners {
        switch persona {
        case .svinstall: .own
        case .supervisord: .original
        }
    }
}
