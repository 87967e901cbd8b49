"""H. Events of what programs write: PROCESS_LOG, capture mode, and their order."""

from harness.listening import Listener, serve
from harness.registry import suite

scenario = suite("H")

BEGIN = "<!--XSUPERVISOR:BEGIN-->"
END = "<!--XSUPERVISOR:END-->"


def _run(t, script, keys="stdout_capture_maxbytes=1KB", events="PROCESS_COMMUNICATION", until=None, name="talk"):
    """Serve a program `talk` with that script and a listener; start it and wait until the listener was told `until`."""
    t.script("talk", script)
    listener = Listener(t, "l", events)
    section = f"""
[program:{name}]
command=%(here)s/talk
directory=%(here)s
startsecs=0
autostart=false
autorestart=false
stdout_logfile=%(here)s/talk.out
stderr_logfile=%(here)s/talk.err
{keys}
"""
    sv = serve(t, listener, section)
    sv.ask("startProcess", name)
    if until:
        listener.wait_for(until)
    return sv, listener


@scenario(tier="all")
def captured_in_one_piece(t):
    """Text between the tokens is an event and not in the log."""
    _, listener = _run(t, f"printf 'before, long enough to be no token{BEGIN}inside{END}after, long enough as well\\n'\n"
                          "exec sleep 300\n", until="inside")
    t.wait_for("talk.out", "after")
    listener.record()
    t.record("log", t.read("talk.out"))


@scenario
def captured_in_pieces(t):
    """Tokens are found when they come in pieces."""
    _, listener = _run(t, f"""
        printf 'what stands before it <!--XSUPER'
        sleep 0.3
        printf 'VISOR:BEGIN-->what stands inside of it <!--XSUPERV'
        sleep 0.3
        printf 'ISOR:END-->and what stands behind all of it\\n'
        exec sleep 300
    """, until="inside")
    t.wait_for("talk.out", "behind")
    listener.record()
    t.record("log", t.read("talk.out"))


@scenario(tier="all")
def captured_twice(t):
    """Several captures in one piece are several events."""
    text = "".join(f"{BEGIN}text number {number}{END} and between them {number} " for number in (1, 2, 3))
    _, listener = _run(t, f"printf '{text} and the end of all of it\\n'\nexec sleep 300\n", until="number 3")
    t.wait_for("talk.out", "them 3")
    listener.record()
    t.record("log", t.read("talk.out"))


@scenario(tier="all")
def captured_nothing(t):
    """Nothing between the tokens is an event without text."""
    _, listener = _run(t, f"printf '{BEGIN}{END} and something behind it to read\\n'\nexec sleep 300\n",
                       until="processname")
    listener.record()


@scenario(tier="all")
def tokens_out_of_turn(t):
    """The second token without the first is text, and so is the first behind the first."""
    _, listener = _run(t, f"printf '{END} is text {BEGIN}a {BEGIN} b{END} and the end of it all, long enough\\n'\nexec sleep 300\n",
                       until="processname")
    t.wait_for("talk.out", "the end of it all")
    listener.record()
    t.record("log", t.read("talk.out"))


@scenario(tier="all")
def captured_too_much(t):
    """Of too much captured text that comes in pieces the newest is kept."""
    t.script("loop", f"""
        printf '{BEGIN}'
        sleep 0.2
        for number in 0 1 2 3 4 5 6 7 8 9; do
            printf "piece number $number, and thirty-two"
            sleep 0.2
        done
        printf '{END} and what comes behind it\\n'
        exec sleep 300
    """)
    _, listener = _run(t, "exec ./loop\n", keys="stdout_capture_maxbytes=100", until="processname")
    listener.record()


@scenario(tier="all")
def captured_too_much_at_once(t):
    """A capture that comes in one piece is kept whole, whatever the limit."""
    _, listener = _run(t, f"printf '{BEGIN}%0500d{END} and what comes behind it\\n' 7\nexec sleep 300\n",
                       keys="stdout_capture_maxbytes=100", until="processname")
    listener.record()


@scenario(tier="all")
def captured_from_stderr(t):
    """Standard error has its own capture mode."""
    _, listener = _run(t, f"printf 'on stderr: {BEGIN}inside{END}, behind it more text, long enough for a token\\n' >&2\nexec sleep 300\n",
                       keys="stderr_capture_maxbytes=1KB", until="inside")
    t.wait_for("talk.err", "more text")
    listener.record()
    t.record("log", t.read("talk.err"))


@scenario(tier="all")
def captured_bytes(t):
    """Captured bytes that are no text."""
    _, listener = _run(t, f"printf '{BEGIN}a\\377\\001b\\tc\\\\d{END} and what comes behind it\\n'\nexec sleep 300\n",
                       until="processname")
    listener.record()


@scenario(tier="all")
def not_captured(t):
    """Without capture mode the tokens are text."""
    sv, listener = _run(t, f"printf '{BEGIN}inside{END}\\n'\nexec sleep 300\n", keys="")
    t.wait_for("talk.out", "inside")
    sv.ask("getState")
    listener.record()
    t.record("log", t.read("talk.out"))


@scenario(tier="all")
def captured_without_end(t):
    """What is captured when a program ends without the second token is no event."""
    sv, listener = _run(t, f"printf 'text before the token, {BEGIN}inside, and long enough for a token\\n'\nsleep 0.3\n",
                        events="PROCESS_COMMUNICATION,PROCESS_STATE_EXITED", until="EXITED")
    listener.record()
    t.record("log", t.read("talk.out"))
    sv.record_story("talk")


@scenario
def captured_and_told(t):
    """With events enabled captured text is told as a PROCESS_LOG event, too."""
    _, listener = _run(t, f"""
        printf 'before it, long enough to be no token'
        sleep 0.3
        printf '{BEGIN}inside{END}'
        sleep 0.3
        printf 'behind it, long enough to be no token\\n'
        exec sleep 300
    """, keys="stdout_capture_maxbytes=1KB\nstdout_events_enabled=true", events="PROCESS_COMMUNICATION,PROCESS_LOG",
                       until="behind")
    listener.record()


@scenario
def short_words(t):
    """Capture mode keeps no short text back, and loses none at the end."""
    sv, listener = _run(t, "printf 'short\\n'\nsleep 1\nprintf 'last\\n'\nsleep 0.2\n",
                        events="PROCESS_STATE_EXITED", until="EXITED")
    t.record("log", t.read("talk.out"))
    listener.record()
    sv.record_story("talk")


@scenario(tier="all")
def told_as_written(t):
    """PROCESS_LOG events tell every piece of output, of both channels."""
    _, listener = _run(t, """
        printf 'one\\n'
        sleep 0.3
        printf 'two ' >&2
        sleep 0.3
        printf 'three\\n\\n'
        exec sleep 300
    """, keys="stdout_events_enabled=true\nstderr_events_enabled=true", events="PROCESS_LOG", until="three")
    listener.record()


@scenario(tier="all")
def told_of_one_channel(t):
    """Who subscribes to one channel gets that alone."""
    _, listener = _run(t, "printf 'out\\n'\nsleep 0.3\nprintf 'err\\n' >&2\nexec sleep 300\n",
                       keys="stdout_events_enabled=true\nstderr_events_enabled=true", events="PROCESS_LOG_STDERR",
                       until="err")
    listener.record()


@scenario(tier="all")
def told_when_enabled(t):
    """Only what is enabled is told."""
    _, listener = _run(t, "printf 'out\\n'\nsleep 0.3\nprintf 'err\\n' >&2\nexec sleep 300\n",
                       keys="stderr_events_enabled=true", events="PROCESS_LOG", until="err")
    listener.record()


@scenario(tier="all")
def told_without_log(t):
    """Output without a log file is told all the same."""
    _, listener = _run(t, "printf 'text\\n'\nexec sleep 300\n",
                       keys="stdout_events_enabled=true\nstdout_logfile=NONE", events="PROCESS_LOG", until="text")
    listener.record()


@scenario(tier="all")
def told_of_redirected_errors(t):
    """Standard error that goes where standard output goes is told as that."""
    _, listener = _run(t, "printf 'err\\n' >&2\nexec sleep 300\n",
                       keys="stdout_events_enabled=true\nstderr_events_enabled=true\nredirect_stderr=true",
                       events="PROCESS_LOG", until="err")
    listener.record()


@scenario(tier="all")
def told_bytes(t):
    """Output that is no text is told as Python shows bytes."""
    _, listener = _run(t, "printf '\\377\\000it'\\''s\\n'\nexec sleep 300\n", keys="stdout_events_enabled=true",
                       events="PROCESS_LOG", until="it")
    listener.record()


@scenario(tier="all")
def told_characters(t):
    """Output that is not ASCII is told as text."""
    _, listener = _run(t, "printf 'Grüße, 日本\\n'\nexec sleep 300\n", keys="stdout_events_enabled=true",
                       events="PROCESS_LOG", until="Gr")
    listener.record()


@scenario(tier="all")
def told_without_colours(t):
    """strip_ansi holds for events."""
    t.script("talk", "printf '\\033[31mred\\033[0m text\\n'\nexec sleep 300\n")
    listener = Listener(t, "l", "PROCESS_LOG")
    sv = serve(t, listener, "[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nautostart=false\n"
                 "stdout_events_enabled=true\n", daemon="strip_ansi=true")
    sv.ask("startProcess", "talk")
    listener.wait_for("text")
    listener.record()


@scenario
def told_before_the_end(t):
    """What a program writes last is told before its end."""
    _, listener = _run(t, "sleep 0.5\nprintf 'last words\\n'\n", keys="stdout_events_enabled=true",
                       events="PROCESS_LOG,PROCESS_STATE_EXITED", until="EXITED")
    listener.record()


@scenario(tier="all")
def captured_before_the_end(t):
    """What a program has captured last is told before its end."""
    _, listener = _run(t, f"sleep 0.5\nprintf '{BEGIN}last words{END} and some more behind it\\n'\n",
                       events="PROCESS_COMMUNICATION,PROCESS_STATE_EXITED", until="EXITED")
    listener.record()


@scenario(tier="all")
def told_before_the_stop(t):
    """What a program writes when it is told to stop is told before it is STOPPED."""
    sv, listener = _run(t, "trap 'echo good bye; exit 0' TERM\necho there\nwhile :; do sleep 0.1; done\n",
                        keys="stdout_events_enabled=true",
                        events="PROCESS_LOG,PROCESS_STATE_STOPPING,PROCESS_STATE_STOPPED", until="there")
    sv.ask("stopProcess", "talk")
    listener.wait_for("STATE_STOPPED")
    listener.record()


@scenario(tier="all")
def told_much(t):
    """Much output is told whole."""
    _, listener = _run(t, "seq 1 20000\nexec sleep 300\n", keys="stdout_events_enabled=true", events="PROCESS_LOG",
                       until="20000")
    text = "".join(payload.strip("'").split("\\n", 1)[1] for _, _, payload in listener.events())
    t.record("numbers", text.count("\\n"))
    t.record("whole", text == "".join(f"{number}\\n" for number in range(1, 20001)))


@scenario(tier="all")
def listeners_own_errors(t):
    """A listener's standard error can be told to another one."""
    t.script("talk", "printf 'READY\\n'\necho a problem >&2\nexec sleep 300\n")
    listener = Listener(t, "l", "PROCESS_LOG")
    sv = serve(t, listener, "[eventlistener:talk]\ncommand=%(here)s/talk\nevents=TICK_3600\nstartsecs=0\n"
                 "autostart=false\nstderr_events_enabled=true\nstdout_events_enabled=true\n")
    sv.ask("startProcess", "talk")
    listener.wait_for("a problem")
    listener.record()


@scenario(tier="all")
def read_after_the_stop(t):
    """Who asks for a log after the end of a program gets all of it."""
    t.script("talk", "trap 'seq 1 2000; exit 0' TERM\necho there\nwhile :; do sleep 0.1; done\n")
    sv = t.serve("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=%(here)s/talk.out\n")
    t.wait_for("talk.out", "there")
    sv.ask("stopProcess", "talk")
    sv.rpc("readProcessStdoutLog", "talk", -20, 0)
    sv.rpc("tailProcessStdoutLog", "talk", 0, 20)
