"""B. Spawning: what fails, in which order, what a program is given."""

import os

from harness.registry import suite

scenario = suite("B")


@scenario(tier="all")
def missing_binary(t):
    """A command that does not exist: FATAL by autostart, an error by start."""
    sv = t.serve("""
        [program:auto]
        command=/no/such/binary --flag
        startretries=1
        [program:manual]
        command=nosuchbinary
        autostart=false
        [program:good]
        command=/bin/sleep 300
        startsecs=0
    """)
    sv.wait("auto", "FATAL")
    sv.wait("good", "RUNNING")
    sv.ctl("start", "manual")
    sv.ctl("start", "auto")
    sv.ctl("status")
    sv.record_info("auto", "manual")
    sv.record_story("auto")
    sv.record_story("manual")


@scenario(tier="all")
def failures_to_spawn(t):
    """Directory, mode, quotes, interpreter, empty command, missing directory: each with its words."""
    t.write("plain", "exit 0\n")
    t.write("badinterpreter", "#!/no/such/interpreter\n")
    t.script("fine", "exit 0\n")
    os.chmod(t.path("badinterpreter"), 0o755)
    commands = {
        "directory": "/tmp",
        "mode": "%(here)s/plain",
        "interpreter": "%(here)s/badinterpreter",
        "quotes": "/bin/sh -c 'echo foo ; echo bar'",
        "empty": "",
        "chdir": "%(here)s/fine\ndirectory=/no/such/directory",
    }
    sv = t.serve("".join(f"[program:{name}]\ncommand={command}\nstartretries=0\n"
                         f"stderr_logfile=%(here)s/{name}.err\n"
                         for name, command in commands.items()))
    for name in commands:
        sv.wait(name, "FATAL")
    for name in commands:
        info = sv.info(name)
        t.record(f"spawnerr of {name}", info["spawnerr"])
        t.record(f"stderr of {name}", t.read(f"{name}.err"))
        sv.record_story(name)
        sv.ctl("start", name)


def _spawned(sv):
    """Program names in the order of their first messages of one kind."""
    order = {"spawned": [], "stopped": []}
    for line in sv.log().splitlines():
        for kind, names in order.items():
            if f" {kind}: " in line:
                names.append(line.split(f"{kind}: ")[1].split()[0].strip("'"))
    return order


@scenario
def priorities_order_groups(t):
    """Boot in ascending, shutdown in descending order of priority."""
    sv = t.serve("".join(f"""
        [program:{name}]
        command=/bin/sleep 300
        startsecs=0
        priority={priority}
    """ for name, priority in (("late", 30), ("early", 10), ("middle", 20), ("usual", 999))))
    sv.wait_all(late="RUNNING", early="RUNNING", middle="RUNNING", usual="RUNNING")
    sv.ctl("avail")
    sv.stop()
    for kind, names in _spawned(sv).items():
        t.record(kind, " ".join(names))


@scenario(tier="all")
def boot_order_within_a_group(t):
    """At boot a group follows its programs= list, start g:* follows the priorities."""
    sv = t.serve("[group:g]\nprograms=p3,p1,p2\n" + "".join(
        f"[program:p{number}]\ncommand=/bin/sleep 300\nstartsecs=0\npriority={number}\n"
        for number in (1, 2, 3)))
    for name in ("g:p1", "g:p2", "g:p3"):
        sv.wait(name, "RUNNING")
    t.record("boot", " ".join(_spawned(sv)["spawned"]))
    sv.ctl("stop", "g:*", order=sorted)
    sv.ctl("start", "g:*", order=sorted)
    t.record("start", " ".join(_spawned(sv)["spawned"][3:]))


@scenario
def environment_of_a_program(t):
    """The variables a program gets and how environment= is layered."""
    t.script("show", 'env | sort | grep -v "^_=\\|^PWD=\\|^SHLVL=" > "$0.$1"\nexec sleep 300\n')
    sv = t.serve("""
        [program:plain]
        command=%(here)s/show plain
        startsecs=0
        [program:own]
        command=%(here)s/show own
        startsecs=0
        environment=A="over",B='two, three',SUPERVISOR_ENABLED=no,EMPTY="",C="100%%"
        [program:many]
        command=%(here)s/show %(process_num)d
        process_name=%(program_name)s_%(process_num)02d
        numprocs=2
        startsecs=0
        serverurl=http://example.invalid:1
    """, daemon='environment=A="base",D="d"', env={"INHERITED": "yes"})
    for name in ("plain", "own", "0", "1"):
        t.wait_for(f"show.{name}", "TZ=")
        t.record(f"environment of {name}", t.read(f"show.{name}"))
    sv.wait("own", "RUNNING")
    sv.record_info("own")


@scenario
def command_words(t):
    """How a command line is split and what argv a program sees."""
    t.script("words", 'name=$1; shift; for word; do echo "<$word>"; done > "$0.$name"\n: > "$0.$name.done"\n'
             "exec sleep 300\n")
    lines = {
        "plain": "one two  three",
        "quotes": "'single quoted' \"double quoted\" mi'x'\"e\"d",
        "escapes": r"a\ b \"c\" 'd\e'",
        "comment": "a;b a#b c ; dropped",
        "hash": "a #b",
        "percent": "100%% %(program_name)s %(group_name)s",
        "empty": "'' \"\"",
        "shell": "$HOME * ~ `id` | cat",
        "lines": "one\n    two\n    three",
    }
    t.serve("".join(f"[program:{name}]\ncommand=%(here)s/words {name} {line}\nstartsecs=0\n"
                    for name, line in lines.items()))
    for name in lines:
        t.wait_for(f"words.{name}.done")
        t.record(f"words of {name}", t.read(f"words.{name}"))


@scenario
def surroundings_of_a_program(t):
    """Working directory, umask, argv[0], PATH search, process group, session, stdin, open files."""
    t.write("place/tool", "#!/bin/sh\n: > \"$1\"\nexec sleep 300\n")
    os.chmod(t.path("place/tool"), 0o755)
    t.script("look", """
        {
            pwd
            umask
            echo "$0"
            read -r pid name state parent group session rest < /proc/$$/stat
            [ $pid = $group ] && echo "leads its group"
            read -r a b c d e other rest < /proc/$parent/stat
            [ $session = $other ] && echo "in its parent's session"
            ls /proc/self/fd
            readlink /proc/$$/fd/0 | sed 's/[0-9]//g'
        } > "$1.part" 2>&1
        mv "$1.part" "$1"
        exec sleep 300
    """)
    os.mkdir(t.path("elsewhere"))
    t.serve("""
        [program:plain]
        command=%(here)s/look %(here)s/plain.seen
        startsecs=0
        [program:moved]
        command=%(here)s/look %(here)s/moved.seen
        directory=%(here)s/elsewhere
        umask=077
        startsecs=0
        [program:found]
        command=tool %(here)s/found.seen
        environment=PATH="%(here)s/place:/usr/bin:/bin"
        startsecs=0
    """)
    for name in ("plain", "moved", "found"):
        t.wait_for(f"{name}.seen")
        t.record(f"what {name} saw", t.read(f"{name}.seen"))


@scenario(needs_root=True)
def user_of_a_program(t):
    """user= changes ids and groups, not HOME and USER."""
    t.script("who", 'id > "$1"; echo "$HOME $USER" >> "$1"; : > "$1.done"; exec sleep 300\n')
    os.mkdir(t.path("open"))
    os.chmod(t.path("open"), 0o777)
    sv = t.serve("""
        [program:who]
        command=%(here)s/who %(here)s/open/who
        user=nobody
        startsecs=0
    """)
    t.wait_for("open/who.done")
    t.record("who", t.read("open/who"))
    sv.ctl("status")
