"""Property lists that want to hurt: refused within 50 ms of processor time and 64 MB, with a position."""

import os
import re
import struct

from workshop import SANITIZED, SVINSTALL, Workshop


def binary(objects, count=None, top=0, width=1):
    """A bplist00 of the given objects."""
    body, offsets = b"bplist00", []
    for item in objects:
        offsets.append(len(body))
        body += item
    table = len(body)
    body += b"".join(struct.pack(">I", offset) for offset in offsets)
    return body + bytes(6) + bytes([4, width]) + struct.pack(">QQQ", count or len(objects), top, table)


def nested(count):
    """Arrays, each inside the one before."""
    return binary([b"\xa1" + struct.pack(">I", n + 1) for n in range(count)] + [b"\xa0"], width=4)


def shared(levels, width):
    """Arrays of `width` references to the next array."""
    return binary([bytes([0xA0 + width]) + bytes([n + 1]) * width for n in range(levels)] + [b"\x51a"])


def padded(levels, size):
    """As `shared`, in a file that is large enough to be trusted more."""
    return binary([b"\xa2" + bytes([n + 1]) * 2 for n in range(levels)] + [b"\x4f\x12" + struct.pack(">I", size) + bytes(size)])


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))

FILES = {
    "shared arrays in 198 bytes": shared(8, 14),
    "shared arrays two by two": shared(60, 2),
    "shared arrays in a large file": padded(60, 2 << 20),
    "arrays inside one another, binary": nested(100_000),
    "a cycle": binary([b"\xa2\x01\x01", b"\xa2\x00\x00"]),
    "a huge count": binary([b"\xaf\x13" + b"\x7f" + b"\xff" * 7]),
    "a huge count of data": binary([b"\x4f\x12\x7f\xff\xff\xff"]),
    "objects that are not there": binary([b"\x09"], count=1 << 62),
    "arrays inside one another": b"<plist>" + b"<array>" * 200_000,
    "JSON inside one another": b"[" * 1_000_000,
    "OpenStep inside one another": b"(" * 1_000_000,
    "entities of entities": f'<!DOCTYPE plist [<!ENTITY l0 "lol">{LAUGHS}]><plist><string>&l9;</string></plist>'.encode(),
    "an entity from a file": b'<!DOCTYPE plist [<!ENTITY e SYSTEM "file:///etc/passwd">]><plist><string>&e;</string></plist>',
    "attributes": b"<plist><dict" + b"".join(b' a%d=""' % n for n in range(60_000)) + b"/></plist>",
    "digits": b"<plist><integer>" + b"9" * 1_000_000 + b"</integer></plist>",
    "a comment without end": b"<plist><!--" + b"- " * 500_000,
}


HEAD = b'<?xml version="1.0"?><plist version="1.0">'
LARGE = {
    "arrays inside one another": (HEAD, b"<array>", b""),
    "dictionaries inside one another": (HEAD, b"<dict><key>k</key>", b""),
    "values cut off": (HEAD + b"<array>", b"<true/>", b""),
    "integers cut off": (HEAD + b"<array>", b"<integer>1</integer>", b"<inte"),
    "members cut off": (HEAD + b"<dict>", b"<key>k</key><true/>", b""),
    "a text cut off": (HEAD + b"<string>", b"a", b""),
    "character references cut off": (HEAD + b"<string>", b"&#65;", b""),
    "comments cut off": (HEAD + b"<array>", b"<!---->", b""),
    "a second value": (HEAD + b"<true/>", b"<true/>", b"</plist>"),
    "bytes that no text has": (HEAD, b"\0", b"</plist>"),
    "a text that is no UTF-8": (HEAD + b"<string>", b"a", b"\xff</string></plist>"),
    "attributes": (HEAD + b"<dict", b' a=""', b"/></plist>"),
    "entities": (b'<!DOCTYPE plist [', b'<!ENTITY a "x">', b"]><plist><true/></plist>"),
    "a name": (HEAD + b"<", b"a", b"/></plist>"),
    "digits": (HEAD + b"<integer>", b"9", b"</integer></plist>"),
    "JSON inside one another": (b"", b"[", b""),
    "JSON cut off": (b"[", b"1,", b""),
    "JSON members cut off": (b"{", b'"k":[],', b""),
    "a JSON text cut off": (b'{"a":"', b"\\u0041", b""),
    "OpenStep inside one another": (b"", b"(", b""),
    "OpenStep cut off": (b"{a=(", b"a,", b""),
}


class Hostile(Workshop):
    def lint(self, path):
        """(exit code, what it said, seconds of processor time, kilobytes) of one run."""
        reading, writing = os.pipe()
        pid = os.posix_spawn(SVINSTALL, [SVINSTALL, "plist", "lint", path], self.environment, file_actions=[
            (os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_DUP2, writing, 2), (os.POSIX_SPAWN_CLOSE, reading)])
        os.close(writing)
        with os.fdopen(reading, "rb") as output:
            said = output.read().decode(errors="replace")
        _, status, usage = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(status), said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss

    def is_cheap(self, runs, start):
        """Time beyond what a process costs that reads next to nothing, and memory; a sanitizer has its own."""
        if not SANITIZED:
            self.assertLess(min(run[2] for run in runs) - start, 0.05)
            self.assertLess(max(run[3] for run in runs), 64 << 10)

    def test_refused_in_time_and_memory_with_a_position(self):
        good = self.write("good.plist", "<plist><dict/></plist>")
        start = min(self.lint(good)[2] for _ in range(3))
        for name, content in FILES.items():
            with self.subTest(file=name, bytes=len(content)):
                path = self.write("hostile.plist", content)
                runs = [self.lint(path) for _ in range(3)]
                code, said, _, _ = runs[0]
                self.assertEqual(code, 65, said[:300])
                self.assertTrue(re.match(r"svinstall: .*hostile\.plist:\d+:\d+: ", said), said[:300])
                self.assertLess(len(said), 1000)
                self.is_cheap(runs, start)

    def large(self, head, item, tail, size):
        """A file of so many bytes; never all of it in this process, whose memory counts for those it starts."""
        path = self.path("large.plist")
        piece = item * ((1 << 16) // len(item))
        with open(path, "wb") as file:
            file.write(head)
            for _ in range(size // len(piece)):
                file.write(piece)
            file.write(tail)
        return path

    def test_large_files_are_refused_for_what_they_begin_or_end_with(self):
        good = self.write("good.plist", "<plist><dict/></plist>")
        start = min(self.lint(good)[2] for _ in range(3))
        for name, (head, item, tail) in LARGE.items():
            for size in (3 << 20, 10 << 20):
                with self.subTest(file=name, bytes=size):
                    path = self.large(head, item, tail, size)
                    runs = [self.lint(path) for _ in range(3)]
                    code, said, _, _ = runs[0]
                    self.assertEqual(code, 65, said[:300])
                    self.assertTrue(re.match(r"svinstall: .*large\.plist:\d+:\d+: ", said), said[:300])
                    self.assertLess(len(said), 1000)
                    self.is_cheap(runs, start)

    def test_the_smallest_bomb_is_small(self):
        self.assertLessEqual(len(shared(8, 14)), 198)

    def test_time_grows_with_the_size_and_no_faster(self):
        def seconds(count):
            item = "<dict><key>Label</key><string>org.example</string><key>N</key><integer>5</integer></dict>"
            path = self.write("large.plist", "<plist><array>" + item * count + "</array></plist>")
            return min(self.lint(path)[2] for _ in range(3))
        small, large = seconds(10_000), seconds(80_000)
        self.assertLess(large, 8 * small * 1.6)
