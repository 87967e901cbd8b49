"""stopProcess and startProcess that wait, of one program that ends at once."""

import time
import xmlrpc.client

from fleet import beats
from harness import rpc
from measuring import Case, Figure, running, static

TIMES = 50
METHODS = {"stop, waited for": "stopProcess", "start, waited for": "startProcess"}


def measure(server, setting):
    """Fifty of each a run, on one connection."""
    samples = {name: [] for name in METHODS}
    with beats(setting) as fifo:
        programs = f"[program:n]\nstartsecs=0\ncommand={setting.children['beat']} {fifo.path}\n"
        with running(server, setting, programs) as up, rpc.connect(up.address) as link, link.makefile("rb") as stream:
            for number in range(TIMES):
                # supervisord loses a signal between its fork and the program's exec, and then waits ten seconds
                fifo.wait(number + 1, server)
                for name, method in METHODS.items():
                    body = xmlrpc.client.dumps(("n", True), f"supervisor.{method}").encode()
                    sent = rpc.request("POST", "/RPC2", body, [("Content-Type", "text/xml")])
                    begun = time.perf_counter()
                    link.sendall(sent)
                    answer = rpc.read_answer(stream)
                    samples[name].append((time.perf_counter() - begun) * 1000)
                    if rpc.result(answer) is not True:
                        raise RuntimeError(f"{server.name}: {method} did not work")
    return samples


CASE = Case("stopstart", "stopProcess and startProcess that wait", (
    Figure("stop, waited for", "ms", aims=static(ratio=0.5), drawn=True),
    Figure("start, waited for", "ms", aims=static(ratio=0.5), drawn=True),
), measure, runs=(5, 2))
