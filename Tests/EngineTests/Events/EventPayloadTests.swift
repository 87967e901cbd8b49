import Engine
import ServiceModel
import Supervision
import Testing

/// What listeners read, byte for byte as supervisord 4.3 writes it.
@Suite struct EventPayloadTests {
    static let states: [(ProcessState, String, String)] = [
        (.starting, "PROCESS_STATE_STARTING", "processname:p groupname:g from_state:BACKOFF tries:2"),
        (.backoff, "PROCESS_STATE_BACKOFF", "processname:p groupname:g from_state:BACKOFF tries:2"),
        (.running, "PROCESS_STATE_RUNNING", "processname:p groupname:g from_state:BACKOFF pid:17"),
        (.stopping, "PROCESS_STATE_STOPPING", "processname:p groupname:g from_state:BACKOFF pid:17"),
        (.stopped, "PROCESS_STATE_STOPPED", "processname:p groupname:g from_state:BACKOFF pid:17"),
        (.exited, "PROCESS_STATE_EXITED", "processname:p groupname:g from_state:BACKOFF expected:0 pid:17"),
        (.fatal, "PROCESS_STATE_FATAL", "processname:p groupname:g from_state:BACKOFF"),
        (.unknown, "PROCESS_STATE_UNKNOWN", "processname:p groupname:g from_state:BACKOFF"),
    ]

    @Test(arguments: states) func aStateChangeTellsWhatBelongsToTheState(
        _ state: ProcessState, _ type: String, _ body: String
    ) {
        let change = ProcessStateChange(
            program: ProgramID(number: 1), group: "g", name: "p", from: .backoff, to: state, pid: 17, tries: 2,
            expected: false)
        let event = EventPayload.processState(change)
        #expect(event.type.rawValue == type)
        #expect(String(decoding: event.bytes, as: UTF8.self) == body)
    }

    static let name = StreamName(group: "g", process: "p", channel: .error)

    static let others: [(EventPayload, String, String)] = [
        (
            .log(name, pid: 3, Array("hä\n".utf8)), "PROCESS_LOG_STDERR",
            "processname:p groupname:g pid:3 channel:stderr\nhä\n"
        ),
        (
            .log(name, pid: 3, [0xff, 0x0a]), "PROCESS_LOG_STDERR",
            "processname:p groupname:g pid:3 channel:stderr\nUndecodable: b'\\xff\\n'"
        ),
        (
            .communication(name, pid: 3, Array("x".utf8)), "PROCESS_COMMUNICATION_STDERR",
            "processname:p groupname:g pid:3\nx"
        ),
        (.communication(name, pid: 3, []), "PROCESS_COMMUNICATION_STDERR", "processname:p groupname:g pid:3\n"),
        (.remote(type: "t", data: "a\nb"), "REMOTE_COMMUNICATION", "type:t\na\nb"),
        (.daemonRunning, "SUPERVISOR_STATE_CHANGE_RUNNING", ""),
        (.daemonStopping, "SUPERVISOR_STATE_CHANGE_STOPPING", ""),
        (.groupAdded("g"), "PROCESS_GROUP_ADDED", "groupname:g\n"),
        (.groupRemoved("g"), "PROCESS_GROUP_REMOVED", "groupname:g\n"),
        (.tick(Tick(period: .minute, when: 1_700_000_040)), "TICK_60", "when:1700000040"),
    ]

    @Test(arguments: others) func everyOtherEventHasItsBody(_ event: EventPayload, _ type: String, _ body: String) {
        #expect(event.type.rawValue == type)
        #expect(String(decoding: event.bytes, as: UTF8.self) == body)
    }

    @Test(arguments: [("", 0), ("abc", 3), ("äß€", 3), ("😀e\u{301}", 3)])
    func theLengthCountsCharactersAndNotBytes(_ data: String, _ length: Int) {
        let head = EventPayload.remote(type: "", data: "").length
        #expect(EventPayload.remote(type: "", data: data).length == head + length)
    }

    @Test func theHeaderIsOneLine() {
        let event = QueuedEvent(payload: .remote(type: "t", data: "ä"), serial: 4, poolSerial: 2)
        #expect(
            String(decoding: event.envelope(server: "supervisor", pool: "l"), as: UTF8.self)
                == "ver:3.0 server:supervisor serial:4 pool:l poolserial:2 eventname:REMOTE_COMMUNICATION len:8\n"
                + "type:t\nä")
    }

    static let representations: [([UInt8], String)] = [
        ([], "b''"), (Array("a'b".utf8), "b\"a'b\""), (Array("a'\"".utf8), "b'a\\'\"'"),
        ([0, 0x7f, 0x80], "b'\\x00\\x7f\\x80'"),
        (Array("\t\r\n\\".utf8), "b'\\t\\r\\n\\\\'"), (Array("\"".utf8), "b'\"'"),
    ]

    @Test(arguments: representations) func bytesAreShownAsPythonShowsThem(_ bytes: [UInt8], _ text: String) {
        #expect(PythonBytes.repr(bytes) == text)
    }

    static let numbers: [(String, Int?)] = [
        ("2", 2), (" 2\t", 2), ("+7", 7), ("1_0", 10), ("007", 7), ("9223372036854775807", .max),
        ("99999999999999999999999", .max), ("", nil), (" ", nil), ("-1", nil), ("1_", nil), ("_1", nil), ("1__0", nil),
        ("0x2", nil), ("2.0", nil), ("two", nil), ("1 2", nil), ("+", nil), ("++1", nil), ("²", nil),
    ]

    @Test(arguments: numbers) func aNumberIsReadAsPythonReadsIt(_ text: String, _ number: Int?) {
        #expect(PythonBytes.naturalNumber(Array(text.utf8)) == number)
    }
}
