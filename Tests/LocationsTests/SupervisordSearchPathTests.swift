import Locations
import Testing

@Suite struct SupervisordSearchPathTests {
    /// The directory above the program's own, by name alone; as supervisord shows it.
    @Test(arguments: [
        ("/usr/local/bin/supervisord", "/usr/local/"), ("/bin/supervisord", "/"), ("/supervisord", "/"),
        ("./bin/supervisord", "./"), ("bin/supervisord", ""), ("./supervisord", ""), ("supervisord", ""),
        ("/opt//bin//supervisord", "/opt/"), ("../bin/supervisord", "../"),
    ])
    func `the first two places are beside the program`(program: String, prefix: String) {
        let places = ConfigurationChoice.supervisordSearchPath(calledAs: program)
        #expect(
            places == [
                "\(prefix)etc/supervisord.conf", "\(prefix)supervisord.conf", "supervisord.conf",
                "etc/supervisord.conf", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf",
            ])
    }
}
