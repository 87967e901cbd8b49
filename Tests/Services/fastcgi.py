"""A FastCGI client: one request on one connection, as a web server would send it."""

import socket
import struct

_BEGIN, _END, _PARAMETERS, _INPUT, _OUTPUT, _ERRORS = 1, 3, 4, 5, 6, 7
_RESPONDER = 1


def ask(address, parameters, body=b"", seconds=10):
    """The answer's (status, headers, body, text on the error stream).

    `address`: a socket's path or (host, port). `parameters`: CGI variables. OSError when nobody answers,
    EOFError when the answer breaks off.
    """
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as link:
        link.settimeout(seconds)
        link.connect(address)
        link.sendall(
            _record(_BEGIN, struct.pack(">HB5x", _RESPONDER, 0))
            + _record(_PARAMETERS, b"".join(_pair(*pair) for pair in parameters.items()))
            + _record(_PARAMETERS, b"") + _record(_INPUT, body) + (_record(_INPUT, b"") if body else b""))
        streams = {_OUTPUT: b"", _ERRORS: b""}
        with link.makefile("rb") as stream:
            while True:
                kind, content = _next(stream)
                if kind == _END:
                    return *_parsed(streams[_OUTPUT]), streams[_ERRORS].decode()
                streams[kind] += content


def _record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def _pair(name, value):
    words = name.encode(), value.encode()
    # the long form of a length holds for short ones too
    return b"".join(struct.pack(">I", len(word) | 1 << 31) for word in words) + b"".join(words)


def _next(stream):
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError("the answer breaks off")
    _, kind, _, length, padding = struct.unpack(">BBHHBx", head)
    content = stream.read(length)
    stream.read(padding)
    return kind, content


def _parsed(output):
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
    return headers.pop("Status", "200 OK"), headers, body.decode()
