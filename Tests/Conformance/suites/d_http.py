"""D. The HTTP beneath: requests as bytes, authentication, connections, log streams."""

import base64
import xmlrpc.client

from harness import programs, rpc
from harness.registry import suite

scenario = suite("D")

GET_STATE = xmlrpc.client.dumps((), "supervisor.getState").encode()
VOLATILE = {"date", "server", "last-modified"}


def _record(t, field, answer, body=False):
    """Status line, headers but those with a time or a server's name, and with `body` the body."""
    if answer is None:
        t.record(field, "closed")
        return
    headers = sorted(f"{name}: {value}" for name, value in answer.headers
                     if name.lower() not in VOLATILE
                     and (body or name.lower() != "content-length"))
    text = "\n".join([answer.line, *headers])
    t.record(field, text + ("\n" + answer.body.decode("utf-8", "backslashreplace") if body else ""))


def _post(body, *headers, path="/RPC2"):
    return rpc.request("POST", path, body, [("Content-Type", "text/xml"), *headers])


@scenario
def requests_it_refuses(t):
    """401 aside: no length, chunked, bad XML, no method, GET, other verbs and paths."""
    sv = t.serve("")
    for field, request in {
            "a good call": _post(GET_STATE),
            "no length": b"POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n",
            "chunked": b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            "bad XML": _post(b"<methodCall"),
            "no method": _post(b"<?xml version='1.0'?><methodCall></methodCall>"),
            "not XML": _post(b"words"),
            "GET /RPC2": rpc.request("GET", "/RPC2"),
            "PUT /RPC2": rpc.request("PUT", "/RPC2", b"x"),
            "DELETE /RPC2": rpc.request("DELETE", "/RPC2"),
            "POST /RPC2xyz?x=1": _post(GET_STATE, path="/RPC2xyz?x=1"),
            "POST /rpc2": _post(GET_STATE, path="/rpc2"),
            "GET /nope": rpc.request("GET", "/nope"),
    }.items():
        answer, = rpc.exchange(sv.address, request)
        _record(t, field, answer, body=field == "a good call")
    t.record("still there", sv.ask("getState"))


@scenario
def kept_alive(t):
    """Two calls on one connection, one after the other and both at once."""
    sv = t.serve("")
    with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
        for number in (1, 2):
            link.sendall(_post(GET_STATE))
            _record(t, f"call {number}", rpc.read_answer(stream), body=True)
    for number, answer in enumerate(rpc.exchange(sv.address, _post(GET_STATE), _post(GET_STATE))):
        _record(t, f"at once {number + 1}", answer, body=True)


@scenario
def versions_of_http(t):
    """HTTP/1.0 closes unless asked to keep the connection; Connection: close closes."""
    sv = t.serve("")
    length = f"Content-Length: {len(GET_STATE)}\r\n".encode()
    for field, head in {
            "1.0": b"POST /RPC2 HTTP/1.0\r\n" + length,
            "1.0 kept": b"POST /RPC2 HTTP/1.0\r\nConnection: Keep-Alive\r\n" + length,
            "1.1 close": b"POST /RPC2 HTTP/1.1\r\nConnection: close\r\n" + length,
            "1.1": b"POST /RPC2 HTTP/1.1\r\n" + length,
    }.items():
        with rpc.connect(sv.address, 3) as link, link.makefile("rb") as stream:
            link.sendall(head + b"\r\n" + GET_STATE)
            _record(t, field, rpc.read_answer(stream))
            link.settimeout(0.5)
            try:
                t.record(f"{field}: afterwards", "closed" if link.recv(1) == b"" else "more")
            except TimeoutError:
                t.record(f"{field}: afterwards", "open")


@scenario
def slow_request(t):
    """A request that comes in pieces is answered like any other."""
    sv = t.serve("")
    data = _post(GET_STATE)
    with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
        for start in range(0, len(data), 40):
            link.sendall(data[start:start + 40])
            sv.ask("getState")
        _record(t, "its answer", rpc.read_answer(stream), body=True)


@scenario
def types_of_values(t):
    """Strings, untyped values, i4, base64, empty and missing parameters."""
    sv = t.serve("[program:off]\ncommand=/bin/sleep 300\nautostart=false\n")
    def call(method, params):
        return f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName>{params}</methodCall>"
    name = "<params><param><value>{}</value></param></params>"
    coded = base64.b64encode(b"off").decode()
    tail = ("<params><param><value>off</value></param><param><value><i4>0</i4></value></param>"
            "<param><value><int>+5</int></value></param></params>")
    for field, body in {
            "string": call("supervisor.getProcessInfo", name.format("<string>zz</string>")),
            "untyped": call("supervisor.getProcessInfo", name.format("zz")),
            "entity": call("supervisor.getProcessInfo", name.format("a&amp;b&#60;")),
            "empty": call("supervisor.getProcessInfo", name.format("<string></string>")),
            "base64": call("supervisor.getProcessInfo", name.format(f"<base64>{coded}zz</base64>")),
            "utf-8": call("supervisor.getProcessInfo", name.format("grüße")),
            "i4": call("supervisor.tailProcessLog", tail),
            "no params": call("supervisor.getState", ""),
            "empty params": call("supervisor.getState", "<params/>"),
            "boolean": call("supervisor.stopAllProcesses", name.format("<boolean>0</boolean>")),
    }.items():
        answer, = rpc.exchange(sv.address, _post(body.encode()))
        t.record(field, f"{answer.status}\n{answer.body.decode() if answer.status == 200 else ''}")


@scenario
def unlock_attempts(t):
    """Basic authentication over both kinds of socket, plain and hashed."""
    port = t.port()
    # sha1 of "secret"
    digest = "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"
    t.config(f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=you\npassword=other\n",
             unix=f"username=me\npassword={{SHA}}{digest}\n")
    sv = t.launch()
    sv.login = ("me", "secret")
    sv.ready()
    attempts = {
        "nothing": (),
        "me:secret": (rpc.authorization("me", "secret"),),
        "me:wrong": (rpc.authorization("me", "wrong"),),
        "me:hash": (rpc.authorization("me", "{SHA}" + digest),),
        "you:other": (rpc.authorization("you", "other"),),
        "you:other:more": (rpc.authorization("you", "other:more"),),
        "empty": (rpc.authorization("", ""),),
        "other scheme": (("Authorization", "Bearer x"),),
        "lower case": (("authorization", rpc.authorization("you", "other")[1].replace("Basic", "basic")),),
    }
    for kind, address in (("unix", sv.address), ("tcp", ("127.0.0.1", port))):
        for field, headers in attempts.items():
            answer, = rpc.exchange(address, _post(GET_STATE, *headers))
            _record(t, f"{kind}: {field}", answer)
        for path in ("/", "/logtail/x", "/mainlogtail", "/nope"):
            answer, = rpc.exchange(address, rpc.request("GET", path))
            _record(t, f"{kind}: GET {path}", answer)


@scenario
def over_tcp(t):
    """The same methods over TCP; a second unix server is served too."""
    port = t.port()
    sv = t.serve(f"""
        [inet_http_server]
        port=127.0.0.1:{port}
        [unix_http_server:second]
        file=%(here)s/second.sock
        chmod=0770
        [program:run]
        command=/bin/sleep 300
        startsecs=0
    """)
    sv.wait("run", "RUNNING")
    for kind, address in (("tcp", ("127.0.0.1", port)), ("second", t.path("second.sock"))):
        t.record(f"{kind}: state", rpc.call(address, "supervisor.getState"))
        t.record(f"{kind}: info", t.normaliser.value(rpc.call(address, "supervisor.getProcessInfo", "run")))
        t.record(f"{kind}: stop", rpc.call(address, "supervisor.stopProcess", "run"))
        t.record(f"{kind}: start", rpc.call(address, "supervisor.startProcess", "run"))
    t.record("modes", (t.mode("s.sock"), t.mode("second.sock")))


@scenario
def log_streams(t):
    """/logtail and /mainlogtail: what is there, what is not."""
    t.script("talk", "echo output; echo errors >&2; exec sleep 300\n")
    sv = t.serve(programs.sections("talk", "mute"))
    t.wait_for("talk.out", "output")
    t.wait_for("talk.err", "errors")
    for path in ("/logtail/talk", "/logtail/talk/stdout", "/logtail/talk/stderr", "/logtail/talk%3Atalk"):
        with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
            link.sendall(rpc.request("GET", path))
            _record(t, path, rpc.read_answer(stream, bodiless=True))
            size = int(stream.readline(), 16)
            t.record(f"{path}: first chunk", stream.read(size).decode())
    with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
        link.sendall(rpc.request("GET", "/mainlogtail"))
        _record(t, "/mainlogtail", rpc.read_answer(stream, bodiless=True))
    for path in ("/logtail/zz", "/logtail/talk/stdin", "/logtail/mute", "/logtail/zz%3A%2A"):
        answer, = rpc.exchange(sv.address, rpc.request("GET", path))
        _record(t, path, answer)
    answer, = rpc.exchange(sv.address, _post(b"x", path="/logtail/talk"))
    _record(t, "POST /logtail/talk", answer)


@scenario(tier="all")
def pages(t):
    """The web pages' statuses and what their links do."""
    sv = t.serve(programs.sleeper("run"))
    sv.wait("run", "RUNNING")
    for path in ("/ok.html", "/", "/index.html", "/tail.html?processname=run",
                 "/index.html?processname=run&action=stop", "/index.html?processname=run&action=start",
                 "/index.html?processname=run&action=restart", "/index.html?processname=zz&action=stop",
                 "/index.html?processname=run&action=clearlog", "/index.html?processname=run&action=zz",
                 "/stylesheets/supervisor.css", "/stylesheets/", "/../etc/passwd"):
        answer, = rpc.exchange(sv.address, rpc.request("GET", path))
        t.record(path, f"{answer.line}\n{answer.header('Content-Type')}\n{answer.header('Location')}")
        t.record(f"state after {path}", sv.wait("run", "RUNNING", "STOPPED")["statename"])
