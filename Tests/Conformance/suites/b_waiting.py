"""B. Clients that wait for a program while something else happens to it."""

import threading

from harness import programs, rpc
from harness.registry import suite

scenario = suite("B")


class _Call:
    """A call that waits, in a thread of its own."""

    def __init__(self, t, sv, method, *params):
        self.outcome = None
        self._trial, self._daemon = t, sv
        self._thread = threading.Thread(target=self._make, args=(method, params), daemon=True)
        self._thread.start()

    def _make(self, method, params):
        try:
            self.outcome = self._daemon.ask(method, *params)
        except rpc.Fault as fault:
            self.outcome = f"fault {fault.faultCode}: {fault.faultString}"
        except (OSError, rpc.Refused) as error:
            self.outcome = f"no answer ({type(error).__name__})"

    def waits(self):
        """Whether there is no answer yet."""
        return self.outcome is None

    def answer(self, awake=True):
        """Its answer; meanwhile the daemon is kept awake, so that the reference looks after its waiting calls."""
        self._trial.until(lambda: (not awake or self._daemon.ask("getState")) and not self.waits(), "the answer")
        self._thread.join()
        return self._trial.normaliser.value(self.outcome)


@scenario
def stopped_while_a_start_waits(t):
    """A stop ends the wait for a start."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=60\nautostart=false\n")
    start = _Call(t, sv, "startProcess", "a")
    sv.wait("a", "STARTING")
    t.record("it waits", start.waits())
    sv.rpc("supervisor.startProcess", "a")
    sv.rpc("supervisor.stopProcess", "a")
    t.record("the start", start.answer())
    sv.record_info("a")


@scenario
def killed_while_a_start_waits(t):
    """A program that dies while its start is waited for is a spawn error."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=60\nautostart=false\nstartretries=0\n")
    start = _Call(t, sv, "startProcess", "a")
    sv.wait("a", "STARTING")
    sv.ask("signalProcess", "a", "KILL")
    t.record("the start", start.answer())


@scenario
def several_wait_for_one_stop(t):
    """The first stop waits; another finds the program not running; all hear of its end."""
    sv = programs.serve_deaf(t, 60)
    first = _Call(t, sv, "stopProcess", "deaf")
    sv.wait("deaf", "STOPPING")
    sv.rpc("supervisor.stopProcess", "deaf")
    sv.rpc("supervisor.stopProcessGroup", "deaf")
    sv.rpc("supervisor.stopAllProcesses")
    t.record("the first waits", first.waits())
    sv.rpc("supervisor.startProcess", "deaf", False)
    sv.ask("signalProcess", "deaf", "KILL")
    t.record("the first", first.answer())
    sv.record_info("deaf")


@scenario
def others_are_served_meanwhile(t):
    """While one client waits for a stop, others are answered at once."""
    sv = programs.serve_deaf(t, 60, programs.sleeper("b", "autostart=false"))
    stop = _Call(t, sv, "stopProcess", "deaf")
    sv.wait("deaf", "STOPPING")
    with t.timed("a start and a stop of another"):
        sv.rpc("supervisor.startProcess", "b")
        sv.wait("b", "RUNNING")
        sv.rpc("supervisor.stopProcess", "b")
    t.record("the first waits", stop.waits())
    sv.ask("signalProcess", "deaf", "KILL")
    t.record("the first", stop.answer())


@scenario
def group_start_with_a_failure(t):
    """One of a group is killed while the others come up: each has its own status in the answer."""
    keys = "command=/bin/sleep 300\nautostart=false\nstartretries=0\n"
    sv = t.serve(f"[group:g]\nprograms=a,b,c\n[program:a]\n{keys}startsecs=2\n[program:b]\n{keys}startsecs=60\n"
                 f"[program:c]\n{keys}startsecs=0\n")
    start = _Call(t, sv, "startProcessGroup", "g")
    sv.wait("g:a", "RUNNING")
    sv.ask("signalProcess", "g:b", "KILL")
    t.record("the start", start.answer())


@scenario
def removed_while_stopping(t):
    """A group cannot be removed while it stops, and can afterwards."""
    sv = programs.serve_deaf(t, 60)
    sv.ask("stopProcess", "deaf", False)
    sv.wait("deaf", "STOPPING")
    sv.rpc("supervisor.removeProcessGroup", "deaf")
    sv.ask("signalProcess", "deaf", "KILL")
    sv.wait("deaf", "STOPPED")
    sv.rpc("supervisor.removeProcessGroup", "deaf")
    sv.rpc("supervisor.getProcessInfo", "deaf")


@scenario
def end_of_the_daemon_while_clients_wait(t):
    """A client that waits when the daemon ends hears of it, or loses the connection; the end is not held up."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=60\nautostart=false\n")
    start = _Call(t, sv, "startProcess", "a")
    sv.wait("a", "STARTING")
    with t.timed("the end"):
        sv.stop()
    t.until(lambda: not start.waits(), "its client knows")
