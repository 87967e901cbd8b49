"""HTTP and XML-RPC on a raw socket, so that a test sees the very bytes."""

import base64
import dataclasses
import socket
import xmlrpc.client
from xmlrpc.client import Fault


class Refused(Exception):
    """The other side answered, but not with an XML-RPC response."""

    def __init__(self, status):
        super().__init__(f"http {status}")
        self.status = status


@dataclasses.dataclass(frozen=True)
class Answer:
    """One HTTP response."""

    line: str
    headers: tuple
    body: bytes

    @property
    def status(self):
        return int(self.line.split()[1])

    def header(self, name):
        """The value of a header, None without."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None


def connect(address, seconds=15):
    """`address`: a socket's path or (host, port)."""
    if isinstance(address, str):
        link = socket.socket(socket.AF_UNIX)
    else:
        link = socket.socket(socket.AF_INET)
    link.settimeout(seconds)
    try:
        link.connect(address)
    except OSError:
        link.close()
        raise
    return link


def request(method, path, body=b"", headers=()):
    """The bytes of a request; adds Host, and Content-Length when there is a body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines.extend(f"{name}: {value}" for name, value in headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def authorization(user, password):
    """The header of basic authentication."""
    return "Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def read_answer(stream, bodiless=False):
    """The next response of a connection's file, None when the other side has closed."""
    line = stream.readline().decode("latin-1").rstrip("\r\n")
    if not line:
        return None
    headers = []
    while True:
        header = stream.readline().decode("latin-1").rstrip("\r\n")
        if not header:
            break
        name, _, value = header.partition(":")
        headers.append((name, value.strip()))
    answer = Answer(line, tuple(headers), b"")
    if bodiless:
        return answer
    length = answer.header("Content-Length")
    if length is not None:
        body = stream.read(int(length))
    elif (answer.header("Transfer-Encoding") or "").lower() == "chunked":
        body = b"".join(_chunks(stream))
    else:
        body = stream.read()
    return dataclasses.replace(answer, body=body)


def exchange(address, *requests):
    """Send the requests at once on one connection; the answers, None where it was closed instead."""
    with connect(address) as link:
        link.sendall(b"".join(requests))
        with link.makefile("rb") as stream:
            return [read_answer(stream, bodiless=sent.startswith(b"HEAD")) for sent in requests]


def call(address, method, *params, user=None, password=None):
    """The result of one XML-RPC call. Raises xmlrpc.client.Fault, Refused or OSError."""
    body = xmlrpc.client.dumps(params, method).encode()
    return result(post(address, body, user, password))


def post(address, body, user=None, password=None):
    """The answer to an XML-RPC body."""
    headers = [("Content-Type", "text/xml"), ("Connection", "close")]
    if user is not None:
        headers.append(authorization(user, password))
    answer, = exchange(address, request("POST", "/RPC2", body, headers))
    if answer is None:
        raise Refused("closed")
    return answer


def result(answer):
    """What an answer's body holds."""
    if answer.status != 200:
        raise Refused(answer.status)
    values, _ = xmlrpc.client.loads(answer.body)
    return values[0]


def _chunks(stream):
    while True:
        size = int(stream.readline().split(b";")[0], 16)
        data = stream.read(size)
        stream.readline()
        if size == 0:
            return
        yield data
