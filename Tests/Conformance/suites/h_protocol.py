"""H. Events: what listeners answer, and what becomes of events that nobody takes."""

import contextlib

from harness.listening import Listener, log_of_events, serve
from harness.registry import suite

scenario = suite("H")


def _send(sv, *kinds):
    for kind in kinds:
        sv.ask("sendRemoteCommEvent", kind, "")


def _answered(t, *plan, more=3):
    """Send three events to a listener with that plan and record what it was told, `more` events in all."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", *plan)
    sv = serve(t, listener)
    _send(sv, "a", "b", "c")
    listener.wait(more)
    if more == 3:
        # What was answered last is dealt with, too.
        _send(sv, "end")
        listener.wait(4)
    listener.record(None, "serial", "poolserial")
    t.record("log", log_of_events(sv))


@scenario
def fail_once(t):
    """A rejected event comes again, under its numbers, before all others."""
    _answered(t, "OK", "FAIL", more=4)


@scenario(tier="all")
def fail_often(t):
    """A rejected event comes again as often as it is rejected."""
    _answered(t, "FAIL", "FAIL", "FAIL", "FAIL", "OK", more=7)


@scenario(tier="all")
def other_results(t):
    """Whatever is not OK is a rejection."""
    _answered(t, "SAY=RESULT 2\\nokREADY\\n", "SAY=RESULT 3\\nOK\\nREADY\\n", "SAY=RESULT 1\\nOREADY\\n", more=6)


@scenario(tier="all")
def long_result(t):
    """A result may be long; it is a rejection."""
    _answered(t, "SAY=RESULT 200000\\n" + "x" * 1000, "OK", more=1)


@scenario(tier="all")
def empty_result(t):
    """A result of no bytes is a rejection."""
    _answered(t, "SAY=RESULT 0\\nREADY\\n", more=4)


@scenario(tier="all")
def numbers_as_python_reads_them(t):
    """Blanks, a sign and zeros around a result's length, and anything in place of the word RESULT."""
    _answered(t, "SAY=RESULT  2 \\nOKREADY\\n", "SAY=RESULT +2\\nOKREADY\\n", "SAY=anyword0002\\nOKREADY\\n")


@scenario(tier="all")
def underscores(t):
    """A length may have underscores between its digits."""
    _answered(t, "SAY=RESULT 0_2\\nOKREADY\\n", "SAY=RESULT 2\\r\\nOKREADY\\n")


@scenario(tier="all")
def answer_in_pieces(t):
    """A result may come byte by byte."""
    _answered(t, "DRIP", "DRIP", "OK")


@scenario(tier="all")
def answer_in_one_piece(t):
    """A result and READY may come together."""
    _answered(t, "SAY=RESULT 2\\nOKREADY\\n", "SAY=RESULT 2\\nOKREADY\\n")


def _broken(t, answer):
    """A listener that gives a wrong answer; restarted, it gets the event again."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", answer)
    sv = serve(t, listener)
    _send(sv, "a")
    t.wait_for("d.log", "has entered the UNKNOWN state")
    _send(sv, "b")
    sv.ctl("status")
    listener.record("before its restart", "serial")
    sv.ask("stopProcess", "l")
    sv.ask("startProcess", "l")
    listener.wait(3)
    listener.record("after its restart", "serial")
    t.record("log", log_of_events(sv))


@scenario
def bad_result_line(t):
    """An answer that is no number."""
    _broken(t, "SAY=RESULT two\\nOKREADY\\n")


@scenario(tier="all")
def result_without_number(t):
    """An answer without a number."""
    _broken(t, "SAY=OK\\n")


@scenario(tier="all")
def undecodable_result_line(t):
    """An answer that is no text."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION")
    t.script("binary", "printf 'READY\\n'\nread -r line\nprintf 'RESULT \\377\\n'\nexec sleep 300\n")
    sv = t.serve("[eventlistener:l]\ncommand=%(here)s/binary\nevents=REMOTE_COMMUNICATION\nstartsecs=0\n")
    sv.wait("l", "RUNNING")
    _send(sv, "a")
    t.wait_for("d.log", "has entered the UNKNOWN state")
    t.record("log", log_of_events(sv))
    listener.record()


@scenario(tier="all")
def more_than_the_result(t):
    """What follows a result must be READY."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", "SAY=RESULT 2\\nOKoops..\\n")
    sv = serve(t, listener)
    _send(sv, "a")
    t.wait_for("d.log", "has entered the UNKNOWN state")
    _send(sv, "b")
    sv.ask("stopProcess", "l")
    sv.ask("startProcess", "l")
    listener.wait(2)
    listener.record(None, "serial")


@scenario
def stray_text(t):
    """A listener that talks while it waits is told nothing more, and is shown as RUNNING."""
    t.script("stray", ": > started\nprintf 'READY\\n'\nwhile ! test -e go; do sleep 0.05; done\n"
             "echo by the way\nread -r line && echo \"$line\" > heard\n")
    sv = t.serve("[eventlistener:l]\ncommand=%(here)s/stray\ndirectory=%(here)s\nevents=REMOTE_COMMUNICATION\n"
                 "startsecs=0\n", daemon="loglevel=debug")
    t.wait_for("d.log", "l: ACKNOWLEDGED -> READY")
    t.write("go", "")
    t.wait_for("d.log", "has entered the UNKNOWN state")
    _send(sv, "a")
    sv.ctl("status")
    t.record("heard", t.exists("heard"))
    t.record("log", log_of_events(sv))


@scenario(tier="all")
def wrong_beginnings(t):
    """Whatever is not READY at the beginning."""
    beginnings = {"crlf": "READY\\r\\n", "lower": "ready\\n", "twice": "READY\\nREADY\\n", "long": "hello world\\n"}
    sections = []
    for name, text in beginnings.items():
        t.script(name, f"printf '{text}'\nexec sleep 300\n")
        sections.append(f"[eventlistener:{name}]\ncommand=%(here)s/{name}\nevents=REMOTE_COMMUNICATION\nstartsecs=0\n")
    sv = t.serve("\n".join(sections))
    t.until(lambda: sv.log().count("has entered the UNKNOWN state") == len(beginnings), "all of them")
    t.record("log", "\n".join(sorted(line[24:] for line in sv.log().splitlines() if "UNKNOWN" in line)))
    sv.ctl("status")


@scenario(tier="all")
def short_beginning(t):
    """A listener that has said less than READY may go on."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", "FIRST=SAY=REA")
    t.script("slow", "printf REA\nsleep 0.3\nprintf 'DY\\n'\nread -r header\necho \"$header\" > heard\nexec sleep 300\n")
    sv = t.serve("[eventlistener:l]\ncommand=%(here)s/slow\ndirectory=%(here)s\nevents=REMOTE_COMMUNICATION\n"
                 "startsecs=0\n")
    sv.wait("l", "RUNNING")
    _send(sv, "a")
    t.wait_for("heard", "REMOTE")
    t.record("log", log_of_events(sv))
    listener.record()


@scenario
def exit_while_busy(t):
    """What a listener had when it died goes to its next life."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", "OK", "DIE")
    sv = serve(t, listener)
    _send(sv, "a", "b", "c")
    listener.wait(4)
    listener.record(None, "serial", "poolserial")
    sv.record_story("l", successes=False)


@scenario(tier="all")
def last_answer_before_the_end(t):
    """An answer counts although its listener ends right after it."""
    t.script("brief", "printf 'READY\\n'\nread -r header\necho \"$header\" | cut -d' ' -f3,6 >> heard\n"
             "printf 'RESULT 2\\nOK'\n")
    sv = t.serve("[eventlistener:l]\ncommand=%(here)s/brief\ndirectory=%(here)s\nevents=REMOTE_COMMUNICATION\n"
                 "startsecs=0\nautorestart=true\n")
    sv.wait("l", "RUNNING")
    _send(sv, "a", "b")
    t.until(lambda: len(t.read("heard").splitlines()) == 2, "both")
    _send(sv, "c")
    t.until(lambda: len(t.read("heard").splitlines()) == 3, "all three")
    t.record("heard", t.read("heard"))


@scenario
def two_processes(t):
    """The first process that is ready gets the next event; one that is at work holds up nobody."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", f"WHEN={t.path('go')}",
                        keys="numprocs=2\nprocess_name=%(program_name)s_%(process_num)d")
    sv = t.serve(str(listener))
    sv.wait("l:l_0", "RUNNING")
    sv.wait("l:l_1", "RUNNING")
    _send(sv, "a")
    listener.wait(1)
    first = listener.events()[0][0]
    _send(sv, "b")
    listener.wait(2)
    second = listener.events()[1][0]
    t.record("another one", first != second)
    t.write("go", "")
    _send(sv, "c")
    listener.wait(3)
    listener.record(None, "serial", "poolserial")


@scenario(tier="all")
def slow_listener(t):
    """A listener that takes its time holds up neither clients nor other pools."""
    slow = Listener(t, "slow", "REMOTE_COMMUNICATION", f"WHEN={t.path('go')}")
    quick = Listener(t, "quick", "REMOTE_COMMUNICATION")
    sv = serve(t, slow, quick)
    _send(sv, "a", "b", "c")
    slow.wait(1)
    quick.wait(3)
    with t.timed("a call meanwhile"):
        sv.ask("getState")
    t.record("slow meanwhile", len(slow.events()))
    t.write("go", "")
    slow.wait(3)
    slow.record(None, "poolserial")
    quick.record(None, "poolserial")


@scenario(tier="all")
def deaf_listener(t):
    """A listener that says READY and does not read holds up nobody."""
    t.script("deaf", "printf 'READY\\n'\nexec sleep 300\n")
    sv = t.serve("[eventlistener:l]\ncommand=%(here)s/deaf\nevents=REMOTE_COMMUNICATION\nstartsecs=0\n",
                 daemon="loglevel=debug")
    t.wait_for("d.log", "ACKNOWLEDGED -> READY")
    sv.ask("sendRemoteCommEvent", "large", "x" * 30_000)
    _send(sv, "next")
    t.wait_for("d.log", "event 0 sent to listener l")
    with t.timed("a call"):
        sv.ask("getState")
    sv.ctl("status")


@scenario
def overflow(t):
    """When a pool's buffer is full, the oldest event goes."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", f"FIRST=WHEN={t.path('go')}", keys="buffer_size=2")
    sv = serve(t, listener)
    _send(sv, "a", "b", "c", "d")
    t.wait_for("d.log", "discarding event 1")
    t.record("log", log_of_events(sv))
    t.write("go", "")
    listener.wait(2)
    listener.record(None, "serial", "poolserial")


@scenario(tier="all")
def default_buffer(t):
    """A pool keeps ten events unless told otherwise."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", f"FIRST=WHEN={t.path('go')}")
    sv = t.serve(str(listener).replace("buffer_size=100\n", ""))
    sv.wait("l", "RUNNING")
    _send(sv, *"abcdefghijkl")
    t.wait_for("d.log", "discarding event 1")
    t.write("go", "")
    listener.wait(10)
    listener.record(None, "serial")
    t.record("log", log_of_events(sv))


@scenario(tier="all")
def overflow_by_a_rejected_event(t):
    """A rejected event takes the place of the oldest in a full buffer."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", f"WHEN={t.path('go')}", "FAIL", keys="buffer_size=1")
    sv = serve(t, listener)
    _send(sv, "a")
    listener.wait(1)
    _send(sv, "b")
    t.write("go", "")
    listener.wait(3)
    listener.record(None, "serial", "poolserial")
    t.record("log", log_of_events(sv))


@scenario(tier="all")
def stopped_listener(t):
    """Events wait for a listener that is stopped."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION")
    sv = serve(t, listener)
    _send(sv, "a")
    listener.wait(1)
    sv.ctl("stop", "l")
    _send(sv, "b", "c")
    sv.ctl("start", "l")
    listener.wait(3)
    sv.ctl("restart", "l")
    _send(sv, "d")
    listener.wait(4)
    listener.record(None, "serial", "poolserial")


@scenario(tier="all")
def stopped_while_busy(t):
    """What a listener has when it is stopped goes to its next life."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", "STAY")
    sv = serve(t, listener)
    _send(sv, "a")
    listener.wait(1)
    sv.ctl("stop", "l")
    sv.ctl("start", "l")
    listener.wait(2)
    listener.record(None, "serial", "poolserial")


@scenario(tier="all")
def not_running_yet(t):
    """A listener is told nothing before it is RUNNING, although it is ready."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION,PROCESS_STATE_RUNNING", keys="startsecs=2")
    sv = t.serve(str(listener), daemon="loglevel=debug")
    t.wait_for("d.log", "ACKNOWLEDGED -> READY")
    _send(sv, "a")
    t.record("while it starts", f"{sv.info('l')['statename']} {len(listener.events())}")
    listener.wait(2)
    listener.record(None, "serial")


@scenario
def same_priority(t):
    """A rejected event comes back to the pool that rejected it, and to no other."""
    one = Listener(t, "one", "REMOTE_COMMUNICATION", "FAIL", "FAIL")
    other = Listener(t, "other", "TICK_3600")
    sv = serve(t, one, other, daemon="loglevel=debug")
    t.wait_for("d.log", "other: ACKNOWLEDGED -> READY")
    _send(sv, "a")
    one.wait(3)
    one.record("the one that rejects")
    # What does not come cannot be waited for.
    with contextlib.suppress(TimeoutError):
        other.wait(2, seconds=2)
    other.record("one that subscribes to something else")


@scenario(tier="all")
def other_priority(t):
    """A rejected event does not go to a pool of another priority either."""
    one = Listener(t, "one", "REMOTE_COMMUNICATION", "FAIL")
    other = Listener(t, "other", "TICK_3600", keys="priority=7")
    sv = serve(t, one, other)
    _send(sv, "a")
    one.wait(2)
    one.record()
    other.record()


@scenario(tier="all")
def its_own_output(t):
    """What a listener says goes to its logs as well."""
    t.script("talk", "printf 'READY\\n'\necho problem >&2\nread -r header\nprintf 'RESULT 2\\nOK'\nexec sleep 300\n")
    sv = t.serve("[eventlistener:l]\ncommand=%(here)s/talk\nevents=REMOTE_COMMUNICATION\nstartsecs=0\n"
                 "stdout_logfile=%(here)s/l.out\nstderr_logfile=%(here)s/l.err\n")
    sv.wait("l", "RUNNING")
    _send(sv, "a")
    t.wait_for("l.out", "OK")
    t.wait_for("l.err", "problem")
    t.record("stdout", t.read("l.out"))
    t.record("stderr", t.read("l.err"))
    sv.ctl("tail", "l", "stderr")


@scenario(tier="all")
def protocol_in_the_log(t):
    """With loglevel=debug the main log tells of every step."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", "SAY=RESULT 4\\nFAILREADY\\n", "SAY=RESULT 2\\nOKREADY\\n")
    sv = serve(t, listener, daemon="loglevel=debug")
    t.wait_for("d.log", "ACKNOWLEDGED -> READY")
    _send(sv, "a")
    listener.wait(2)
    t.until(lambda: sv.log().count("l: ACKNOWLEDGED -> READY") == 3, "both answers")
    words = ("event ", " -> ", "output:")
    lines = sv.log().splitlines()
    found = []
    for number, line in enumerate(lines):
        if any(word in line for word in words) and " fd " not in line:
            found.append(line[24:])
            # The output stands on the next line.
            if line.endswith("output:"):
                found.append(lines[number + 1])
    t.record("log", "\n".join(found))


@scenario(tier="all")
def without_standard_input(t):
    """An event whose listener has closed its standard input waits."""
    t.script("closed", "exec <&-\nprintf 'READY\\n'\nexec sleep 300\n")
    sv = t.serve("[eventlistener:l]\ncommand=%(here)s/closed\nevents=REMOTE_COMMUNICATION\nstartsecs=0\n"
                 "buffer_size=1\n", daemon="loglevel=debug")
    t.wait_for("d.log", "ACKNOWLEDGED -> READY")
    _send(sv, "a", "b")
    t.wait_for("d.log", "discarding event 0")
    sv.ctl("status")
    t.record("log", "\n".join(sorted({line[24:] for line in sv.log().splitlines() if "epipe" in line})))


@scenario(tier="all")
def sections_that_are_refused(t):
    """What an eventlistener section must not say, or must."""
    good = "command=/bin/cat\nevents=TICK_5\n"
    for change in ("redirect_stderr=true", "buffer_size=0", "buffer_size=-1", "buffer_size=many", "events=",
                   "events=NO_SUCH_EVENT", "events=TICK_5,NO_SUCH"):
        key = change.split("=")[0]
        lines = [line for line in good.splitlines() if not line.startswith(key + "=")]
        t.config("[eventlistener:l]\n" + "\n".join([*lines, change, ""]))
        t.refused(change)
    t.config("[eventlistener:l]\ncommand=/bin/cat\n")
    t.refused("without events")
