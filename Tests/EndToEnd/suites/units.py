"""systemd units: calendars, checks that systemd-analyze does not make, units that belong together, scratch-root verification."""

import glob
import json
import os
import random
import re
import shutil
import subprocess
import unittest

from workshop import Workshop

ANALYZE = shutil.which("systemd-analyze")
RULES = int(os.environ.get("SVINSTALL_CALENDAR_RULES", "1000"))
SEED = int(os.environ.get("SVINSTALL_SEED", "20260101"))

# What systemd 252 answers for some expressions in zones with changing clocks: it gives up where the clock would have to
# go backwards in its search. svinstall goes on and finds the instants.
GIVES_UP = "Resource deadlock avoided"


class Rules:
    """Calendar expressions by chance, from a seed."""

    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def part(self, low, high):
        start = self.chance.randint(low, high)
        kind = self.chance.random()
        if kind < .5 or start == high:
            return str(start).zfill(self.chance.choice([1, 2]))
        if kind < .7:
            return f"{start}..{self.chance.randint(start + 1, high)}"
        if kind < .9:
            return f"{start}/{self.chance.randint(1, high - start)}"
        stop = self.chance.randint(start + 1, high)
        return f"{start}..{stop}/{self.chance.randint(1, stop - start)}"

    def list(self, low, high, every):
        if self.chance.random() < every:
            return "*"
        return ",".join(self.part(low, high) for _ in range(self.chance.choice([1, 1, 1, 2, 3])))

    def weekdays(self):
        first = self.chance.randrange(7)
        if self.chance.random() < .5 or first == 6:
            return ",".join(self.chance.sample(self.days, self.chance.choice([1, 1, 2, 3])))
        return self.days[first] + ".." + self.days[self.chance.randrange(first + 1, 7)]

    def rule(self):
        if self.chance.random() < .05:
            return self.chance.choice("minutely hourly daily weekly monthly yearly quarterly semiannually".split())
        words = [self.weekdays()] if self.chance.random() < .35 else []
        if self.chance.random() < .8:
            year = "*" if self.chance.random() < .85 else str(self.chance.randint(2024, 2032))
            day = "~" + self.part(1, 20) if self.chance.random() < .2 else "-" + self.list(1, 31, .5)
            words.append((year + "-" if self.chance.random() < .8 else "") + self.list(1, 12, .6) + day)
        if not words or self.chance.random() < .9:
            seconds = ":" + self.list(0, 59, .2) if self.chance.random() < .5 else ""
            words.append(self.list(0, 23, .3) + ":" + self.list(0, 59, .3) + seconds)
        if self.chance.random() < .4:
            words.append(self.chance.choice(["UTC", "America/New_York", "Asia/Kolkata"]))
        return " ".join(words)


@unittest.skipUnless(ANALYZE, "systemd-analyze is not installed")
class Calendar(Workshop):
    """`check --calendar` gives the next ten instants that `systemd-analyze calendar --iterations=10` gives."""

    # Instants of 2026, some of them within a day of a change of the clocks there.
    starts = [
        ("UTC", 1767225600), ("UTC", 1772236800), ("Europe/Berlin", 1774700000), ("Europe/Berlin", 1792850000),
        ("America/New_York", 1772900000), ("America/New_York", 1793450000), ("America/New_York", 1780000000),
        ("America/Sao_Paulo", 1785000000), ("Asia/Kolkata", 1790000000), ("Europe/Berlin", 1767200000),
    ]

    def theirs(self, rules, zone, start):
        """By rule: (normalised form, seconds of the instants); and the rules that systemd refuses."""
        done = subprocess.run(
            [ANALYZE, "calendar", "--iterations=10", f"--base-time=@{start}", *rules], capture_output=True, text=True,
            timeout=120, env=dict(os.environ, TZ=zone, LC_ALL="C"))
        refused = set(re.findall(r"Failed to parse calendar specification '(.*?)':", done.stderr))
        given_up = set(re.findall(rf"Failed to determine next elapse for '(.*?)': {GIVES_UP}", done.stderr))
        blocks = re.split(r"^ *Normalized form: ", done.stdout, flags=re.M)[1:]
        answers = {}
        left = [rule for rule in rules if rule not in refused and rule not in given_up]
        self.assertEqual(len(blocks), len(left), done.stderr[-500:])
        for rule, block in zip(left, blocks):
            stamps = re.findall(r"\w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? UTC", block)
            answers[rule] = (block.splitlines()[0], stamps)
        return answers, refused

    def ours(self, rules, zone, start):
        words = [word for rule in rules for word in ("--calendar", rule)]
        code, out, error = self.svinstall(
            "check", "--json", "--from", f"@{start}", *words, env=dict(self.environment, TZ=zone), timeout=60)
        self.assertEqual(code, 0, error)
        return dict(zip(rules, map(json.loads, out.splitlines())))

    def test_generated_rules_come_at_the_same_instants(self):
        maker, compared = Rules(SEED), 0
        while compared < RULES:
            for zone, start in self.starts:
                rules = list(dict.fromkeys(maker.rule() for _ in range(25)))
                answers, refused = self.theirs(rules, zone, start)
                ours = self.ours([rule for rule in rules if rule in answers], zone, start)
                for rule, (normal, stamps) in answers.items():
                    with self.subTest(rule=rule, zone=zone, start=start, seed=SEED):
                        mine = ours[rule]
                        self.assertEqual(mine["normalised"], normal)
                        shown = [self.stamp(second) for second in mine["seconds"]]
                        self.assertEqual(shown, stamps)
                        compared += 1
                for rule in refused:
                    with self.subTest(refused=rule):
                        self.assertEqual(self.svinstall("check", "--calendar", rule)[0], 65)

    @staticmethod
    def stamp(second):
        import datetime
        return datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")

    def test_a_person_sees_ten_instants(self):
        code, out, _ = self.svinstall("check", "--calendar", "Mon *-*-* 03:00 UTC", "--from", "2026-01-01 00:00 UTC")
        lines = out.splitlines()
        self.assertEqual((code, len(lines)), (0, 11))
        self.assertEqual(lines[:2], ["Mon *-*-* 03:00:00 UTC", "  Mon 2026-01-05 03:00:00 UTC"])

    def test_what_never_comes_is_said(self):
        self.assertEqual(self.svinstall("check", "--calendar", "*-02-30")[1], "*-02-30 00:00:00\n  never\n")

    def test_a_fault_is_one_line_with_the_place(self):
        code, _, error = self.svinstall("check", "--calendar", "*:*/15")
        self.assertEqual(code, 65)
        self.assertOneLineError(error, "character 4", "0/15")


class Check(Workshop):
    """What `systemd-analyze verify` passes, one by one."""

    # (lines of [Service] besides ExecStart, code of the warning, line and column)
    missed = [
        ("User=no-such-user-here", "there is no user", 5, 6),
        ("Group=no-such-group-here", "there is no group", 5, 7),
        ("EnvironmentFile=/no/such/file", "does not exist", 5, 17),
        ("WorkingDirectory=/no/such/directory", "does not exist", 5, 18),
        ("StandardOutput=append:/no/such/out.log", "does not exist", 5, 16),
        ("TimeoutStopSec=0", "means never", 5, 16),
        ("Type=notify", "READY=1|readiness", 5, 6),
        ("Type=forking", "background", 5, 6),
        ("ExecStartPost=/bin/echo $(date)", "no command substitution", 5, 15),
        ("ExecStartPost=/bin/date +%S", "before the program sees it", 5, 15),
        ("ExecStartPost=/bin/echo \\", "backslash", 5, 25),
    ]

    def check(self, text, name="probe.service"):
        path = self.write(name, text)
        return path, self.svinstall("check", path)

    def test_each_is_told_with_line_column_and_remedy(self):
        for line, words, number, column in self.missed:
            with self.subTest(line=line):
                path, (code, out, _) = self.check(
                    "[Unit]\nDescription=probe\n[Service]\nExecStart=/bin/sleep 5\n" + line + "\n")
                self.assertEqual(code, 1, out)
                self.assertRegex(out, rf"{re.escape(path)}:{number}:{column}: warning: .*({words}).*; \w")

    @unittest.skipUnless(ANALYZE, "systemd-analyze is not installed")
    def test_systemd_passes_them(self):
        for line, _, _, _ in self.missed:
            with self.subTest(line=line):
                path = self.write(
                    "probe.service", "[Unit]\nDescription=probe\n[Service]\nExecStart=/bin/sleep 5\n" + line + "\n")
                code, _, error = self.command(ANALYZE, "verify", "--man=no", path)
                self.assertEqual((code, [text for text in error.splitlines() if "probe" in text]), (0, []))

    def test_a_script_without_its_first_line(self):
        script = self.write("run", "echo hello\n", 0o755)
        _, (code, out, _) = self.check(f"[Service]\nExecStart={script}\n")
        self.assertEqual(code, 1)
        self.assertIn("without '#!'", out)

    def test_a_timer_without_its_service(self):
        path, (code, out, _) = self.check("[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n", "probe.timer")
        self.assertEqual(code, 1)
        self.assertIn(f"{path}:1:1: the .service unit that the timer starts is missing", out)

    def test_a_day_that_never_comes(self):
        self.write("probe.service", "[Service]\nExecStart=/bin/true\n")
        path, (code, out, _) = self.check("[Timer]\nOnCalendar=*-02-30\n[Install]\nWantedBy=timers.target\n", "probe.timer")
        self.assertEqual(code, 1)
        self.assertIn(f"{path}:2:12: warning: OnCalendar=*-02-30 never comes", out)

    def test_a_misspelt_key_is_told_with_the_nearest(self):
        path, (code, out, _) = self.check("[Service]\nExecStart=/bin/sleep 5\nRestrat=always\n")
        self.assertEqual(code, 1)
        self.assertRegex(out, r":3:1: warning: .*Restrat=.*did you mean Restart=\?")

    def test_a_unit_in_order_is_passed(self):
        _, (code, out, _) = self.check(
            "[Unit]\nDescription=x\n[Service]\nType=exec\nExecStart=/bin/sleep 5\nUser=root\nRestart=on-failure\n"
            "[Install]\nWantedBy=multi-user.target\n")
        self.assertEqual((code, out), (0, ""))


class ScratchRoot:
    """A directory tree in which units are verified: systemd's own targets, and stubs of the programs that units name."""

    def __init__(self, root):
        self.root = root
        self.units = os.path.join(root, "etc/systemd/system")
        system = os.path.join(root, "usr/lib/systemd/system")
        os.makedirs(self.units)
        os.makedirs(system)
        for target in glob.glob("/lib/systemd/system/*.target"):
            shutil.copy(target, system)

    def add(self, name, text):
        with open(os.path.join(self.units, name), "w", encoding="utf-8") as file:
            file.write(text)
        for word in re.findall(r"^Exec\w+=[-@:+!]*\"?([^\s\"]+)", text, flags=re.M):
            path = word.replace("%%", "%")
            self.stub(path if path.startswith("/") else "/usr/bin/" + path)
        for word in re.findall(r"^(?:Requires|BindsTo|Requisite)=(.*)$", text, flags=re.M):
            for unit in word.split():
                place = os.path.join(self.root, "usr/lib/systemd/system", unit)
                if not os.path.exists(place) and "/" not in unit:
                    with open(place, "w") as file:
                        file.write("[Service]\nExecStart=/usr/bin/true\n" if unit.endswith(".service") else "[Unit]\n")
        self.stub("/usr/bin/true")

    def stub(self, path):
        place = self.root + path
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if not os.path.exists(place):
            with open(place, "w") as file:
                file.write("#!/bin/sh\n")
            os.chmod(place, 0o755)

    def verify(self, names):
        done = subprocess.run(
            [ANALYZE, "verify", "--man=no", "--recursive-errors=no", f"--root={self.root}", *names],
            capture_output=True, text=True, timeout=60)
        return done.returncode, done.stderr


@unittest.skipUnless(ANALYZE, "systemd-analyze is not installed")
class Written(Workshop):
    """Units that svinstall writes pass `systemd-analyze verify`, and come back as they were."""

    service = """\
[Unit]
Description=The web
After=network.target

[Service]
Type=simple
ExecStart=/opt/web/bin/web --port 80 "two words" 100%%
User=www
Restart=on-failure
RestartSec=5
ProtectHome=yes

[Install]
WantedBy=multi-user.target
"""
    starters = {
        "web.timer": "[Unit]\nDescription=when\n\n[Timer]\nOnCalendar=Mon..Fri 09,17:00\nOnBootSec=5min\n"
                     "Persistent=true\n\n[Install]\nWantedBy=timers.target\n",
        "web.path": "[Unit]\nDescription=where\n\n[Path]\nPathModified=/etc/web.conf\nPathExists=/run/go\n\n"
                    "[Install]\nWantedBy=paths.target\n",
        "web.socket": "[Unit]\nDescription=who\n\n[Socket]\nListenStream=8080\nSocketMode=0600\n\n"
                      "[Install]\nWantedBy=sockets.target\n",
    }

    def converted(self, word, *paths):
        out = self.path("out-" + word)
        shutil.rmtree(out, ignore_errors=True)
        code, _, error = self.svinstall("convert", word, "--to", word, "-o", out, *paths)
        self.assertEqual(code, 0, error)
        return {os.path.relpath(path, out): open(path, encoding="utf-8").read()
                for path in glob.glob(out + "/*") if os.path.isfile(path)} if os.path.isdir(out) \
            else {os.path.basename(out): open(out, encoding="utf-8").read()}

    def verified(self, units):
        root = ScratchRoot(os.path.join(self.directory, "root%d" % len(os.listdir(self.directory))))
        for name, text in units.items():
            root.add(name, text)
        self.assertEqual(root.verify(units), (0, ""), units)

    def test_a_service_and_what_starts_it_go_through_other_formats(self):
        for name, text in {"web.service": self.service, **self.starters}.items():
            self.write("units/" + name, text)
        for through in ("supervisor", "plist"):
            with self.subTest(through=through):
                middle = self.path("middle-" + through)
                code, _, error = self.svinstall(
                    "convert", through, "--to", through, self.path("units/web.service"), "-o", middle)
                self.assertEqual(code, 0, error)
                files = glob.glob(middle + "/*") if os.path.isdir(middle) else [middle]
                back = self.converted("systemd", *files)
                self.assertEqual(sorted(back), sorted(["web.service", *self.starters]))
                for name, text in {"web.service": self.service, **self.starters}.items():
                    self.assertEqual(sorted(back[name].split("\n")), sorted(text.split("\n")), name)
                self.verified(back)

    def test_a_schedule_of_launchd_becomes_a_timer(self):
        job = self.write("job.plist", """<plist version="1.0"><dict><key>Label</key><string>job</string>
            <key>ProgramArguments</key><array><string>/bin/echo</string><string>%h $x</string></array>
            <key>StartInterval</key><integer>300</integer><key>WatchPaths</key><array><string>/etc/hosts</string></array>
            <key>StartCalendarInterval</key><dict><key>Hour</key><integer>3</integer></dict></dict></plist>""")
        units = self.converted("systemd", job)
        self.assertEqual(sorted(units), ["job.path", "job.service", "job.timer"])
        self.assertIn("OnCalendar=*-*-* 03:*:00\n", units["job.timer"])
        self.verified(units)

    def test_drop_ins_templates_and_targets(self):
        self.write("u/api@.service", "[Service]\nExecStart=/bin/api %i\n")
        self.write("u/api@.service.d/10.conf", "[Service]\nExecStart=\nExecStart=/bin/api --instance %i\n")
        program = self.converted("supervisor", self.path("u/api@blue.service"))
        self.assertIn("command=/bin/api --instance blue\n", "".join(program.values()))
        self.write("u/all.target", "[Unit]\nWants=web.service api@red.service\n")
        self.write("u/web.service", self.service)
        both = "".join(self.converted("supervisor", self.path("u/all.target")).values())
        self.assertIn("--instance red\n", both)
        self.assertIn("--port 80", both)

    def test_real_units_come_back_and_pass(self):
        corpus = os.environ.get("SVINSTALL_CORPUS")
        if not corpus:
            raise unittest.SkipTest("no --corpus DIR was given")
        for path in sorted(glob.glob(os.path.join(corpus, "unit", "*"))):
            with self.subTest(path=path):
                middle = self.path("middle.conf")
                code, _, error = self.svinstall("convert", "supervisor", "--to", "supervisor", path, "-o", middle)
                if code != 0:
                    self.assertRegex(error, r"^svinstall: .*:\d+:\d+: .*; ")
                    continue
                units = self.converted("systemd", middle)
                root = ScratchRoot(os.path.join(self.directory, "root%d" % len(os.listdir(self.directory))))
                for name, text in units.items():
                    root.add(name, text)
                theirs = ScratchRoot(os.path.join(self.directory, "root%d" % len(os.listdir(self.directory))))
                name = next(iter(units))
                with open(path, encoding="utf-8") as file:
                    theirs.add(name, file.read())
                # What systemd says of the author's own words it may say of ours; nothing besides.
                own = {re.sub(r"^.*?: ", "", re.sub(r":\d+:", ":", line)) for line in theirs.verify([name])[1].splitlines()}
                for line in root.verify(units)[1].splitlines():
                    self.assertIn(re.sub(r"^.*?: ", "", re.sub(r":\d+:", ":", line)), own, path)
