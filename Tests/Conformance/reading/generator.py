"""Small configurations with all kinds of oddities in them; the same ones for the same seed."""

import os

from . import vocabulary


def write(random, count, root):
    """Makes `count` directories with a configuration each; the paths of their main files."""
    paths = []
    for number in range(count):
        directory = os.path.join(root, f"{number:05}")
        main, others = Case(random).files()
        for name, data in [("d.conf", main), *others]:
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
        paths.append(os.path.join(directory, "d.conf"))
    return paths


def every_value(root):
    """A configuration for each value of each key; the paths of their main files."""
    paths = []
    for section, keys in vocabulary.KEYS.items():
        for key, values in sorted(keys.items()):
            for number, value in enumerate(values):
                directory = os.path.join(root, f"{section.replace(':', '')}-{key}-{number:02}")
                for name, text in (("d.conf", _with(section, key, value)), *vocabulary.INCLUDED):
                    path = os.path.join(directory, name)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "wb") as file:
                        file.write(text.encode())
                paths.append(os.path.join(directory, "d.conf"))
    return paths


def _with(section, key, value):
    needed = {"program:": {"command": "x"}, "eventlistener:": {"command": "x", "events": "TICK_5"},
              "fcgi-program:": {"command": "x", "socket": "unix:///tmp/x"}, "unix_http_server": {"file": "/tmp/x"},
              "inet_http_server": {"port": "1"}, "group:": {"programs": "a"}}.get(section, {})
    if key in ("username", "password") and section.endswith("server"):
        needed |= {"username": "u", "password": "p"}
    name = section + ("x" if section.endswith(":") else "")
    body = "".join(f"{name}={text}\n" for name, text in {**needed, key: value}.items())
    rest = "" if section == "supervisord" else "[supervisord]\n"
    return f"{rest}[{name}]\n{body}[program:a]\ncommand=y\n"


class Case:
    """One configuration: a fixture and a few things that are done to it."""

    def __init__(self, random):
        self.random = random
        self.lines = random.choice(vocabulary.FIXTURES).split("\n")

    def files(self):
        """The main file's bytes, and (name, bytes) of those beside it."""
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3, 5, 9))):
            self.random.choice(self._CHANGES)(self)
        others = []
        if any("include" in line for line in self.lines):
            for name, text in vocabulary.INCLUDED:
                if self.random.random() < 0.15:
                    text = "\n".join(self._disturbed(text.split("\n")))
                others.append((name, text.encode("utf-8", "surrogatepass")))
        return self._encoded("\n".join(self.lines)), others

    # changes of lines

    def _set_key(self):
        """A key of its section with a value of its kind, right or wrong."""
        place = self._after_header()
        section = self._section_of(place)
        keys = next((keys for prefix, keys in vocabulary.KEYS.items() if section.startswith(prefix)),
                    vocabulary.KEYS["unknown"])
        key = self.random.choice(sorted(keys))
        value = self.random.choice(keys[key])
        if self.random.random() < 0.1:
            value = self.random.choice(vocabulary.EXPRESSIONS)
        if self.random.random() < 0.05:
            key = key.upper() if self.random.random() < 0.5 else key.title()
        delimiter = "=" if self.random.random() < 0.9 else self.random.choice(vocabulary.DELIMITERS)
        written = f"{key}{delimiter}{value}"
        same = [number for number, line in enumerate(self.lines)
                if line.lower().startswith((f"{key}=", f"{key} =", f"{key}:")) and self._section_of(number) == section]
        if same and self.random.random() < 0.8:
            self.lines[self.random.choice(same)] = written
        else:
            self.lines.insert(place, written)

    def _add_section(self):
        name = self.random.choice(vocabulary.SECTIONS)
        form = "[%s]" if self.random.random() < 0.8 else self.random.choice(vocabulary.HEADERS)
        added = [form % name if "%s" in form else form]
        if self.random.random() < 0.7:
            added += {"program": ["command=/bin/true"], "fcgi-pr": ["command=x", "socket=tcp://x:1"],
                      "eventli": ["command=x", "events=TICK_5"], "unix_ht": ["file=%(here)s/t.sock"],
                      "inet_ht": ["port=9002"], "group:a": ["programs=b"], "include": ["files=conf.d/*.conf"],
                      "rpcinte": [f"supervisor.rpcinterface_factory={self.random.choice(vocabulary.FACTORIES)}"],
                      "ctlplug": [f"supervisor.ctl_factory={self.random.choice(vocabulary.FACTORIES)}"],
                      }.get(name.strip().lower()[:7], [])
        place = self._place() if self.random.random() < 0.2 else self.random.choice(self._headers() + [len(self.lines)])
        self.lines[place:place] = added

    def _spoil_header(self):
        headers = self._headers()
        if headers:
            place = self.random.choice(headers)
            form = self.random.choice(vocabulary.HEADERS)
            self.lines[place] = form % self._name(self.lines[place]) if "%s" in form else form

    def _disturb(self):
        self.lines = self._disturbed(self.lines)

    def _disturbed(self, lines):
        """One line doubled, gone, moved, indented, commented, continued, or with something in it."""
        lines = list(lines)
        place = self.random.randrange(len(lines))
        line = lines[place]
        kind = self.random.randrange(9)
        if kind == 0:
            lines.insert(self.random.randrange(len(lines) + 1), line)
        elif kind == 1:
            del lines[place]
        elif kind == 2:
            lines.insert(self.random.randrange(len(lines)), lines.pop(place))
        elif kind == 3:
            lines[place] = self.random.choice((" ", "\t", "  ", "\u00a0", "\u3000")) + line
        elif kind == 4:
            lines[place] = line + self.random.choice(vocabulary.COMMENTS)
        elif kind == 5:
            more = self.random.choice((" more", "  ", "\t; gone", " [x]", " k=v", "", "\tx ; y"))
            lines[place + 1:place + 1] = [more] * self.random.choice((1, 2))
        elif kind == 6:
            lines.insert(place, self.random.choice(vocabulary.COMMENTS + ("", " ", "word", "=x", ": y", "k")))
        else:
            cut = self.random.randrange(len(line) + 1)
            lines[place] = line[:cut] + self.random.choice(vocabulary.PIECES) + line[cut + kind - 7:]
        return lines or [""]

    def _insert_expression(self):
        keys = [number for number, line in enumerate(self.lines) if "=" in line]
        if keys:
            place = self.random.choice(keys)
            cut = self.random.randrange(self.lines[place].index("=") + 1, len(self.lines[place]) + 1)
            expression = self.random.choice(vocabulary.EXPRESSIONS)
            self.lines[place] = self.lines[place][:cut] + expression + self.lines[place][cut:]

    def _several_processes(self):
        place = self._after_header()
        self.lines[place:place] = ["numprocs=" + self.random.choice(("2", "3", "11")),
                                   "process_name=" + self.random.choice(vocabulary.NAMES)]

    _CHANGES = (_set_key,) * 8 + (_add_section,) * 3 + (_spoil_header,) + (_disturb,) * 4 \
        + (_insert_expression,) * 3 + (_several_processes,)

    # the whole

    def _encoded(self, text):
        kind = self.random.randrange(40)
        if kind == 0:
            text = text.replace("\n", "\r\n")
        elif kind == 1:
            text = text.replace("\n", "\r")
        elif kind == 2:
            text = "\ufeff" + text
        elif kind == 3:
            text = text.rstrip("\n")
        data = text.encode("utf-8", "surrogatepass")
        if kind == 4:
            cut = self.random.randrange(len(data) + 1)
            data = data[:cut] + self.random.choice(vocabulary.RAW) + data[cut:]
        if kind == 5:
            data = data[:self.random.randrange(len(data) + 1)]
        return data

    # places

    def _headers(self):
        return [number for number, line in enumerate(self.lines) if line.startswith("[")]

    def _place(self):
        return self.random.randrange(len(self.lines) + 1)

    def _after_header(self):
        headers = self._headers()
        return self.random.choice(headers) + 1 if headers else self._place()

    def _section_of(self, place):
        for line in reversed(self.lines[:place]):
            if line.startswith("["):
                return self._name(line)
        return ""

    @staticmethod
    def _name(line):
        return line.strip()[1:].split("]")[0]
