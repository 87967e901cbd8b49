/// What a request can fail with: supervisord's XML-RPC faults.
package struct Fault: Error, Hashable, Sendable {
    package enum Code: Int, Hashable, Sendable, CaseIterable {
        case unknownMethod = 1
        case incorrectParameters = 2
        case badArguments = 3
        case signatureUnsupported = 4
        case shutdownState = 6
        case badName = 10
        case badSignal = 11
        case noFile = 20
        case notExecutable = 21
        case failed = 30
        case abnormalTermination = 40
        case spawnError = 50
        case alreadyStarted = 60
        case notRunning = 70
        /// Not a fault: the status of a process in the array that a group call answers.
        case success = 80
        case alreadyAdded = 90
        case stillRunning = 91
        case cantReread = 92

        /// `BAD_NAME`.
        package var name: String {
            switch self {
            case .unknownMethod: "UNKNOWN_METHOD"
            case .incorrectParameters: "INCORRECT_PARAMETERS"
            case .badArguments: "BAD_ARGUMENTS"
            case .signatureUnsupported: "SIGNATURE_UNSUPPORTED"
            case .shutdownState: "SHUTDOWN_STATE"
            case .badName: "BAD_NAME"
            case .badSignal: "BAD_SIGNAL"
            case .noFile: "NO_FILE"
            case .notExecutable: "NOT_EXECUTABLE"
            case .failed: "FAILED"
            case .abnormalTermination: "ABNORMAL_TERMINATION"
            case .spawnError: "SPAWN_ERROR"
            case .alreadyStarted: "ALREADY_STARTED"
            case .notRunning: "NOT_RUNNING"
            case .success: "SUCCESS"
            case .alreadyAdded: "ALREADY_ADDED"
            case .stillRunning: "STILL_RUNNING"
            case .cantReread: "CANT_REREAD"
            }
        }
    }

    package var code: Code
    /// What it is about; shown as `NAME: detail`.
    package var detail: String?

    /// What supervisord 4.3's code trips over here, in Python's words (`<class 'ValueError'>:…`): its clients get HTTP
    /// 500 instead of a fault.
    package var crash: String?

    package init(_ code: Code, _ detail: String? = nil, crash: String? = nil) {
        self.code = code
        self.detail = detail
        self.crash = crash
    }

    /// supervisord's faultString: `BAD_NAME: zz`.
    package var text: String { detail.map { "\(code.name): \($0)" } ?? code.name }
}
