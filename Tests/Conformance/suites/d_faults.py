"""D. Every method with the wrong type, number and kind of parameters, and while the daemon ends."""

import xmlrpc.client

from harness import programs, rpc
from harness.registry import suite

scenario = suite("D")

WRONG = (1, True, 1.5, [], ["run"], {}, {"name": "run"}, xmlrpc.client.DateTime("20260102T03:04:05"))
"""What is no string."""

HARMLESS = {"supervisor.shutdown", "supervisor.restart"}
"""Methods that a scenario must not call rightly."""


def _serve(t, extra="", **sections):
    return programs.serve(t, "run", "off", "grp", more=extra, **sections)


@scenario(tier="all")
def number_of_parameters(t):
    """Each method with too few and too many parameters: one fault for all, before anything else is looked at."""
    sv = _serve(t)
    for method in sv.ask("system.listMethods"):
        count = len(sv.ask("system.methodSignature", method)) - 1
        sv.rpc(method, *["zz"] * (count + 1))
        required = count - (method.endswith(("Process", "Processes", "ProcessGroup")) and ".st" in method)
        if required:
            sv.rpc(method, *["zz"] * (required - 1))


@scenario(tier="all")
def names_of_wrong_type(t):
    """A name that is no string."""
    sv = _serve(t)
    for method, *more in (("getProcessInfo",), ("startProcess",), ("stopProcess",), ("signalProcess", "WINCH"),
                          ("startProcessGroup",), ("stopProcessGroup",), ("signalProcessGroup", "WINCH"),
                          ("addProcessGroup",), ("removeProcessGroup",)):
        for value in WRONG:
            sv.rpc(f"supervisor.{method}", value, *more)


@scenario(tier="all")
def names_of_logs_of_wrong_type(t):
    """A name that is no string, for the methods about logs and input."""
    sv = _serve(t)
    for method, *more in (("readProcessStdoutLog", 0, 0), ("readProcessStderrLog", 0, 0),
                          ("tailProcessStdoutLog", 0, 0), ("clearProcessLogs",), ("sendProcessStdin", "x")):
        for value in WRONG:
            sv.rpc(f"supervisor.{method}", value, *more)


@scenario(tier="all")
def numbers_of_wrong_type(t):
    """Offsets and lengths that are no integers; the log is looked for first."""
    sv = _serve(t)
    for value in ("x", "", "1.5", " 2 ", "1_0", True, 1.5, -1.5, [], {}, "٣"):
        for method, *name in (("readProcessLog", "run"), ("tailProcessLog", "run"), ("readProcessLog", "zz"),
                              ("tailProcessLog", "zz")):
            sv.rpc(f"supervisor.{method}", *name, value, 0)
            sv.rpc(f"supervisor.{method}", *name, 0, value)
    sv.rpc("supervisor.readProcessStderrLog", "grp:g1", "x", 0)


@scenario(tier="all")
def flags_of_any_type(t):
    """Whether to wait is a question of truth, whatever the type."""
    sv = _serve(t)
    for value in (0, 1, "", "x", [], [0], {}, {"a": 0}, 0.0, 0.5, False):
        sv.rpc("supervisor.startProcess", "off", value)
        sv.wait("off", "RUNNING")
        sv.rpc("supervisor.stopProcess", "off", value)
        sv.wait("off", "STOPPED")


@scenario(tier="all")
def signals_of_any_type(t):
    """Signals by name and number, in any type, for one, a group and all."""
    sv = _serve(t)
    for value in ("winch", " WINCH ", "28", " 28 ", 28, 28.0, "+28", "0", 0, "SIG", "", "SIGSIGWINCH", -1, 10 ** 9, [], {}):
        for method, *name in (("signalProcess", "run"), ("signalProcessGroup", "grp"), ("signalProcess", "grp:*")):
            sv.rpc(f"supervisor.{method}", *name, value)
    for value in ("CLD", "IOT", True, 65, "65"):
        sv.rpc("supervisor.signalProcess", "off", value)
    # each of these ends the program
    for value in ("RTMIN", "sigrtmax", "64", "POLL"):
        before = sv.pid("run")
        sv.rpc("supervisor.signalProcess", "run", value)
        sv.replaced("run", before)


@scenario
def events_of_any_type(t):
    """sendRemoteCommEvent takes everything."""
    sv = _serve(t)
    for value in WRONG:
        sv.rpc("supervisor.sendRemoteCommEvent", value, "data")
        sv.rpc("supervisor.sendRemoteCommEvent", "type", value)


@scenario
def help_in_own_words(t):
    """system.methodHelp describes a method; the sentences are the server's own."""
    t.serve("").rpc("system.methodHelp", "supervisor.getPID")


@scenario
def help_names_kinds(t):
    """system.methodHelp tells the kinds of all parameters and of the result."""
    sv = t.serve("")
    for method in sv.ask("system.listMethods"):
        lines = [line.split() for line in sv.ask("system.methodHelp", method).splitlines()]
        kinds = [line[:3 if line[0] == "@param" else 2] for line in lines
                 if line and line[0] in ("@param", "@return")]
        t.record(method, repr(kinds))


@scenario
def help_for_what_is_no_method(t):
    """system.methodHelp and methodSignature answer a fault for what is none."""
    sv = t.serve("")
    for name in (1, [], "", "supervisor", "methodHelp"):
        sv.rpc("system.methodHelp", name)
        sv.rpc("system.methodSignature", name)


@scenario
def objects_behind_methods(t):
    """No attribute of the daemon can be reached by a name (CVE-2017-11610)."""
    sv = t.serve("")
    for method in ("supervisor.supervisord.options.execve", "supervisor.supervisord.options.warnings.linecache.os.system",
                   "supervisor.__class__", "supervisor.__init__.__globals__", "supervisor._update", "system.namespaces",
                   "supervisor.supervisord", "supervisor.update_text", "system._listMethods", "system.namespaces.keys",
                   "__class__.mro", "supervisor..getState", ".supervisor.getState", "supervisor.getState.",
                   "supervisor.getState.__func__", "keys.x", "supervisor", "getState", "Supervisor.getState",
                   "supervisor.getstate", "supervisor getState", "system.system", "twiddler.addProgramToGroup"):
        sv.rpc(method)
        sv.rpc("system.multicall", [{"methodName": method, "params": []}], field=f"multicall of {method}")


@scenario(tier="all")
def while_it_shuts_down(t):
    """While the daemon waits for a program every method but a few is refused, and still answered."""
    t.script("stay", "trap '' TERM; echo ready; while :; do sleep 0.1; done\n")
    sv = t.serve("""
        [program:stay]
        command=%(here)s/stay
        startsecs=0
        stopwaitsecs=4
        stdout_logfile=%(here)s/stay.out
        [program:off]
        command=/bin/sleep 300
        autostart=false
    """)
    t.wait_for("stay.out", "ready")
    sv.ask("shutdown")
    for method in sv.ask("system.listMethods"):
        if method in HARMLESS:
            continue
        signature = sv.ask("system.methodSignature", method)[1:]
        values = {"string": "off", "int": 0, "boolean": True, "array": []}
        words = [values[kind] for kind in signature]
        if method.startswith("system.method"):
            words = ["supervisor.getState"]
        if "signal" in method:
            words[-1] = "WINCH"
        if method in ("supervisor.signalAllProcesses", "system.methodHelp"):
            continue
        sv.rpc(method, *words, field=method)
    sv.rpc("supervisor.shutdown", field="shutdown again")
    t.record("exit", sv.ended())


@scenario
def multicall_shapes(t):
    """What the list of calls and each call may be."""
    sv = _serve(t)
    state = {"methodName": "supervisor.getState"}
    for field, calls in {
            "nothing": "", "text": "supervisor.getState", "number": 1, "struct": state, "list of texts": ["x"],
            "list of numbers": [1], "list of lists": [[state]],
            "empty struct": [{}], "name of number": [{"methodName": 1}], "empty name": [{"methodName": ""}],
            "name of list": [{"methodName": []}], "params of text": [{**state, "params": "ab"}],
            "params of empty text": [{**state, "params": ""}], "params of number": [{**state, "params": 1}],
            "params of struct": [{"methodName": "supervisor.getProcessInfo", "params": {"zz": 1}}],
            "unknown with number": [{"methodName": "supervisor.nope", "params": 1}],
            "more members": [{**state, "other": 1}], "params of flag": [{**state, "params": False}],
            "one letter": [{"methodName": "supervisor.getProcessInfo", "params": "z"}],
            "twice": [state, state], "recursion among others": [state, {"methodName": "system.multicall", "params": [[state]]}, state],
            "introspection": [{"methodName": "system.methodSignature", "params": ["supervisor.getPID"]}],
    }.items():
        sv.rpc("system.multicall", calls, field=field)


@scenario
def multicall_of_broken_calls(t):
    """Inside a multicall what would be HTTP 500 is a fault among the results."""
    sv = _serve(t)
    def call(name, *params):
        return {"methodName": f"supervisor.{name}", "params": list(params)}
    sv.rpc("system.multicall", [
        call("getProcessInfo", 1), call("getProcessInfo", []), call("startProcess", True), call("getState"),
        call("readProcessLog", "run", "x", 0), call("tailProcessLog", "run", "x", 0), call("signalProcess", "run", []),
        call("sendProcessStdin", 1, "x"), call("sendProcessStdin", "run", [1, "a"]), call("removeProcessGroup", []),
        call("readProcessLog", "run", -1, 1), call("addProcessGroup", {"a": [True, None and 1 or "x"]})])


@scenario
def multicall_with_waiting(t):
    """Calls that take time are done one after the other, each seeing what the one before did."""
    sv = t.serve("[program:slow]\ncommand=/bin/sleep 300\nstartsecs=1\nautostart=false\n"
                 "[program:bad]\ncommand=/bin/false\nstartsecs=1\nstartretries=0\nautostart=false\n")
    def call(name, *params):
        return {"methodName": f"supervisor.{name}", "params": list(params)}
    with t.timed("all of them"):
        sv.rpc("system.multicall", [
            call("startProcess", "slow"), call("getProcessInfo", "slow"), call("startProcess", "slow"),
            call("stopProcess", "slow"), call("getProcessInfo", "slow"), call("startProcess", "slow"),
            call("stopAllProcesses"), call("startProcess", "zz"), call("startProcessGroup", "slow"),
            call("stopProcess", "slow:*"), call("startProcess", "bad")], field="results")


@scenario
def names_beyond_ascii(t):
    """Programs, groups and identifiers in any alphabet, in results and in faults."""
    sv = t.serve("[program:prög]\ncommand=/bin/sleep 300\nstartsecs=0\n[group:日本]\nprograms=語\n"
                 "[program:語]\ncommand=/bin/sleep 300\nautostart=false\n", daemon="identifier=größe")
    sv.wait("prög", "RUNNING")
    for method, *words in (("getProcessInfo", "prög"), ("getProcessInfo", "日本:語"), ("getProcessInfo", "zürich"),
                           ("getIdentification",), ("startProcess", "日本:nö"), ("stopProcess", "prög"),
                           ("signalProcess", "prög", "wínch"), ("removeProcessGroup", "日本"), ("getAllProcessInfo",)):
        sv.rpc(f"supervisor.{method}", *words)


@scenario
def late_answers_beyond_ascii(t):
    """An answer that had to wait is whole, whatever is in it."""
    sv = t.serve("[program:prög]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    sv.wait("prög", "RUNNING")
    for method in ("stopProcessGroup", "startProcessGroup"):
        body = xmlrpc.client.dumps(("prög",), f"supervisor.{method}").encode()
        try:
            t.record(method, rpc.result(rpc.post(sv.address, body)))
        except xmlrpc.client.expat.ExpatError as error:
            t.record(method, type(error).__name__)
