"""What takes mail in a test: a sendmail that keeps letters in a file, and an SMTP server on loopback."""

import email
import re
import socketserver
import threading

_ADDRESSES = re.compile(r"\bpid \d+")
_BYTES = re.compile(r"\d+ bytes RSS")
_MOMENT = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}")


def sendmail(trial):
    """Write a sendmail script for listeners to call; its path. What it is given goes to `mail.txt`."""
    # one write for a letter, so that a reader sees it whole or not at all
    return trial.script("sendmail", f"""
        letter=$(cat)
        printf '%s\\n--\\n' "$letter" >> {trial.path('mail.txt')}
    """)


def letters(trial):
    """The letters the sendmail script has taken, without what differs between two runs, sorted and each once:
    how often a listener looks before a test ends is chance."""
    return sorted({letter.strip() for letter in steady(trial.read("mail.txt")).split("--\n") if letter.strip()})


def steady(text):
    """A letter without pids, amounts of memory and moments."""
    return _MOMENT.sub("MOMENT", _BYTES.sub("N bytes RSS", _ADDRESSES.sub("pid N", text)))


class PostOffice(socketserver.ThreadingTCPServer):
    """An SMTP server that knows just enough for Python's smtplib and keeps what it is given."""

    daemon_threads = True

    def __init__(self, trial):
        """Listens at once; it ends with the trial's process. `place` is what to name to a client."""
        super().__init__(("127.0.0.1", 0), _Counter)
        self.letters = []
        self.place = "127.0.0.1:%d" % self.server_address[1]
        trial.normaliser.add(self.place, "127.0.0.1:PORT")
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def subjects(self):
        """Senders, receivers and subjects of all letters so far."""
        return "\n".join(f"{sender} -> {', '.join(receivers)}: {message['Subject']}"
                         for sender, receivers, message in self.letters)

    def lines(self):
        """The lines of all letters so far, in the order of what follows their times: which lines share a letter and
        which come first is chance."""
        return sorted((steady(line) for _, _, message in self.letters for line in message.get_payload().splitlines()),
                      key=lambda line: line.partition(" -- ")[2])


class _Counter(socketserver.StreamRequestHandler):
    def handle(self):
        sender, receivers = None, []
        self._say("220 ready")
        while line := self.rfile.readline().decode("latin-1").strip():
            word, _, rest = line.partition(" ")
            word = word.upper()
            if word == "QUIT":
                self._say("221 bye")
                return
            if word == "DATA":
                self._say("354 go on")
                self.server.letters.append((sender, receivers, self._letter()))
                sender, receivers = None, []
            elif word == "MAIL":
                sender = _address(rest)
            elif word == "RCPT":
                receivers.append(_address(rest))
            self._say("250 well")

    def _letter(self):
        lines = []
        while (line := self.rfile.readline().decode("latin-1").rstrip("\r\n")) != ".":
            lines.append(line)
        return email.message_from_string("\n".join(lines))

    def _say(self, answer):
        self.wfile.write(f"{answer}\r\n".encode())


def _address(rest):
    return rest[rest.index("<") + 1:rest.index(">")]
