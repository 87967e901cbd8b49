"""C. supervisorctl's shell on a pipe: lines of a script, questions nobody answers, other servers."""

from harness.programs import sleeper
from harness.registry import suite

scenario = suite("C")

RUN = sleeper("run")


@scenario(tier="all")
def shell_words(t):
    """Known and unknown words, their blanks, marks before them; what ends the shell."""
    sv = t.serve("[program:off]\ncommand=/bin/sleep 300\nautostart=false\n")
    for text in ("quit", "exit", "EOF", "quit x\nversion", "  version  ", "\tversion\t", "!ls", "?", "? pid", "?pid",
                 "version\n\n\n", "status;", "status off;", "-x", "pid-all", "pid:all", "STATUS", "Status",
                 "help", "help help", "help quit", "help nothing", "help pid all", "help EOF", "\u00e4h", "st\u00e4tus"):
        sv.ctl(stdin=text.encode() + b"\n", field=f"the shell on {text!r}")


@scenario(tier="all")
def shell_line_ends(t):
    """A last line without its end, CR LF, a line of blanks."""
    sv = t.serve("[program:off]\ncommand=/bin/sleep 300\nautostart=false\n")
    for text in (b"version", b"version\r\npid off\r\n", b"   \nversion\n \t \n", b"", b"\n"):
        sv.ctl(stdin=text, field=f"the shell on {text!r}")


@scenario(tier="all")
def shell_goes_on_after_errors(t):
    """Whatever goes wrong within the shell, it goes on, and ends with 0."""
    sv = t.serve(RUN)
    sv.wait("run", "RUNNING")
    sv.ctl(stdin=b"start zz\nstop\nsignal\nstart run\ntail\ntail zz\nmaintail x\nclear\nreread x\nadd zz\n"
                 b"remove zz\nremove run\nfg\nfg zz\nopen x\nupdate zz\nhelp zz\npid zz\nversion\n")


@scenario(client_only=True)
def shell_without_daemon(t):
    """The shell starts without a daemon and says so to each command."""
    t.config("")
    client = t.subject.client
    words = b"version\nstart a\navail\nreread\nshutdown\ny\nreload\ny\nhelp\nquit\n"
    t.record("no daemon", client.run(["-c", t.path("d.conf")], stdin=words))


@scenario(tier="all")
def shell_meets_a_new_daemon(t):
    """A daemon that is restarted under the shell is met again by the next command."""
    sv = t.serve(RUN)
    sv.wait("run", "RUNNING")
    sv.ctl(stdin=b"reload\nyes\n", field="reload")
    t.until(lambda: sv.log().count("supervisord started with pid") == 2, "it is there again")
    sv.ready()
    sv.wait("run", "RUNNING")
    sv.ctl(stdin=b"status run\n", field="then")


@scenario(tier="all")
def shell_question_without_answer(t):
    """The input ends where a question is asked: an error, and nothing happens."""
    sv = t.serve(RUN)
    sv.wait("run", "RUNNING")
    for word in ("shutdown", "reload"):
        sv.ctl(stdin=word.encode(), field=f"{word}, end")
        sv.ctl(stdin=word.encode() + b"\n", field=f"{word}, line end, end")
        sv.ctl(stdin=word.encode() + b" x\n", field=f"{word} x")
    t.record("daemon", "runs" if sv.process.poll() is None else "ended")


@scenario(tier="all")
def shell_answers(t):
    """Only an answer that begins with y is a yes."""
    sv = t.serve("")
    for answer in ("n", "no", "", " y", "ja", "1"):
        sv.ctl(stdin=f"shutdown\n{answer}\n".encode(), field=f"shutdown, {answer!r}")
    sv.ctl(stdin=b"shutdown\nYeti\n", field="shutdown, 'Yeti'")
    t.record("exit of the daemon", sv.ended())


@scenario(tier="all")
def shell_option(t):
    """-i runs its words and asks; the shell is for those who give no words."""
    sv = t.serve(RUN)
    sv.wait("run", "RUNNING")
    sv.ctl("-i", "version", stdin=b"status\n")
    sv.ctl("-i", "stop", "zz", stdin=b"status\n")
    sv.ctl("-i", "shutdown", stdin=b"n\n", field="-i shutdown, n")
    sv.ctl("-i", "shutdown", stdin=b"", field="-i shutdown, end")
    sv.ctl("--interactive", "reload", stdin=b"no\n", field="--interactive reload, no")
    sv.ctl("-i", "shutdown", stdin=b"y\n", field="-i shutdown, y")
    t.record("exit of the daemon", sv.ended())


@scenario(tier="all", client_only=True)
def shell_prompt(t):
    """prompt=, with blanks around it and none in it."""
    for number, prompt in enumerate(("daemons", "a b", "50%%", "")):
        t.config("", client=f"prompt={prompt}\n")
        t.record(f"prompt={prompt}", t.subject.client.run(["-c", t.path("d.conf")], stdin=b"quit\n"))
        assert number < 4


@scenario(tier="all")
def shell_opens_another(t):
    """open leads to another daemon, for all that follows; a wrong URL leaves everything as it was."""
    port = t.port()
    sv = t.serve(f"{RUN}[inet_http_server]\nport=127.0.0.1:{port}\n")
    sv.wait("run", "RUNNING")
    url = f"http://127.0.0.1:{port}"
    sv.ctl(stdin=f"open {url}\npid zz\ntail -f zz\n".encode(), field="the same daemon over TCP")
    sv.ctl(stdin=f"open {url}/RPC2\nversion\n".encode(), field="a path behind it")
    sv.ctl(stdin=b"open unix:///nowhere\nversion\nopen ftp://x\nversion\n", field="nobody there")
    sv.ctl(stdin=b"open\nopen x\nopen http\nopen UNIX:///nowhere\n", field="no URLs")
    for words in (f"open {url}", "open unix:///nowhere", "open http://127.0.0.1:1", "open", "open foo:bar"):
        sv.ctl(*words.split())


@scenario(tier="all")
def shell_foreground(t):
    """fg on a pipe: the lines behind it go to the program."""
    t.script("echo", 'while read -r word; do echo "got $word"; done\n')
    sv = t.serve("[program:echo]\ncommand=%(here)s/echo\nstartsecs=0\nautorestart=false\n")
    sv.wait("echo", "RUNNING")
    shown = sv.client(stdin=b"fg echo\nhello\nworld\n", until="got world")
    t.record("fg", (shown.code, "got hello" in shown.out, "got world" in shown.out,
                    "==> Press Ctrl-C to exit <==" in shown.out))
    t.until(lambda: "got world" in sv.ask("readProcessStdoutLog", "echo", 0, 0), "both lines have arrived")
    t.record("log", sv.ask("readProcessStdoutLog", "echo", 0, 0))


@scenario(tier="all")
def shell_follows(t):
    """tail -f of what cannot be followed comes back to the shell."""
    sv = t.serve("[program:mute]\ncommand=/bin/sleep 300\nstdout_logfile=NONE\nstartsecs=0\n")
    sv.wait("mute", "RUNNING")
    sv.ctl(stdin=b"tail -f zz\ntail -f mute\nversion\n")
