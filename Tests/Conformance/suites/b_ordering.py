"""B. Several programs: priorities, groups, numprocs, who is told to stop first."""

import os

from harness.programs import sleeper
from harness.registry import suite

scenario = suite("B")


def _spawned(sv):
    return " ".join(line.split("'")[1] for line in sv.log().splitlines() if " spawned: " in line)


def _told(sv):
    """Who was sent the stop signal, in order; needs loglevel=debug."""
    return " ".join(line.split(" killing ")[1].split()[0] for line in sv.log().splitlines()
                    if " killing " in line)


DEBUG = {"daemon": "loglevel=debug"}


@scenario(tier="all")
def equal_priorities(t):
    """Programs and groups of one priority go by name at boot, whatever their place in the file."""
    sv = t.serve("".join(sleeper(name) for name in ("m", "z", "a"))
                 + sleeper("b1") + sleeper("c1") + "[group:b]\nprograms=b1\n[group:n]\nprograms=c1\n", **DEBUG)
    for name in ("m", "z", "a", "b:b1", "n:c1"):
        sv.wait(name, "RUNNING")
    t.record("boot", _spawned(sv))
    sv.ctl("status")
    sv.stop()
    t.record("told to stop", _told(sv))


@scenario(tier="all")
def group_priorities(t):
    """At boot a group's own priority counts, not its programs'."""
    sv = t.serve("[group:late]\nprograms=l1,l2\npriority=900\n[group:early]\nprograms=e1,e2\npriority=1\n"
                 + sleeper("l1", "priority=1") + sleeper("l2", "priority=2")
                 + sleeper("e1", "priority=800") + sleeper("e2", "priority=700")
                 + sleeper("alone", "priority=500"), **DEBUG)
    for name in ("late:l1", "late:l2", "early:e1", "early:e2", "alone"):
        sv.wait(name, "RUNNING")
    t.record("boot", _spawned(sv))
    sv.ctl("status")
    sv.stop()
    t.record("told to stop", _told(sv))


@scenario
def start_all_order(t):
    """start all: groups by priority, inside each the programs by theirs."""
    sv = t.serve("[group:g]\nprograms=p3,p1,p2\npriority=50\n"
                 + "".join(sleeper(f"p{number}", f"priority={number}", "autostart=false") for number in (1, 2, 3))
                 + sleeper("first", "priority=10", "autostart=false")
                 + sleeper("last", "priority=90", "autostart=false"))
    sv.ctl("start", "all", order=sorted)
    t.record("start all", _spawned(sv))


@scenario(tier="all")
def stop_all_order(t):
    """stop all: the lowest priority is told first, unlike at the end of the daemon."""
    sv = t.serve("[group:g]\nprograms=p3,p1,p2\npriority=50\n"
                 + "".join(sleeper(f"p{number}", f"priority={number}") for number in (1, 2, 3))
                 + sleeper("first", "priority=10") + sleeper("last", "priority=90"), **DEBUG)
    for name in ("first", "g:p1", "g:p2", "g:p3", "last"):
        sv.wait(name, "RUNNING")
    sv.ctl("stop", "all", order=sorted)
    t.record("told to stop", _told(sv))
    sv.ctl("start", "g:*", order=sorted)
    sv.ctl("stop", "g:*", order=sorted)
    t.record("told to stop", _told(sv))


@scenario(tier="all")
def listeners_among_programs(t):
    """Event listeners go by their priority, -1 unless set: first at boot and in stop all, last at the end."""
    t.script("listen", 'echo READY\n: > "$0.$SUPERVISOR_PROCESS_NAME"\nwhile read -r line; do :; done\n')
    config = (sleeper("a", "priority=1") + "[eventlistener:early]\ncommand=%(here)s/listen\nevents=TICK_3600\n"
              "startsecs=0\n[eventlistener:late]\ncommand=%(here)s/listen\nevents=TICK_3600\nstartsecs=0\n"
              "priority=70\n" + sleeper("z", "priority=60"))
    sv = t.serve(config, **DEBUG)
    sv.wait_all(a="RUNNING", early="RUNNING", late="RUNNING", z="RUNNING")
    listeners = ("listen.early", "listen.late")
    for mark in listeners:
        t.wait_for(mark)
    t.record("boot", _spawned(sv))
    sv.ctl("stop", "all", order=sorted)
    t.record("told to stop", _told(sv))
    for mark in listeners:
        os.unlink(t.path(mark))
    sv.ctl("start", "all", order=sorted)
    # A signal to a child that has not come to its execve yet is lost on the original.
    for mark in listeners:
        t.wait_for(mark)
    sv.stop()
    t.record("told at the end", " ".join(_told(sv).split()[4:]))


@scenario(tier="all")
def stopping_several_at_once(t):
    """stop g:* waits for all together: the answers come as they end."""
    t.script("ends", 'trap "sleep $1; exit 0" TERM\n: > "$0.$1"\nwhile :; do sleep 0.05; done\n')
    delays = {"quick": "0.1", "middle": "1.5", "slow": "3"}
    sv = t.serve("[group:g]\nprograms=slow,quick,middle\n" + "".join(
        f"[program:{name}]\ncommand=%(here)s/ends {delay}\nstartsecs=0\n" for name, delay in delays.items()))
    for delay in delays.values():
        t.wait_for(f"ends.{delay}")
    with t.timed("the stop"):
        sv.ctl("stop", "g:*")
    sv.record_story("slow")


@scenario(tier="all")
def restart_of_a_group(t):
    """restart g:* stops all, then starts all: by priority both times."""
    sv = t.serve("[group:g]\nprograms=b,a\n" + sleeper("a", "priority=2") + sleeper("b", "priority=1"), **DEBUG)
    sv.wait("g:a", "RUNNING")
    sv.wait("g:b", "RUNNING")
    before = [sv.pid("g:a"), sv.pid("g:b")]
    sv.ctl("restart", "g:*", order=sorted)
    t.record("others", [pid not in before for pid in (sv.pid("g:a"), sv.pid("g:b"))])
    t.record("told to stop", _told(sv))
    t.record("spawned", _spawned(sv))


@scenario(tier="all")
def numprocs_of_a_program(t):
    """numprocs makes a group of numbered processes, each with a life of its own."""
    t.script("show", 'echo "$1 $SUPERVISOR_PROCESS_NAME $SUPERVISOR_GROUP_NAME" >> "$0.out"\nexec sleep 300\n')
    sv = t.serve("[program:n]\ncommand=%(here)s/show %(process_num)d\nprocess_name=%(program_name)s-%(process_num)02d\n"
                 "numprocs=3\nnumprocs_start=5\nstartsecs=0\n")
    for number in (5, 6, 7):
        sv.wait(f"n:n-0{number}", "RUNNING")
    t.until(lambda: len(t.read("show.out").splitlines()) == 3, "all three have written")
    t.record("what they see", sorted(t.read("show.out").splitlines()))
    sv.ctl("stop", "n:n-06")
    sv.ctl("status")
    sv.ctl("start", "n:*")
    sv.ctl("stop", "n")
    sv.ctl("stop", "n:*", order=sorted)
    sv.ctl("status", "n:*")


@scenario(tier="all")
def no_process_at_all(t):
    """numprocs=0 makes a group without processes."""
    sv = t.serve("[program:none]\ncommand=/bin/sleep 300\nnumprocs=0\nprocess_name=%(process_num)d\n" + sleeper("a"))
    sv.wait("a", "RUNNING")
    for words in ("status", "avail", "status none:*", "start none:*", "stop none:*",
                  "signal HUP none:*", "start none", "remove none", "add none"):
        sv.ctl(*words.split())
    sv.rpc("supervisor.startProcessGroup", "none")
    sv.rpc("supervisor.stopProcessGroup", "none")
    with t.timed("the end"):
        sv.stop()


@scenario(tier="all")
def program_in_two_groups(t):
    """A program listed in two groups runs twice, and not by itself."""
    sv = t.serve("[group:g]\nprograms=a\n[group:h]\nprograms=a,b\n" + sleeper("a") + sleeper("b") + sleeper("c"))
    for name in ("g:a", "h:a", "h:b", "c"):
        sv.wait(name, "RUNNING")
    t.record("own processes", len({sv.pid("g:a"), sv.pid("h:a"), sv.pid("h:b")}))
    sv.ctl("status")
    sv.ctl("stop", "g:a")
    sv.ctl("start", "a")
    sv.ctl("status")


@scenario(tier="all")
def program_without_a_name(t):
    """[program:] is a program with an empty name."""
    sv = t.serve("[program:]\ncommand=/bin/sleep 300\nstartsecs=0\n" + sleeper("a"))
    sv.wait("a", "RUNNING")
    t.until(lambda: "spawned: ''" in sv.log(), "the nameless one")
    t.until(lambda: all(info["state"] == 20 for info in sv.ask("getAllProcessInfo")), "both run")
    sv.ctl("status")
    sv.ctl("avail")
    t.record("names", [(info["group"], info["name"]) for info in sv.ask("getAllProcessInfo")])


@scenario(tier="all")
def ten_groups_at_the_end(t):
    """At the end one group goes after the other; ours takes no longer than the reference."""
    sv = t.serve("".join(sleeper(f"p{number}", f"priority={number}") for number in range(10)), **DEBUG)
    for number in range(10):
        sv.wait(f"p{number}", "RUNNING")
    with t.timed("the end"):
        sv.stop()
    t.record("told to stop", _told(sv))


@scenario
def end_within_a_group(t):
    """Inside a group all are told at once at the end, the highest priority first."""
    sv = t.serve("[group:g]\nprograms=p1,p3,p2,p4\n" + sleeper("p1", "priority=1") + sleeper("p2", "priority=2")
                 + sleeper("p3", "priority=3") + sleeper("p4", "priority=3"), **DEBUG)
    for number in (1, 2, 3, 4):
        sv.wait(f"g:p{number}", "RUNNING")
    sv.stop()
    t.record("told to stop", _told(sv))
