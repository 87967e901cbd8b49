"""The rules of the matrix: what a definition in one of the three formats says, and which programs it is tried with."""

import dataclasses
import plistlib
import typing

import programs

ACTOR = "/mnt/actor"
"""Where every manager sees the programs."""

PATIENT = 3
"""Seconds from the request to the kill in the rules that have no other time."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """`settings`: keys and values of the format. `starts`: as many starts say that it goes on for ever.

    `restarts`: for launchd, which has no reference here, the ends after which its manual page lets a job start again.
    `quiet`: seconds without a start after which what is down stays so. `default`: whether it is in the small part too.
    `root`: whether only root can be another user.
    """

    name: str
    settings: typing.Any
    programs: tuple
    starts: int = 6
    restarts: tuple | None = None
    quiet: float = 3
    default: bool = False
    root: bool = False


def supervisor(name, command, rule):
    """A program section."""
    lines = [f"[program:{name}]", f"command={command}"]
    return "\n".join(lines + [f"{key}={value}" for key, value in rule.settings.items()]) + "\n"


def launchd(name, command, rule):
    """A job's property list."""
    job = {"Label": name, "ProgramArguments": command.split(), "RunAtLoad": True, **rule.settings}
    text = plistlib.dumps({key: value for key, value in job.items() if value is not None}).decode()
    return text.replace("/out/NAME", f"/out/{name}")


def systemd(name, command, rule):
    """A unit that is started at boot; a key is of [Service] unless it names its section."""
    sections = {"Unit": [("Description", name)], "Service": [("ExecStart", command)],
                "Install": [("WantedBy", "multi-user.target")]}
    for key, value in rule.settings:
        section, _, word = key.rpartition(".")
        sections[section or "Service"].append((word, value))
    return "\n".join(f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in lines)
                     for section, lines in sections.items())


ENDS, SOON, LATER = tuple(programs.ENDS), tuple(programs.ENDS_SOON), tuple(programs.ENDS_LATER)
STAYS, LEAVES, TELLS = tuple(programs.STAYS), tuple(programs.LEAVES), tuple(programs.TELLS)
STAY = (programs.ALL["stays"],)
SHORT = tuple(programs.ALL[name] for name in ("exit0_soon", "exit3_soon", "exit0_later", "term_later"))

_ENVIRONMENT = 'COLOUR="light blue",EMPTY="",QUOTED="it\'s $HOME 100%%"'

ONCE = {"autorestart": "false", "startsecs": "0", "stopwaitsecs": str(PATIENT)}

SUPERVISOR = (
    # when it is started again
    Rule("usual", {}, ENDS, default=True),
    Rule("always", {"autorestart": "true"}, ENDS),
    Rule("never", {"autorestart": "false"}, ENDS),
    Rule("unexpected", {"autorestart": "unexpected", "exitcodes": "0,3"}, ENDS),
    Rule("unexpected_three", {"autorestart": "unexpected", "exitcodes": "3"}, ENDS),
    Rule("unexpected_at_once", {"autorestart": "unexpected", "exitcodes": "0", "startsecs": "0"}, ENDS, default=True),
    Rule("always_at_once", {"autorestart": "true", "startsecs": "0"}, SHORT),
    Rule("never_at_once", {"autorestart": "false", "startsecs": "0"}, SHORT, default=True),
    Rule("one_retry", {"autorestart": "true", "startretries": "1"}, SHORT),
    Rule("no_retry", {"autorestart": "false", "startretries": "0"}, SHORT),
    Rule("long_start", {"startsecs": "3", "startretries": "1"}, SHORT),
    Rule("by_hand", {"autostart": "false"}, STAY),
    # how it is stopped
    Rule("stop_usual", {"stopwaitsecs": str(PATIENT)}, STAYS, default=True),
    Rule("stop_usr1", {"stopsignal": "USR1", "stopwaitsecs": str(PATIENT)}, STAYS),
    Rule("stop_int", {"stopsignal": "INT", "stopwaitsecs": str(PATIENT)}, STAY),
    Rule("stop_quit", {"stopsignal": "QUIT", "stopwaitsecs": str(PATIENT)}, STAY),
    Rule("stop_hup", {"stopsignal": "HUP", "stopwaitsecs": str(PATIENT)}, STAY),
    Rule("stop_kill", {"stopsignal": "KILL", "stopwaitsecs": str(PATIENT)}, STAYS),
    Rule("stop_soon", {"stopwaitsecs": "1"}, STAYS),
    Rule("stop_group", {"stopasgroup": "true", "stopwaitsecs": str(PATIENT)}, STAYS, default=True),
    Rule("kill_group", {"killasgroup": "true", "stopwaitsecs": str(PATIENT)}, STAYS),
    # what is left of a program that ends by itself
    Rule("leaves", {**ONCE}, LEAVES),
    Rule("leaves_group", {**ONCE, "stopasgroup": "true"}, LEAVES),
    Rule("leaves_kill_group", {**ONCE, "killasgroup": "true"}, LEAVES),
    # what surrounds it
    Rule("surroundings", {}, TELLS),
    Rule("environment", {"environment": _ENVIRONMENT}, TELLS, default=True),
    Rule("directory", {"directory": "/usr/lib"}, TELLS),
    Rule("umask", {"umask": "027"}, TELLS),
    Rule("user", {"user": "nobody"}, TELLS, root=True),
    Rule("outputs", {"stdout_logfile": "/mnt/out/%(program_name)s.out",
                     "stderr_logfile": "/mnt/out/%(program_name)s.err"}, TELLS, default=True),
    Rule("one_output", {"stdout_logfile": "/mnt/out/%(program_name)s.out", "redirect_stderr": "true"}, TELLS),
    Rule("no_output", {"stdout_logfile": "NONE", "stderr_logfile": "NONE"}, TELLS),
)

EVERY = tuple(programs.ENDINGS)
FAILURES = ("exit3", "term", "kill", "segv")
NO_CRASH = ("exit0", "exit3", "term", "kill")
QUICK = {"ThrottleInterval": 1}

LAUNCHD = (
    Rule("at_load", {}, SHORT, restarts=()),
    Rule("on_demand", {"RunAtLoad": None}, STAY),
    Rule("kept", {"KeepAlive": True, **QUICK}, ENDS, restarts=EVERY, default=True),
    Rule("not_kept", {"KeepAlive": False, **QUICK}, ENDS, restarts=()),
    Rule("kept_by_key_alone", {"KeepAlive": True, "RunAtLoad": None, **QUICK}, SHORT, restarts=EVERY),
    Rule("failing", {"KeepAlive": {"SuccessfulExit": False}, **QUICK}, ENDS, restarts=FAILURES, default=True),
    Rule("succeeding", {"KeepAlive": {"SuccessfulExit": True}, **QUICK}, ENDS, restarts=("exit0",)),
    Rule("crashing", {"KeepAlive": {"Crashed": True}, **QUICK}, ENDS, restarts=("segv",)),
    Rule("not_crashing", {"KeepAlive": {"Crashed": False}, **QUICK}, ENDS, restarts=NO_CRASH),
    Rule("succeeding_or_crashing", {"KeepAlive": {"SuccessfulExit": True, "Crashed": True}, **QUICK}, ENDS,
         restarts=("exit0", "segv")),
    Rule("failing_or_crashing", {"KeepAlive": {"SuccessfulExit": False, "Crashed": True}, **QUICK}, ENDS,
         restarts=FAILURES),
    Rule("path_state", {"KeepAlive": {"PathState": {"/usr": True}}, **QUICK}, SHORT, restarts=EVERY),
    Rule("path_state_not", {"KeepAlive": {"PathState": {"/usr": False}}, **QUICK}, SHORT, restarts=()),
    Rule("after_demand", {"KeepAlive": {"AfterInitialDemand": True}, "RunAtLoad": None, **QUICK}, STAY),
    Rule("not_on_demand", {"OnDemand": False, **QUICK}, SHORT, restarts=EVERY),
    Rule("once", {"LaunchOnlyOnce": True, "KeepAlive": True, **QUICK}, SHORT, restarts=()),
    Rule("throttled", {"KeepAlive": True, "ThrottleInterval": 4}, SHORT, 3, restarts=EVERY, quiet=6),
    Rule("usual_throttle", {"KeepAlive": True}, SHORT[:1], 2, restarts=EVERY, quiet=13),
    Rule("stop_usual", {"ExitTimeOut": PATIENT}, STAYS, default=True),
    Rule("stop_soon", {"ExitTimeOut": 1}, STAYS),
    Rule("stop_abandoning", {"ExitTimeOut": PATIENT, "AbandonProcessGroup": True}, STAYS),
    Rule("leaves", {"ExitTimeOut": PATIENT}, LEAVES),
    Rule("leaves_abandoning", {"ExitTimeOut": PATIENT, "AbandonProcessGroup": True}, LEAVES),
    Rule("environment", {"EnvironmentVariables": {"COLOUR": "light blue", "EMPTY": "", "QUOTED": "it's $HOME 100%"}},
         TELLS, default=True),
    Rule("surroundings", {}, TELLS),
    Rule("directory", {"WorkingDirectory": "/usr/lib"}, TELLS),
    Rule("umask", {"Umask": 0o027}, TELLS),
    Rule("user", {"UserName": "nobody"}, TELLS, root=True),
    Rule("group", {"UserName": "nobody", "GroupName": "daemon"}, TELLS, root=True),
    Rule("outputs", {"StandardOutPath": "/mnt/out/NAME.out", "StandardErrorPath": "/mnt/out/NAME.err"},
         TELLS),
    Rule("one_output", {"StandardOutPath": "/mnt/out/NAME.out",
                        "StandardErrorPath": "/mnt/out/NAME.out"}, TELLS),
)

WAIT = ("TimeoutStopSec", str(PATIENT))


def restart(word, *more):
    """Restart= with a pause that the start limit never counts."""
    return (("Restart", word), *more, ("Unit.StartLimitIntervalSec", "0"))


SYSTEMD = (
    Rule("usual", (), ENDS, default=True),
    *(Rule("restart_" + word.replace("-", "_"), restart(word), ENDS, default=word == "on-failure")
      for word in ("no", "always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog")),
    Rule("prevented", restart("always", ("RestartPreventExitStatus", "0 3 SIGKILL")), ENDS),
    Rule("forced", restart("no", ("RestartForceExitStatus", "3 SIGTERM")), ENDS),
    Rule("success", restart("on-failure", ("SuccessExitStatus", "3 SIGKILL")), ENDS),
    Rule("success_again", restart("on-success", ("SuccessExitStatus", "3")), ENDS),
    Rule("usual_limit", (("Restart", "always"),), SHORT),
    Rule("limit", (("Restart", "always"), ("Unit.StartLimitBurst", "2"), ("Unit.StartLimitIntervalSec", "60")), SHORT),
    Rule("delayed", restart("always", ("RestartSec", "3")), SHORT, 3, quiet=6),
    Rule("undelayed", restart("always", ("RestartSec", "0")), SHORT),
    Rule("exec", restart("on-failure", ("Type", "exec")), SHORT),
    Rule("oneshot", (("Type", "oneshot"),), SHORT),
    Rule("oneshot_remains", (("Type", "oneshot"), ("RemainAfterExit", "yes")), SHORT),
    Rule("oneshot_failing", restart("on-failure", ("Type", "oneshot")), SHORT),
    Rule("ignored_failure", (("Restart", "on-failure"), ("SuccessExitStatus", "3")), SHORT),
    Rule("short_life", restart("on-failure", ("RuntimeMaxSec", "1")), SHORT),
    Rule("stop_usual", (WAIT,), STAYS, default=True),
    Rule("stop_mixed", (WAIT, ("KillMode", "mixed")), STAYS),
    Rule("stop_process", (WAIT, ("KillMode", "process")), STAYS),
    Rule("stop_none", (WAIT, ("KillMode", "none")), STAYS[:3]),
    Rule("stop_usr1", (WAIT, ("KillSignal", "SIGUSR1")), STAYS),
    Rule("stop_quit", (WAIT, ("KillSignal", "QUIT")), STAY),
    Rule("stop_soon", (("TimeoutStopSec", "1"),), STAYS),
    Rule("stop_hup_too", (WAIT, ("SendSIGHUP", "yes")), STAY),
    Rule("stop_final", (WAIT, ("FinalKillSignal", "SIGQUIT")), STAYS[:2]),
    Rule("stop_no_kill", (("TimeoutStopSec", "1"), ("SendSIGKILL", "no")), STAYS[:2]),
    Rule("leaves", (WAIT,), LEAVES),
    Rule("leaves_mixed", (WAIT, ("KillMode", "mixed")), LEAVES),
    Rule("leaves_process", (WAIT, ("KillMode", "process")), LEAVES),
    Rule("surroundings", (), TELLS),
    Rule("environment", (("Environment", '"COLOUR=light blue" EMPTY= "QUOTED=it\'s $HOME 100%%"'),), TELLS,
         default=True),
    Rule("directory", (("WorkingDirectory", "/usr/lib"),), TELLS),
    Rule("umask", (("UMask", "0027"),), TELLS),
    Rule("user", (("User", "nobody"),), TELLS, root=True),
    Rule("group", (("User", "nobody"), ("Group", "daemon")), TELLS, root=True),
    Rule("outputs", (("StandardOutput", "append:/mnt/out/%N.out"), ("StandardError", "append:/mnt/out/%N.err")), TELLS),
    Rule("one_output", (("StandardOutput", "append:/mnt/out/%N.out"), ("StandardError", "inherit")), TELLS),
)
