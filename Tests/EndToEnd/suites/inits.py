"""What is written for other service managers, run by their real tools: OpenRC, SysV, runit, s6, cron, Procfiles.

The same definition goes through each: a program that tells how it was started and which signals it hears. dinit is in no
Debian package and Upstart in none any more: dinit's own checker is asked where it is installed, Upstart's scripts are
read by a shell.
"""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
import unittest

from workshop import Workshop, kill, peers, wait_for

PROGRAM = '''\
#!/usr/bin/env python3
import json, os, resource, signal, sys, time

record = open(sys.argv[1], "a", buffering=1)
mode = open(sys.argv[2]).read().split()

def say(**words):
    record.write(json.dumps(words) + "\\n")

def hear(number, frame):
    say(event="signal", name=signal.Signals(number).name)
    if "deaf" not in mode:
        sys.exit(0)

for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"):
    signal.signal(getattr(signal, name), hear)
umask = os.umask(0)
os.umask(umask)
say(event="start", pid=os.getpid(), argv=sys.argv[3:], cwd=os.getcwd(), umask=umask, uid=os.getuid(),
    gid=os.getgid(), nice=os.nice(0), files=resource.getrlimit(resource.RLIMIT_NOFILE),
    environment={name: os.environ.get(name) for name in ("GREETING", "QUOTED")}, input=sys.stdin.read())
print("to the output", flush=True)
print("to the errors", file=sys.stderr, flush=True)
if mode[0] == "exit":
    time.sleep(0.1)
    sys.exit(int(mode[1]))
while True:
    time.sleep(60)
'''

UNIT = """\
[Unit]
Description=a program that tells how it is started
[Service]
ExecStart={program} {record} {mode} "two  words" "*" "it's" "$$x" ""
WorkingDirectory={home}
UMask=0027
Environment="GREETING=hello  world" "QUOTED=a 'b' \\"c\\" $d"
LimitNOFILE=256:512
Nice=3
KillSignal=SIGINT
TimeoutStopSec=2
Restart=on-failure
StandardOutput=append:{home}/out.log
StandardError=append:{home}/err.log
{user}
[Install]
WantedBy=multi-user.target
"""

IS_ROOT = os.getuid() == 0
#: Who the program runs as: somebody else where that is possible.
USER = pwd.getpwnam("nobody") if IS_ROOT else pwd.getpwuid(os.getuid())


class Told(Workshop):
    """A service whose program writes down what happens to it."""

    #: Whether the manager sets a niceness instead of adding it to its own.
    sets_niceness = False

    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        self.service = "sv" + os.path.basename(self.directory).replace("_", "x")
        self.home = self.path("a home")
        os.mkdir(self.home)
        os.chmod(self.home, 0o777)
        self.record = self.write("record", "")
        os.chmod(self.record, 0o666)
        self.mode = self.write("mode", "stay")
        self.unit = self.write(f"{self.service}.service", UNIT.format(
            program=self.write("program", PROGRAM, 0o755), record=self.record, mode=self.mode, home=self.home,
            user="User=nobody" if IS_ROOT else ""))

    def convert(self, word, *more):
        out = self.path("out")
        code, _, error = self.svinstall("convert", word, self.unit, "-o", out + "/", *more)
        self.assertEqual(code, 0, error)
        return out

    def events(self, kind):
        lines = self.read("record").splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def started(self, count=1):
        """The `count`-th start."""
        return wait_for(lambda: self.events("start")[count - 1:], what=f"start {count}")[0]

    def signals(self):
        return [event["name"] for event in self.events("signal")]

    def gone(self, pid, seconds=10):
        def is_gone():
            try:
                with open(f"/proc/{pid}/stat") as file:
                    return file.read().rsplit(")", 1)[1].split()[0] == "Z"
            except FileNotFoundError:
                return True
        wait_for(is_gone, seconds, what=f"the end of {pid}")

    def assertAsDescribed(self, start, identity=True):
        self.assertEqual(start["argv"], ["two  words", "*", "it's", "$x", ""])
        self.assertEqual(start["environment"], {"GREETING": "hello  world", "QUOTED": "a 'b' \"c\" $d"})
        self.assertEqual(start["cwd"], self.home)
        self.assertEqual(start["umask"], 0o027)
        self.assertEqual(start["files"], [256, 512])
        self.assertEqual(start["input"], "")
        if identity:
            self.assertEqual((start["uid"], start["gid"]), (USER.pw_uid, USER.pw_gid))
            self.assertEqual(start["nice"], 3 if self.sets_niceness else os.nice(0) + 3)
        with open(os.path.join(self.home, "out.log")) as file:
            wait_for(lambda: "to the output" in file.read(), what="the output")

    def logged(self, word, logger):
        """The directory of a program that names no log file; the logger's own directory is a private one."""
        conf = self.write("logged.conf", f"[supervisord]\n[program:{self.service}]\nautorestart=true\nstdout_logfile_backups=3\n"
                          f"command={self.path('program')} {self.record} {self.mode}\nstdout_logfile_maxbytes=5000\n")
        out = self.path("logged")
        code, _, error = self.svinstall("convert", word, conf, "-o", out + "/")
        self.assertEqual(code, 0, error)
        script = os.path.join(out, self.service + ("/" if word == "runit" else "-") + logger)
        self.write(script, self.read(script).replace(f"/var/log/{self.service}", self.path("logs")), 0o755)
        return os.path.join(out, self.service)

    def tools(self, name):
        """The environment with a peer's programs in front."""
        return dict(os.environ, PATH=peers(name) + ":" + os.environ["PATH"])


class Runit(Told):
    def setUp(self):
        super().setUp()
        self.tools_environment = self.tools("runit")
        self.service_directory = os.path.join(self.convert("runit"), self.service)
        # runsv keeps its pipe to an earlier self in there
        os.chmod(self.service_directory, 0o755)

    def supervise(self):
        process = self.start(self.service_directory, program=os.path.join(peers("runit"), "runsv"),
                             env=self.tools_environment)
        self.addCleanup(self.sv, "force-shutdown")
        return process

    def sv(self, *words):
        return subprocess.run(["sv", "-w", "5", *words, self.service_directory], capture_output=True, text=True,
                              env=self.tools_environment, timeout=30)

    def is_to_stay_down(self):
        """Whether runsv has no next start in mind: `want up` stands in the second between two starts, too."""
        status = self.sv("status").stdout
        return status.startswith("down") and "want up" not in status

    def test_starts_as_described_and_stops_with_its_own_signal(self):
        self.supervise()
        start = self.started()
        self.assertAsDescribed(start)
        self.assertEqual(self.sv("stop").returncode, 0)
        self.gone(start["pid"])
        self.assertEqual(self.signals(), ["SIGINT"])

    def test_is_restarted_after_a_failure_and_on_request_but_not_after_success(self):
        self.supervise()
        kill(self.started()["pid"], signal.SIGKILL)
        second = self.started(2)
        self.write("mode", "exit 3")
        self.sv("restart")
        self.started(4)
        self.assertIn("SIGINT", self.signals())
        self.write("mode", "exit 0")
        wait_for(self.is_to_stay_down, what="the end of the restarts")
        self.assertNotEqual(second["pid"], self.started(4)["pid"])
        count = len(self.events("start"))
        time.sleep(1.5)
        self.assertEqual(len(self.events("start")), count)

    def test_is_killed_when_its_time_is_up(self):
        self.write("mode", "stay deaf")
        self.supervise()
        start = self.started()
        self.sv("down")
        self.gone(start["pid"])
        self.assertEqual(self.signals(), ["SIGINT"])

    def test_a_log_without_a_file_is_svlogds(self):
        self.service_directory = self.logged("runit", "log/run")
        self.supervise()
        current = self.path("logs/current")
        wait_for(lambda: os.path.exists(current) and "to the errors" in self.read(current), what="the log")
        self.assertIn("to the output", self.read(current))
        self.assertEqual(self.read("logs/config"), "s5000\nn3\n")


class S6(Told):
    def setUp(self):
        super().setUp()
        self.tools_environment = self.tools("s6")
        self.service_directory = os.path.join(self.convert("s6"), self.service)

    def supervise(self):
        process = self.start(self.service_directory, program=os.path.join(peers("s6"), "s6-supervise"),
                             env=self.tools_environment)
        self.addCleanup(self.svc, "-dx")
        return process

    def svc(self, *words):
        return subprocess.run(["s6-svc", *words, self.service_directory], capture_output=True, text=True,
                              env=self.tools_environment, timeout=30)

    def is_up(self):
        done = subprocess.run(["s6-svstat", "-o", "up,wantedup", self.service_directory], capture_output=True, text=True,
                              env=self.tools_environment, timeout=30)
        return "true" in done.stdout.split()[:1]

    def test_starts_as_described_and_stops_with_its_own_signal(self):
        self.supervise()
        start = self.started()
        self.assertAsDescribed(start)
        self.assertEqual(self.svc("-d").returncode, 0)
        self.gone(start["pid"])
        self.assertEqual(self.signals(), ["SIGINT"])

    def test_is_restarted_after_a_failure_but_not_after_success(self):
        self.supervise()
        kill(self.started()["pid"], signal.SIGKILL)
        self.started(2)
        self.write("mode", "exit 0")
        kill(self.started(2)["pid"], signal.SIGKILL)
        self.started(3)
        wait_for(lambda: not self.is_up(), what="the end of the restarts")
        time.sleep(1.5)
        self.assertEqual(len(self.events("start")), 3)

    def test_is_killed_when_its_time_is_up(self):
        self.write("mode", "stay deaf")
        self.supervise()
        start = self.started()
        self.svc("-d")
        self.gone(start["pid"])
        self.assertEqual(self.signals(), ["SIGINT"])

    def test_a_log_without_a_file_is_s6_logs(self):
        script = self.logged("s6", "log/run") + "-log/run"
        done = subprocess.run(["sh", "-c", f"echo a line | {script} 3>{self.path('ready')}"], capture_output=True, text=True,
                              env=self.tools_environment, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.read("logs/current"), "a line\n")
        self.assertEqual(self.read("ready"), "\n")

    def test_the_source_directory_is_what_s6_rc_reads(self):
        with open(os.path.join(self.service_directory, "type")) as file:
            self.assertEqual(file.read(), "longrun\n")
        compiler = shutil.which("s6-rc-compile")
        if not compiler:
            raise unittest.SkipTest("s6-rc-compile is in no Debian package and not installed here")
        done = self.command(compiler, "-v2", self.path("compiled"), self.path("out"))
        self.assertEqual(done[0], 0, done[2])


@unittest.skipUnless(IS_ROOT, "a SysV script is started by root")
@unittest.skipUnless(shutil.which("start-stop-daemon"), "start-stop-daemon is not installed")
class SysV(Told):
    def setUp(self):
        super().setUp()
        self.script = os.path.join(self.convert("sysv"), self.service)
        self.addCleanup(self.command, self.script, "stop")

    def test_every_action_answers_as_the_standard_base_says(self):
        self.assertEqual(self.command(self.script, "status")[0], 3)
        self.assertEqual(self.command(self.script, "start")[0], 0)
        start = self.started()
        self.assertAsDescribed(start)
        self.assertEqual(self.command(self.script, "start")[0], 0)
        self.assertEqual(self.command(self.script, "status")[0], 0)
        self.assertEqual(len(self.events("start")), 1)
        self.assertEqual(self.command(self.script, "stop")[0], 0)
        self.gone(start["pid"])
        self.assertEqual(self.signals(), ["SIGINT"])
        self.assertEqual(self.command(self.script, "status")[0], 3)
        self.assertEqual(self.command(self.script, "stop")[0], 0)
        self.assertEqual(self.command(self.script, "try-restart")[0], 0)
        self.assertEqual(len(self.events("start")), 1)
        self.assertEqual(self.command(self.script, "nonsense")[0], 2)

    def test_is_killed_when_its_time_is_up(self):
        self.write("mode", "stay deaf")
        self.command(self.script, "start")
        start = self.started()
        self.assertEqual(self.command(self.script, "restart")[0], 0)
        self.gone(start["pid"])
        self.started(2)

    def test_a_program_that_was_killed_is_told_from_one_that_was_stopped(self):
        self.command(self.script, "start")
        pid = self.started()["pid"]
        kill(pid, signal.SIGKILL)
        self.gone(pid)
        wait_for(lambda: self.command(self.script, "status")[0] == 1, what="a dead program's status")

    def test_insserv_takes_its_comment(self):
        insserv = os.path.join(peers("insserv"), "insserv")
        for name in ("remote_fs", "syslog"):
            self.write(f"root/etc/init.d/{name}", f"#!/bin/sh\n### BEGIN INIT INFO\n# Provides: {name}\n# Required-Start:\n"
                       "# Required-Stop:\n# Default-Start: S\n# Default-Stop: 0 6\n### END INIT INFO\n", 0o755)
        shutil.copy(self.script, self.path("root/etc/init.d"))
        self.write("root/etc/insserv.conf", "$remote_fs remote_fs\n$syslog syslog\n$network\n$named\n$time\n")
        for level in "0123456S":
            os.makedirs(self.path(f"root/etc/rc{level}.d"))
        for name in ("remote_fs", "syslog", self.service):
            done = self.command(insserv, "-p", self.path("root/etc/init.d"), "-c", self.path("root/etc/insserv.conf"),
                                self.path(f"root/etc/init.d/{name}"))
            self.assertEqual(done[0], 0, done[1] + done[2])
        self.assertRegex(" ".join(os.listdir(self.path("root/etc/rc2.d"))), r"S\d\d" + self.service)


class Scripts(Told):
    """Without a manager: what a checker of shell scripts says."""

    def test_shellcheck_finds_nothing(self):
        shellcheck = os.path.join(peers("shellcheck"), "shellcheck")
        for word in ("openrc", "sysv", "runit", "s6"):
            shutil.rmtree(self.path("out"), ignore_errors=True)
            for parent, _, names in os.walk(self.convert(word)):
                for name in names:
                    path = os.path.join(parent, name)
                    if not os.access(path, os.X_OK):
                        continue
                    # OpenRC reads the variables, and is not a shell that shellcheck knows
                    done = self.command(shellcheck, "-s", "sh", "-S", "warning", "-e", "SC2034,SC2154", path)
                    self.assertEqual(done[0], 0, done[1])

    def test_an_upstart_job_has_a_script_that_a_shell_reads(self):
        with open(os.path.join(self.convert("upstart"), self.service + ".conf")) as file:
            job = file.read()
        self.write("script", job.split("\nscript\n", 1)[1].split("\nend script\n", 1)[0])
        self.assertEqual(self.command("sh", "-n", self.path("script"))[0], 0)
        for stanza in ("start on runlevel [2345]", "stop on runlevel [!2345]", "respawn", "kill signal INT",
                       "kill timeout 2", "umask 0027", "nice 3", "limit nofile 256 512", f'chdir "{self.home}"'):
            self.assertIn(f"\n{stanza}\n", job)

    def test_what_is_only_written_is_refused_as_input(self):
        for name, text in (("a", "#!/sbin/openrc-run\ncommand=/bin/true\n"), ("b", "@reboot /bin/true\n")):
            code, _, error = self.svinstall("convert", "plist", self.write(name, text))
            self.assertEqual(code, 65)
            self.assertOneLineError(error, "reads none")


class Dinit(Told):
    def test_dinits_own_checker_finds_nothing(self):
        checker = shutil.which("dinit-check")
        if not checker:
            raise unittest.SkipTest("dinit is in no package of Debian 12 and not installed here")
        out = self.convert("dinit")
        done = self.command(checker, "-d", out, self.service)
        self.assertEqual(done[0], 0, done[1] + done[2])

    def test_dinit_starts_restarts_and_stops_it(self):
        if not shutil.which("dinit") or not shutil.which("dinitctl"):
            raise unittest.SkipTest("dinit is in no package of Debian 12 and not installed here")
        out, socket = self.convert("dinit"), self.path("socket")
        self.start("--user", "-q", "-d", out, "-p", socket, self.service, program=shutil.which("dinit"))
        first = self.started()
        self.assertAsDescribed(first)
        kill(first["pid"], signal.SIGKILL)
        second = self.started(2)
        done = self.command("dinitctl", "-p", socket, "stop", self.service)
        self.assertEqual(done[0], 0, done[1] + done[2])
        self.gone(second["pid"])
        self.assertEqual(self.signals(), ["SIGINT"])


@unittest.skipUnless(IS_ROOT, "a private view of /etc, /run and /usr needs root")
class PrivateRoot(Told):
    """A manager that looks for its own files at fixed places: they are laid over the machine's in a mount namespace."""

    def inside(self, peer, script):
        """A script for `unshare` whose file system has the peer's files, its own /etc and an empty /run."""
        root = os.path.join(os.path.dirname(peers(peer)), "root")
        lines = ["set -e", f"mount -t tmpfs none {self.path('layers')}"]
        for place in ("etc", "var"):
            lines += [f"mkdir -p {self.path('layers')}/{place}/upper {self.path('layers')}/{place}/work",
                      f"[ -d {root}/{place} ] && lower={root}/{place}:/{place} || lower=/{place}",
                      f"mount -t overlay none -o lowerdir=$lower,upperdir={self.path('layers')}/{place}/upper,"
                      f"workdir={self.path('layers')}/{place}/work /{place}"]
        for place in ("usr/lib", "usr/sbin", "usr/bin"):
            for source in (place, place.removeprefix("usr/")):
                lines.append(f"[ ! -d {root}/{source} ] || mount -t overlay none -o lowerdir={root}/{source}:/{place} /{place}")
        lines.append("mount -t tmpfs none /run")
        os.makedirs(self.path("layers"), exist_ok=True)
        path = self.write("inside.sh", "\n".join(lines) + "\n" + script)
        return ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", path]

    def check_layers(self, peer):
        done = subprocess.run(["unshare", *self.inside(peer, "true\n")], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise unittest.SkipTest(f"no private file system here: {done.stderr.strip()[-200:]}")


class OpenRC(PrivateRoot):
    sets_niceness = True

    def test_openrc_starts_restarts_and_stops_it(self):
        self.check_layers("openrc")
        script = os.path.join(self.convert("openrc"), self.service)
        name = self.service
        commands = self.inside("openrc", f"""
cp {script} /etc/init.d/{name}
mkdir -p /run/openrc /etc/runlevels/default
touch /run/openrc/softlevel
/lib/rc/bin/rc-depend -u >/dev/null 2>&1
rc-update add {name} default
rc-service {name} start
rc-service {name} status
until grep -q start {self.record}; do sleep 0.1; done
kill -s KILL "$(sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p' {self.record})"
until [ "$(grep -c start {self.record})" = 2 ]; do sleep 0.1; done
rc-service {name} stop
rc-service {name} status && exit 9
exit 0
""")
        done = subprocess.run(["unshare", *commands], capture_output=True, text=True, timeout=90)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertAsDescribed(self.started())
        self.assertEqual(len(self.events("start")), 2)
        self.assertEqual(self.signals(), ["SIGINT"])


class Cron(PrivateRoot):
    #: A crontab(1) that finds its group, and no question to the machine's own way to log in.
    SETTING = """
mkdir -p /var/spool/cron/crontabs
echo crontab:x:4711: >>/etc/group
for rule in auth account session; do echo "$rule required pam_permit.so"; done >/etc/pam.d/cron
rm -rf /etc/cron.d /etc/crontab
mkdir -p /etc/cron.d
"""

    def test_crontab_takes_what_is_written_for_a_user(self):
        self.check_layers("cron")
        table = os.path.join(self.convert("cron", "--user"), self.service)
        broken = self.write("broken", "61 * * * * /bin/true\n")
        commands = self.inside("cron", f"{self.SETTING}crontab -n {table}\n! crontab -n {broken}\n")
        done = subprocess.run(["unshare", *commands], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("bad minute", done.stderr)

    def test_cron_starts_at_boot_what_is_written_for_the_system(self):
        self.check_layers("cron")
        table = os.path.join(self.convert("cron"), self.service)
        # cron starts what belongs to the boot at its first full minute
        commands = self.inside("cron", f"""{self.SETTING}
install -m 644 {table} /etc/cron.d/{self.service}
cron -f &
until grep -q start {self.record}; do sleep 0.1; done
kill $!
""")
        done = subprocess.run(["unshare", *commands], capture_output=True, text=True, timeout=90)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        start = self.started()
        self.assertEqual(start["argv"], ["two  words", "*", "it's", "$x", ""])
        self.assertAsDescribed(start)


class Procfiles(Told):
    def test_honcho_runs_what_is_written_with_its_variables(self):
        honcho = os.path.join(peers("honcho"), "honcho")
        out = self.convert("procfile")
        self.assertEqual(sorted(os.listdir(out)), [".env", "Procfile"])
        process = subprocess.Popen([honcho, "start", "-f", os.path.join(out, "Procfile")], cwd=out,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            start = self.started()
        finally:
            process.terminate()
            process.wait(15)
        self.assertEqual(start["argv"], ["two  words", "*", "it's", "$x", ""])
        self.assertEqual(start["environment"], {"GREETING": "hello  world", "QUOTED": "a 'b' \"c\" $d"})
        self.assertEqual((start["cwd"], start["umask"]), (self.home, 0o027))

    def test_honcho_and_svinstall_give_the_same_ports_and_variables(self):
        honcho = os.path.join(peers("honcho"), "honcho")
        self.write("app/.env", "A=plain\nB='single $x'\nC=\"double \\n line\"\nPORT=7000\n# no\n")
        procfile = self.write("app/Procfile", "web: printenv A B C PORT\nworker: printenv PORT\n")
        done = self.command(honcho, "run", "-d", self.path("app"), "printenv", "A", "B", "C")
        self.assertEqual(done[0], 0, done[2])
        code, conf, error = self.svinstall("convert", "procfile", procfile)
        self.assertEqual(code, 0, error)
        self.assertEqual(done[1], "plain\nsingle $x\ndouble \n line\n")
        self.assertEqual(re.findall(r'PORT="?(\d+)', conf), ["7000", "7100"])
        self.assertIn("single $x", conf)


if __name__ == "__main__":
    unittest.main()
