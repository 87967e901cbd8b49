"""C. A hundred commands in a row on one fixed configuration: 18 programs, a group, a program of three processes."""

from harness.registry import suite

scenario = suite("C")

_QUIET = "startsecs=0\nautorestart=false\n"
_SLEEP = "command=/bin/sleep 300\n" + _QUIET


def _once(name, status):
    """A program whose first life ends soon, and whose others do not."""
    lived = f"%(here)s/{name}-lived"
    return f"command=/bin/sh -c 'test -e {lived} && exec sleep 300; touch {lived}; sleep 0.1; exit {status}'\n" + _QUIET


PROGRAMS = {
    # what runs
    **{name: _SLEEP for name in ("alpha", "beta", "gamma", "delta")},
    "umlaut-\u00fc": _SLEEP,
    "with.dot": _SLEEP,
    "a-name-that-is-longer-than-the-column": _SLEEP,
    "first": _SLEEP + "priority=1\n",
    # what does not
    "off": _SLEEP + "autostart=false\n",
    "off-too": _SLEEP + "autostart=false\npriority=1000\n",
    # Only their first lives are short: whether a second one had ended would depend on how fast the lines are said.
    "done": _once("done", 0),
    "three": _once("three", 3),
    "fatal": "command=/bin/false\nstartsecs=60\nstartretries=0\n",
    "missing": "command=/no/such/file\nautostart=false\n",
    "directory": "command=/etc\nautostart=false\n",
    # a group, and a program of several processes
    "one": _SLEEP,
    "two": _SLEEP + "autostart=false\n",
    "many": _SLEEP + "process_name=%(program_name)s_%(process_num)02d\nnumprocs=3\n",
}

GROUPS = "[group:pair]\nprograms=one,two\npriority=7\n"

# Of several groups or processes that are stopped or started together the original answers in the order of completion:
# these words name one process each, but where a single order is possible.
COMMANDS = """
status
status alpha
status alpha beta gamma
status umlaut-\u00fc
status with.dot
status a-name-that-is-longer-than-the-column
status pair:*
status pair:
status pair:one
status pair
status many:*
status many:many_01
status many
status off off-too done three fatal missing directory
status alpha nobody
status off nobody
status nobody nobody:* pair:nobody
status all
status all nobody
avail
avail x
pid nobody
pid off
pid pair:*
pid many
start
start alpha
start off
start off
start off-too alpha
start done
start three
start fatal
start missing
start directory
start nobody
start nobody:*
start pair:nobody
start pair:two
start pair:two
start many:many_00
status off off-too pair:two
stop
stop off
stop off
stop off-too fatal missing
stop nobody
stop nobody:*
stop pair:nobody
stop pair:two
stop many:many_02
stop many:many_02 many:many_02
status many:*
start many:many_02
restart
restart alpha
restart off
restart nobody
restart nobody:*
restart fatal
restart missing
restart pair:one
restart alpha beta
stop off
signal
signal HUP
signal WINCH alpha
signal SIGWINCH beta
signal winch gamma
signal 28 delta
signal NOPE alpha
signal 0 alpha
signal 1000 alpha
signal WINCH off
signal WINCH nobody
signal WINCH nobody:*
signal WINCH alpha off nobody
signal WINCH pair:one
tail
tail nobody
tail alpha
tail -5 alpha
tail alpha stderr
tail alpha stdin
tail -x alpha
tail alpha stdout stderr more
tail -f nobody
clear
clear alpha
clear nobody
clear pair:one pair:two nobody
maintail x
maintail -x
reread
reread x
update
update nobody
add alpha
add nobody
remove alpha
remove off
remove nobody
add off
add
remove
version
version x
fg
fg off
fg nobody
fg alpha beta
open nowhere
reload x
shutdown x
help nobody
nonsense
nonsense and more
status
"""


def serve(t):
    """The daemon with every program in its steady state."""
    text = "".join(f"[program:{name}]\n{keys}" for name, keys in PROGRAMS.items())
    sv = t.serve(text + GROUPS)
    sv.wait_all(alpha="RUNNING", done="EXITED", three="EXITED", fatal="FATAL")
    for name in ("pair:one", "many:many_00", "many:many_01", "many:many_02", "first"):
        sv.wait(name, "RUNNING")
    return sv


@scenario(tier="all", seconds=300)
def hundred_commands(t):
    """Each of a hundred command lines, one after the other: words and exit status."""
    sv = serve(t)
    for number, line in enumerate(COMMANDS.strip().splitlines()):
        sv.ctl(*line.split(), field=f"{number:03} {line}")
    sv.ctl("shutdown")
    t.record("exit of the daemon", sv.ended())


@scenario(seconds=200)
def hundred_commands_in_the_shell(t):
    """The same lines in one session of the shell."""
    sv = serve(t)
    lines = COMMANDS.strip().replace("tail -f nobody\n", "")
    sv.ctl(stdin=lines.encode() + b"\nquit\n", field="a session")
