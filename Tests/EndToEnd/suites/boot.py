"""The boot hook in a real systemd, once; the rest is Tests/Boot/run."""

import os
import sys

from workshop import ROOT

sys.path.insert(0, os.path.join(ROOT, "Tests/Boot"))

import suite  # noqa: E402


class OneBoot(suite.SystemHook):
    restart_time = 20
