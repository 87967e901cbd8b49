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
    """Print one line a figure, a column for every server that has any."""
    shown = [server for server in servers if any(result.samples[server] for result in results)]
    heads = "".join(f"{server.name:>22}" for server in shown)
    print(f"\n{'':46}{heads}")
    for result in results:
        cells = ""
        for server in shown:
            value, ratio = result.value(server), result.ratio(server)
            text = "-" if value is None else f"{number(value)} ±{result.spread(server):.0f}%"
            if ratio is not None and server.name != REFERENCE:
                text += f" ×{number(ratio) if ratio >= 10 else f'{ratio:.3f}'}"
            cells += f"{text:>22}"
        print(f"{result.figure.name + ', ' + result.figure.unit:46}{cells}")


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


def document(results, servers, machine, quick):
    """Everything as plain values."""
    return {
        "machine": machine,
        "quick": quick,
        "figures": [{
            "figure": result.figure.name,
            "unit": result.figure.unit,
            "more is better": result.figure.more,
            "servers": {server.name: {
                "value": result.value(server),
                "ratio": result.ratio(server),
                "samples": result.samples[server],
            } for server in servers},
        } for result in results],
    }


def _verdict(result, server, aim):
    """(whether it holds, in words); None when it cannot be told."""
    value = result.value(server)
    if value is None:
        return None
    if aim.limit is not None:
        aimed, words = aim.limit, ""
    else:
        base, words = _base(result, aim)
        if base is None:
            return None
        aimed, words = aim.ratio * base, f", {value / base if base else 0:.3f} of {words}, aim {aim.ratio:.3f}"
    holds = value >= aimed if result.figure.more else value <= aimed
    bound = "at least" if result.figure.more else "at most"
    return holds, f"{number(value)} {result.figure.unit}, aim {bound} {number(aimed)}{words}"


def _base(result, aim):
    """(the figure an aim is a share of, whose it is); (None, None) without one."""
    values = {server.name: result.value(server) for server in result.samples}
    if values.get(aim.peer or REFERENCE) is not None:
        return values[aim.peer or REFERENCE], aim.peer or result.figure.peer
    if aim.estimate and values.get(aim.estimate[0]) is not None:
        other, share = aim.estimate
        return values[other] * share, f"{aim.peer}, estimated as {share:.2f} of {other}"
    return None, None


def number(value):
    """A figure in three digits or so."""
    if value == 0 or value >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}"
