"""Answers of getAllProcessInfo: one client that keeps its connection, and eight at once."""

from measuring import Case, Figure, asked, running, static


def measure(server, setting):
    """Two seconds (quick: one) of each a run."""
    seconds = 1 if setting.quick else 2
    samples = {}
    for count, clients in ((10, 1), (100, 8)):
        programs = ("[program:n]\nstartsecs=0\nprocess_name=%(process_num)03d\n"
                    f"numprocs={count}\ncommand={setting.children['beat']}\n")
        with running(server, setting, programs) as up:
            up.wait_running()
            calls = asked(up, setting, "getAllProcessInfo", clients=clients, seconds=seconds, states=count)
        if clients == 1:
            samples["getAllProcessInfo, 10 programs"] = [calls.rate]
        else:
            samples["8 clients, 100 programs, 99th percentile"] = [calls.late]
    return samples


CASE = Case("calls", "getAllProcessInfo of 10 programs, and of 100 by eight clients", (
    Figure("getAllProcessInfo, 10 programs", "per s", aims=static(ratio=5), more=True, drawn=True),
    Figure("8 clients, 100 programs, 99th percentile", "ms", aims=static(limit=3)),
), measure, runs=(5, 2))
