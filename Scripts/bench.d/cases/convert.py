"""Property lists from XML to binary and back: svinstall beside plistlib, plistutil and plutil.

The peers stand in the reference's column, each in figures of its own. plistlib is measured without Python's start, the
others as whole processes, svinstall's included.
"""

import datetime
import glob
import os
import plistlib
import random
import shutil
import subprocess
import time

from measuring import REFERENCE, Aim, Case, Figure

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PEERS = ("plistlib", "plistutil", "plutil")
DIRECTIONS = {"XML to binary": ("xml", "binary"), "binary to XML": ("binary", "xml")}
EXTENSION = {"xml": "xml", "binary": "bin"}
FORMATS = {"xml": plistlib.FMT_XML, "binary": plistlib.FMT_BINARY}
FILES = 300


def measure(server, setting):
    """10 MB both ways by everybody; for svinstall also 100 MB and 300 jobs."""
    small = _sample(setting, 10)
    samples = {}
    for direction, (source, target) in DIRECTIONS.items():
        for peer in PEERS:
            name = f"{direction}, {peer}"
            if server.name == REFERENCE:
                samples[name] = _peer(peer, f"{small}.{EXTENSION[source]}", source, target, setting)
            elif peer == PEERS[0]:
                samples[name] = [_svinstall(server, target, f"{small}.{EXTENSION[source]}", setting)]
            else:
                samples[name] = samples[f"{direction}, {PEERS[0]}"]
    if server.name == REFERENCE:
        return samples
    large = _sample(setting, 100)
    ten = samples[f"XML to binary, {PEERS[0]}"][0]
    samples["100 MB, of ten times 10 MB"] = [_svinstall(server, "binary", f"{large}.xml", setting) / (10 * ten)]
    samples[f"{FILES} files in one process"] = [_many(server, setting)]
    return samples


def _sample(setting, megabytes):
    """The path of a sample without its extension: many jobs in one array, as XML and as binary."""
    path = os.path.join(setting.directory, f"sample{megabytes}")
    if not os.path.exists(f"{path}.xml"):
        chance = random.Random(megabytes)
        one = len(plistlib.dumps([_job(chance, 0) for _ in range(100)])) // 100
        value = {"Jobs": [_job(chance, number) for number in range(megabytes * 1_000_000 // one)]}
        for name, form in FORMATS.items():
            with open(f"{path}.{EXTENSION[name]}", "wb") as file:
                plistlib.dump(value, file, fmt=form)
    return path


def _job(chance, number):
    """One launchd job with values of every kind."""
    words = ("alpha", "beta", "gamma", "path/to/file", "/usr/local/bin/thing", "naïve", "x & y", "<tag>")
    return {
        "Label": f"org.example.job{number}",
        "ProgramArguments": ["/usr/bin/" + chance.choice(words), "--flag", str(chance.random())],
        "RunAtLoad": chance.random() < 0.5,
        "KeepAlive": {"SuccessfulExit": False},
        "StartInterval": chance.randrange(1, 100_000),
        "Ratio": chance.random(),
        "When": datetime.datetime(2001, 1, 1) + datetime.timedelta(seconds=chance.randrange(10 ** 9)),
        "Blob": chance.randbytes(chance.randrange(200)),
        "EnvironmentVariables": {f"{chance.choice('ABCDEF')}{n}": chance.choice(words) * 2 for n in range(5)},
        "StandardOutPath": f"/var/log/job{number}.log",
    }


def _svinstall(server, target, path, setting):
    """Milliseconds of one conversion."""
    return _run([server.command[0], "plist", "convert", target, path, "-o", os.path.join(setting.directory, "out")])


def _many(server, setting):
    """Milliseconds for jobs of usual size, each into a file of its own."""
    jobs, out = os.path.join(setting.directory, "jobs"), os.path.join(setting.directory, "converted")
    if not os.path.isdir(jobs):
        os.mkdir(jobs)
        chance = random.Random(1)
        for number in range(FILES):
            with open(os.path.join(jobs, f"job{number}.plist"), "wb") as file:
                plistlib.dump(_job(chance, number), file)
    files = sorted(glob.glob(os.path.join(jobs, "*.plist")))
    taken = _run([server.command[0], "plist", "convert", "binary", *files, "-o", out])
    if len(os.listdir(out)) != FILES:
        raise RuntimeError(f"{server.name} did not convert all {FILES} files")
    shutil.rmtree(out)
    return taken


def _peer(peer, path, source, target, setting):
    """Samples of a peer; none where it is not to be had."""
    out = os.path.join(setting.directory, "out.peer")
    if peer == "plistlib":
        with open(path, "rb") as file:
            content = file.read()
        start = time.perf_counter()
        result = plistlib.dumps(plistlib.loads(content), fmt=FORMATS[target])
        with open(out, "wb") as file:
            file.write(result)
        return [(time.perf_counter() - start) * 1000]
    if peer == "plistutil":
        program = _plistutil()
        words = [program, "-i", path, "-f", {"xml": "xml", "binary": "bin"}[target], "-o", out]
    else:
        program = shutil.which("plutil")
        words = [program, "-convert", {"xml": "xml1", "binary": "binary1"}[target], "-o", out, path]
    return [_run(words)] if program else []


def _plistutil():
    done = subprocess.run([os.path.join(ROOT, "Scripts/peers"), "plistutil"], stdout=subprocess.PIPE, text=True)
    return os.path.join(done.stdout.strip(), "bin/plistutil") if done.returncode == 0 else None


def _run(words):
    start = time.perf_counter()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}: {done.stderr[-200:]!r}")
    return (time.perf_counter() - start) * 1000


CASE = Case("convert", "property lists of 10 MB between XML and binary, beside plistlib, plistutil and plutil", (
    *(Figure(f"{direction}, {peer}", "ms", peer=peer,
             aims=tuple(Aim(name, ratio=0.2 if peer == "plistlib" else 1) for name in ("static", "ordinary")))
      for direction in DIRECTIONS for peer in PEERS),
    Figure("100 MB, of ten times 10 MB", "times", aims=(Aim("static", limit=1.3), Aim("ordinary", limit=1.3))),
    Figure(f"{FILES} files in one process", "ms", aims=(Aim("static", limit=500), Aim("ordinary", limit=500))),
), measure, runs=(5, 1))
