import SourceText
import Templates

/// Called as `echo_supervisord_conf`: prints a configuration with every key. Takes no options (supervisor 4.3).
enum EchoSupervisordConfPersonality {
    static func run(program: String, _ words: [String]) -> Int32 {
        print(Template.sampleSupervisordConfiguration.text, terminator: "")
        return ExitStatus.ok.rawValue
    }
}
