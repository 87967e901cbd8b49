"""I. Python's own clients: xmlrpc.client over TCP and over a unix socket, as people's scripts use it."""

import concurrent.futures
import http.client
import xmlrpc.client

from harness import programs
from harness.registry import suite

scenario = suite("I")

FIXTURE = """
[program:talk]
command=/bin/sh -c "echo first; echo second; echo wrong >&2; exec sleep 1000"
startsecs=0
""" + programs.sections("off", "many")

READERS = (
    ("getAPIVersion",), ("getSupervisorVersion",), ("getVersion",), ("getIdentification",), ("getState",),
    ("getAllConfigInfo",), ("getAllProcessInfo",), ("getProcessInfo", "talk"), ("getProcessInfo", "many:many_01"),
    ("getProcessInfo", "off"), ("getProcessInfo", "nothing"), ("readProcessStdoutLog", "talk", 0, 0),
    ("readProcessStderrLog", "talk", 0, 5), ("readProcessLog", "talk", -4, 0),
    ("tailProcessStdoutLog", "talk", 0, 100), ("tailProcessStderrLog", "talk", 0, 3),
    ("readProcessStdoutLog", "off", 0, 0), ("tailProcessLog", "nothing", 0, 10), ("readLog", 0, 0, "extra"),
)
"""Every method that only looks, each as (name, parameters…); some with a fault for an answer."""


def _serve(t, login=""):
    """A daemon on both kinds of socket; the URL of its TCP one."""
    port = t.port()
    t.config(FIXTURE + f"[inet_http_server]\nport=127.0.0.1:{port}\n{login}", unix=login)
    sv = t.launch()
    sv.login = ("me", "it's:secret") if login else None
    return sv.ready(), f"http://127.0.0.1:{port}"


def _settled(t, server):
    """Wait until everything runs that shall and has said what it says."""
    t.until(lambda: [info["statename"] for info in server.supervisor.getAllProcessInfo()]
            == ["RUNNING", "RUNNING", "STOPPED", "RUNNING"]
            and "second" in server.supervisor.readProcessStdoutLog("talk", 0, 0)
            and "wrong" in server.supervisor.readProcessStderrLog("talk", 0, 0), "the programs run")


def _looks(server):
    """Every reader's answer as (name, value or fault)."""
    answers = []
    for name, *parameters in READERS:
        try:
            answer = getattr(server.supervisor, name)(*parameters)
        except xmlrpc.client.Fault as fault:
            answer = f"fault {fault.faultCode}: {fault.faultString}"
        answers.append((f"{name}{tuple(parameters)}", answer))
    return answers


def _record_looks(t, server):
    for field, answer in _looks(server):
        t.record(field, t.normaliser.value(answer))


@scenario
def plain_server_proxy(t):
    """ServerProxy on the TCP address calls every method that only looks, on one connection."""
    _, url = _serve(t)
    with xmlrpc.client.ServerProxy(url) as server:
        _settled(t, server)
        _record_looks(t, server)
    with xmlrpc.client.ServerProxy(url + "/RPC2") as server:
        t.record("by the usual path", server.supervisor.getState())


@scenario(tier="all")
def supervisor_transport(t):
    """supervisor's own transport, over the unix socket and over TCP, with a password."""
    from supervisor.xmlrpc import SupervisorTransport  # the interpreter of the listing lacks it

    _, url = _serve(t, "username=me\npassword=it's:secret\n")
    for place in (f"unix://{t.path('s.sock')}", url):
        with xmlrpc.client.ServerProxy(
                "http://127.0.0.1", transport=SupervisorTransport("me", "it's:secret", place)) as server:
            _settled(t, server)
            _record_looks(t, server)
        with xmlrpc.client.ServerProxy(
                "http://127.0.0.1", transport=SupervisorTransport("me", "wrong", place)) as server:
            try:
                server.supervisor.getState()
            except xmlrpc.client.ProtocolError as error:
                t.record("wrong password", f"{error.errcode} {error.errmsg}")


@scenario
def many_clients_at_once(t):
    """Ten clients that ask side by side all get the right answers, while one waits for a start."""
    sv, url = _serve(t)
    t.write("d.conf", t.read("d.conf") + "[program:slow]\ncommand=/bin/sleep 1000\nstartsecs=600\nautostart=false\n")
    with xmlrpc.client.ServerProxy(url) as server:
        _settled(t, server)
        t.record("reread", server.supervisor.reloadConfig())
        server.supervisor.addProcessGroup("slow")
        expected = _steady(t, server)

    def ask(_):
        with xmlrpc.client.ServerProxy(url) as own:
            return [_steady(t, own) for _ in range(2)]

    def wait():
        with xmlrpc.client.ServerProxy(url) as own:
            try:
                return own.supervisor.startProcess("slow")
            except xmlrpc.client.Fault as fault:
                return f"fault {fault.faultCode}: {fault.faultString}"

    with concurrent.futures.ThreadPoolExecutor(11) as pool:
        waiting = pool.submit(wait)
        sv.wait("slow", "STARTING")
        answers = [answer for both in pool.map(ask, range(10)) for answer in both]
        t.record("the slow start when all others were answered", "done" if waiting.done() else "still waited for")
        t.record("answers", len(answers))
        sv.ask("stopProcess", "slow")
        t.record("slow start, once it is stopped", waiting.result())
    t.record("right answers", sum(answer == expected for answer in answers))


def _steady(t, server):
    """The answers that another program's start does not change."""
    return [t.normaliser.value(answer) for name, answer in _looks(server) if not name.startswith("getAll")]


@scenario
def multicall_object(t):
    """xmlrpc.client's MultiCall gets its answers in order, and a fault stays with its own call."""
    _, url = _serve(t)
    with xmlrpc.client.ServerProxy(url) as server:
        _settled(t, server)
        calls = [{"methodName": "supervisor.getState", "params": []},
                 {"methodName": "supervisor.getProcessInfo", "params": ["nothing"]},
                 {"methodName": "supervisor.stopProcess", "params": ["talk"]},
                 {"methodName": "supervisor.stopProcess", "params": ["talk"]},
                 {"methodName": "supervisor.startProcess", "params": ["off"]}]
        t.record("answers", t.normaliser.value(server.system.multicall(calls)))
        multi = xmlrpc.client.MultiCall(server)
        multi.supervisor.getAPIVersion()
        multi.supervisor.startProcess("talk")
        try:
            t.record("MultiCall", list(multi()))
        except (ValueError, TypeError, IndexError) as error:
            t.record("MultiCall", type(error).__name__)


@scenario(tier="all")
def client_that_stays(t):
    """A client makes a hundred calls on one connection."""
    _, url = _serve(t)
    link = http.client.HTTPConnection(url[len("http://"):], timeout=15)
    body = xmlrpc.client.dumps((), "supervisor.getState").encode()
    link.connect()
    first = link.sock.getsockname()
    for _ in range(100):
        link.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
        answer = xmlrpc.client.loads(link.getresponse().read())[0][0]
    t.record("last answer", answer)
    t.record("connection", "the same" if link.sock and link.sock.getsockname() == first else "another")
    link.close()
