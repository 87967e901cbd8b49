"""D. The HTTP beneath, byte by byte: addresses, verbs, headers, credentials, connections, many clients."""

import base64
import socket
import threading
import xmlrpc.client

from harness import rpc
from harness.registry import suite

scenario = suite("D")

GET_STATE = xmlrpc.client.dumps((), "supervisor.getState").encode()
SECRET = "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"
"""Of "secret"."""


def _post(body=GET_STATE, path="/RPC2", version="1.1", *headers):
    lines = [f"POST {path} HTTP/{version}", "Host: localhost", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _told(answer):
    """Status line and type, or that there was none."""
    return "closed" if answer is None else f"{answer.line}\n{answer.header('Content-Type')}"


def _ask(sv, request, address=None):
    try:
        answer, = rpc.exchange(address or sv.address, request)
    except ConnectionError:
        return None
    return answer


@scenario
def raw_addresses(t):
    """Which addresses are XML-RPC's, and what the others answer."""
    sv = t.serve("")
    for path in ("/RPC2", "/RPC2/", "/RPC2/x/y", "/RPC2x", "/RPC2?a=b", "/RPC2#x", "/RPC2;x", "/%52PC2", "/RPC%32?%",
                 "/RPC2%00", "//RPC2", "/RPC", "/RPC3", "/rpc2", "/x/RPC2", "/", "/index.html?x", "/logtail", "/mainlogtail"):
        t.record(f"POST {path}", _told(_ask(sv, _post(path=path))))


@scenario
def raw_verbs(t):
    """Every verb on every kind of address."""
    sv = t.serve("[program:run]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    for verb in ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
        for path in ("/RPC2", "/", "/ok.html", "/logtail/run", "/mainlogtail", "/images/icon.png", "/nope"):
            t.record(f"{verb} {path}", _told(_ask(sv, rpc.request(verb, path))))
    t.record("still there", sv.ask("getState"))


@scenario
def raw_headers(t):
    """Names in any case, headers nobody knows, none at all; a hundred of them."""
    sv = t.serve("")
    size = len(GET_STATE)
    for field, head in {
            "lower case": f"POST /RPC2 HTTP/1.1\r\ncontent-length: {size}\r\n",
            "upper case": f"POST /RPC2 HTTP/1.1\r\nCONTENT-LENGTH: {size}\r\n",
            "no host": f"POST /RPC2 HTTP/1.1\r\nContent-Length: {size}\r\n",
            "other type": f"POST /RPC2 HTTP/1.1\r\nContent-Type: image/gif\r\nContent-Length: {size}\r\n",
            "encodings": f"POST /RPC2 HTTP/1.1\r\nAccept-Encoding: gzip, br\r\nContent-Length: {size}\r\n",
            "unknown": f"POST /RPC2 HTTP/1.1\r\nX-A: b\r\nX-Empty: \r\nContent-Length: {size}\r\n",
            "hundred": "POST /RPC2 HTTP/1.1\r\n" + "".join(f"X-{n}: {'v' * 50}\r\n" for n in range(100))
                       + f"Content-Length: {size}\r\n",
            "long": f"POST /RPC2 HTTP/1.1\r\nX-Long: {'v' * 8000}\r\nContent-Length: {size}\r\n",
            "kept": f"POST /RPC2 HTTP/1.1\r\nConnection: keep-alive\r\nContent-Length: {size}\r\n",
            "old kept": f"POST /RPC2 HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: {size}\r\n",
            "type of form": f"POST /RPC2 HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {size}\r\n",
    }.items():
        t.record(field, _told(_ask(sv, head.encode() + b"\r\n" + GET_STATE)))


@scenario
def raw_answers(t):
    """All headers of an answer and their order, for a result, a fault, a refusal, a redirect."""
    sv = t.serve("")
    for field, request in {
            "result": _post(), "fault": _post(xmlrpc.client.dumps((), "a.b").encode()), "400": _post(b"x"),
            "411": b"POST /RPC2 HTTP/1.1\r\n\r\n", "404": rpc.request("GET", "/nope"),
            "500": rpc.request("GET", "/?action=zz"), "301": rpc.request("GET", "/?action=zz&processname=zz"),
            "old": _post(version="1.0"), "old kept": _post(GET_STATE, "/RPC2", "1.0", "Connection: keep-alive"),
            "closing": _post(GET_STATE, "/RPC2", "1.1", "Connection: close"),
    }.items():
        answer = _ask(sv, request)
        t.record(field, "\n".join([answer.line, *(f"{name}: {'' if name in ('Date', 'Server') else value}"
                                                  for name, value in answer.headers)]))
        t.record(f"{field}: body", answer.body.decode())


@scenario
def raw_length_of_answers(t):
    """Content-Length counts bytes, also of what is not ASCII."""
    sv = t.serve("")
    for text in ("", "grüße", "日本", "😀" * 1000, "<&>"):
        body = xmlrpc.client.dumps((text,), "supervisor.getProcessInfo").encode()
        answer = _ask(sv, _post(body))
        try:
            xmlrpc.client.loads(answer.body)
        except xmlrpc.client.Fault as fault:
            t.record(text[:5], f"{int(answer.header('Content-Length')) == len(answer.body)} {fault.faultString[:20]}")


@scenario
def raw_credentials(t):
    """Every form of credentials on both kinds of socket, with a plain and with a hashed password."""
    port = t.port()
    t.config(f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=me\npassword=secret\n",
             unix=f"username=me\npassword={SECRET}\n")
    sv = t.launch()
    sv.login = ("me", "secret")
    sv.ready()
    def basic(text):
        return "Basic " + base64.b64encode(text.encode() if isinstance(text, str) else text).decode()
    forms = {
        "right": basic("me:secret"), "wrong": basic("me:x"), "wrong name": basic("you:secret"), "no name": basic(":secret"),
        "no password": basic("me:"), "more": basic("me:secret "), "case": basic("ME:secret"), "the hash": basic(f"me:{SECRET}"),
        "the digest": basic("me:" + SECRET[5:]), "lower scheme": basic("me:secret").replace("Basic", "basic"),
        "upper scheme": basic("me:secret").replace("Basic", "BASIC"), "Bearer": "Bearer x", "Digest": 'Digest username="me"',
        "scheme alone": "Basic", "scheme and blank": "Basic ", "nothing": "", "no scheme": basic("me:secret")[6:],
    }
    for kind, address in (("unix", sv.address), ("tcp", ("127.0.0.1", port))):
        for field, value in forms.items():
            request = _post(GET_STATE, "/RPC2", "1.1", f"Authorization: {value}", "Connection: close")
            answer = _ask(sv, request, address)
            t.record(f"{kind}: {field}", f"{_told(answer)}\n{answer and answer.header('WWW-Authenticate')}")


@scenario
def raw_broken_credentials(t):
    """Credentials that cannot be read are refused like wrong ones."""
    sv = t.serve("", login=("me", "secret"))
    for field, value in {
            "no colon": base64.b64encode(b"mesecret").decode(), "empty": "====", "padding": "bWU6c2VjcmV0=x=",
            "one letter": "a", "percent": "%%%", "no text": base64.b64encode(b"\xff\xfe:\xff").decode(),
            "text": "me:secret", "zero": base64.b64encode(b"\0").decode(),
    }.items():
        answer = _ask(sv, _post(GET_STATE, "/RPC2", "1.1", f"Authorization: Basic {value}"))
        t.record(field, f"{_told(answer)}\n{answer and answer.header('WWW-Authenticate')}")
    t.record("still there", sv.ask("getState"))


@scenario
def raw_errors_keep_the_connection(t):
    """After a refusal the connection serves the next request."""
    sv = t.serve("")
    for field, request in {"400": _post(b"x"), "404": rpc.request("GET", "/nope"), "500": rpc.request("GET", "/?action=zz"),
                           "bad verb": rpc.request("PUT", "/nope"), "GET": rpc.request("GET", "/RPC2"),
                           "page": rpc.request("GET", "/ok.html"), "redirect": rpc.request("GET", "/?action=refresh")}.items():
        with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
            link.sendall(request)
            first = rpc.read_answer(stream)
            link.sendall(_post())
            t.record(field, f"{_told(first)}\n{_told(rpc.read_answer(stream))}")


@scenario
def raw_pipeline(t):
    """Ten requests at once are answered in their order."""
    sv = t.serve("[program:run]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    bodies = [xmlrpc.client.dumps((name,), "supervisor.getProcessInfo").encode() for name in map(str, range(10))]
    answers = rpc.exchange(sv.address, *(_post(body) for body in bodies))
    for answer in answers:
        try:
            rpc.result(answer)
        except rpc.Fault as fault:
            t.record("answer", fault.faultString)
    mixed = rpc.exchange(sv.address, _post(), rpc.request("GET", "/nope"), _post(b"x"), rpc.request("GET", "/RPC2"), _post())
    t.record("mixed", [answer and answer.status for answer in mixed])


@scenario
def raw_waiting_on_one_connection(t):
    """A call that waits holds up nobody but its own connection."""
    sv = t.serve("[program:slow]\ncommand=/bin/sleep 300\nstartsecs=1\nautostart=false\n")
    start = _post(xmlrpc.client.dumps(("slow",), "supervisor.startProcess").encode())
    with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
        link.sendall(start)
        t.until(lambda: sv.info("slow")["statename"] == "STARTING", "it has begun")
        with t.timed("others meanwhile"):
            answers = [_told(_ask(sv, _post())) for _ in range(5)]
            page = _told(_ask(sv, rpc.request("GET", "/")))
        t.record("others", f"{answers}\n{page}")
        # wakes the reference's loop
        sv.wait("slow", "RUNNING")
        sv.ask("getState")
        t.record("its answer", rpc.result(rpc.read_answer(stream)))
        link.sendall(_post())
        t.record("the next", rpc.result(rpc.read_answer(stream)))


@scenario
def raw_clients_side_by_side(t):
    """Thirty clients at once each get their own answer."""
    sv = t.serve("[program:run]\ncommand=/bin/cat\nstartsecs=0\n")
    wrong = []
    def ask(number):
        for turn in range(5):
            try:
                sv.ask("getProcessInfo", f"{number}-{turn}")
            except rpc.Fault as fault:
                if fault.faultString != f"BAD_NAME: {number}-{turn}":
                    wrong.append(fault.faultString)
            except OSError as error:
                wrong.append(str(error))
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.record("wrong answers", wrong)


@scenario
def raw_client_that_only_listens(t):
    """A client that has closed its sending side gets its answer."""
    sv = t.serve("")
    with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
        link.sendall(_post(GET_STATE, "/RPC2", "1.1", "Connection: close"))
        link.shutdown(socket.SHUT_WR)
        answer = rpc.read_answer(stream)
        t.record("its answer", _told(answer))
    t.record("still there", sv.ask("getState"))


@scenario
def raw_clients_that_go_away(t):
    """Clients that leave in the middle of a request, an answer or a wait disturb nobody."""
    sv = t.serve("[program:slow]\ncommand=/bin/sleep 300\nstartsecs=1\nautostart=false\n")
    start = _post(xmlrpc.client.dumps(("slow",), "supervisor.startProcess").encode())
    for data in (b"", b"PO", _post()[:40], _post()[:-5], _post(), start):
        with rpc.connect(sv.address) as link:
            link.sendall(data)
    t.until(lambda: sv.info("slow")["statename"] in ("STARTING", "RUNNING"), "the start was heard")
    sv.wait("slow", "RUNNING")
    t.record("still there", sv.ask("getState"))


@scenario
def raw_blank_lines(t):
    """Blank lines before a request are passed over."""
    sv = t.serve("")
    t.record("one", _told(_ask(sv, b"\r\n" + _post())))
    with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
        link.sendall(_post())
        first = rpc.read_answer(stream)
        link.sendall(b"\r\n" + _post())
        t.record("between two", f"{_told(first)}\n{_told(rpc.read_answer(stream))}")
