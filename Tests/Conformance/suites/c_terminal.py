"""C. supervisorctl's shell at a terminal: prompt, editing, completion, history, interrupts."""

import os
import signal
import time

from harness import programs
from harness.registry import suite

scenario = suite("C")

FIXTURE = "[program:web]\ncommand=/bin/cat\nstartsecs=0\n" + programs.sleeper("worker", "autostart=false")


def _serve(t, **sections):
    sv = programs.serve(t, "many", more=FIXTURE, **sections)
    sv.wait("web", "RUNNING")
    return sv


LOGIN = ("me", "secret")


def _sit(t, *words, **options):
    """A client at a terminal, in the shell: its first status has been seen."""
    terminal = t.terminal("-c", t.path("d.conf"), *words, **options)
    terminal.prompt()
    return terminal


@scenario(tier="all")
def terminal_commands(t):
    """The shell shows status, then a prompt after each command; Ctrl-D leaves it."""
    _serve(t)
    with _sit(t) as terminal:
        terminal.record("at first")
        for line in ("status web", "pid worker", "", "   ", "bogus word", "stop web", "start web worker",
                     "version", "help stop", "?", "!ls"):
            terminal.enter(line)
            terminal.record(f"> {line}")
        terminal.type("\x04")
        terminal.record_end("Ctrl-D")


@scenario(tier="all")
def terminal_quit(t):
    """quit and exit leave the shell, with any words behind them."""
    _serve(t)
    for word in ("quit", "exit", "EOF", "quit now"):
        with _sit(t) as terminal:
            terminal.record("status")
            terminal.type(word + "\r")
            terminal.record_end(word)


@scenario(tier="all")
def terminal_own_prompt(t):
    """prompt= of [supervisorctl]."""
    t.serve("", client="prompt=my daemons\n")
    with t.terminal("-c", t.path("d.conf")) as terminal:
        terminal.shows("my daemons>")
        terminal.type("version\r")
        terminal.wait("4.3.0\n")
        terminal.shows("my daemons>")
        terminal.type("\x04")
        terminal.record_end("all of it")


@scenario(tier="all")
def terminal_completes_commands(t):
    """TAB completes a command, then offers those that fit."""
    _serve(t)
    with _sit(t) as terminal:
        terminal.record("status")
        terminal.type("vers\t")
        terminal.shows("supervisor> version")
        terminal.enter("")
        terminal.record("vers, TAB")
        terminal.type("re\t")
        terminal.until_bells(1)
        terminal.type("\t")
        terminal.wait("restart")
        terminal.shows("supervisor> re")
        terminal.type("s\t")
        terminal.shows("supervisor> restart")
        terminal.enter("")
        terminal.record("re, TAB, TAB, s, TAB")
        terminal.type("zz\t")
        terminal.until_bells(2)
        terminal.enter("")
        terminal.record("zz, TAB")


@scenario(tier="all")
def terminal_lists_commands(t):
    """TAB TAB on an empty line lists every command, in columns as wide as the terminal."""
    _serve(t)
    for columns in (80, 40):
        with _sit(t, columns=columns) as terminal:
            terminal.record("status")
            terminal.type("\t")
            terminal.until_bells(1)
            terminal.type("\t")
            terminal.wait("version")
            terminal.prompt()
            terminal.record(f"TAB TAB on {columns} columns")


@scenario
def terminal_completes_names(t):
    """TAB completes program names behind the words that take them, and group names."""
    _serve(t)
    with _sit(t) as terminal:
        terminal.record("status")
        for keys, shown in (("status we\t", "status web"), ("stop wo\t", "stop worker"),
                            ("pid man\t", "pid many:"), ("pid web many:many_00 wo\t", "pid web many:many_00 worker"),
                            ("pid many:many_01\t", "pid many:many_01"), ("start web:w\t", "start web:web"),
                            ("update m\t", "update many"), ("help mai\t", "help maintail"),
                            ("help sta\t", "help sta")):
            terminal.type(keys)
            terminal.shows("supervisor> " + shown)
            terminal.type("\x15")
            terminal.prompt()
        bells = terminal.bells
        terminal.type("pid many:\t")
        terminal.until_bells(bells + 1)
        terminal.type("\t")
        terminal.wait("many:many_01")
        terminal.shows("supervisor> pid many:")
        terminal.type("\x15")
        terminal.prompt()
        terminal.enter("status many:many_00")
        terminal.record("the names of a group")


@scenario(client_only=True)
def terminal_completes_nothing_without_daemon(t):
    """TAB behind a command rings when nobody answers."""
    t.config("")
    with _sit(t) as terminal:
        terminal.type("start w\t")
        terminal.until_bells(1)
        terminal.shows("supervisor> start w")
        terminal.enter("")
        terminal.record("all of it")


@scenario(tier="all")
def terminal_edits(t):
    """The usual keys move, delete and bring back."""
    _serve(t)
    left, home, end = "\x1b[D", "\x1b[H", "\x1b[F"
    with _sit(t) as terminal:
        terminal.record("status")
        for keys, shown in (
                ("web\x15pid \x19", "pid web"), ("pix\x7fd web", "pid web"), ("web\x01pid \x05", "pid web"), (f"pd web{home}\x06i", "pid web"),
                (f"pid wb{left}e", "pid web"), ("pid worker\x17web", "pid web"), ("nonsense\x15pid web", "pid web"),
                ("pid web nonsense\x1bb\x0b", "pid web"), (f"xpid web{home}\x04{end}", "pid web"),
                ("ipd\x1bb\x06\x06\x02\x14\x05", "pid"),
                ("pid web,now\x1b\x7f\x7f", "pid web")):
            terminal.type(keys)
            terminal.shows("supervisor> " + shown)
            terminal.type("\x05\x15")
            terminal.prompt()
        terminal.type("pid gr\u00fcn\x7f\x7f\x7f\x7fworker\r")
        terminal.wait("worker\n0\n")
        terminal.prompt()
        terminal.record("a line with a letter of two bytes")


@scenario(tier="all")
def terminal_history(t):
    """Arrows bring back lines that were typed; equal ones in a row once."""
    _serve(t)
    up, down = "\x1b[A", "\x1b[B"
    with _sit(t) as terminal:
        for line in ("version", "pid worker", "pid worker", ""):
            terminal.enter(line)
        terminal.record("typed")
        terminal.type(up)
        terminal.shows("supervisor> pid worker")
        terminal.type(up)
        terminal.shows("supervisor> version")
        terminal.type(up)
        terminal.type(down)
        terminal.shows("supervisor> pid worker")
        terminal.type(down)
        terminal.prompt()
        terminal.type("\x10\x10")
        terminal.shows("supervisor> version")
        terminal.enter("")
        terminal.record("brought back")


@scenario(tier="all")
def terminal_searches_history(t):
    """Ctrl-R finds a line that was typed."""
    _serve(t)
    with _sit(t) as terminal:
        for line in ("version", "pid worker", "status web"):
            terminal.enter(line)
        terminal.record("typed")
        terminal.type("\x12ver")
        terminal.shows("(reverse-i-search)`ver': version")
        terminal.enter("")
        terminal.record("found")
        terminal.type("\x12wo\x07")
        terminal.prompt()
        terminal.type("\x12zz")
        terminal.wait("(failed reverse-i-search)`zz'")
        terminal.type("\x07")
        terminal.prompt()


@scenario(tier="all")
def terminal_history_file(t):
    """history_file= is written at the end and read at the beginning."""
    _serve(t, client="history_file=%(here)s/history\n")
    t.write("history", "version\npid worker\n")
    with _sit(t) as terminal:
        terminal.type("\x10\x10")
        terminal.shows("supervisor> version")
        terminal.enter("")
        terminal.enter("status web")
        terminal.type("\x04")
        terminal.record_end("all of it")
    t.record("history", t.read("history"))
    t.record("mode", t.mode("history"))
    os.unlink(t.path("history"))
    with _sit(t) as terminal:
        terminal.enter("version ")
        terminal.type("quit\r")
        terminal.record_end("all of it")


@scenario(tier="all")
def terminal_new_history_file(t):
    """A history file is made, also by who types nothing or through a pipe."""
    _serve(t, client="history_file=%(here)s/history\n")
    sv_words = ("-c", t.path("d.conf"))
    with _sit(t) as terminal:
        terminal.type("\x04")
        terminal.record_end("nothing typed")
    t.record("history", t.exists("history"))
    with _sit(t) as terminal:
        terminal.enter("version")
        terminal.type("quit\r")
        terminal.record_end("something typed")
    t.record("history", t.read("history"))
    t.record("mode", t.mode("history"))
    t.record("a pipe", t.subject.client.run(sv_words, stdin=b"version\n"))
    t.record("history", t.read("history"))


@scenario(tier="all")
def terminal_interrupt(t):
    """Ctrl-C at the prompt ends the shell with status 0."""
    _serve(t)
    with _sit(t) as terminal:
        terminal.type("pid w")
        terminal.shows("supervisor> pid w")
        terminal.interrupt(terminal.ended, "the end")
        terminal.record_end("Ctrl-C")


@scenario(tier="all")
def terminal_interrupted_command(t):
    """Ctrl-C while a command waits ends the shell, not the command's work."""
    sv = programs.serve_deaf(t, 60)
    with _sit(t) as terminal:
        terminal.type("stop deaf\r")
        sv.wait("deaf", "STOPPING")
        time.sleep(0.2)
        terminal.type("\x03")
        terminal.record_end("Ctrl-C")
    t.record("state", sv.info("deaf")["statename"])
    os.kill(sv.pid("deaf"), signal.SIGKILL)
    sv.wait("deaf", "STOPPED")


@scenario(tier="all")
def terminal_signals(t):
    """Signals end the shell, each with a status of its own."""
    _serve(t)
    for name in ("TERM", "HUP", "INT"):
        with _sit(t) as terminal:
            terminal.type("pid w")
            terminal.shows("supervisor> pid w")
            time.sleep(0.1)
            os.kill(terminal.pid, getattr(signal, "SIG" + name))
            terminal.record_death(name)


@scenario(tier="all")
def terminal_follows(t):
    """tail -f in the shell shows what comes, Ctrl-C brings the prompt back."""
    sv = _serve(t)
    with _sit(t) as terminal:
        terminal.record("status")
        terminal.type("tail -f web\r")
        terminal.wait("Press Ctrl-C")
        sv.ask("sendProcessStdin", "web", "a line\n")
        terminal.wait("a line")
        terminal.interrupt(lambda: terminal.line == "supervisor>", "the prompt")
        # a key that hits the original at work is told of twice
        terminal.record("tail -f", without=r"unix://\S+ Cannot connect, error: <class 'KeyboardInterrupt'> \(\)")
        terminal.enter("pid worker")
        terminal.record("then")


@scenario(tier="all")
def terminal_follows_main_log(t):
    """maintail -f in the shell."""
    sv = _serve(t)
    with _sit(t) as terminal:
        terminal.type("maintail -f\r")
        terminal.wait("Press Ctrl-C")
        sv.ask("startProcess", "worker")
        terminal.wait("spawned: 'worker'")
        terminal.interrupt(lambda: terminal.line == "supervisor>", "the prompt")
        terminal.enter("status worker")


@scenario(tier="all")
def terminal_foreground(t):
    """fg in the shell: lines go to the program, its output comes, Ctrl-C leaves it running."""
    sv = _serve(t)
    with _sit(t) as terminal:
        terminal.record("status")
        terminal.type("fg web\r")
        terminal.wait("Press Ctrl-C")
        terminal.settle()
        for word in ("hello", "again"):
            terminal.type(word + "\r")
            # once typed, once said
            terminal.wait(f"{word}\n{word}\n")
            terminal.settle()
        terminal.interrupt(lambda: terminal.line == "supervisor>", "the prompt")
        # a key that hits the original between two lines is shown
        terminal.record("fg", without=r"\^C")
        terminal.enter("status worker")
        terminal.record("then")
    t.record("state", sv.info("web")["statename"])


@scenario(tier="all")
def terminal_foreground_end_of_input(t):
    """Ctrl-D leaves the foreground too."""
    _serve(t)
    with _sit(t) as terminal:
        terminal.record("status")
        terminal.type("fg web\r")
        terminal.wait("Press Ctrl-C")
        terminal.settle()
        terminal.type("\x04")
        terminal.prompt()
        terminal.record("fg")


@scenario(tier="all")
def terminal_foreground_alone(t):
    """fg from the command line, ended by Ctrl-C."""
    sv = _serve(t)
    with t.terminal("-c", t.path("d.conf"), "fg", "web") as terminal:
        terminal.wait("Press Ctrl-C")
        terminal.type("hello\r")
        terminal.wait("hello\nhello\n")
        terminal.interrupt(lambda: terminal.sees("Exiting foreground\n"), "the last words")
        # the thread that showed the output may say how it was ended
        terminal.record("fg web", without=r"CLOSED Cannot connect, error: <class 'SystemExit'> \(\)")
    t.record("state", sv.info("web")["statename"])


@scenario(tier="all")
def terminal_foreground_dies(t):
    """fg notices the program's death with the next line."""
    t.script("once", 'read -r word; echo "got $word"; read -r word; exit 0\n')
    sv = t.serve("[program:once]\ncommand=%(here)s/once\nstartsecs=0\nautorestart=false\n")
    sv.wait("once", "RUNNING")
    with _sit(t) as terminal:
        terminal.record("status")
        terminal.type("fg once\r")
        terminal.wait("Press Ctrl-C")
        terminal.settle()
        terminal.type("one\r")
        terminal.wait("got one\n")
        os.kill(sv.pid("once"), signal.SIGKILL)
        sv.wait("once", "EXITED")
        terminal.type("two\r")
        terminal.wait("Exiting foreground\n")
        terminal.prompt()
        terminal.record("fg")


@scenario(tier="all")
def terminal_questions(t):
    """shutdown and reload ask at the terminal; what is typed there is in the history too."""
    sv = _serve(t)
    with _sit(t) as terminal:
        terminal.record("status")
        for word in ("shutdown", "reload"):
            terminal.type(word + "\r")
            terminal.wait("y/N?")
            terminal.type("no\r")
            terminal.prompt()
            terminal.record(word)
        terminal.type("\x10")
        terminal.shows("supervisor> no")
        terminal.type("\x15reload\r")
        terminal.wait("y/N?")
        terminal.type("\x04")
        terminal.prompt()
        terminal.record("Ctrl-D")
        terminal.type("shutdown\r")
        terminal.wait("y/N?")
        time.sleep(0.1)
        terminal.interrupt(terminal.ended, "the end")
        terminal.record_end("Ctrl-C")
    t.record("daemon", "runs" if sv.process.poll() is None else "ended")


@scenario(tier="all")
def terminal_password(t):
    """Without a password the shell asks for one, again after a wrong one; it is not shown."""
    _serve(t, login=LOGIN)
    with t.terminal("-c", t.path("d.conf")) as terminal:
        for name, password in (("me", "wrong"), ("you", "secret"), ("me", "secret")):
            terminal.shows("Username:")
            terminal.type(name + "\r")
            terminal.shows("Password:")
            # getpass throws away what was typed before it asked
            time.sleep(0.1)
            terminal.type(password + "\r")
        terminal.prompt()
        terminal.record("status")
        terminal.enter("pid worker")
        terminal.type("quit\r")
        terminal.record_end("the rest")


@scenario(tier="all")
def terminal_password_for_one_action(t):
    """-i with an action asks for the password as the shell does; without -i nobody is asked."""
    _serve(t, login=LOGIN)
    with t.terminal("-c", t.path("d.conf"), "-i", "stop", "web", "worker") as terminal:
        terminal.shows("Username:")
        terminal.type("me\r")
        terminal.shows("Password:")
        time.sleep(0.1)
        terminal.type("secret\r")
        terminal.record_end("-i stop")
    with t.terminal("-c", t.path("d.conf"), "stop", "web") as terminal:
        terminal.record_end("stop")


@scenario(tier="all")
def terminal_given_up_password(t):
    """Ctrl-D and Ctrl-C where a name or a password is asked for."""
    _serve(t, login=LOGIN)
    with t.terminal("-c", t.path("d.conf")) as terminal:
        terminal.shows("Username:")
        terminal.type("\x04")
        terminal.prompt()
        terminal.record("Ctrl-D")
        terminal.type("version\r")
        terminal.shows("Username:")
        terminal.type("me\r")
        terminal.shows("Password:")
        time.sleep(0.2)
        terminal.type("\x03")
        terminal.record_end("Ctrl-C")


@scenario(tier="all")
def terminal_stopped(t):
    """Ctrl-Z stops the shell; it goes on with the line that was being typed."""
    _serve(t)
    with _sit(t) as terminal:
        terminal.record("status")
        terminal.type("pid wor")
        terminal.shows("supervisor> pid wor")
        time.sleep(0.1)
        # nobody else is in the terminal's session: the kernel would not let an orphan stop by its key
        os.kill(terminal.pid, signal.SIGSTOP)
        t.until(lambda: _state(terminal.pid) == "T", "it is stopped")
        os.kill(terminal.pid, signal.SIGCONT)
        t.until(lambda: _state(terminal.pid) == "S", "it goes on")
        terminal.type("ker\r")
        terminal.wait("ker\n0\n")
        terminal.prompt()
        terminal.type("\x04")
        terminal.record_end("the rest")


def _state(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]
