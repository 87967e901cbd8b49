"""The cases, one file each, in the order of the table."""

from . import (calls, convert, crashing, descriptors, first, fivethousand, memory, pump, reading, restart, separate,
               start, status, stopstart, thousand, wakeups)

ALL = tuple(case.CASE for case in (
    start, first, memory, wakeups, restart, stopstart, calls, thousand, separate, fivethousand, descriptors, pump,
    crashing, status, reading, convert))
