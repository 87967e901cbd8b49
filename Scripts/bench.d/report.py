"""The table, the aims and the JSON of a run."""

import dataclasses

from measuring import REFERENCE, Figure


@dataclasses.dataclass(frozen=True)
class Result:
    """All samples of one figure, by server."""

    figure: Figure
    samples: dict

    def value(self, server):
        """The figure of one server; None without samples."""
        return self.figure.of(self.samples[server]) if self.samples[server] else None

    def spread(self, server):
        """Half the range in per cent of the figure."""
        values, middle = self.samples[server], self.value(server)
        return (max(values) - min(values)) / 2 / middle * 100 if middle else 0

    def ratio(self, server):
        """The figure as a share of the reference's; None without one."""
        base = next((self.value(other) for other in self.samples if other.name == REFERENCE), None)
        return self.value(server) / base if base and self.value(server) is not None else None


def table(results, servers):
    """Print one line a figure."""
    heads = "".join(f"{server.name:>28}" for server in servers)
    print(f"\n{'':34}{heads}")
    for result in results:
        cells = ""
        for server in servers:
            value, ratio = result.value(server), result.ratio(server)
            text = "-" if value is None else f"{_number(value)} ±{result.spread(server):.0f}%"
            if ratio is not None and server.name != REFERENCE:
                text += f"  ×{ratio:.3f}"
            cells += f"{text:>28}"
        print(f"{result.figure.name + ', ' + result.figure.unit:34}{cells}")


def aims(results):
    """Print which aims hold; the number of those that do not."""
    missed = 0
    print("\naims")
    for result in results:
        for server in result.samples:
            for aim in result.figure.aims:
                verdict = _verdict(result, server, aim) if aim.server == server.name else None
                if verdict:
                    missed += not verdict[0]
                    print(f"  {'holds ' if verdict[0] else 'MISSED'}  {result.figure.name}, "
                          f"{server.name}: {verdict[1]}")
    return missed


def document(results, servers, machine, runs):
    """Everything as plain values."""
    return {
        "machine": machine,
        "runs": runs,
        "figures": [{
            "figure": result.figure.name,
            "unit": result.figure.unit,
            "servers": {server.name: {
                "value": result.value(server),
                "ratio": result.ratio(server),
                "samples": result.samples[server],
            } for server in servers},
        } for result in results],
    }


def _verdict(result, server, aim):
    """(whether it holds, in words); None when it cannot be told."""
    if aim.limit is not None:
        value = result.value(server)
        if value is None:
            return None
        return value <= aim.limit, f"{_number(value)} {result.figure.unit}, aim {_number(aim.limit)}"
    ratio = result.ratio(server)
    if ratio is None:
        return None
    return ratio <= aim.ratio, f"{ratio:.3f} of {result.figure.peer}, aim {aim.ratio:.3f}"


def _number(value):
    if value == 0 or value >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}"
