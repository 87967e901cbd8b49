"""The boot hook where there is no init system, or only signs of one: a container without systemd, a stray directory."""

import os
import subprocess

from suites.hook_inits import BEGIN
from suites.inits import PrivateRoot
from workshop import SVINSTALL


class Nowhere(PrivateRoot):
    def check_told(self, before, *words):
        """An installation that cannot be is told in one line with what to do, and can be taken back to the last file."""
        self.check_layers("s6")
        self.environment["HOME"] = home = self.path("home")
        os.makedirs(home, exist_ok=True)
        script = BEGIN.format(svinstall=os.path.realpath(SVINSTALL)) + before + f"""
export HOME={home}
unset XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS
all() {{ files; find {home} ! -type d; }}
all >/run/before
"$svinstall" agent install {' '.join(words)} >{self.path('said')} 2>&1 && say "installed where nothing can be"
"$svinstall" agent uninstall {words[0]} || say "uninstall: $?"
all >/run/after
diff /run/before /run/after
"""
        done = subprocess.run(["unshare", *self.inside("s6", script)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertOneLineError(self.read("said"), "--root DIR|--init|linger|systemd")

    def test_a_container_without_systemd(self):
        for words in (["--system"], ["--system", "--init", "systemd"], ["--user", "--init", "systemd"]):
            with self.subTest(words=words):
                self.check_told("", *words)

    def test_a_stray_directory_of_systemd(self):
        self.check_told("mkdir -p /run/systemd/system\n", "--system")
