"""D. Logs whose bytes XML cannot carry: answers stay well-formed and nothing is lost."""

import xmlrpc.client

from harness import rpc
from harness.registry import suite

scenario = suite("D")


def _serve(t, data, name="talk"):
    t.write("data", data)
    t.script(name, f"cat {t.path('data')}; exec sleep 300\n")
    sv = t.serve(f"[program:{name}]\ncommand=%(here)s/{name}\nstartsecs=0\nstdout_logfile=%(here)s/{name}.out\n")
    t.until(lambda: t.exists(f"{name}.out") == "there" and len(_raw(t, f"{name}.out")) == len(data), "the whole log")
    return sv


def _raw(t, name):
    with open(t.path(name), "rb") as file:
        return file.read()


def _read(t, sv, field, offset, length, method="readProcessStdoutLog", name="talk"):
    """What a client gets to see."""
    body = xmlrpc.client.dumps((name, offset, length), f"supervisor.{method}").encode()
    try:
        t.record(field, repr(rpc.result(rpc.post(sv.address, body))))
    except rpc.Refused as refused:
        t.record(field, str(refused))
    except xmlrpc.client.expat.ExpatError as error:
        t.record(field, type(error).__name__)


@scenario
def log_of_markup(t):
    """Whatever means something to XML arrives as it was written."""
    sv = _serve(t, b"<a href=\"x\">&amp; ]]> 'q' <!-- x --> <?pi?>\n\ttab\n")
    for window in ((0, 0), (3, 9), (-12, 0)):
        _read(t, sv, str(window), *window)
        _read(t, sv, f"tail {window}", *window, method="tailProcessStdoutLog")


@scenario
def log_of_characters(t):
    """Characters of two, three and four bytes; windows that cut none of them."""
    sv = _serve(t, "aé日😀\u0085\u00a0\ufeffz\n".encode())
    for window in ((0, 0), (1, 2), (3, 3), (6, 4), (-2, 0)):
        _read(t, sv, str(window), *window)


@scenario
def log_of_halves(t):
    """A window that cuts a character is answered: the stray bytes are shown by their numbers."""
    sv = _serve(t, "aé日😀z".encode())
    for window in ((2, 0), (0, 2), (4, 3), (-3, 0), (7, 2)):
        _read(t, sv, str(window), *window)
    _read(t, sv, "tail", 2, 100, method="tailProcessStdoutLog")
    t.record("still there", sv.ask("getState"))


@scenario
def log_of_controls(t):
    """Control characters are shown by their numbers; tab and line end are themselves."""
    sv = _serve(t, b"plain\n\x1b[31mred\x1b[0m\n\x00\x07\x08\x0b\x0c\x7f\n")
    _read(t, sv, "plain", 0, 6)
    _read(t, sv, "colours", 6, 13)
    _read(t, sv, "others", -7, 0)
    _read(t, sv, "tail", 0, 100, method="tailProcessStdoutLog")


@scenario
def log_of_any_bytes(t):
    """A log of all 256 bytes can be read, each byte told apart."""
    sv = _serve(t, bytes(range(256)))
    _read(t, sv, "first half", 32, 96)
    _read(t, sv, "second half", 128, 128)
    t.record("multicall", _multicall(sv))


def _multicall(sv):
    """What becomes of the other answers beside an unreadable log."""
    calls = [{"methodName": "supervisor.getState"},
             {"methodName": "supervisor.readProcessStdoutLog", "params": ["talk", 200, 2]}]
    try:
        return sv.ask("system.multicall", calls)
    except rpc.Refused as refused:
        return str(refused)


@scenario
def log_of_line_ends(t):
    """A carriage return reaches the client."""
    sv = _serve(t, b"dos\r\nmac\rbar\n")
    for window in ((0, 0), (0, 4)):
        _read(t, sv, str(window), *window)


@scenario(tier="all")
def large_log(t):
    """Two megabytes arrive whole, read and tailed."""
    sv = _serve(t, b"0123456789abcde\n" * 131072)
    for field, method, window in (("read", "readProcessStdoutLog", (0, 0)), ("middle", "readProcessStdoutLog", (7, 1 << 20)),
                                  ("end", "readProcessStdoutLog", (-100000, 0)),
                                  ("tail", "tailProcessStdoutLog", (1 << 20, 1 << 20))):
        result = sv.ask(method, "talk", *window)
        text, more = (result, ()) if isinstance(result, str) else (result[0], result[1:])
        t.record(field, f"{len(text)} {text[:5]!r} {text[-5:]!r} {more}")


@scenario
def main_log_of_any_bytes(t):
    """The daemon's log with bytes that are no text, written there by another program."""
    sv = t.serve("")
    with open(t.path("d.log"), "ab") as log:
        log.write(b"caf\xe9 \x1b[1m\n")
    sv.rpc("supervisor.readLog", -9, 0)
