"""D. XML-RPC methods: good calls, unknown names, wrong states, wrong numbers and types of parameters."""

import os
import threading
import time
import xmlrpc.client

from harness import programs, rpc
from harness.registry import suite

scenario = suite("D")

def _serve(t, extra="", **sections):
    return programs.serve(t, "run", "off", "done", "fatal", "missing", "mute", "grp", more=extra, **sections)


def _by_name(result):
    """Group answers come in the order of completion."""
    return sorted(result, key=lambda entry: (entry["group"], entry["name"]))


def _but_fatal(result):
    """Without waiting it is chance whether a program's failure is seen yet."""
    return [entry for entry in _by_name(result) if entry["name"] != "fatal"]


def _calls(sv, method, *rows):
    for row in rows:
        sv.rpc(f"supervisor.{method}", *row)


# introspection

@scenario
def list_of_methods(t):
    """system.listMethods is the original's, in its order."""
    sv = t.serve("")
    sv.rpc("system.listMethods")
    sv.rpc("system.listMethods", 1)


@scenario
def signatures(t):
    """system.methodSignature of every method, and of what is none."""
    sv = t.serve("")
    for method in sv.ask("system.listMethods"):
        sv.rpc("system.methodSignature", method)
    for method in ("supervisor.nope", "", "nope", "supervisor._getProcess"):
        sv.rpc("system.methodSignature", method)
    sv.rpc("system.methodSignature")


@scenario
def help_of_methods(t):
    """system.methodHelp has a text for every method and a fault for what is none."""
    sv = t.serve("")
    t.record("without help", [method for method in sv.ask("system.listMethods")
                              if not sv.ask("system.methodHelp", method).strip()])
    sv.rpc("system.methodHelp", "supervisor.nope")
    sv.rpc("system.methodHelp")


@scenario
def names_of_methods(t):
    """Only namespace.method is a method; nothing else is reachable."""
    sv = t.serve("")
    for method in ("supervisor.nope", "nope.getState", "getState", "supervisor", "",
                   "supervisor.getState.x", "supervisor._update", "supervisor.supervisord.getpid",
                   "supervisor.__class__", "system.__init__", "supervisor.", ".getState"):
        body = xmlrpc.client.dumps((), method).encode()
        answer = rpc.post(sv.address, body)
        t.record(f"method {method!r}", f"{answer.status}\n{answer.body.decode()}")


@scenario
def multicall(t):
    """system.multicall: results unwrapped, faults as structs, order kept, no recursion."""
    sv = _serve(t)
    def calls(*rows):
        return [{"methodName": name, "params": list(params)} for name, *params in rows]
    sv.rpc("system.multicall", calls(
        ("supervisor.getAPIVersion",), ("supervisor.getState",),
        ("supervisor.getProcessInfo", "zz"), ("supervisor.nope",)), field="mixed")
    sv.rpc("system.multicall", calls(
        ("supervisor.startProcess", "off"), ("supervisor.stopProcess", "off"),
        ("supervisor.stopProcess", "off"), ("supervisor.stopProcess", "run", False)),
        field="deferred")
    sv.rpc("system.multicall", calls(("supervisor.reloadConfig",)), field="an array")
    sv.rpc("system.multicall", calls(("system.multicall", [])), field="recursion")
    sv.rpc("system.multicall", [{"params": []}], field="no name")
    sv.rpc("system.multicall", [{"methodName": "supervisor.getState"}], field="no params")
    sv.rpc("system.multicall", [], field="nothing")
    sv.rpc("system.multicall")
    sv.rpc("system.multicall", calls(("supervisor.getState", 1), ("supervisor.startProcess",)),
           field="wrong numbers")


# the daemon

@scenario
def about_the_daemon(t):
    """Versions, identification, state, pid."""
    sv = t.serve("", daemon="identifier=me and you")
    for method in ("getAPIVersion", "getVersion", "getSupervisorVersion", "getIdentification",
                   "getState"):
        _calls(sv, method, (), (1,))
    t.record("getPID", sv.ask("getPID") == sv.process.pid)


@scenario
def main_log(t):
    """readLog, readMainLog, clearLog."""
    sv = t.serve("")
    log = sv.log()
    t.record("whole", sv.ask("readLog", 0, 0) == log)
    t.record("last", sv.ask("readMainLog", -20, 0) == log[-20:])
    t.record("middle", sv.ask("readLog", 5, 10) == log[5:15])
    t.record("from", sv.ask("readLog", 30, 0) == log[30:])
    t.record("strings", sv.ask("readLog", "5", "10") == log[5:15])
    _calls(sv, "readLog", (100000, 0), (-5, 3), (5, -1), (), (0,), (0, 0, 0), ("x", 0))
    sv.rpc("supervisor.clearLog")
    t.record("after clearing", sv.log())
    sv.rpc("supervisor.clearLog", 1)


@scenario
def ending_the_daemon(t):
    """shutdown answers true; wrong parameters do nothing."""
    sv = t.serve("")
    for method in ("shutdown", "restart"):
        sv.rpc(f"supervisor.{method}", 1)
    sv.rpc("supervisor.shutdown")
    t.record("exit", sv.ended())


@scenario
def restarting_the_daemon(t):
    """restart answers true and keeps the process."""
    sv = t.serve(programs.sleeper("run"))
    before = sv.wait("run", "RUNNING")["pid"]
    sv.rpc("supervisor.restart")
    def again():
        try:
            return sv.pid("run") not in (0, before)
        except (OSError, rpc.Refused, rpc.Fault):
            return False
    t.until(again, "the program runs anew")
    sv.rpc("supervisor.getState")
    t.record("same process", sv.ask("getPID") == sv.process.pid)


# information

@scenario
def process_info(t):
    """getProcessInfo in every steady state and of what is no process."""
    sv = _serve(t)
    _calls(sv, "getProcessInfo", ("run",), ("off",), ("done",), ("fatal",), ("grp:g1",), ("mute",),
           ("zz",), ("grp:*",), ("grp:",), ("grp",), ("g1",), ("",), (), (1,), ("run", 2))


@scenario
def all_process_info(t):
    """getAllProcessInfo is sorted by group, then name."""
    sv = _serve(t)
    _calls(sv, "getAllProcessInfo", (), (1,))


@scenario
def config_info(t):
    """getAllConfigInfo: every member of every program."""
    sv = _serve(t)
    _calls(sv, "getAllConfigInfo", (), (1,))


@scenario
def answers_byte_for_byte(t):
    """The very text of answers: declaration, members' order, types, faults."""
    sv = _serve(t)
    for method, *params in (
            ("getState",), ("getAPIVersion",), ("getProcessInfo", "zz"), ("getProcessInfo", "off"),
            ("startProcessGroup", "grp"), ("tailProcessLog", "mute", 0, 10), ("getAllConfigInfo",),
            ("stopProcess", "grp:g2"), ("getIdentification", 1)):
        body = xmlrpc.client.dumps(tuple(params), f"supervisor.{method}").encode()
        answer = rpc.post(sv.address, body)
        text = answer.body.decode()
        for member in ("now", "start", "stop", "pid"):
            head, name, rest = text.partition(f"<name>{member}</name>\n<value><int>")
            text = head + name + (rest[rest.index("<"):] if name else rest)
        t.record(" ".join([method, *map(str, params)]), text)


# control

@scenario
def start_process(t):
    """startProcess: every state, name, number and type of parameters."""
    sv = _serve(t)
    _calls(sv, "startProcess", ("off",), ("off",), ("grp:g2", False), ("fatal",), ("missing",), ("missing", False), ("zz",), ("grp:zz",), ("zz:*",), ("run", True), (),
           ("run", True, 1), (1,), ("grp:*",), ("grp:",))
    sv.wait("fatal", "FATAL")
    sv.record_info("off", "fatal", "missing")


@scenario
def stop_process(t):
    """stopProcess: every state, name, number and type of parameters."""
    sv = _serve(t)
    _calls(sv, "stopProcess", ("run",), ("run",), ("off",), ("done",), ("fatal",), ("zz",),
           ("grp:*",), ("grp:*",), ("zz:*",), ("mute", False), (), ("run", True, 1), (1,))
    sv.wait("mute", "STOPPED")
    sv.record_info("run", "mute")


@scenario
def groups_of_processes(t):
    """The group forms of start, stop and signal."""
    sv = _serve(t)
    for method, rows in (
            ("startProcessGroup", (("grp",), ("grp", False), ("run",), ("zz",), ())),
            ("signalProcessGroup", (("grp", "WINCH"), ("grp", "ZZ"), ("zz", "WINCH"), ("grp",))),
            ("stopProcessGroup", (("grp",), ("grp", False), ("zz",), ()))):
        for row in rows:
            words = ", ".join(map(repr, row))
            sv.rpc(f"supervisor.{method}", *row, order=_by_name, field=f"{method}({words})")


@scenario
def all_processes(t):
    """The forms of start, stop and signal that take all."""
    sv = _serve(t)
    for method, *params in (("signalAllProcesses", "WINCH"), ("signalAllProcesses", "ZZ"),
                            ("signalAllProcesses",), ("stopAllProcesses", True),
                            ("stopAllProcesses",), ("signalAllProcesses", "WINCH"),
                            ("startAllProcesses", False), ("stopAllProcesses", 1, 2)):
        sv.rpc(f"supervisor.{method}", *params, order=_but_fatal)


@scenario
def signal_process(t):
    """signalProcess: names, numbers, states."""
    sv = _serve(t)
    _calls(sv, "signalProcess", ("run", "WINCH"), ("run", "SIGWINCH"), ("run", "winch"),
           ("run", "28"), ("run", 28), ("run", "ZZ"), ("run", "0"), ("run", 99), ("run", ""),
           ("off", "WINCH"), ("done", "WINCH"), ("fatal", "WINCH"), ("zz", "WINCH"),
           ("grp:*", "WINCH"), ("run",), (), ("run", "WINCH", 1))


@scenario
def groups_added_and_removed(t):
    """addProcessGroup, removeProcessGroup, reloadConfig."""
    sv = _serve(t)
    _calls(sv, "removeProcessGroup", ("run",), ("off",), ("off",), ("zz",), ("grp",), (), ("off", 1))
    _calls(sv, "addProcessGroup", ("off",), ("off",), ("zz",), (), ("off", 1))
    _calls(sv, "reloadConfig", (), (1,))
    sv.record_info("off")


@scenario
def standard_input(t):
    """sendProcessStdin reaches the program."""
    sv = _serve(t)
    _calls(sv, "sendProcessStdin", ("run", "hello\n"), ("run", "grüße\n"), ("run", ""), ("off", "x"),
           ("zz", "x"), ("run", 1), ("run",), (), ("grp:*", "x"))
    t.wait_for("run.out", "grüße")
    t.record("what came back", t.read("run.out"))


@scenario
def remote_events(t):
    """sendRemoteCommEvent answers true, whoever listens."""
    sv = t.serve("")
    _calls(sv, "sendRemoteCommEvent", ("type", "data"), ("", ""), ("type",), ())


@scenario
def deferred_answers(t):
    """While one client waits for a slow start the others are answered at once."""
    sv = t.serve("[program:slow]\ncommand=/bin/sleep 300\nstartsecs=1\nautostart=false\n")
    results = []
    def wait():
        results.append(sv.ask("startProcess", "slow"))
    waiting = threading.Thread(target=wait)
    with t.timed("the slow start"):
        waiting.start()
        t.until(lambda: sv.info("slow")["statename"] == "STARTING", "it has begun")
        with t.timed("twenty answers meanwhile"):
            begun = time.monotonic()
            for _ in range(20):
                sv.ask("getState")
            t.record("answered meanwhile", not results and time.monotonic() - begun < 0.9)
        while waiting.is_alive():
            sv.info("slow")
            waiting.join(0.05)
    t.record("its answer", results)
    sv.record_info("slow")


@scenario
def no_interface(t):
    """Without [rpcinterface:supervisor] only system.* exists."""
    t.config("")
    text = t.read("d.conf").replace("rpcinterface:supervisor", "ignored")
    t.write("d.conf", text)
    sv = t.launch()
    def answers():
        try:
            return sv.ask("system.listMethods")
        except OSError:
            return False
    t.until(answers, "it answers")
    for method in ("supervisor.getState", "system.listMethods"):
        sv.rpc(method)


# logs

def _talking(t):
    """With a program that has written ten bytes to each of its logs."""
    t.script("talk", "printf 0123456789; printf abcdefghij >&2; exec sleep 300\n")
    sv = _serve(t, programs.sections("talk"))
    t.wait_for("talk.out", "9")
    t.wait_for("talk.err", "j")
    return sv


@scenario(tier="all")
def reading_logs(t):
    """readProcess*Log: offsets and lengths of either sign."""
    sv = _talking(t)
    rows = [("talk", *window) for window in (
        (0, 0), (0, 4), (4, 0), (8, 10), (10, 0), (100, 5), (-3, 0), (-30, 0), (-3, 1), (0, -1),
        ("2", "3"))]
    _calls(sv, "readProcessStdoutLog", *rows, ("zz", 0, 0), ("mute", 0, 0), ("off", 0, 0),
           ("grp:*", 0, 0), ("talk",), ("talk", 0), ("talk", "x", 0), ())
    _calls(sv, "readProcessLog", ("talk", 2, 3))
    _calls(sv, "readProcessStderrLog", ("talk", 2, 3), ("mute", 0, 0))


@scenario
def logs_that_are_not_there(t):
    """A missing log comes before a window that makes no sense; a directory in its place after it."""
    sv = t.serve("[program:never]\ncommand=/bin/cat\nautostart=false\nstdout_logfile=%(here)s/never.out\n"
                 "stderr_logfile=%(here)s/never.err\n")
    os.mkdir(t.path("never.err"))
    for method in ("readProcessStdoutLog", "readProcessStderrLog", "tailProcessStdoutLog", "tailProcessStderrLog"):
        _calls(sv, method, *(("never", *window) for window in ((0, 0), (-1, 0), (-1, 2), (0, -1), (-5, -5), (3, 9))))
    os.unlink(t.path("d.log"))
    for window in ((0, 0), (-1, 0), (-1, 2), (0, -1)):
        sv.rpc("readLog", *window)


@scenario
def tailing_logs(t):
    """tailProcess*Log: text, size and overflow."""
    sv = _talking(t)
    rows = [("talk", *window) for window in (
        (0, 0), (0, 4), (4, 0), (8, 10), (10, 0), (100, 5), (0, 100), (2, 1), (9, 1))]
    _calls(sv, "tailProcessStdoutLog", *rows, ("zz", 0, 0), ("mute", 0, 0), ("off", 0, 10),
           ("talk",), ())
    _calls(sv, "tailProcessLog", ("talk", 2, 3))
    _calls(sv, "tailProcessStderrLog", ("talk", 2, 30), ("mute", 0, 0))


@scenario
def clearing_logs(t):
    """clearProcessLogs of one and all."""
    sv = _serve(t)
    sv.ask("sendProcessStdin", "run", "hello\n")
    t.wait_for("run.out", "hello")
    _calls(sv, "clearProcessLogs", ("run",), ("off",), ("mute",), ("zz",), ("grp:*",), (), ("run", 1))
    t.record("the file", repr(t.read("run.out")))
    _calls(sv, "clearProcessLog", ("grp:g1",))
    sv.rpc("supervisor.clearAllProcessLogs", order=_by_name)
