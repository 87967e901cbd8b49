"""From exec to the first instruction of the last of ten and of a hundred programs."""

from fleet import fleet
from measuring import REFERENCE, Case, Figure, static

# dinit and s6 as they were seen on one machine in one hour, where dinit is not there to be measured
SHARES = {10: 6.0 / 10.4, 100: 35 / 87}


def measure(server, setting):
    """Three starts of each number a run; a quick run has one of those that wait for seconds before they begin or end."""
    starts = 1 if setting.quick and server.name in (REFERENCE, "runit") else 3
    samples = {}
    for count in SHARES:
        samples[_name(count)] = []
        for _ in range(starts):
            with fleet(server, setting, count) as started:
                samples[_name(count)].append(started.up * 1000)
                started.stop()
    return samples


def _name(count):
    return f"exec to {count} programs"


CASE = Case("first", "exec to the first instruction of the last of 10 and 100 programs", tuple(
    Figure(_name(count), "ms", aims=static(ratio=1, peer="dinit", estimate=("s6", share)), drawn=True)
    for count, share in SHARES.items()), measure, runs=(5, 2), peers=("s6", "runit", "dinit"))
