"""Property lists beside other people's readers: Python's plistlib, libplist's plistutil, the toolchain's plutil.

Every file that svinstall writes is read by all three and means the same to them. Where one of them is known to be
wrong, FAULTS says so and why; anything else it says against us fails.
"""

import datetime
import glob
import math
import os
import plistlib
import random
import shutil
import subprocess
import unittest

from workshop import Workshop, peers

HEAD = ('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
        '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n')

# (oracle, format of the file it reads, whether a value makes the fault show, why its answer is not asked then)
FAULTS = [
    ("plistutil", "binary", lambda v: holds(v, lambda x: isinstance(x, str) and "\r" in x),
     "libplist 2.2 writes a carriage return raw into XML, where it is read back as a line feed"),
    ("plistutil", "binary", lambda v: holds(v, lambda x: isinstance(x, datetime.datetime) and x.year < 1000),
     "libplist 2.2 writes the years before 1000 into XML without leading zeros"),
    ("plistutil", "binary", lambda v: holds(v, lambda x: isinstance(x, plistlib.UID)),
     "libplist 2.2 writes a UID into XML as the dictionary {CF$UID = n}"),
    ("plutil", "binary", lambda v: holds(v, lambda x: isinstance(x, plistlib.UID)),
     "CoreFoundation on Linux reads a UID and cannot write it, not even as binary"),
]


def holds(value, question):
    """Whether a question is true of a value or of anything inside."""
    if isinstance(value, dict):
        return any(holds(k, question) or holds(v, question) for k, v in value.items())
    if isinstance(value, list):
        return any(holds(v, question) for v in value)
    return question(value)


def same(left, right):
    """Equality that tells 1 from True and 1.0, and knows NaN."""
    if isinstance(left, float) and isinstance(right, float):
        return left == right or math.isnan(left) and math.isnan(right)
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def excused(oracle, form, value):
    """Whether a known fault of an oracle shows in this value."""
    return any((name, faulty) == (oracle, form) and shows(value) for name, faulty, shows, _ in FAULTS)


class Generator:
    """Values of every kind, the same for the same seed."""

    TEXTS = ["", " ", "a", "naïve", "日本", "😀", "a & b", "<tag>", "]]>", "\"q'", "line\nline", "\ttab", "\r", " lead",
             "/usr/bin/env", "$HOME", "~", "0", "true", "x" * 300, "\u2028", "\uffee"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, depth=0):
        r = self.random
        kind = r.randrange(9 if depth < 4 else 7)
        if kind == 0:
            return r.choice([True, False])
        if kind == 1:
            return r.choice([0, 1, -1, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32, 2 ** 63 - 1, -2 ** 63,
                             2 ** 63, 2 ** 64 - 1, r.randrange(-10 ** 6, 10 ** 6)])
        if kind == 2:
            return r.choice([0.0, 1.0, -1.5, 0.1, 1e300, -1e-300, 123456.789, math.inf, -math.inf, r.random()])
        if kind == 3:
            return datetime.datetime(2001, 1, 1) + datetime.timedelta(seconds=r.randrange(-6 * 10 ** 10, 10 ** 11))
        if kind == 4:
            return r.randbytes(r.choice([0, 1, 2, 3, 45, 57, 58, 200]))
        if kind in (5, 6):
            return r.choice(self.TEXTS) + r.choice(["", "x", "é"])
        if kind == 7:
            return [self.value(depth + 1) for _ in range(r.randrange(5))]
        return self.dictionary(depth)

    def dictionary(self, depth=0):
        return {self.random.choice(self.TEXTS) + str(n): self.value(depth + 1)
                for n in range(self.random.randrange(20 if depth == 0 else 5))}


class Oracles(Workshop):
    """What other readers make of a file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.programs = {}
        cls.missing = []
        try:
            cls.programs["plistutil"] = os.path.join(peers("plistutil"), "plistutil")
        except unittest.SkipTest as reason:
            cls.missing.append(str(reason))
        plutil = shutil.which("plutil") or next(iter(glob.glob("/opt/swift*/usr/bin/plutil")), None)
        if plutil:
            cls.programs["plutil"] = plutil
        else:
            cls.missing.append("the toolchain has no plutil here")

    def read_by(self, oracle, path):
        """The value of a file as an oracle reads it: its own binary form, read by plistlib."""
        out = self.path("oracle.out")
        if os.path.exists(out):
            os.unlink(out)
        if oracle == "plutil":
            words = [self.programs[oracle], "-convert", "binary1", "-o", out, path]
        else:
            # Of XML to XML it makes a copy unread; and it ends with 0 whatever happens.
            with open(path, "rb") as file:
                other = "xml" if file.read(6) == b"bplist" else "bin"
            words = [self.programs[oracle], "-i", path, "-f", other, "-o", out]
        done = subprocess.run(words, capture_output=True, timeout=60)
        try:
            with open(out, "rb") as file:
                return plistlib.load(file)
        except Exception as reason:
            self.fail(f"{oracle} does not read {path}: {reason}; {done.stdout + done.stderr!r}")

    def assertAllRead(self, path, value):
        with open(path, "rb") as file:
            content = file.read()
        read = plistlib.loads(content)
        self.assertTrue(same(read, value), f"plistlib reads {read!r}, meant was {value!r}")
        for oracle in self.programs:
            if excused(oracle, "binary" if content.startswith(b"bplist") else "xml", value):
                continue
            read = self.read_by(oracle, path)
            self.assertTrue(same(read, value), f"{oracle} reads {read!r}, meant was {value!r}")

    def assertRoundTrips(self, path, value):
        """A file through both formats and back: each step means the same to everybody."""
        once, twice = self.path("once.plist"), self.path("twice.plist")
        for first, second in (("binary", "xml"), ("xml", "binary")):
            code, _, error = self.svinstall("plist", "convert", first, path, "-o", once)
            self.assertEqual(code, 0, error)
            self.assertAllRead(once, value)
            code, _, error = self.svinstall("plist", "convert", second, once, "-o", twice)
            self.assertEqual(code, 0, error)
            self.assertAllRead(twice, value)

    def tell_missing(self):
        for reason in self.missing:
            print(f"plist oracles: {reason}")


class Generated(Oracles):
    def test_values_of_every_kind_mean_the_same_to_every_reader(self):
        self.tell_missing()
        for seed in range(40):
            value = Generator(seed).dictionary()
            with self.subTest(seed=seed):
                path = self.write("seed.plist", plistlib.dumps(value, fmt=plistlib.FMT_BINARY, sort_keys=False))
                self.assertRoundTrips(path, value)

    def test_the_known_faults_are_still_there(self):
        examples = [{"k": "a\rb"}, {"k": datetime.datetime(150, 1, 1)}, {"k": plistlib.UID(3)}]
        for oracle, form, shows, why in FAULTS:
            if oracle not in self.programs:
                continue
            value = next(value for value in examples if shows(value))
            path = self.write("fault.plist", plistlib.dumps(value, fmt=plistlib.FMT_BINARY))
            with self.subTest(oracle=oracle, why=why):
                self.assertRaises(AssertionError, lambda: self.assertTrue(same(self.read_by(oracle, path), value)))

    def test_simple_values_are_never_excused(self):
        value = {"Label": "org.example.é", "List": ["a", 1, True, b"data"], "Deep": {"a": {"b": [{}, []]}},
                 "When": datetime.datetime(2020, 2, 29, 12, 0, 1)}
        for oracle, form, shows, _ in FAULTS:
            self.assertFalse(shows(value), (oracle, form))
        self.assertRoundTrips(self.write("v.plist", plistlib.dumps(value)), value)


class Layout(Oracles):
    def test_xml_is_byte_for_byte_plistlibs_where_both_follow_apple(self):
        for seed in range(40):
            value = Generator(seed).dictionary()
            # plistlib writes 1.0 and inf where Apple writes 1 and +infinity, and a carriage return as it is.
            if holds(value, lambda x: isinstance(x, float) or isinstance(x, str) and "\r" in x
                     or isinstance(x, bytes) and not x):
                continue
            with self.subTest(seed=seed):
                path = self.write("seed.plist", plistlib.dumps(value))
                code, out, error = self.svinstall("plist", "convert", "xml", "--sort-keys", path)
                self.assertEqual((code, error), (0, ""))
                self.assertEqual(out.replace("\n", " "), plistlib.dumps(value).decode().replace("\n", " "))

    def test_the_same_value_gives_the_same_bytes_whatever_it_came_from(self):
        value = Generator(7).dictionary()
        binary = self.write("b.plist", plistlib.dumps(value, fmt=plistlib.FMT_BINARY, sort_keys=False))
        xml = self.write("x.plist", plistlib.dumps(value, sort_keys=False))
        for wanted in ("xml", "binary"):
            results = []
            for path in (binary, xml):
                out = self.path("out.plist")
                self.assertEqual(self.svinstall("plist", "convert", wanted, path, "-o", out)[0], 0)
                with open(out, "rb") as file:
                    results.append(file.read())
            self.assertEqual(*results)


class CommandLine(Oracles):
    def setUp(self):
        super().setUp()
        self.good = self.write("good.plist", HEAD + "<dict><key>a.b</key><array><integer>7</integer></array></dict></plist>")
        self.bad = self.write("bad.plist", HEAD + "<dict><key>a</key></dict></plist>")

    def test_lint_looks_at_every_file_and_ends_with_the_first_failure(self):
        code, out, error = self.svinstall("plist", "lint", self.bad, self.good, self.path("none.plist"))
        self.assertEqual(code, 65)
        self.assertEqual(out, f"{self.good}: OK\n")
        self.assertRegex(error, r"bad\.plist:4:7: key 'a' has no value")
        self.assertEqual(self.svinstall("plist", "lint", self.path("none.plist"))[0], 66)

    def test_convert_writes_several_files_into_a_directory(self):
        other = self.write("other.plist", HEAD + "<array><true/></array></plist>")
        code, _, error = self.svinstall("plist", "convert", "json", self.good, self.bad, other, "-o", self.path("out"))
        self.assertEqual(code, 65)
        self.assertIn("bad.plist:4:7", error)
        self.assertEqual(sorted(os.listdir(self.path("out"))), ["good.plist", "other.plist"])
        self.assertEqual(self.read("out/other.plist").strip().replace(" ", "").replace("\n", ""), "[true]")

    def test_convert_refuses_to_write_two_files_of_one_name(self):
        twin = self.write("d/good.plist", HEAD + "<true/></plist>")
        code, _, error = self.svinstall("plist", "convert", "xml", self.good, twin, "-o", self.path("out"))
        self.assertEqual(code, 64)
        self.assertIn("two of the files are called good.plist", error)

    def test_standard_input_and_output(self):
        with open(self.good) as file:
            code, out, _ = self.svinstall("plist", "convert", "json", "-", "-o", "-", stdin=file)
        self.assertEqual((code, out.replace(" ", "").replace("\n", "")), (0, '{"a.b":[7]}'))

    def test_print_follows_key_paths_and_writes_formats(self):
        self.assertEqual(self.svinstall("plist", "print", self.good, "a\\.b.0")[:2], (0, "7\n"))
        code, out, _ = self.svinstall("plist", "print", self.good, "a\\.b", "--format", "xml")
        self.assertEqual((code, plistlib.loads(out.encode())), (0, [7]))
        self.assertEqual(self.svinstall("plist", "print", self.good, "a.b")[0], 65)


class Corpus(Oracles):
    def test_real_files_keep_every_value(self):
        corpus = os.environ.get("SVINSTALL_CORPUS")
        if not corpus:
            raise unittest.SkipTest("no --corpus DIR was given")
        self.tell_missing()
        read = 0
        for path in sorted(glob.glob(os.path.join(corpus, "plist", "*"))):
            with self.subTest(path=path):
                try:
                    with open(path, "rb") as file:
                        value = plistlib.load(file)
                except Exception:
                    value = None
                code, _, error = self.svinstall("plist", "lint", path)
                if value is None or code != 0:
                    self.assertIn(code, (0, 65))
                    if code == 65:
                        self.assertRegex(error, r"^svinstall: .*:\d+:\d+: ")
                    continue
                self.assertRoundTrips(path, value)
                read += 1
        self.assertGreater(read, 0)
