"""I. superlance 2.0.0, the listeners that people run: what they see and do under this server."""

import os
import shutil
import sys
import time

from harness import post
from harness.registry import suite

scenario = suite("I")

# Programs that end live a moment before: one that ends in the very instant of its start has, by chance, failed to start.
_MOMENT = "sleep 0.2\n"

# Has too much memory in its first life, not in its second.
_HOG = """
import os, time
if not os.path.exists("hog.ready"):
    memory = bytearray(40_000_000)
    open("hog.ready", "w").close()
time.sleep(1000)
"""

# Does not listen in its first life, and answers in its second.
_WEB = """
import http.server, os, sys, time
if os.path.exists("web.ready"):
    server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
    server.serve_forever()
open("web.ready", "w").close()
time.sleep(1000)
"""


def program(name):
    """One of superlance's programs, from the interpreter's own environment."""
    return os.path.join(os.path.dirname(sys.executable), name)


def listener(name, words, events):
    """A section that runs one of superlance's listeners."""
    return (f"[eventlistener:{name}]\ncommand={program(name)} {words}\nevents={events}\nstartsecs=0\n"
            f"stderr_logfile=%(here)s/{name}.err\n")


def sleeper(name, *keys):
    """A section of a program that just runs."""
    return "\n".join([f"[program:{name}]", "command=/bin/sleep 1000", "startsecs=0", *keys, ""])


def between_ticks():
    """Wait until no TICK_5 is near: what is done now, and both servers' listeners see, has one order."""
    while not 0.3 < time.time() % 5 < 3.2:
        time.sleep(0.05)


@scenario
def memmon_restarts_a_hog(t):
    """memmon restarts a program that has too much memory, leaves the others alone, and sends mail."""
    assert shutil.which("ps"), "memmon asks ps, which is not here: install procps"
    t.write("hog.py", _HOG)
    sv = t.serve(
        listener("memmon", f"-p hog=20MB -p small=20MB -m root@localhost -s {post.sendmail(t)}", "TICK_5")
        + f"[program:hog]\ncommand={sys.executable} hog.py\ndirectory=%(here)s\nstartsecs=0\n" + sleeper("small"))
    sv.wait_all(hog="RUNNING", small="RUNNING", memmon="RUNNING")
    t.wait_for("hog.ready")
    hog, small = sv.pid("hog"), sv.pid("small")
    sv.replaced("hog", hog)
    t.wait_for("mail.txt", "--")
    t.record("mail", "\n\n".join(post.letters(t)))
    t.record("the small one", "the same" if sv.pid("small") == small else "another")
    sv.record_info("hog")
    sv.record_story("hog")


@scenario
def httpok_restarts_behind_a_dead_address(t):
    """httpok restarts a program whose address does not answer, and sends mail."""
    port = t.port()
    t.write("web.py", _WEB)
    sv = t.serve(
        listener("httpok", f"-p web -p idle -t 1 -m root@localhost -s {post.sendmail(t)} "
                 f"http://127.0.0.1:{port}/", "TICK_5")
        + f"[program:web]\ncommand={sys.executable} web.py {port}\ndirectory=%(here)s\nstartsecs=0\n"
        + sleeper("idle", "autostart=false"))
    sv.wait_all(web="RUNNING", httpok="RUNNING")
    t.wait_for("web.ready")
    web = sv.pid("web")
    sv.replaced("web", web)
    t.wait_for("mail.txt", "--")
    t.record("mail", "\n\n".join(post.letters(t)))
    sv.record_info("idle")
    # a busy machine may not have it listen by the next tick
    t.record("first restart", "\n".join(sv.story("web").splitlines()[:5]))


@scenario
def crashmail_tells_of_a_crash(t):
    """crashmail sends mail for an unexpected end, and none for an expected one or for a stop."""
    t.script("well", _MOMENT + "exit 0\n")
    t.script("badly", _MOMENT + "exit 3\n")
    sv = t.serve(
        listener("crashmail", f"-p badly -m root@localhost -o host -s {post.sendmail(t)}", "PROCESS_STATE")
        + "".join(f"[program:{name}]\ncommand=%(here)s/{name}\nautostart=false\nautorestart=false\n"
                  "startsecs=0\n" for name in ("well", "badly"))
        + sleeper("other"))
    sv.wait_all(crashmail="RUNNING", other="RUNNING")
    sv.ask("startProcess", "well")
    sv.wait("well", "EXITED")
    sv.ask("stopProcess", "other")
    sv.ask("startProcess", "badly")
    sv.wait("badly", "EXITED")
    t.wait_for("mail.txt", "--")
    t.record("mail", "\n\n".join(post.letters(t)))


@scenario(tier="all")
def crashmailbatch_gathers_crashes(t):
    """crashmailbatch sends what crashed between two ticks, over SMTP."""
    office = post.PostOffice(t)
    for name in ("one", "two"):
        t.script(name, _MOMENT + "exit 3\n")
    sv = t.serve(
        listener("crashmailbatch", f"-t root@localhost,ops@localhost -f sv@localhost -i 0.05 -e TICK_5 "
                 f"-H {office.place}", "PROCESS_STATE,TICK_5")
        + "".join(f"[program:{name}]\ncommand=%(here)s/{name}\nautostart=false\nautorestart=false\n"
                  "startsecs=0\n" for name in ("one", "two")))
    sv.wait("crashmailbatch", "RUNNING")
    between_ticks()
    for name in ("one", "two"):
        sv.ask("startProcess", name)
    t.until(lambda: len(office.lines()) == 2, "both crashes are told")
    t.record("letters", office.subjects())
    t.record("lines", "\n".join(office.lines()))


@scenario(tier="all")
def fatalmailbatch_tells_of_a_program_given_up(t):
    """fatalmailbatch sends mail for a program that could not be started, over SMTP."""
    office = post.PostOffice(t)
    t.script("badly", _MOMENT + "exit 3\n")
    sv = t.serve(
        listener("fatalmailbatch", f"-t root@localhost -f sv@localhost -s 'given up' -i 0.05 -e TICK_5 "
                 f"-H {office.place}", "PROCESS_STATE,TICK_5")
        + "[program:badly]\ncommand=%(here)s/badly\nautostart=false\nstartretries=0\nstartsecs=5\n")
    sv.wait("fatalmailbatch", "RUNNING")
    between_ticks()
    sv.ask("startProcess", "badly", False)
    t.until(lambda: office.letters, "the letter")
    t.record("letters", office.subjects())
    t.record("lines", "\n".join(office.lines()))
    sv.record_story("badly")
