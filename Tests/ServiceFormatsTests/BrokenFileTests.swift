import ServiceFormats
import SourceText
import Testing

/// Files that are cut or damaged anywhere: converted or refused with a place, never a crash.
@Suite struct BrokenFileTests {
    private static let config = InputFile(
        path: "web.conf",
        bytes: Array(
            """
            [supervisord]
            environment=A="1"
            [program:web]
            command=/bin/sh -c "a 'b' %%" ; comment
            numprocs=2
            process_name=%(program_name)s_%(process_num)02d
            environment=B="2",C='3'
            exitcodes=0,2
            stdout_logfile=/tmp/x
            redirect_stderr=true
            unknown=1
             continued
            [eventlistener:e]
            command=/bin/e
            events=TICK_5
            [x-svinstall:web]
            1=launchd MachServices ={"a":true}

            """.utf8))

    private static let procfile = InputFile(path: "Procfile", bytes: Array("web: a && b\n# c\nx-1: ./c $PORT\n".utf8))

    private func tryAll(_ file: InputFile) {
        _ = Check.check(file, world: TestWorld())
        for format in [Format.supervisor, .plist, .systemd, .procfile] {
            do {
                let result = try Sample.convert(file, format, to: format)
                _ = ReportRendering.render(result.reports, as: .sarif)
            } catch let failure as Failure {
                #expect(!failure.diagnostics.isEmpty)
            } catch {
                Issue.record(error)
            }
        }
    }

    @Test(arguments: [Sample.rich, Sample.unit, config, procfile]) func `cut after any byte`(file: InputFile) {
        for length in stride(from: 0, to: file.bytes.count, by: file.bytes.count > 1000 ? 7 : 1) {
            tryAll(InputFile(path: file.path, bytes: Array(file.bytes.prefix(length))))
        }
    }

    @Test(arguments: [Sample.rich, Sample.unit, config, procfile]) func `one or more bytes changed`(file: InputFile) {
        var state: UInt64 = 88_172_645_463_325_252
        func random(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }
        let alphabet = Array("\0\n\r\t =[]{}<>&\"'\\%$;:#@-+.,0179aZé/".utf8) + [0x80, 0xC3, 0xFF]
        for _ in 0..<150 {
            var bytes = file.bytes
            for _ in 0...random(4) {
                let place = random(bytes.count)
                switch random(3) {
                case 0: bytes[place] = alphabet[random(alphabet.count)]
                case 1: bytes.insert(alphabet[random(alphabet.count)], at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            tryAll(InputFile(path: file.path, bytes: bytes))
        }
    }
}
