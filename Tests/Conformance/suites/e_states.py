"""E. add, remove and update against programs in each state."""

import os

from harness.registry import suite

scenario = suite("E")

PROGRAMS = {
    "running": "command=/bin/sleep {}\nstartsecs=0\n",
    "starting": "command=/bin/sleep {}\nstartsecs=60\n",
    "stopped": "command=/bin/sleep {}\nstartsecs=0\n",
    "never": "command=/bin/sleep {}\nstartsecs=0\nautostart=false\n",
    "exited": "command=%(here)s/leave {}\nstartsecs=0\nautorestart=false\n",
    "fatal": "command=%(here)s/leave {}\nstartsecs=60\nstartretries=0\n",
    "backoff": "command=%(here)s/leave {}\nstartsecs=60\nstartretries=60\n",
}
"""One program for each state; the number in braces is the argument to change."""

STATES = {"starting": "STARTING", "stopped": "STOPPED", "never": "STOPPED", "exited": "EXITED",
          "fatal": "FATAL", "running": "RUNNING"}


def _section(name, argument=300):
    return f"[program:{name}]\n" + PROGRAMS[name].format(argument)


def _all_states(t, *more):
    """A daemon with a program in each state."""
    t.script("leave", "exit 1\n")
    sv = t.serve("".join(map(_section, PROGRAMS)) + "".join(more))
    sv.wait("stopped", "RUNNING")
    sv.ask("stopProcess", "stopped")
    sv.wait_all(**STATES)
    t.until(lambda: sv.story("backoff").count("spawned") == 2, "its second run")
    sv.wait("backoff", "BACKOFF")
    return sv


def _steady(sv):
    """Names and states, with those that come and go under one word."""
    def word(info):
        busy = info["name"] == "backoff" and info["statename"] in ("STARTING", "BACKOFF")
        return "trying" if busy else info["statename"]
    return "\n".join(f"{info['group']}:{info['name']} {word(info)}" for info in sv.ask("getAllProcessInfo"))


@scenario(tier="all")
def remove_in_each_state(t):
    """remove takes what is at rest; BACKOFF, STARTING and RUNNING are still running."""
    sv = _all_states(t)
    for name in ("backoff", "exited", "fatal", "never", "running", "starting", "stopped", "nosuch"):
        sv.ctl("remove", name)
    sv.ctl("status")
    sv.ctl("avail")
    sv.ctl("add", "exited")
    sv.wait("exited", "EXITED")
    sv.ctl("stop", "running")
    sv.rpc("supervisor.removeProcessGroup", "running")
    sv.rpc("supervisor.addProcessGroup", "running")
    sv.rpc("supervisor.addProcessGroup", "running")
    sv.rpc("supervisor.addProcessGroup", "nosuch")
    sv.wait("running", "RUNNING")


@scenario(tier="all")
def removed_by_update_in_each_state(t):
    """update stops and removes what is gone from the file, whatever its state."""
    sv = _all_states(t, "[program:stays]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    before = sv.pid("stays")
    t.config("[program:stays]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    sv.ctl("reread", order=sorted)
    with t.timed("the update"):
        sv.ctl("update", order=sorted)
    sv.ctl("status", order=lambda lines: [line.split("uptime")[0] for line in lines])
    t.record("undisturbed", sv.pid("stays") == before)


@scenario
def changed_in_each_state(t):
    """update of a changed program starts it anew where autostart says so, whatever its state was."""
    sv = _all_states(t)
    t.config("".join(_section(name, 301) for name in PROGRAMS))
    sv.ctl("reread", order=sorted)
    sv.ctl("update", order=sorted)
    for name, state in {**STATES, "stopped": "RUNNING"}.items():
        sv.wait(name, state)
    sv.wait("backoff", "STARTING", "BACKOFF")
    t.record("states", _steady(sv))
    for name in ("running", "starting", "stopped"):
        with open(f"/proc/{sv.pid(name)}/cmdline", encoding="utf-8") as file:
            t.record(f"command of {name}", file.read().replace("\0", " "))


@scenario(tier="all")
def regrouped_in_each_state(t):
    """update moves programs of every state into one group."""
    sv = _all_states(t)
    t.config("".join(map(_section, PROGRAMS)) + "[group:all]\nprograms=" + ",".join(PROGRAMS) + "\n")
    sv.ctl("reread", order=sorted)
    sv.ctl("update", order=sorted)
    for name, state in {**STATES, "stopped": "RUNNING"}.items():
        sv.wait(f"all:{name}", state)
    t.record("states", _steady(sv))


@scenario
def update_waits_for_the_deaf(t):
    """update waits until a changed program that hears no TERM is killed; others go on being served."""
    t.script("deaf", 'trap "" TERM\n: > "$0.$1"\nwhile :; do sleep 0.1; done\n')
    text = "[program:deaf]\ncommand=%(here)s/deaf {}\nstartsecs=0\nstopwaitsecs=2\n"
    sv = t.serve(text.format("one"))
    first = sv.wait("deaf", "RUNNING")["pid"]
    t.wait_for("deaf.one")
    t.config(text.format("two"))
    with t.timed("the update"):
        sv.ctl("update")
    sv.replaced("deaf", first)
    t.wait_for("deaf.two")
    sv.record_story("deaf")


@scenario(tier="all")
def update_to_what_fails(t):
    """update says updated even where the new definition cannot run."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    sv.wait("a", "RUNNING")
    t.config("[program:a]\ncommand=/no/such\nstartsecs=0\nstartretries=0\n")
    sv.ctl("update")
    sv.wait("a", "FATAL")
    sv.record_info("a")
    sv.ctl("start", "a")
    t.config("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    sv.ctl("update")
    sv.wait("a", "RUNNING")
    sv.record_story("a")


@scenario(tier="all")
def remove_and_stop_a_group(t):
    """A group goes only when all of its processes are at rest, and comes back whole."""
    sv = t.serve("[group:g]\nprograms=a,b\n[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\n"
                 "[program:b]\ncommand=/bin/sleep 300\nstartsecs=0\nautostart=false\n")
    sv.wait("g:a", "RUNNING")
    for words in ("remove a", "remove g:a", "remove g", "stop g:a", "remove g", "status", "start g:a", "add a",
                  "add g"):
        sv.ctl(*words.split())
    sv.wait("g:a", "RUNNING")
    t.record("states", _steady(sv))


@scenario(tier="all")
def questions_about_what_was_read(t):
    """getAllConfigInfo shows what was read last: new groups not in use, removed ones not at all."""
    text = "[program:{}]\ncommand=/bin/sleep 300\nautostart=false\n"
    sv = t.serve(text.format("a") + text.format("b"))
    def shown():
        return [(info["group"], info["name"], info["inuse"]) for info in sv.ask("getAllConfigInfo")]
    t.record("at first", shown())
    t.config(text.format("b") + text.format("c") + "[group:g]\nprograms=d\n" + text.format("d"))
    t.record("before reread", shown())
    sv.ctl("reread")
    t.record("after reread", shown())
    sv.ctl("avail")
    sv.ctl("add", "c")
    sv.ctl("remove", "a")
    t.record("after add and remove", shown())
    sv.ctl("avail")
    sv.ctl("update")
    t.record("after update", shown())
    t.record("processes", _steady(sv))


@scenario(tier="all")
def automatic_logs_of_groups(t):
    """Automatic logs come with a group and stay when it goes."""
    text = "[program:{}]\ncommand=/bin/echo {}\nstartsecs=0\nautorestart=false\n"
    sv = t.serve(text.format("a", "one"))
    sv.wait("a", "EXITED")
    def logs():
        return sorted("-".join(name.split("-")[:2]) for name in os.listdir(t.path("logs")))
    t.until(lambda: logs(), "logs")
    t.record("at first", logs())
    t.config(text.format("a", "two") + text.format("b", "new"))
    sv.ctl("update")
    sv.wait_all(a="EXITED", b="EXITED")
    t.until(lambda: len(logs()) >= 4, "logs")
    t.record("after update", logs())
    t.config("")
    sv.ctl("update", order=sorted)
    t.record("after removal", logs())
