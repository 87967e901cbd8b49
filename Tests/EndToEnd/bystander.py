"""A daemon whose programs meet a fault, beside one that must not notice."""

import os
import re
import resource
import signal

from workshop import SVINSTALL, Workshop, wait_for


class Bystander(Workshop):
    """Each fault hits one program; another one, `good`, runs through all of it."""

    def serve(self, programs, *words, daemon="", before=(), apart=False, **options):
        """`daemon`: lines of [supervisord] and sections of its own; `before`: the words of a command that starts it; `apart`:
        it is asked from where it is."""
        self.configuration = self.write("c.conf", (
            "[supervisord]\nlogfile={0}/d.log\npidfile={0}/d.pid\nchildlogdir={0}\n{1}\n[unix_http_server]\nfile={0}/s.sock\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
            "[program:good]\ncommand=/bin/sleep 1000\nstartsecs=0\n").format(self.directory, daemon) + programs)
        first, *rest = [*before, SVINSTALL, "run", "-c", self.configuration, *words]
        process = self.start(*rest, program=first, **options)
        self.inside = process if apart else None
        wait_for(lambda: self.state("good") == "RUNNING" or process.poll() is not None, 20, "good")
        self.assertIsNone(process.poll(), process.poll() is not None and process.communicate())
        return process

    #: The process whose mounts and network a client has to see, where it is not the test's own.
    inside = None

    def ours(self, *words):
        if self.inside is None:
            return self.svinstall(*words, "-c", self.configuration)[1]
        enter = ["nsenter", "-m", "-n", "-t", str(self.inside.pid), SVINSTALL]
        return self.command(*enter, *words, "-c", self.configuration, env=self.environment)[1]

    def state(self, name):
        found = re.search(rf"(?m)^{name} +(\w+)", self.ours("status"))
        return found and found.group(1)

    def awaits(self, name, state, seconds=20):
        wait_for(lambda: self.state(name) == state, seconds, f"{name} {state}")

    def log(self):
        return self.read("d.log")

    def descriptors(self, process):
        return len(os.listdir(f"/proc/{process.pid}/fd"))

    def few(self, process, kind, number):
        """Lowers a limit of the running daemon; what it was."""
        return resource.prlimit(process.pid, kind, (number, resource.prlimit(process.pid, kind)[1]))

    def good_goes_on(self):
        """The bystander is there, is stopped and started, and was the same one all the time before."""
        self.assertEqual(self.state("good"), "RUNNING")
        self.assertEqual(self.ours("stop", "good"), "good: stopped\n")
        self.assertEqual(self.ours("start", "good"), "good: started\n")

    def ends_in_order(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
