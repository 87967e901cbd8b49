"""superlance 2.0.0, all of it at once, over TCP with a password: what a machine's own watch looks like."""

import os
import shutil
import sys

from harness import post
from proof import proof

LISTENERS = ("memmon", "httpok", "crashmail", "crashmailbatch", "fatalmailbatch")

WEB = """
import http.server, os, sys

if os.path.exists("sick"):
    os.unlink("sick")

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        sick = os.path.exists("sick")
        self.send_response(500 if sick else 200)
        self.end_headers()
        self.wfile.write(b"sick" if sick else b"fine")

    def log_message(self, *words):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page)
open("web.ready", "w").close()
server.serve_forever()
"""

HOG = """
import os, subprocess, sys, time

if sys.argv[1:] == ["child"]:
    if not os.path.exists("hog.ready"):
        memory = bytearray(60_000_000)
        open("hog.ready", "w").close()
    time.sleep(1000)
subprocess.run([sys.executable, "hog.py", "child"])
"""


def _listener(name, words, events):
    program = os.path.join(os.path.dirname(sys.executable), name)
    return (f"[eventlistener:{name}]\ncommand={program} {words}\nevents={events}\nbuffer_size=100\n"
            f"stderr_logfile=%(here)s/{name}.err\n")


@proof()
def everything_at_once(t):
    """memmon (with children), httpok, crashmail and both batches each do their work in one daemon."""
    assert shutil.which("ps"), "memmon asks ps, which is not here: install procps"
    t.write("hog.py", HOG)
    t.write("web.py", WEB)
    t.script("crash", "sleep 0.2\nexit 7\n")
    office, letters = post.PostOffice(t), post.sendmail(t)
    port, web = t.port(), t.port()
    batch = f"-t root@localhost -f sv@localhost -i 0.05 -e TICK_5 -H {office.place}"
    t.config(
        f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=me\npassword=secret\n"
        + _listener("memmon", f"-c -g heavy=55MB -m root@localhost -n box -s {letters}", "TICK_5")
        + _listener("httpok", f"-p web -t 5 -c 200 -m root@localhost -s {letters} http://127.0.0.1:{web}/",
                    "TICK_5")
        + _listener("crashmail", f"-a -m root@localhost -s {letters}", "PROCESS_STATE_EXITED")
        + _listener("crashmailbatch", batch, "PROCESS_STATE,TICK_5")
        + _listener("fatalmailbatch", batch, "PROCESS_STATE,TICK_5")
        + f"[program:web]\ncommand={sys.executable} web.py {web}\ndirectory=%(here)s\n"
        f"[program:hog]\ncommand={sys.executable} hog.py\ndirectory=%(here)s\nstopasgroup=true\nautostart=false\nstartsecs=0\n"
        "[group:heavy]\nprograms=hog\n"
        "[program:crash]\ncommand=%(here)s/crash\nautostart=false\nautorestart=false\nstartsecs=0\n"
        "[program:gone]\ncommand=/bin/false\nautostart=false\nstartretries=0\nstartsecs=9\n",
        # the daemon itself tells listeners no password
        daemon='environment=SUPERVISOR_USERNAME="me",SUPERVISOR_PASSWORD="secret"\n')
    # without a unix socket listeners are told the TCP address, user and password
    t.write("d.conf", "".join(t.read("d.conf").partition("[supervisord]")[1:]))
    sv = t.launch()
    sv.address, sv.login = ("127.0.0.1", port), ("me", "secret")
    sv.ready()
    t.wait_for("web.ready")
    sv.wait_all(web="RUNNING", **dict.fromkeys(LISTENERS, "RUNNING"))
    sv.ask("startProcess", "heavy:hog")
    t.wait_for("hog.ready")
    hog, page = sv.pid("heavy:hog"), sv.pid("web")
    t.write("sick", "")
    sv.ask("startProcess", "crash")
    sv.ask("startProcess", "gone", False)
    t.until(lambda: sv.pid("heavy:hog") not in (0, hog), "memmon has restarted the hog")
    t.until(lambda: sv.pid("web") not in (0, page), "httpok has restarted the sick one")
    t.until(lambda: len(post.letters(t)) >= 3, "three different letters by sendmail")
    t.until(lambda: len(office.lines()) >= 2, "two lines by SMTP")
    t.record("letters", "\n\n".join(post.letters(t)))
    t.record("by SMTP", "\n".join(sorted(office.subjects().splitlines())))
    t.record("lines", "\n".join(office.lines()))
    for name in ("crash", "gone"):
        sv.record_story(name)
    t.record("listeners that failed", "".join(
        t.read(f"{name}.err") for name in LISTENERS if "Traceback" in t.read(f"{name}.err")))
    t.record("what a listener is told", _told(sv.pid("memmon")))


def _told(pid):
    """What a listener's environment says of the daemon."""
    with open(f"/proc/{pid}/environ", encoding="utf-8") as file:
        return "\n".join(sorted(word for word in file.read().split("\0") if word.startswith("SUPERVISOR_")))
