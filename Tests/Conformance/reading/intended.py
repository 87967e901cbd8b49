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
    (r"\[.*\] is skipped: ", LENIENT["plugin"]),
    (r"The result_handler .* of \[.*\] is Python and cannot be loaded", LENIENT["plugin"]),
)

# Refusals in other words: (ours, theirs, reason).
WORDS = (
    (r"the file contains a NUL byte", r"", "a NUL byte is refused at once, wherever it stands"),
    (r"Unknown event type \S* in (\[.*\] events)", r"Unknown event type \S* in (\[.*\] events)",
     "of several unknown events the original names any one, by its hash seed"),
)


def notice(text):
    """Whether a notice of ours is meant to be there alone."""
    return _any(text, NOTICES)


def words(ours, theirs):
    """Whether two refusals are meant to differ."""
    for left, right, reason in WORDS:
        if re.match(left, ours) and re.match(right, theirs):
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
