"""The boot hook under OpenRC, SysV init, runit and s6, by their real tools in a private file system."""

import os
import subprocess
import unittest

from suites import inits
from workshop import SVINSTALL

#: Beside /etc, /var and /run nothing of the private file system is written: svinstall lies where only root writes.
BEGIN = """
unset SVINSTALL_STATE_DIR SVINSTALL_CONF
export HOME=/root
cp {svinstall} /run/svhook
svinstall=/run/svhook
mkdir -p /etc/svinstall
printf '[supervisord]\\nlogfile=/run/daemon.log\\npidfile=/run/daemon.pid\\n[program:a]\\ncommand=/bin/sleep 86397\\n' >/etc/svinstall/svinstall.conf
say() {{ echo "$*" >&2; exit 9; }}
soon() {{ for i in $(seq 300); do "$@" && return; sleep 0.1; done; say "not in time: $*"; }}
runs() {{ "$svinstall" status 2>/dev/null | grep -q RUNNING; }}
gone() {{ ! pgrep -f 'sleep 86397' >/dev/null && ! pgrep -x svhook >/dev/null; }}
daemon() {{ pgrep -o -x svhook; }}
another() {{ pid=$(daemon) && [ "$pid" != "$1" ]; }}
files() {{ find /etc /var/lib -path '*svinstall*' ! -type d | LC_ALL=C sort; }}
"""

#: What holds under each: installed it runs, again nothing changes, it stops, starts, and leaves nothing.
LIFE = """
files >/run/before
$svinstall agent install --system --init {init} {words} || say "install: $? $(cat /var/log/svinstall/*)"
soon runs
$svinstall agent install --system --init {init} | grep -q 'nothing to change' || say "a second time"
$svinstall agent status --system || say "status: $?"
$svinstall agent status --system | grep -q '^pid: *[0-9]' || say "the pid is not told"
{more}
$svinstall agent stop --system || say "stop: $?"
soon gone
$svinstall agent status --system && say "a stopped daemon counts as running"
$svinstall agent start --system || say "start: $?"
soon runs
$svinstall agent restart --system || say "restart: $?"
soon runs
{shutdown}
[ "$(pgrep -c -f 'sleep 86397')" = 1 ] || say "a program runs twice"
$svinstall agent uninstall --system || say "uninstall: $?"
soon gone
$svinstall agent uninstall --system | grep -q 'nothing is installed' || say "uninstalled a second time"
files >/run/after
diff /run/before /run/after || say "something is left"
"""
#: After a crash the daemon is started again, and what it had started has ended with it.
COMES_BACK = """
old=$(daemon)
child=$(pgrep -f 'sleep 86397')
kill -9 "$old"
soon another "$old"
soon runs
[ "$(pgrep -c -f 'sleep 86397')" = 1 ] || say "a program runs twice after a crash"
[ "$(pgrep -f 'sleep 86397')" != "$child" ] || say "the program of before the crash still runs"
"""


#: After a shutdown it stays down until somebody starts it.
STAYS_DOWN = """
$svinstall shutdown
soon gone
sleep 3
gone || say "it came back after a shutdown"
$svinstall agent status --system && say "after a shutdown it counts as running"
$svinstall agent start --system || say "start after the shutdown: $?"
soon runs
"""

#: What no restart mends is not tried again: neither the log nor the processors are filled.
WRONG = """
cp /etc/svinstall/svinstall.conf /run/right.conf
echo '[program:wrong]' >>/etc/svinstall/svinstall.conf
kill -9 "$(daemon)"
soon grep -q wrong /var/log/svinstall/svinstall.out.log
sleep 3
[ "$(grep -c 'program:wrong' /var/log/svinstall/svinstall.out.log)" = 1 ] || say "a wrong configuration is tried again"
cp /run/right.conf /etc/svinstall/svinstall.conf
# OpenRC's keeper takes its time to go; until then it counts as started. The kernel cuts its name.
unkept() { ! pgrep -x supervise-daemo >/dev/null; }
soon unkept
$svinstall agent start --system || say "start after a wrong configuration: $?"
soon runs
"""


#: A script that is broken cannot say that it runs; it is mended all the same, under the running daemon.
BROKEN = """
old=$(daemon)
for damage in 'chmod 644' 'rm'; do
    $damage /etc/init.d/svinstall
    $svinstall agent status --system && say "not seen: $damage"
    $svinstall agent install --system || say "not mended: $damage"
    $svinstall agent status --system || say "after $damage"
done
[ "$(daemon)" = "$old" ] || say "the daemon was disturbed"
"""


class Hooks(inits.PrivateRoot):
    def live(self, peer, init, begin="", more="", words="", end="", shutdown=STAYS_DOWN):
        self.check_layers(peer)
        script = BEGIN.format(svinstall=os.path.realpath(SVINSTALL)) + begin \
            + LIFE.format(init=init, more=more, words=words, shutdown=shutdown) + end
        done = subprocess.run(["unshare", *self.inside(peer, script)], capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        return done.stdout, done.stderr


class OpenRC(Hooks):
    def test_openrc_starts_it_at_boot_and_brings_it_back(self):
        self.live("openrc", "openrc", begin="""
mkdir -p /run/openrc /etc/runlevels/default
touch /run/openrc/softlevel
/lib/rc/bin/rc-depend -u >/dev/null 2>&1
""", more="[ -L /etc/runlevels/default/svinstall ]\n" + BROKEN + COMES_BACK + WRONG)


class SysV(Hooks):
    def test_sysv_starts_it_at_boot(self):
        _, error = self.live("insserv", "sysv", more="ls /etc/rc2.d | grep -q 'S[0-9]*svinstall'\n"
                             "/etc/init.d/svinstall status\nrm /etc/rc2.d/S*svinstall\n" + BROKEN)
        self.assertIn("nobody brings it back", error)


class Runit(Hooks):
    def test_runit_starts_it_and_brings_it_back(self):
        self.live("runit", "runit", begin="rm -f /etc/service\nmkdir /etc/service\nrunsvdir -P /etc/service >/dev/null 2>&1 &\nkeeper=$!\n",
                  more=COMES_BACK + WRONG, end="kill -HUP $keeper\n")


class S6(Hooks):
    def test_s6_starts_it_and_brings_it_back(self):
        self.live("s6", "s6", begin="mkdir -p /etc/scan\ns6-svscan /etc/scan >/dev/null 2>&1 &\n"
                  "soon test -p /etc/scan/.s6-svscan/control\n", words="--service-directory /etc/scan",
                  more=COMES_BACK + WRONG + "[ ! -e /etc/s6/sv/default ]\n", end="s6-svscanctl -t /etc/scan\n")
