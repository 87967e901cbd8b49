"""I. The web interface as a browser or a script drives it: links, forms, redirects, files."""

import html
import re
import urllib.parse

from harness import programs, rpc
from harness.registry import suite

scenario = suite("I")

QUICK = "[program:quick]\ncommand=/bin/false\nautostart=false\nstartretries=0\n"

# `time.ctime()` in messages
CLOCK = re.compile(r"[A-Z][a-z]{2}%20[A-Z][a-z]{2}%20(%20)?\d+%20\d\d%3A\d\d%3A\d\d%20\d{4}")


def _serve(t, more=QUICK):
    return programs.serve(t, "run", "off", "missing", "grp", more=more)


def _fetch(sv, path, method="GET", body=b"", headers=()):
    answer, = rpc.exchange(sv.address, rpc.request(method, path, body, headers))
    return answer


def _told(answer):
    """Status line, type and target of an answer."""
    target = CLOCK.sub("CTIME", answer.header("Location") or "")
    return f"{answer.line}\n{answer.header('Content-Type')}\n{target}"


def _links(answer):
    """The addresses of a page in its order, pictures and styles aside."""
    return [html.unescape(link) for link in re.findall(r'<a [^>]*href="([^"]*)"', answer.body.decode())]


def _rows(answer):
    """The text of each row of the table, blanks joined."""
    page = re.sub(r'<a [^>]*class="hidden"[^>]*>.*?</a>', "", answer.body.decode())
    rows = re.findall(r"<tr[ >].*?</tr>", page, re.S)
    texts = (re.sub(r"<[^>]+>", " ", row) for row in rows)
    return "\n".join(" ".join(html.unescape(text).split()) for text in texts)


@scenario
def web_table_of_programs(t):
    """The status page: a row for each program with its state, description, name and the actions of its state."""
    sv = _serve(t)
    page = _fetch(sv, "/")
    t.record("answer", _told(page))
    t.record("rows", _rows(page))
    ours = ("index.html?processname", "tail.html", "logtail/", "index.html?action")
    t.record("links", "\n".join(link for link in _links(page) if link.startswith(ours)))


@scenario
def web_every_link_of_the_page(t):
    """Each action of the page is followed like a browser does, and does what it says."""
    sv = _serve(t, more="")
    for link in _links(_fetch(sv, "/index.html")):
        if "action=" not in link or "action=restartall" in link or "action=stopall" in link:
            continue
        answer = _fetch(sv, "/" + link)
        t.record(link, _told(answer))
        target = answer.header("Location")
        if target:
            shown = _fetch(sv, target.removeprefix("http://localhost"))
            message = urllib.parse.unquote(target.partition("message=")[2])
            t.record(f"{link}: is told", message in html.unescape(shown.body.decode()))
    t.record("states", [(name, sv.info(name)["statename"]) for name in ("run", "off", "missing", "grp:g1", "grp:g2")])


@scenario
def web_actions_on_all(t):
    """Stop All, Restart All and Refresh."""
    sv = t.serve(programs.sleeper("run"))
    sv.wait("run", "RUNNING")
    before = sv.pid("run")
    t.record("refresh", _told(_fetch(sv, "/?action=refresh")))
    t.record("restart all", _told(_fetch(sv, "/index.html?action=restartall")))
    t.record("another process", sv.replaced("run", before)["statename"])
    t.record("stop all", _told(_fetch(sv, "/index.html?action=stopall")))
    t.record("its state", sv.info("run")["statename"])
    t.record("stop all again", _told(_fetch(sv, "/index.html?action=stopall")))


@scenario
def web_actions_that_fail(t):
    """What the browser is told when an action is not possible."""
    sv = _serve(t)
    for query in ("processname=run&action=start", "processname=off&action=stop", "processname=missing&action=start",
                  "processname=quick&action=start", "processname=zz&action=start", "processname=zz&action=zz",
                  "processname=grp%3A*&action=stop", "processname=grp&action=stop", "processname=missing&action=restart",
                  "action=zz", "action=start", "processname=run&action=zz", "processname=&action=stop", "action="):
        t.record(query, _told(_fetch(sv, f"/index.html?{query}")))
    t.record("still there", sv.ask("getState"))


@scenario
def web_forms(t):
    """POST does what GET does; the form's fields come before the query's."""
    sv = _serve(t)
    def post(path, body):
        return _fetch(sv, path, "POST", body, [("Content-Type", "application/x-www-form-urlencoded")])
    t.record("form", _told(post("/index.html", b"processname=run&action=stop")))
    t.record("state", sv.info("run")["statename"])
    t.record("form over query", _told(post("/?processname=zz", b"processname=run&action=start")))
    t.record("query alone", _told(post("/?processname=run&action=stop", b"x")))
    t.record("no length", _told(_fetch(sv, "/index.html", "POST")))
    t.record("last field", _told(post("/", b"processname=zz&processname=run&action=start")))
    t.record("first of the query", _told(_fetch(sv, "/?processname=run&processname=zz&action=clearlog")))


@scenario
def web_where_redirects_lead(t):
    """The target is made of the Host header; port 80 goes without saying."""
    sv = _serve(t)
    for host in ("example.net", "example.net:8080", "example.net:80", "127.0.0.1:9001"):
        request = f"GET /?processname=run&action=clearlog HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        answer, = rpc.exchange(sv.address, request)
        t.record(host, _told(answer))
    for name in ("prög", "a b", "a&b=c", "50%"):
        quoted = urllib.parse.quote(name)
        t.record(name, _told(_fetch(sv, f"/?processname={quoted}&action=stop")))


@scenario
def web_headers_of_pages(t):
    """Pages and redirects are never cached; the order and the number of headers are the original's."""
    sv = _serve(t)
    for path in ("/", "/tail.html?processname=run", "/ok.html", "/?action=refresh"):
        answer = _fetch(sv, path)
        skipped = ("Date", "Content-Length", "Location")
        t.record(path, "\n".join(f"{name}: {value}" for name, value in answer.headers if name not in skipped))


@scenario
def web_tail_page(t):
    """The end of a program's output: limits, a program without a log, no program."""
    t.script("talk", "seq -w 1 2000; exec sleep 300\n")
    sv = t.serve(programs.sections("talk", "mute"))
    t.wait_for("talk.out", "2000")
    def text(path):
        body = _fetch(sv, path).body.decode()
        return html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", body, re.S).group(1)).strip("\n")
    for limit in ("", "&limit=10", "&limit=1030", "&limit=2048", "&limit=99999", "&limit=x", "&limit=-5"):
        shown = text(f"/tail.html?processname=talk{limit}")
        t.record(f"limit {limit}", f"{len(shown)} from {shown[:9]!r} to {shown[-4:]!r}")
    for query in ("processname=mute", "processname=zz", "processname=", "", "processname=talk%3A*"):
        t.record(query, text(f"/tail.html?{query}"))
    for query, again in (("processname=talk&limit=2048", "2048"), ("processname=talk", "1024")):
        links = _links(_fetch(sv, f"/tail.html?{query}"))
        t.record(f"refresh of {query}", f"tail.html?processname=talk&limit={again}" in links)


@scenario
def web_files_of_the_pages(t):
    """Stylesheet and pictures at the original's addresses; GET and HEAD, nothing else."""
    sv = t.serve("")
    names = ["stylesheets/supervisor.css", "images/icon.png", "images/rule.gif", "images/supervisor.gif",
             *(f"images/state{number}.gif" for number in range(4))]
    for name in names:
        answer = _fetch(sv, "/" + name)
        t.record(name, f"{_told(answer)}\n{answer.body[:3] if name.endswith('gif') else ''}{bool(answer.body)}")
        head = _fetch(sv, "/" + name, "HEAD")
        same = head.header("Content-Length") == answer.header("Content-Length")
        t.record(f"HEAD {name}", f"{_told(head)}\n{same}")
    for name in ("images/", "images/nope.gif", "stylesheets/", "images/state4.gif"):
        t.record(name, _told(_fetch(sv, "/" + name)))
    t.record("POST", _told(_fetch(sv, "/images/icon.png", "POST", b"x")))


@scenario
def web_no_way_out_of_the_pages(t):
    """No address leads to a file of the machine."""
    sv = t.serve("")
    for path in ("/../d.conf", "/images/../../web.py", "/%2e%2e/%2e%2e/web.py", "/images/%2e%2e/%2e%2e/http.py",
                 "//etc/passwd", "/etc/passwd", "/images//../../../../../../../../etc/passwd", "/stylesheets/..%2f..%2fweb.py",
                 "/images/icon.png%00.html", "/tail.html/../../d.conf"):
        t.record(path, _told(_fetch(sv, path)))


@scenario
def web_text_stays_text(t):
    """What others wrote never becomes markup: messages, names, output."""
    t.script("talk", "echo '</pre><script>alert(1)</script>&amp;'; exec sleep 300\n")
    sv = t.serve("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=%(here)s/talk.out\n",
                 daemon="identifier=<b>&me")
    t.wait_for("talk.out", "script")
    for path in ("/?message=%3Cscript%3Ealert(1)%3C/script%3E", "/tail.html?processname=talk",
                 "/tail.html?processname=%3Cscript%3E", "/index.html?message=%22%3E%3Cscript%3E"):
        body = _fetch(sv, path).body.decode()
        t.record(path, f"{'<script' in body} {'&lt;script' in body}")
    t.record("identifier", "<b>&me" in _fetch(sv, "/").body.decode())


@scenario
def web_pages_behind_a_password(t):
    """Every page, picture and action asks for it, and does nothing without it."""
    port = t.port()
    sv = _serve(t, QUICK + f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=me\npassword=secret\n")
    address = ("127.0.0.1", port)
    for path in ("/", "/ok.html", "/tail.html?processname=run", "/images/icon.png", "/stylesheets/supervisor.css",
                 "/?processname=run&action=stop", "/nope"):
        answer, = rpc.exchange(address, rpc.request("GET", path))
        t.record(path, f"{_told(answer)}\n{answer.header('WWW-Authenticate')}")
        answer, = rpc.exchange(address, rpc.request("GET", path, headers=[rpc.authorization("me", "secret")]))
        t.record(f"{path} with it", _told(answer))
        t.record(f"state after {path}", sv.info("run")["statename"])


@scenario
def web_health_address(t):
    """ok.html says OK to GET and POST, in any state of the programs."""
    sv = t.serve("[program:bad]\ncommand=/no/such\nstartretries=0\n")
    for method, body in (("GET", b""), ("POST", b"x"), ("HEAD", b""), ("PUT", b"x")):
        answer = _fetch(sv, "/ok.html", method, body)
        t.record(method, f"{_told(answer)}\n{answer.body if method != 'HEAD' else ''}")
