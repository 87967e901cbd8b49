import ControlClient
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("unix:///run/s.sock", Endpoint.Address.unix(path: "/run/s.sock")),
        ("http://localhost:9001", .tcp(host: "localhost", port: 9001)), ("http://h", .tcp(host: "h", port: 80)),
        ("http://h:", .tcp(host: "h", port: 80)), ("http://h:81/RPC2?x#y", .tcp(host: "h", port: 81)),
        ("http://u:p@h:81", .tcp(host: "h", port: 81)), ("http://[::1]:81", .tcp(host: "::1", port: 81)),
    ])
    func `a URL says where the daemon listens`(url: String, address: Endpoint.Address) {
        #expect(Endpoint(url: url).address == address)
    }

    @Test(arguments: [
        "", "unix://", "http://", "https://h:1", "h:9001", "http://h:x", "http://h:70000", "http://:80",
        "http://[::1", "ftp://h",
    ])
    func `what is no such URL has no address`(url: String) {
        #expect(Endpoint(url: url).address == nil)
    }
}
