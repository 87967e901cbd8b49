"""The list of scenarios. A suite module registers its own by the decorator made here."""

import dataclasses
import typing

TIERS = ("default", "all")


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One function that drives a server and records what it saw."""

    name: str
    body: typing.Callable
    tier: str
    seconds: float
    client_only: bool
    needs_root: bool

    @property
    def suite(self):
        return self.name[0]


_all = {}


def suite(letter):
    """A decorator for the scenarios of one suite."""

    def scenario(body=None, *, tier="default", seconds=40, client_only=False, needs_root=False):
        """`seconds`: the hard limit of one trial. `client_only`: says nothing about the server,
        so it runs only when two clients are compared."""

        def register(function):
            name = f"{letter}.{function.__name__.replace('_', '-')}"
            if name in _all:
                raise ValueError(f"two scenarios are called {name}")
            if not function.__doc__:
                raise ValueError(f"{name} does not say what it shows")
            _all[name] = Scenario(name, function, tier, seconds, client_only, needs_root)
            return function

        return register(body) if body else register

    return scenario


def scenarios():
    """All registered scenarios by name."""
    return [_all[name] for name in sorted(_all)]
