"""E. reread and update: what counts as a change and what is done about it."""

import os

from harness.programs import QUICK, sleeper
from harness.registry import suite

scenario = suite("E")


def _commands(t, sv):
    """Name, state and command line of every process."""
    def line(info):
        words = ""
        if info["pid"]:
            with open(f"/proc/{info['pid']}/cmdline", encoding="utf-8") as file:
                words = file.read().replace("\0", " ")
        return f"{info['group']}:{info['name']} {info['statename']} {words}".rstrip()
    for info in sv.ask("getAllProcessInfo"):
        if info["statename"] in ("STARTING", "RUNNING"):
            sv.wait(f"{info['group']}:{info['name']}", "RUNNING")
    t.record("processes", "\n".join(line(info) for info in sv.ask("getAllProcessInfo")))


@scenario
def added_changed_removed(t):
    """reread names every group that differs; update makes it so; then there is nothing to do."""
    sv = t.serve(sleeper("same") + sleeper("changed") + sleeper("gone") + sleeper("idle", "autostart=false"))
    sv.wait_all(same="RUNNING", changed="RUNNING", gone="RUNNING")
    pid = sv.pid("same")
    sv.ctl("reread")
    sv.ctl("update")
    t.config(sleeper("same") + sleeper("changed", seconds=301) + sleeper("new")
             + sleeper("idle", "autostart=false", seconds=301))
    sv.ctl("reread")
    sv.ctl("avail")
    sv.ctl("status")
    sv.ctl("reread")
    sv.ctl("update")
    sv.wait_all(changed="RUNNING", new="RUNNING")
    _commands(t, sv)
    t.record("same undisturbed", sv.pid("same") == pid)
    sv.ctl("update")
    sv.record_story("gone")
    sv.record_story("changed")


@scenario
def result_of_reload_config(t):
    """reloadConfig: three lists within one; what was read shows in getAllConfigInfo."""
    sv = t.serve(sleeper("same") + sleeper("changed") + sleeper("gone"))
    sv.wait("gone", "RUNNING")
    t.config(sleeper("same") + sleeper("changed", seconds=301) + sleeper("new"))
    sv.rpc("supervisor.reloadConfig")
    t.record("config", [(info["name"], info["command"], info["inuse"])
                        for info in sv.ask("getAllConfigInfo")])


@scenario
def what_counts_as_changed(t):
    """One program a key: which keys make reread say changed."""
    keys = """
        priority=1|autostart=true|autorestart=true|startretries=9|startsecs=9|exitcodes=9|
        stopsignal=HUP|stopwaitsecs=9|stopasgroup=true|killasgroup=true|umask=077|directory=/|
        redirect_stderr=true|stdout_logfile=%(here)s/x.log|stderr_logfile=%(here)s/y.log|
        stdout_logfile=NONE|stdout_logfile_maxbytes=1KB|stdout_logfile_backups=3|
        stdout_capture_maxbytes=1KB|stdout_events_enabled=true|stderr_logfile_maxbytes=1KB|
        environment=A="b"|serverurl=http://localhost:1|numprocs_start=5|process_name=other|
        user=root|command=/bin/sleep 301|nosuchkey=1
    """.replace("\n", "").replace(" " * 8, "").strip().split("|")
    plain = "[program:p{:02}]\ncommand=/bin/sleep 300\nautostart=false\n"
    sv = t.serve("".join(plain.format(number) for number in range(len(keys))))
    t.config("".join(plain.format(number) + key + "\n" for number, key in enumerate(keys)))
    said = dict(line.split(": ") for line in sv.client("reread").out.splitlines())
    for number, key in enumerate(keys):
        t.record(f"key {key}", said.get(f"p{number:02}", "nothing"))


@scenario(tier="all")
def order_is_no_change(t):
    """Sections in another order, comments, spaces: no change."""
    sv = t.serve(sleeper("a") + sleeper("b"))
    sv.wait_all(a="RUNNING", b="RUNNING")
    t.config("; a comment\n" + sleeper("b").replace("=", " : ") + "\n" + sleeper("a"))
    sv.ctl("reread")
    sv.ctl("update")


@scenario
def auto_logs(t):
    """AUTO to a file is a change, a file to AUTO is not seen."""
    sv = t.serve(sleeper("a") + sleeper("b", "stdout_logfile=%(here)s/b.log"))
    sv.wait_all(a="RUNNING", b="RUNNING")
    t.config(sleeper("a", "stdout_logfile=%(here)s/a.log") + sleeper("b"))
    sv.ctl("reread")
    sv.ctl("update")


@scenario(tier="all")
def changed_by_hand_and_restart(t):
    """restart after an edit and a reread still runs the old command; update applies the new one."""
    sv = t.serve(sleeper("a"))
    sv.wait("a", "RUNNING")
    t.config(sleeper("a", seconds=301))
    sv.ctl("restart", "a")
    sv.ctl("reread")
    sv.ctl("restart", "a")
    _commands(t, sv)
    sv.ctl("update", "a")
    sv.wait("a", "RUNNING")
    _commands(t, sv)


@scenario(tier="all")
def update_of_stopped_programs(t):
    """A changed program that was stopped by hand is started by update when autostart says so."""
    sv = t.serve(sleeper("a") + sleeper("b", "autostart=false"))
    sv.wait("a", "RUNNING")
    sv.ctl("stop", "a")
    t.config(sleeper("a", seconds=301) + sleeper("b", "autostart=false", seconds=301))
    sv.ctl("update")
    sv.wait("a", "RUNNING")
    _commands(t, sv)


@scenario(tier="all")
def update_of_named_groups(t):
    """update with names touches only these; an unknown one is an error."""
    sv = t.serve(sleeper("a") + sleeper("b") + sleeper("c"))
    sv.wait_all(a="RUNNING", b="RUNNING", c="RUNNING")
    t.config(sleeper("a", seconds=301) + sleeper("b", seconds=301) + sleeper("d") + sleeper("e"))
    for words in ("a", "zz", "zz b", "c", "d", "all", "all zz"):
        sv.ctl("update", *words.split())
    sv.wait_all(a="RUNNING", b="RUNNING", d="RUNNING", e="RUNNING")
    _commands(t, sv)


@scenario(tier="all")
def regrouped(t):
    """A program moves into a group and out again."""
    sv = t.serve(sleeper("a") + sleeper("b"))
    sv.wait_all(a="RUNNING", b="RUNNING")
    for text in ("[group:g]\nprograms=a,b\n", "[group:g]\nprograms=b\n", "[group:g]\nprograms=b\npriority=5\n", ""):
        t.config(text + sleeper("a") + sleeper("b"))
        sv.ctl("reread")
        sv.ctl("update")
        _commands(t, sv)


@scenario(tier="all")
def numprocs_up_and_down(t):
    """Another numprocs changes the group; all of its processes start anew."""
    def text(count):
        return sleeper("n", f"numprocs={count}", "process_name=%(program_name)s%(process_num)d")
    sv = t.serve(text(2))
    for count in (3, 1):
        sv.wait("n:n0", "RUNNING")
        before = sv.pid("n:n0")
        t.config(text(count))
        sv.ctl("reread")
        sv.ctl("update")
        sv.replaced("n:n0", before)
        _commands(t, sv)


@scenario(tier="all")
def add_and_remove_after_reread(t):
    """add needs a reread; remove of what disappeared; add of what is active."""
    sv = t.serve(sleeper("a") + sleeper("b"))
    sv.wait_all(a="RUNNING", b="RUNNING")
    t.config(sleeper("a") + sleeper("c"))
    for words in ("add c", "reread", "add c", "add c", "remove b", "stop b", "remove b", "remove b",
                  "add b", "reread"):
        sv.ctl(*words.split())
    sv.wait("c", "RUNNING")
    sv.ctl("status")


@scenario(tier="all")
def update_of_what_keeps_failing(t):
    """BACKOFF and FATAL programs are updated and removed like others."""
    t.script("quick", QUICK)
    def text(name, retries):
        return (f"[program:{name}]\ncommand=%(here)s/quick\nstartsecs=30\n"
                f"startretries={retries}\n")
    sv = t.serve(text("fatal", 0) + text("backoff", 50) + text("going", 50))
    sv.wait("fatal", "FATAL")
    t.until(lambda: sv.story("backoff").count("spawned") == 2, "the second run")
    sv.wait("backoff", "BACKOFF")
    sv.ctl("remove", "backoff")
    t.config(sleeper("fatal") + sleeper("backoff"))
    sv.ctl("update")
    sv.wait_all(fatal="RUNNING", backoff="RUNNING")
    _commands(t, sv)


@scenario(tier="all")
def wrong_configuration(t):
    """A file that cannot be read or understood changes nothing."""
    sv = t.serve(sleeper("a"))
    sv.wait("a", "RUNNING")
    pid = sv.pid("a")
    broken = {
        "bad value": sleeper("a", "startretries=x"),
        "bad signal": sleeper("a", "stopsignal=FOO"),
        "no command": "[program:b]\n",
        "bad group": sleeper("a") + "[group:g]\nprograms=zz\n",
        "bad expansion": "[program:b]\ncommand=%(zz)s\n",
    }
    for field, text in broken.items():
        t.config(text)
        sv.ctl("reread", field=f"reread: {field}")
        sv.ctl("update", field=f"update: {field}")
    t.write("d.conf", "no section\n")
    sv.rpc("supervisor.reloadConfig", field="reloadConfig: no section")
    t.write("d.conf", "[program:x]\ncommand=/bin/true\n")
    sv.rpc("supervisor.reloadConfig", field="reloadConfig: no supervisord section")
    os.unlink(t.path("d.conf"))
    sv.rpc("supervisor.reloadConfig", field="reloadConfig: no file")
    t.record("undisturbed", sv.pid("a") == pid)
    t.config(sleeper("a"))
    sv.ctl("reread")


@scenario(tier="all")
def included_files(t):
    """Files under an include glob come, change and go."""
    root = "[include]\nfiles=conf.d/*.conf\n"
    t.write("conf.d/a.conf", sleeper("a"))
    sv = t.serve(root)
    sv.wait("a", "RUNNING")
    t.write("conf.d/b.conf", sleeper("b"))
    sv.ctl("reread")
    t.write("conf.d/a.conf", sleeper("a", seconds=301))
    sv.ctl("reread")
    sv.ctl("update")
    sv.wait_all(a="RUNNING", b="RUNNING")
    _commands(t, sv)
    os.unlink(t.path("conf.d/a.conf"))
    sv.ctl("update")
    sv.ctl("status")


@scenario(tier="all")
def supervisord_section_is_not_reread(t):
    """Only programs are reread: other sections need a restart."""
    sv = t.serve(sleeper("a"), daemon="identifier=before")
    sv.wait("a", "RUNNING")
    t.config(sleeper("a"), daemon="identifier=after\nloglevel=debug")
    sv.ctl("reread")
    sv.rpc("supervisor.getIdentification")
    t.config(sleeper("a"), daemon='environment=A="b"')
    sv.ctl("reread")
    sv.ctl("update")
