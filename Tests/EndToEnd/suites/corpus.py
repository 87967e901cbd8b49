"""Real files: each is converted into both other formats with a full report, or refused with a place and a reason.

What comes out is read without a word by those it is written for: `systemd-analyze verify` in a scratch root, three
readers of property lists, supervisord 4.3.0's own parser; and what goes back says what it said before.
"""

import glob
import json
import os
import plistlib
import re
import shutil
import subprocess
import unittest

from suites.plist_oracles import Oracles
from suites.units import ANALYZE, ScratchRoot
from workshop import Workshop, peers

CORPUS = os.environ.get("SVINSTALL_CORPUS")

#: What a file may be refused for, in our words: the file itself is no complete service description.
REASONS = [
    ("placeholder", r"placeholder|\{\{|\{%|@\w+@|\$\{\w+\}"),
    ("no program", r"starts no program|describes no program|has no \[Service\] section|starts nothing"),
    ("systemd refuses it", r"is not an absolute path; systemd refuses|has no ExecStart=; systemd refuses"),
    ("a part is missing", r"is missing|has no instance|none of the services"),
    ("launchd refuses it", r"launchd (refuses|does not load)|needs ProgramArguments|no program|without a Label"),
    ("broken file", r"not (closed|valid|well-formed)|expected|unexpected|mismatch|directly in <dict>"),
    ("supervisord refuses it", r"in section|does not specify a command|ini file|names unknown|Source contains|headers"),
    ("systemd cannot say it", r"is a relative path; write the absolute path; systemd refuses the unit"),
    ("a manual page", r"of no format"),
]

#: What systemd says of users that the author of the file named; (words, whether they are about the author's).
OPINIONS = [
    (r"Special user nobody configured", lambda author, line: "nobody" in author),
    (r"Accepting user/group name '(.*)', which does not match strict", lambda author, line: line.split("'")[1] in author),
]

#: Reads configurations with supervisord's own parser and prints what it makes of each. Users, groups and directories
#: that they name are taken to exist.
THEIRS = r"""
import json, os, sys
from supervisor import datatypes, options

def somebody(name):
    return int(name) if name.isdigit() else 1000

def path(text):
    return os.path.expanduser(text % {"here": "/"} if "%(here)s" in text else text)

for module in (options, datatypes):
    for name, stub in (("name_to_uid", somebody), ("name_to_gid", somebody), ("gid_for_uid", lambda uid: uid),
                       ("existing_directory", path), ("existing_dirpath", path)):
        if hasattr(module, name):
            setattr(module, name, stub)

class Reader(options.ServerOptions):
    def usage(self, message):
        raise ValueError(message)

for file in sys.argv[1:]:
    answer = {"file": file, "groups": [], "warnings": []}
    try:
        reader = Reader()
        reader.realize(["-c", file])
        answer["warnings"] = reader.parse_warnings
        for group in reader.process_group_configs:
            programs = []
            for config in group.process_configs:
                values = {key: str(getattr(config, key)) for key in config.req_param_names + config.optional_param_names}
                values["environment"] = sorted((config.environment or {}).items())
                programs.append(values)
            programs.sort(key=lambda values: values["name"])
            answer["groups"].append([group.name, group.priority, type(group).__name__, programs])
        answer["groups"].sort(key=lambda group: group[0])
    except (ValueError, SystemExit) as reason:
        answer["error"] = str(reason)
    print(json.dumps(answer))
"""


@unittest.skipUnless(CORPUS, "no --corpus DIR was given")
class RealFiles(Oracles):
    """What all kinds of files have in common."""

    def setUp(self):
        super().setUp()
        self.tell_missing()
        if not ANALYZE:
            print("real files: systemd-analyze is not installed, so no unit is verified")

    def files(self, folder):
        paths = sorted(glob.glob(os.path.join(CORPUS, folder, "*")))
        self.assertTrue(paths, folder)
        return paths

    def converted(self, path, word, target):
        """The files that `path` becomes, by name; `None` when it was refused as a person would refuse it."""
        out = self.path("out")
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        code, _, error = self.svinstall("convert", word, "--to", target, "--report", "json", "-o", out + "/", path)
        if code != 0:
            self.assertIn(code, (65, 78), error[-500:])
            wrong = [problem for problem in json.loads(error)["problems"] if problem["severity"] == "error"]
            self.assertTrue(wrong, error)
            for problem in wrong:
                source = problem["source"]
                self.assertTrue(source["file"] and source["line"] and source["column"], problem)
            lines = ["; ".join(problem.get(part, "") for part in ("message", "remedy")) for problem in wrong]
            self.assertTrue(any(re.search(words, line) for _, words in REASONS for line in lines), (path, wrong))
            return None
        self.assertReported(error[error.index("{"):] if "{" in error else error, path)
        result = {}
        for root, _, names in os.walk(out):
            for name in names:
                place = os.path.join(root, name)
                with open(place, "rb") as file:
                    result[os.path.relpath(place, out)] = file.read()
        self.assertTrue(result, path)
        return result

    def assertReported(self, text, path):
        """A report in which every key has its grade and place, and the sum is right."""
        while not text.startswith("{\n  \"schema\""):
            text = text[text.index("{", 1):]
        report = json.loads(text)
        items = report["items"]
        for grade, count in report["summary"].items():
            self.assertEqual(count, sum(item["grade"] == grade for item in items), grade)
        for item in items:
            with self.subTest(item=item):
                if item["grade"] == "generated":
                    self.assertNotIn("source", item)
                else:
                    self.assertGreater(item["source"]["line"], 0)
                    self.assertTrue(item["key"])
                if item["grade"] in ("approximated", "carried", "dropped"):
                    self.assertTrue(item["why"])

    def write_all(self, directory, files):
        for name, content in files.items():
            self.write(os.path.join(directory, name), content)
        return [self.path(os.path.join(directory, name)) for name in files]

    # What reads the results.

    def assertUnitsPass(self, units, path):
        if not ANALYZE:
            return
        root = ScratchRoot(os.path.join(self.directory, "root%d" % len(os.listdir(self.directory))))
        for name, content in units.items():
            text = content.decode()
            root.add(name, text)
            for word in re.findall(r'^Exec\w+=[-@:+!]*"((?:[^"\\]|\\.)*)"', text, flags=re.M):
                root.stub(re.sub(r"\\(.)", r"\1", word).replace("%%", "%"))
        code, said = root.verify(units)
        with open(path, encoding="utf-8", errors="replace") as file:
            author = file.read()
        left = [line for line in said.splitlines()
                if not any(re.search(words, line) and own(author, line) for words, own in OPINIONS)]
        self.assertEqual((code, left), (0, []), path)
        shutil.rmtree(root.root)

    def assertJobsPass(self, jobs, path):
        for name, content in jobs.items():
            place = self.write("job.plist", content)
            with self.subTest(path=path, job=name):
                self.assertAllRead(place, plistlib.loads(content))

    def theirs(self, *paths):
        """What supervisord's own parser makes of configurations, in their order."""
        done = subprocess.run(
            [os.path.join(peers("supervisor"), "python3"), "-c", THEIRS, *paths], capture_output=True, text=True,
            timeout=60, cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr[-500:])
        return [json.loads(line) for line in done.stdout.splitlines()]

    def assertConfigurationPasses(self, files, path):
        answers = self.theirs(*self.write_all("read", files))
        for answer in answers:
            self.assertNotIn("error", answer, path)
            self.assertEqual(answer["warnings"], [], path)
            self.assertTrue(answer["groups"], path)


class Jobs(RealFiles):
    def test_become_units_and_configurations_and_come_back(self):
        for path in self.files("plist"):
            with self.subTest(path=path):
                there = {target: self.converted(path, "plist", target) for target in ("systemd", "supervisor")}
                if there["systemd"]:
                    self.assertUnitsPass(there["systemd"], path)
                if there["supervisor"]:
                    self.assertConfigurationPasses(there["supervisor"], path)
                for target, files in there.items():
                    if files is None:
                        continue
                    places = self.write_all("there-" + target, files)
                    back = self.path("back.plist")
                    code, _, error = self.svinstall("convert", "plist", "--to", "plist", "-o", back, *places)
                    self.assertEqual(code, 0, error)
                    self.assertEqual(self.value(back), self.value(path), (path, target))
                    shutil.rmtree(self.path("there-" + target))

    def value(self, path):
        """The job as the toolchain-independent reader sees it; some real files are older than XML."""
        code, out, error = self.svinstall("plist", "convert", "xml", path)
        self.assertEqual(code, 0, error)
        return plistlib.loads(out.encode())


class Configurations(RealFiles):
    def test_become_units_and_jobs_and_come_back(self):
        for number, source in enumerate(self.files("conf")):
            with self.subTest(path=source):
                with open(source, "rb") as file:
                    path = self.write("conf%d/supervisord.conf" % number, file.read())
                there = {target: self.converted(path, "supervisor", target) for target in ("systemd", "plist")}
                if there["systemd"]:
                    self.assertUnitsPass(there["systemd"], source)
                if there["plist"]:
                    self.assertJobsPass(there["plist"], source)
                for target, files in there.items():
                    if files is None:
                        continue
                    places = self.write_all("there-" + target, files)
                    back = self.path("conf%d/back.conf" % number)
                    code, _, error = self.svinstall("convert", "supervisor", "--to", "supervisor", "-o", back, *places)
                    self.assertEqual(code, 0, error)
                    self.assertSameToSupervisord(path, back, (source, target))
                    shutil.rmtree(self.path("there-" + target))

    def assertSameToSupervisord(self, original, back, about):
        """Both files are the same programs and groups to supervisord itself."""
        with open(original, "rb") as file:
            content = file.read()
        if b"[supervisord]" not in content:
            # A part of a configuration: supervisord reads it with the rest only.
            with open(original, "wb") as file:
                file.write(content + b"\n[supervisord]\n")
        before, after = self.theirs(original, back)
        # A result handler in Python that is not installed here stops the parser, before as after.
        self.assertEqual(after.get("error"), before.get("error"), about)
        self.assertEqual(after["groups"], before["groups"], about)
        # The files of an [include] are in the file itself by now.
        told = [warning for warning in before["warnings"] if not warning.startswith("No file matches via include")]
        self.assertEqual(sorted(after["warnings"]), sorted(told), about)


class Units(RealFiles):
    def test_become_jobs_and_configurations_and_come_back(self):
        for path in self.files("unit"):
            with self.subTest(path=path):
                there = {target: self.converted(path, "systemd", target) for target in ("plist", "supervisor")}
                self.assertEqual(there["plist"] is None, there["supervisor"] is None, path)
                if there["plist"] is None:
                    continue
                self.assertJobsPass(there["plist"], path)
                self.assertConfigurationPasses(there["supervisor"], path)
                for target, files in there.items():
                    places = self.write_all("there-" + target, files)
                    back = self.path("back")
                    shutil.rmtree(back, ignore_errors=True)
                    os.makedirs(back)
                    code, _, error = self.svinstall("convert", "systemd", "--to", "systemd", "-o", back + "/", *places)
                    self.assertEqual(code, 0, error)
                    units = [place for place in glob.glob(back + "/*") if place.endswith(".service")]
                    self.assertEqual(len(units), 1, (path, target))
                    self.assertEqual(self.keys(units[0]), self.keys(path), (path, target))
                    shutil.rmtree(self.path("there-" + target))

    @staticmethod
    def keys(path):
        """The assignments of a unit by section, continued lines joined, without blanks around them."""
        with open(path, encoding="utf-8") as file:
            text = "\n".join(line for line in file.read().splitlines() if not line.lstrip().startswith(("#", ";")))
        section, found = "", {}
        for line in text.replace("\\\n", " ").splitlines():
            line = line.strip()
            if line.startswith("["):
                section = line
            elif "=" in line and section and not section.startswith("[X-Svinstall"):
                key, value = line.split("=", 1)
                found.setdefault((section, key.strip()), []).append(" ".join(value.split()))
        return found
