"""How supervisord 4.3.0 reads a configuration: its own option parser, run in this process."""

import contextlib
import os
import re

from supervisor import datatypes, events, options, rpcinterface
from supervisor.options import ClientOptions, ServerOptions

_LEVELS = {number: word for word, number in (
    ("critical", 50), ("error", 40), ("warn", 30), ("info", 20), ("debug", 10), ("trace", 5), ("blather", 3))}
_RESTARTS = {datatypes.RestartUnconditionally: "true", datatypes.RestartWhenExitUnexpected: "unexpected",
             False: "false"}
_KINDS = {options.EventListenerPoolConfig: "eventlistener", options.FastCGIGroupConfig: "fcgi-program"}
_STREAM = ("logfile_maxbytes", "logfile_backups", "syslog", "capture_maxbytes", "events_enabled")


class Refused(Exception):
    """What the original would print after `Error: `."""


class Crashed(Exception):
    """The original ends with a traceback."""


class _Quiet:
    def usage(self, msg):
        raise Refused(str(msg))

    def help(self, dummy):
        raise Refused("help")


class Leniency:
    """What a second reading lets pass: directories that can be made, Python that cannot be imported."""

    def __init__(self, allows=False):
        self.allows = allows
        self.used = set()
        self.directories = []

    @contextlib.contextmanager
    def in_force(self):
        real = os.path.isdir

        def isdir(path):
            if real(path):
                return True
            whole = os.path.normpath(os.path.abspath(path))
            if not self.allows or not _is_plain(path) or not real(_ancestor(whole)):
                return False
            self.used.add("directory")
            if whole not in self.directories:
                self.directories.append(whole)
            return True

        os.path.isdir = isdir
        try:
            yield
        finally:
            os.path.isdir = real

    def import_spec(self, spec):
        """A factory or handler; only the original's own modules are ever imported."""
        if not re.match(r"supervisor[.:\s]", spec):
            if self.allows:
                self.used.add("plugin")
                return _foreign
            raise ImportError(spec)
        try:
            return options.import_spec(spec)
        except (AttributeError, ImportError):
            if not self.allows:
                raise
            self.used.add("plugin")
            return _foreign


def _is_plain(path):
    """A path that somebody meant: no quotes around it, no swallowed line in it, no way through what is missing."""
    return not path.startswith(("'", '"')) and ".." not in path.split("/") and not any(c < " " for c in path)


def _ancestor(path):
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return path


def _foreign(*_args, **_kwargs):
    return object()


class _Server(_Quiet, ServerOptions):
    leniency = Leniency()

    def import_spec(self, spec):
        return self.leniency.import_spec(spec)


class _Client(_Quiet, ClientOptions):
    leniency = Leniency()

    def import_spec(self, spec):
        return self.leniency.import_spec(spec)


def supervisord(path, leniency=Leniency()):
    """The values in force; raises Refused or Crashed."""
    with leniency.in_force(), _crashes():
        read = _Server()
        read.leniency = leniency
        try:
            read.realize(["-c", path], doc="")
            _make_interfaces(read)
        finally:
            read.poller.close()
        return _server_values(read)


def supervisorctl(path, leniency=Leniency()):
    """The client's values in force; raises Refused or Crashed."""
    with leniency.in_force(), _crashes():
        read = _Client()
        read.leniency = leniency
        read.realize(["-c", path], doc="")
        return {key: getattr(read, key) for key in
                ("serverurl", "username", "password", "prompt", "history_file")}


@contextlib.contextmanager
def _crashes():
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise Crashed(f"{type(error).__name__}: {error}") from error


def _make_interfaces(read):
    """Factories are called when the servers are opened; what they do not like ends the daemon then."""
    if not read.server_configs:
        return
    for name, factory, extras in read.rpcinterface_factories:
        try:
            factory(None, **extras)
        except Exception:
            raise Refused(f"Could not make {name} rpc interface") from None


def _server_values(read):
    section = read.configroot.supervisord
    daemon = {key: getattr(read, key) for key in (
        "logfile", "logfile_maxbytes", "logfile_backups", "pidfile", "identifier", "user", "directory", "minfds",
        "minprocs", "childlogdir")}
    daemon |= {key: bool(getattr(read, key)) for key in ("nodaemon", "silent", "nocleanup", "strip_ansi")}
    daemon["umask"] = read.umask & 0o7777
    daemon["loglevel"] = _LEVELS[read.loglevel]
    daemon["environment"] = section.environment
    daemon["has_supervisor_namespace"] = any(
        name == "supervisor" and factory is rpcinterface.make_main_rpcinterface
        for name, factory, _ in read.rpcinterface_factories)
    notices = [("warn", text) for text in read.parse_warnings] + [("info", text) for text in read.parse_infos]
    return {
        "daemon": daemon,
        "sockets": [_socket(config) for config in read.server_configs],
        "groups": [_group(config) for config in read.process_group_configs],
        "notices": notices,
    }


def _socket(config):
    values = {key: config[key] for key in ("section", "username", "password")}
    if "file" in config:
        return values | {"file": config["file"], "chmod": config["chmod"] & 0o7777,
                         "chown": config["chown"]}
    return values | {"host": config["host"], "port": config["port"]}


def _group(config):
    values = {
        "name": config.name, "priority": config.priority, "kind": _KINDS.get(type(config)),
        # Of processes with one name the last one runs, in the place of the first.
        "processes": list({process.name: _process(process) for process in config.process_configs}.values()),
    }
    if values["kind"] == "eventlistener":
        values["events"] = sorted(events.getEventNameByType(event) for event in config.pool_events)
        values["buffer_size"] = config.buffer_size
    if values["kind"] == "fcgi-program":
        socket = config.socket_config
        mode = getattr(socket, "mode", None)
        values |= {"socket": socket.url, "socket_backlog": socket.backlog,
                   "socket_mode": None if mode is None else mode & 0o7777,
                   "socket_owner": getattr(socket, "owner", None)}
    return values


def _process(config):
    values = {key: getattr(config, key) for key in (
        "name", "command", "directory", "uid", "priority", "autostart", "startsecs", "startretries", "exitcodes",
        "stopsignal", "stopwaitsecs", "stopasgroup", "killasgroup", "redirect_stderr", "environment", "serverurl")}
    values["stopsignal"] = int(values["stopsignal"])
    values["umask"] = None if config.umask is None else config.umask & 0o7777
    # Where no code is expected, every end is unexpected.
    restart = config.autorestart if config.exitcodes or not config.autorestart else datatypes.RestartUnconditionally
    values["autorestart"] = _RESTARTS[restart]
    for stream in ("stdout", "stderr"):
        log = getattr(config, f"{stream}_logfile")
        values[f"{stream}_logfile"] = "AUTO" if log is datatypes.Automatic else log
        values |= {f"{stream}_{key}": getattr(config, f"{stream}_{key}") for key in _STREAM}
    return values


def owner(text):
    """`user[:group]` as the original resolves it."""
    return None if text is None else datatypes.colon_separated_user_group(text)
