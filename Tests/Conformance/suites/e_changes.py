"""E. What counts as a change, group by group, and that what was changed is applied."""

import os
import signal

from harness.programs import serve_deaf, sleeper
from harness.registry import suite

scenario = suite("E")


def _groups(sv):
    return "\n".join(f"{info['group']}:{info['name']} {info['statename']}" for info in sv.ask("getAllProcessInfo"))


def _settled(sv):
    for info in sv.ask("getAllProcessInfo"):
        if info["statename"] in ("STARTING", "RUNNING"):
            sv.wait(f"{info['group']}:{info['name']}", "RUNNING")


@scenario(tier="all")
def changes_of_groups(t):
    """What of a group makes it changed: members, their order, its priority."""
    sleepers = "".join(sleeper(name, "autostart=false") for name in "abcdef")
    sv = t.serve("[group:g]\nprograms=a,b\n[group:h]\nprograms=c,d\npriority=5\n" + sleepers)
    steps = {
        "the same": "[group:g]\nprograms=a, b\n[group:h]\npriority=5\nprograms=c,d\n",
        "another order of members": "[group:g]\nprograms=b,a\n[group:h]\nprograms=d,c\npriority=5\n",
        "another priority": "[group:g]\nprograms=b,a\npriority=7\n[group:h]\nprograms=d,c\n",
        "one more, one less": "[group:g]\nprograms=b,a,e\npriority=7\n[group:h]\nprograms=d\n",
        "from one to the other": "[group:g]\nprograms=b,a\npriority=7\n[group:h]\nprograms=d,e\n",
        "another name": "[group:g2]\nprograms=b,a\npriority=7\n[group:h]\nprograms=d,e\n",
        "none": "",
    }
    for field, text in steps.items():
        t.config(text + sleepers)
        sv.ctl("reread", field=f"reread: {field}", order=sorted)
        sv.ctl("update", field=f"update: {field}", order=sorted)
        t.record(f"processes: {field}", _groups(sv))


@scenario(tier="all")
def name_of_a_program_becomes_a_group(t):
    """A group may take the name of a program that was there."""
    sv = t.serve(sleeper("a") + sleeper("b"))
    sv.wait_all(a="RUNNING", b="RUNNING")
    t.config(sleeper("b") + "[group:a]\nprograms=b\n")
    sv.ctl("reread")
    sv.ctl("update")
    _settled(sv)
    t.record("processes", _groups(sv))
    t.config(sleeper("a") + sleeper("b"))
    sv.ctl("update")
    _settled(sv)
    t.record("processes at last", _groups(sv))


@scenario(tier="all")
def process_names_and_numbers(t):
    """numprocs, numprocs_start and process_name change a program's processes."""
    name = "process_name=%(program_name)s_%(process_num)d"
    sv = t.serve(sleeper("n", name, "numprocs=2"))
    steps = (("numprocs=3",), ("numprocs=3", "numprocs_start=2"), ("numprocs=1", "numprocs_start=0"), ("numprocs=0",),
             ("numprocs=2",))
    for keys in steps:
        t.config(sleeper("n", name, *keys))
        sv.ctl("reread", field=f"reread {keys}")
        sv.ctl("update", field=f"update {keys}")
        _settled(sv)
        t.record(f"processes {keys}", _groups(sv))
    t.config(sleeper("n", "process_name=other"))
    sv.ctl("update")
    _settled(sv)
    t.record("processes at last", _groups(sv))


@scenario(tier="all")
def attributes_are_applied(t):
    """After update the new process has the new directory, environment, umask, words and logs."""
    t.script("look", """
        { echo "words $*"; pwd; umask; env | grep "^[KL]_" | sort; } > "$0.part"
        mv "$0.part" "$0.seen"
        echo "to its log"
        exec sleep 300
    """)
    os.mkdir(t.path("place"))
    base = "[program:look]\nstartsecs=0\n"
    steps = {
        "at first": "command=%(here)s/look one\nstdout_logfile=%(here)s/1.log\n",
        "words": "command=%(here)s/look one two\nstdout_logfile=%(here)s/1.log\n",
        "directory": "command=%(here)s/look\ndirectory=%(here)s/place\nstdout_logfile=%(here)s/1.log\n",
        "environment": 'command=%(here)s/look\nenvironment=K_A="1",L_B="2"\nstdout_logfile=%(here)s/2.log\n',
        "umask": "command=%(here)s/look\numask=077\nstdout_logfile=%(here)s/2.log\n",
    }
    sv = None
    for field, keys in steps.items():
        if sv is None:
            sv = t.serve(base + keys)
        else:
            t.config(base + keys)
            sv.ctl("update", field=f"update: {field}")
        t.wait_for("look.seen")
        t.record(f"seen: {field}", t.read("look.seen"))
        os.unlink(t.path("look.seen"))
        sv.wait("look", "RUNNING")
    t.until(lambda: len(t.read("2.log").splitlines()) == 2, "its output")
    t.record("logs", [t.read("1.log"), t.read("2.log")])


@scenario(tier="all")
def stop_by_the_old_rules(t):
    """update stops the old process as the old definition said, and keeps the new rules for the new one."""
    t.script("hears", """
        for name in HUP INT; do trap "echo $name >> '$0.got'; exit 0" $name; done
        : > "$0.ready"
        while :; do sleep 0.05; done
    """)
    text = "[program:hears]\ncommand=%(here)s/hears\nstartsecs=0\nstopsignal={}\n"
    sv = t.serve(text.format("HUP"))
    first = sv.wait("hears", "RUNNING")["pid"]
    t.wait_for("hears.ready")
    os.unlink(t.path("hears.ready"))
    t.config(text.format("INT"))
    sv.ctl("update")
    sv.replaced("hears", first)
    t.wait_for("hears.ready")
    sv.ctl("stop", "hears")
    t.record("got", t.read("hears.got"))


@scenario(tier="all")
def autostart_changes(t):
    """autostart=true to false leaves it stopped after update, false to true starts it."""
    sv = t.serve(sleeper("on", "autostart=true") + sleeper("off", "autostart=false"))
    sv.wait("on", "RUNNING")
    t.config(sleeper("on", "autostart=false") + sleeper("off", "autostart=true"))
    sv.ctl("reread")
    sv.ctl("update")
    sv.wait_all(on="STOPPED", off="RUNNING")
    sv.record_info("on")


@scenario(tier="all")
def priorities_after_update(t):
    """A changed priority is a change, and start all follows it afterwards."""
    sv = t.serve(sleeper("a", "priority=1") + sleeper("b", "priority=2"))
    sv.wait_all(a="RUNNING", b="RUNNING")
    t.config(sleeper("a", "priority=9") + sleeper("b", "priority=2"))
    sv.ctl("reread")
    sv.ctl("update")
    sv.wait("a", "RUNNING")
    sv.ctl("stop", "all", order=sorted)
    before = sv.log().count(" spawned: ")
    sv.ctl("start", "all", order=sorted)
    t.record("started", [line.split("'")[1] for line in sv.log().splitlines() if " spawned: " in line][before:])
    sv.ctl("avail")


@scenario(tier="all")
def kinds_of_a_section(t):
    """A program becomes an event listener and a program again; a listener's own keys count."""
    t.script("listen", "echo READY\nwhile read -r line; do :; done\n")
    keys = "command=%(here)s/listen\nstartsecs=0\n"
    listener = "[eventlistener:a]\n" + keys
    steps = {
        "listener": listener + "events=TICK_3600\n",
        "the same": listener + "events=TICK_3600\n",
        "other events": listener + "events=TICK_3600,TICK_60\n",
        "another buffer": listener + "events=TICK_3600\nbuffer_size=20\n",
        "another priority": listener + "events=TICK_3600\nbuffer_size=20\npriority=4\n",
        "program": "[program:a]\n" + keys,
    }
    sv = t.serve("[program:a]\n" + keys)
    for field, text in steps.items():
        sv.wait("a", "RUNNING")
        before = sv.pid("a")
        t.config(text)
        sv.ctl("reread", field=f"reread: {field}")
        sv.ctl("update", field=f"update: {field}")
        sv.wait("a", "RUNNING")
        t.record(f"another process: {field}", sv.pid("a") != before)


@scenario(tier="all")
def sockets_of_fastcgi_programs(t):
    """A fcgi-program's socket counts as a change, its mode and backlog do not."""
    text = "[fcgi-program:f]\ncommand=/bin/sleep 300\nautostart=false\nsocket=unix://%(here)s/{}\n{}"
    sv = t.serve(text.format("f.sock", ""))
    steps = {
        "the same": text.format("f.sock", ""), "another path": text.format("g.sock", ""),
        "a mode": text.format("g.sock", "socket_mode=0600\n"), "a backlog": text.format("g.sock", "socket_backlog=9\n"),
        "a program": "[program:f]\ncommand=/bin/sleep 300\nautostart=false\n",
    }
    for field, config in steps.items():
        t.config(config)
        sv.ctl("reread", field=f"reread: {field}")
        sv.ctl("update", field=f"update: {field}")
        t.record(f"processes: {field}", _groups(sv))


@scenario
def words_that_mean_the_same(t):
    """Other spellings of the same values are no change."""
    pairs = (
        ("startsecs=3", "startsecs = 3"), ("autorestart=unexpected", "; nothing"), ("stopsignal=HUP", "stopsignal=1"),
        ("stopsignal=TERM", "stopsignal=SIGTERM"), ("autostart=true", "autostart=YES"), ("exitcodes=0,2", "exitcodes=2, 0"),
        ("stdout_logfile_maxbytes=1KB", "stdout_logfile_maxbytes=1024"), ("umask=022", "umask=22"),
        ('environment=A="1",B="2"', 'environment=B="2",A="1"'), ('environment=A="1"', "environment=A=1"),
        ("directory=/tmp", "directory=/tmp/"), ("command=/bin/sleep 300", "command=/bin/sleep  300"),
        ("stdout_logfile=/dev/null", "stdout_logfile=NONE"), ("user=root", "user=0"), ("stdout_logfile=AUTO", "; nothing"),
        ("environment=", "; nothing"), ("serverurl=AUTO", "; nothing"), ("process_name=%(program_name)s", "; nothing"),
        ("redirect_stderr=true", "redirect_stderr=true\nstderr_logfile=/dev/null"),
    )
    def section(number, key):
        command = "" if key.startswith("command") else "command=/bin/sleep 300\n"
        return f"[program:p{number:02}]\n{command}autostart=false\n{key}\n"
    if os.geteuid() != 0:
        pairs = tuple(pair for pair in pairs if not pair[0].startswith("user"))
    sv = t.serve("".join(section(number, first) for number, (first, _) in enumerate(pairs)))
    t.config("".join(section(number, second) for number, (_, second) in enumerate(pairs)))
    said = dict(line.split(": ") for line in sv.client("reread").out.splitlines() if ": " in line)
    for number, pair in enumerate(pairs):
        t.record(f"{pair}", said.get(f"p{number:02}", "nothing"))


@scenario(tier="all")
def there_and_back(t):
    """A change that is undone before update is no change."""
    sv = t.serve(sleeper("a"))
    first = sv.wait("a", "RUNNING")["pid"]
    t.config(sleeper("a", seconds=301) + sleeper("b"))
    sv.ctl("reread")
    t.config(sleeper("a"))
    sv.ctl("reread")
    sv.ctl("update")
    t.record("undisturbed", sv.pid("a") == first)


@scenario(tier="all")
def update_reads_for_itself(t):
    """update takes the file as it is now, not as reread saw it; add takes what was read."""
    sv = t.serve(sleeper("a"))
    sv.wait("a", "RUNNING")
    t.config(sleeper("a") + sleeper("b", seconds=301))
    sv.ctl("reread")
    t.config(sleeper("a") + sleeper("b", seconds=302) + sleeper("c"))
    sv.ctl("add", "b")
    sv.ctl("add", "c")
    sv.wait("b", "RUNNING")
    with open(f"/proc/{sv.pid('b')}/cmdline", encoding="utf-8") as file:
        t.record("command of b", file.read().replace("\0", " "))
    sv.ctl("update")
    sv.wait_all(b="RUNNING", c="RUNNING")
    with open(f"/proc/{sv.pid('b')}/cmdline", encoding="utf-8") as file:
        t.record("command of b at last", file.read().replace("\0", " "))


@scenario
def included_file_that_is_broken(t):
    """One broken included file holds up every change; the old ones go on."""
    t.write("conf.d/a.conf", sleeper("a"))
    sv = t.serve("[include]\nfiles=conf.d/*.conf\n")
    first = sv.wait("a", "RUNNING")["pid"]
    t.write("conf.d/a.conf", sleeper("a", seconds=301))
    for field, text in (("no value", "[program:b]\ncommand=/bin/true\nstartsecs=x\n"), ("no section", "command=x\n"),
                        ("unclosed", "[program:b\ncommand=/bin/true\n")):
        t.write("conf.d/b.conf", text)
        sv.rpc("supervisor.reloadConfig", field=f"reloadConfig: {field}")
    t.record("undisturbed", sv.pid("a") == first)
    os.unlink(t.path("conf.d/b.conf"))
    sv.ctl("update")
    sv.replaced("a", first)


@scenario(tier="all")
def missing_file(t):
    """Without its file the daemon goes on, and says which file it misses."""
    sv = t.serve(sleeper("a"))
    first = sv.wait("a", "RUNNING")["pid"]
    t.write("client.conf", t.read("d.conf"))
    os.unlink(t.path("d.conf"))
    sv.config = t.path("client.conf")
    sv.ctl("reread")
    sv.ctl("update")
    sv.ctl("add", "b")
    sv.ctl("avail")
    t.record("undisturbed", sv.pid("a") == first)
    t.config(sleeper("a") + sleeper("b"))
    sv.ctl("update")
    sv.wait("b", "RUNNING")


@scenario(tier="all")
def during_the_end(t):
    """On the way down nothing is read, added or removed any more."""
    sv = serve_deaf(t, 60)
    program = sv.pid("deaf")
    t.config("[program:deaf]\ncommand=/bin/sleep 300\n[program:new]\ncommand=/bin/sleep 300\n")
    sv.signal("TERM")
    t.until(lambda: "waiting for deaf to die" in sv.log(), "it waits")
    for words in ("reread", "update", "add new", "remove deaf", "start deaf"):
        sv.ctl(*words.split())
    sv.rpc("supervisor.getState")
    os.kill(program, signal.SIGKILL)
    t.record("exit", sv.ended())


@scenario(tier="all")
def reload_applies_everything(t):
    """reload restarts the daemon in its process: all of the file is new, programs in it and beside it."""
    sv = t.serve(sleeper("a") + sleeper("gone"), daemon="identifier=before")
    first = sv.wait("a", "RUNNING")["pid"]
    t.config(sleeper("a", seconds=301) + sleeper("new"), daemon="identifier=after")
    sv.ctl("reload")
    sv.ctl("status", "a", order=lambda lines: [str(len(lines))])
    t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
    sv.ready()
    sv.replaced("a", first)
    sv.wait("new", "RUNNING")
    t.record("processes", _groups(sv))
    sv.rpc("supervisor.getIdentification")
    t.record("same process", sv.ask("getPID") == sv.process.pid)
