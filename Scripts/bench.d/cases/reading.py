"""Reading a configuration of ten thousand sections: reloadConfig of a running server, after a line was added."""

import time
import xmlrpc.client

from harness import rpc
from measuring import Case, Figure, running, static

COUNT = 10_000


def measure(server, setting):
    """Once a run; svinstall, which reads only what has changed, gets a changed file like everybody."""
    programs = "".join(f"[program:n{number:05}]\ncommand=/bin/cat {number}\nautostart=false\npriority={number % 1000}\n"
                       "stdout_logfile=NONE\nstderr_logfile=NONE\n" for number in range(COUNT))
    with running(server, setting, programs) as up:
        with open(up.configuration, "a", encoding="utf-8") as file:
            file.write("[group:others]\nprograms=n00000,n00001\n")
        body = xmlrpc.client.dumps((), "supervisor.reloadConfig").encode()
        with rpc.connect(up.address, 120) as link, link.makefile("rb") as stream:
            begun = time.perf_counter()
            link.sendall(rpc.request("POST", "/RPC2", body, [("Content-Type", "text/xml")]))
            answer = rpc.read_answer(stream)
            taken = (time.perf_counter() - begun) * 1000
        if rpc.result(answer) != [[["others"], [], ["n00000", "n00001"]]]:
            raise RuntimeError(f"{server.name} has not seen what changed: {rpc.result(answer)}")
    return {"reading 10,000 sections": [taken]}


CASE = Case("reading", "reading a configuration of 10,000 sections", (
    Figure("reading 10,000 sections", "ms", aims=static(ratio=1 / 30), drawn=True),
), measure, runs=(5, 1))
