"""Ansible's community.general.supervisorctl, in a playbook, with the stock supervisorctl and with svinstall's."""

import json
import os
import subprocess
import sys

from proof import beside, places, program, proof

FIXTURE = """
[program:web]
command=/bin/sleep 1000
startsecs=0
[program:off]
command=/bin/sleep 1000
autostart=false
startsecs=0
[program:many]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)d
numprocs=2
startsecs=0
"""

LATER = """
[program:new]
command=/bin/sleep 1000
startsecs=0
"""

EVERYDAY = (
    ("web", "started"), ("web", "stopped"), ("web", "stopped"), ("web", "started"), ("web", "restarted"),
    ("off", "started"), ("off", "started"), ("off", "restarted"),
    ("many:", "stopped"), ("many:", "stopped"), ("many:", "started"), ("many:", "restarted"),
    ("many:many_1", "restarted"), ("many:many_1", "stopped"), ("many:", "started"),
    ("web", "signalled", "CONT"), ("off", "stopped"), ("off", "signalled", "CONT"),
    ("all", "stopped"), ("all", "stopped"), ("all", "started"), ("all", "restarted"),
)

MEMBERSHIP = (
    ("new", "started"), ("new", "present"), ("new", "present"), ("new", "started"), ("new", "absent"),
    ("new", "stopped"), ("new", "absent"), ("new", "absent"), ("new", "present"), ("many:", "absent"),
    ("many:", "stopped"), ("many:", "absent"), ("many:", "absent"), ("nothing", "absent"),
)

FAILURES = (
    ("nothing", "started"), ("nothing", "stopped"), ("nothing", "restarted"), ("nothing", "present"),
    ("nothing:", "started"), ("web", "signalled", "NOSUCH"), ("web", "absent"), ("bad", "started"),
    ("ends", "started"), ("all", "started"),
)

BROKEN = """
[program:bad]
command=/no/such/program
autostart=false
[program:ends]
command=/bin/false
autostart=false
startsecs=1
startretries=0
"""


def _play(t, supervisorctl, steps, **login):
    """Run the module once for each step, in one playbook; what each answered."""
    common = {"supervisorctl_path": supervisorctl, **(login or {"config": t.path("d.conf")})}
    tasks = []
    for number, (name, state, *signal) in enumerate(steps):
        words = {"name": name, "state": state, **common, **({"signal": signal[0]} if signal else {})}
        tasks.append({"name": f"{name} {state}", "community.general.supervisorctl": words,
                      "register": f"step{number}", "ignore_errors": True})
    everything = ", ".join(f"step{number}" for number in range(len(steps)))
    tasks.append({"name": "keep", "ansible.builtin.copy": {
        "content": "{{ [" + everything + "] | to_json }}", "dest": t.path("answers.json"), "mode": "0644"}})
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]
    done = subprocess.run(
        [program("ansible", "ansible-playbook"), "-i", "localhost,", t.write("play.yml", json.dumps(play))],
        cwd=t.directory, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env=t.environment({
            "ANSIBLE_COLLECTIONS_PATH": os.path.join(places["ansible"], "collections"),
            "ANSIBLE_LOCAL_TEMP": t.path("ansible"), "ANSIBLE_REMOTE_TEMP": t.path("ansible"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable, "ANSIBLE_PIPELINING": "1"}))
    if not t.exists("answers.json") == "there":
        raise RuntimeError(f"ansible-playbook ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return json.loads(t.read("answers.json"))


def _record(t, supervisorctl, steps, **login):
    for (name, state, *signal), answer in zip(steps, _play(t, supervisorctl, steps, **login)):
        words = "failed" if answer.get("failed") else "changed" if answer["changed"] else "unchanged"
        lines = [words]
        # what supervisorctl said is part of what the module tells; its own wording of a failed command is in msg
        lines += [f"{key}: {answer[key]}" for key in ("msg", "rc", "stdout", "stderr", "affected") if answer.get(key)]
        t.record(" ".join([name, state, *signal]), "\n".join(lines).replace(supervisorctl, "supervisorctl"))


def _stock():
    return os.path.join(os.path.dirname(sys.executable), "supervisorctl")


def _everyday(t, supervisorctl):
    sv = t.serve(FIXTURE)
    sv.wait_all(web="RUNNING")
    _record(t, supervisorctl, EVERYDAY)
    for name in ("web", "off", "many_0", "many_1"):
        sv.record_story(name)


def _membership(t, supervisorctl):
    sv = t.serve(FIXTURE)
    t.write("d.conf", t.read("d.conf") + LATER)
    _record(t, supervisorctl, MEMBERSHIP)
    sv.ctl("avail")


def _failures(t, supervisorctl):
    sv = t.serve(FIXTURE + BROKEN)
    sv.wait_all(web="RUNNING")
    _record(t, supervisorctl, FAILURES)
    sv.stop()
    _record(t, supervisorctl, (("web", "started"), ("web", "restarted")))


def _over_tcp(t, supervisorctl):
    port = t.port()
    t.config(FIXTURE + f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=me\npassword=secret\n")
    t.launch().ready().wait_all(web="RUNNING")
    url = f"http://127.0.0.1:{port}"
    steps = (("web", "stopped"), ("web", "started"), ("many:", "restarted"), ("web", "signalled", "CONT"))
    _record(t, supervisorctl, steps, server_url=url, username="me", password="secret")
    _record(t, supervisorctl, steps[:2], server_url=url, username="me", password="wrong")


@proof("ansible", seconds=200)
def everyday(t):
    """started, stopped, restarted, signalled, alone, as a group and all; done again nothing changes."""
    _everyday(t, _stock())


@proof("ansible", like="ansible.everyday", seconds=200)
def everyday_by_our_client(t):
    """The same with svinstall's own supervisorctl."""
    _everyday(t, beside(t, "supervisorctl"))


@proof("ansible", seconds=200)
def membership(t):
    """present and absent follow the configuration file; absent refuses what still runs."""
    _membership(t, _stock())


@proof("ansible", like="ansible.membership", seconds=200)
def membership_by_our_client(t):
    """The same with svinstall's own supervisorctl."""
    _membership(t, beside(t, "supervisorctl"))


@proof("ansible", seconds=200)
def failures(t):
    """Unknown names, programs that do not start, wrong signals, no daemon: the module says so."""
    _failures(t, _stock())


@proof("ansible", like="ansible.failures", seconds=200)
def failures_by_our_client(t):
    """The same with svinstall's own supervisorctl."""
    _failures(t, beside(t, "supervisorctl"))


@proof("ansible", seconds=200)
def over_tcp(t):
    """By address, user and password instead of a configuration file; a wrong password fails."""
    _over_tcp(t, _stock())


@proof("ansible", like="ansible.over-tcp", seconds=200)
def over_tcp_by_our_client(t):
    """The same with svinstall's own supervisorctl."""
    _over_tcp(t, beside(t, "supervisorctl"))
