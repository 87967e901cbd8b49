"""The peer: supervisor 4.3.0 and superlance 2.0.0 in a virtual environment of its own."""

import os
import subprocess
import sys

VERSION = "4.3.0"
SUPERLANCE = "2.0.0"


def ensure(directory):
    """Make sure `directory` is a virtual environment holding the reference; return its path.

    Raises RuntimeError with the remedy when it cannot be made.
    """
    directory = os.path.abspath(directory)
    if _version(directory) == VERSION and os.path.exists(executable(directory, "memmon")):
        return directory
    print(f"making {directory} with supervisor {VERSION}", file=sys.stderr, flush=True)
    steps = [
        [sys.executable, "-m", "venv", directory],
        [os.path.join(directory, "bin", "pip"), "install", "--quiet",
         "--disable-pip-version-check", f"supervisor=={VERSION}", f"superlance=={SUPERLANCE}"],
    ]
    for step in steps:
        try:
            subprocess.run(step, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise RuntimeError(
                f"cannot make {directory}: {error}; name a ready one by --venv") from error
    if _version(directory) != VERSION:
        raise RuntimeError(f"{directory} does not hold supervisor {VERSION}; remove it and try again")
    return directory


def executable(directory, name):
    """The path of one of the reference's programs."""
    return os.path.join(directory, "bin", name)


def _version(directory):
    try:
        answer = subprocess.run([executable(directory, "supervisord"), "--version"],
                                capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout.strip()
