package import Kernel
import PropertyList
package import SourceText
package import SupervisorFormat

/// `svinstall upgrade`: has the daemon's program replaced by the one that now lies where it was started from, under
/// everything that runs, and waits until that one answers.
package struct UpgradeRequest {
    private let connection: any DaemonConnection
    private let kernel: any SystemCalls

    /// What a daemon is asked before and after.
    private struct Version: Hashable {
        var number: String
        var upgrades: Int
        /// `nil` where an older one does not say it.
        var pid: Int?
        var problem: String?
    }

    /// The daemon answers its clients first, and waits for starts under way.
    private static let patience: Int64 = 90_000_000_000
    private static let look: Int64 = 50_000_000

    package init(_ settings: ClientSettings, _ kernel: any SystemCalls) {
        self.init(SocketConnection(Endpoint(settings), kernel), kernel)
    }

    init(_ connection: any DaemonConnection, _ kernel: any SystemCalls) {
        self.connection = connection
        self.kernel = kernel
    }

    /// The line that tells what came of it.
    package func run() throws(Failure) -> String {
        let before: Version?
        let answer: (status: Int, body: [UInt8])
        do throws(ClientError) {
            before = try version()
            answer = try connection.post("/svinstall/v1/upgrade")
        } catch {
            throw Failure(
                .unreachable, code: "upgrade-unreachable", "the daemon does not answer: \(error.pythonText)",
                remedy: "see svinstall agent status")
        }
        guard let before else { throw refusal("no daemon of this svinstall, which could be asked, answers there") }
        guard answer.status == 200 else {
            throw refusal(Self.error(in: answer.body) ?? "it answers with HTTP status \(answer.status)")
        }
        let after = try wait(from: before)
        return before.number == after.number
            ? "svinstall \(after.number) goes on as another process image; the programs never stopped"
            : "svinstall \(after.number) has taken over from \(before.number); the programs never stopped"
    }

    private func wait(from before: Version) throws(Failure) -> Version {
        let limit = kernel.now().monotonic + Self.patience
        while kernel.now().monotonic < limit {
            // Between two programs a connection may break: that is asked again.
            connection.disconnect()
            if let now = try? version() {
                guard now.pid == before.pid || before.pid == nil else {
                    throw refusal("the other program file crashed, and the daemon was started again; see its log")
                }
                if now.upgrades != before.upgrades { return now }
                if let problem = now.problem { throw refusal(problem) }
            }
            kernel.sleep(nanoseconds: Self.look)
        }
        throw refusal("the daemon says neither that it was nor that it was not replaced")
    }

    private func refusal(_ reason: String) -> Failure {
        Failure(.unreachable, code: "upgrade-refused", "not upgraded: \(reason)")
    }

    /// `nil` where it is no daemon of ours.
    private func version() throws(ClientError) -> Version? {
        let (status, body) = try connection.get("/svinstall/v1/version")
        guard status == 200, let root = try? JSONReader.read(body, path: "version").plain,
            let number = root["version"]?.string, let upgrades = root["upgrades"]?.integer
        else { return nil }
        return Version(
            number: number, upgrades: upgrades, pid: root["pid"]?.integer, problem: root["upgrade_problem"]?.string)
    }

    private static func error(in body: [UInt8]) -> String? {
        (try? JSONReader.read(body, path: "upgrade").plain)?["error"]?.string
    }
}
