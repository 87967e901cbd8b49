"""The cases, one file each, in the order of the table."""

from . import convert, idle, memory, restart, start

ALL = (start.CASE, memory.CASE, idle.CASE, restart.CASE, convert.CASE)
