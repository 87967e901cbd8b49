"""What may differ between the two readings: one rule, one reason. Nothing else may."""

import collections
import re

used = collections.Counter()

# What our reading accepts and the original's does not; `original.Leniency` lets it pass in a second reading.
LENIENT = {
    "directory": "missing directories of log files are made and mentioned in the log",
    "plugin": "Python of others cannot be loaded: its section is skipped, or the default handler used, with a warning",
}

# Notices of ours that the original has not.
NOTICES = (
    (r"Included file .* cannot be read", "an included file that cannot be read is mentioned, not only skipped"),
    (r"\[.*\] is skipped: ", LENIENT["plugin"]),
    (r"The result_handler .* of \[.*\] is Python and cannot be loaded", LENIENT["plugin"]),
)

# What ours refuses and the original accepts.
REFUSALS = (
    (r"the file contains a NUL byte", "a NUL byte is refused, wherever it stands; called as supervisord it is read"),
)

# Files in which anything may differ.
FILES = (
    (rb"%[-+ #0-9.hlL]*[sra]", "% without a name shows all names, ours in the order of the alphabet"),
)

# Refusals in other words: (ours, theirs, reason).
WORDS = (
    (r"the file contains a NUL byte", r"", "a NUL byte is refused, wherever it stands; called as supervisord it is read"),
    (r"Unknown event type \S* in (\[.*\] events)", r"Unknown event type \S* in (\[.*\] events)",
     "of several unknown events the original names any one, by its hash seed"),
)


def notice(text):
    """Whether a notice of ours is meant to be there alone."""
    return _any(text, NOTICES)


def refusal(text):
    """Whether a refusal of ours is meant to be there alone."""
    return _any(text, REFUSALS)


def file(path):
    """Whether a file is one that both read in ways of their own."""
    with open(path, "rb") as opened:
        content = opened.read()
    for pattern, reason in FILES:
        if re.search(pattern, content):
            used[reason] += 1
            return True
    return False


def words(ours, theirs):
    """Whether two refusals are meant to differ."""
    for left, right, reason in WORDS:
        if re.match(left, ours, re.DOTALL) and re.match(right, theirs, re.DOTALL):
            used[reason] += 1
            return True
    return False


def lenient(kinds):
    """Counts what a second reading let pass."""
    for kind in kinds:
        used[LENIENT[kind]] += 1


def _any(text, rules):
    for pattern, reason in rules:
        if re.match(pattern, text, re.DOTALL):
            used[reason] += 1
            return True
    return False
