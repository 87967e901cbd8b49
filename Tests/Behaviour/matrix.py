"""The cases: a rule of a format with a program, converted to the other formats."""

import concurrent.futures
import dataclasses
import json
import os
import subprocess

import programs
import rules


@dataclasses.dataclass(frozen=True)
class Dialect:
    """A format in which definitions start. `reference`: the manager whose own format it is."""

    name: str
    prefix: str
    suffix: str
    write: object
    rules: tuple
    reference: str | None


DIALECTS = (
    Dialect("supervisor", "s", ".conf", rules.supervisor, rules.SUPERVISOR, "supervisord"),
    Dialect("launchd", "l", ".plist", rules.launchd, rules.LAUNCHD, None),
    Dialect("systemd", "u", ".service", rules.systemd, rules.SYSTEMD, "systemd"),
)
FORMATS = {"supervisor": ".conf", "systemd": ".service"}
"""What definitions become, and by which suffix a manager knows its files."""


@dataclasses.dataclass
class Case:
    """One definition. `reports`: the items of the fidelity report by the format it became; none for its own."""

    dialect: Dialect
    rule: rules.Rule
    program: programs.Program
    reports: dict = dataclasses.field(default_factory=dict)

    @property
    def name(self):
        return f"{self.dialect.prefix}_{self.rule.name}_{self.program.name}"

    @property
    def file(self):
        """The definition's name."""
        return self.name + self.dialect.suffix

    @property
    def stays(self):
        """Whether its main process waits to be stopped."""
        return "main" in self.program.roles

    def path(self, form):
        """Where `convert` has put the definition in a format; as it was written for None."""
        if form is None:
            return os.path.join("definitions", self.file)
        return os.path.join(form, self.name + FORMATS[form])

    def pairs(self):
        """The managers to compare, the one that is right first, and what the reports between them say.

        `native` is svinstall on the definition itself: it may not do worse than on a configuration.
        """
        ours, units = self.reports.get("supervisor", []), self.reports.get("systemd", [])
        if self.dialect.name == "supervisor":
            return [(("supervisord", "svinstall"), []), (("supervisord", "systemd"), units)]
        if self.dialect.name == "systemd":
            return [(("systemd", "native"), ours), (("systemd", "svinstall"), ours), (("systemd", "supervisord"), ours)]
        return [(("native", "svinstall"), ours), (("native", "supervisord"), ours), (("native", "systemd"), units)]

    def promises(self):
        """The managers that should keep what launchd.plist(5) promises, and what reports say of each."""
        if self.dialect.name != "launchd":
            return []
        ours, units = self.reports.get("supervisor", []), self.reports.get("systemd", [])
        return [("native", _untold(ours)), ("svinstall", ours), ("supervisord", ours), ("systemd", units)]

    def text(self):
        """The definition."""
        command = f"{rules.ACTOR} {self.name} main {self.program.words}"
        return self.dialect.write(self.name, command, self.rule)


def _untold(items):
    """What of a report holds without a conversion too: keys that svinstall does not know."""
    return [item for item in items if item["code"] == "supervisor-carried"]


def cases(everything):
    """All cases, or those of the small part."""
    return [Case(dialect, rule, program) for dialect in DIALECTS for rule in dialect.rules
            for program in rule.programs if everything or rule.default and program.name in programs.SMALL]


def convert(chosen, svinstall, directory, jobs):
    """Write the definitions to directory/definitions and what becomes of them to directory/FORMAT.

    Reports are kept with their cases. What cannot be converted is left out: (case, format, reason) for each.
    """
    for name in ("definitions", *FORMATS):
        os.makedirs(os.path.join(directory, name))
    refused = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for found in pool.map(lambda case: _convert(case, svinstall, directory), chosen):
            refused += found
    return refused


def _convert(case, svinstall, directory):
    definition = os.path.join(directory, "definitions", case.file)
    with open(definition, "w", encoding="utf-8") as file:
        file.write(case.text())
    refused = []
    for form, suffix in FORMATS.items():
        place = os.path.join(directory, form)
        if form == case.dialect.name:
            os.link(definition, os.path.join(place, case.file))
            continue
        done = subprocess.run([svinstall, "convert", form, definition, "--to", form, "--report", "json", "-o", place],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0 or not os.path.exists(os.path.join(place, case.name + suffix)):
            refused.append((case, form, done.stderr.strip()))
            continue
        # notes come first, a line each
        case.reports[form] = json.loads(done.stderr[("\n" + done.stderr).index("\n{"):])["items"]
    return refused
