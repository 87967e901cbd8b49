"""The list of proofs, and where the programs are that they drive."""

import dataclasses
import os

from harness.registry import Scenario

places = {}
"""Where Scripts/peers put each peer that is there."""

_all = {}


@dataclasses.dataclass(frozen=True)
class Proof(Scenario):
    """A scenario that needs peers: `needs` holds their names as Scripts/peers knows them.

    What supervisord is seen to do is the same for several proofs where only the client is another: `like` names the
    one whose sight of it counts.
    """

    needs: tuple = ()
    like: str = ""


def proof(*needs, like="", seconds=60):
    """A decorator; the name is the module's and the function's. `seconds`: the limit of one run."""

    def register(function):
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__.replace('_', '-')}"
        if name in _all:
            raise ValueError(f"two proofs are called {name}")
        if not function.__doc__:
            raise ValueError(f"{name} does not say what it shows")
        _all[name] = Proof(name, function, "all", seconds, False, False, needs, like or name)
        return function

    return register


def proofs():
    """All registered proofs by name."""
    return [_all[name] for name in sorted(_all)]


def program(peer, name):
    """The path of one of a peer's programs."""
    return os.path.join(places[peer], "bin", name)


def beside(trial, name):
    """The path of a program that comes with the server under test: the original's, or svinstall by that name."""
    return os.path.join(os.path.dirname(trial.subject.supervisord), name)
