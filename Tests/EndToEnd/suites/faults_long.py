"""Much of the same: faults that show only when something has happened very often, or is there very many times."""

import os
import re
import resource
import signal
import socket
import time

from bystander import Bystander
from workshop import slow, wait_for

#: What the daemon may grow by, in bytes, over everything that happens here.
GROWTH = 1 << 20


def own_memory(process):
    """Bytes that are the process's own and not a copy of a file's."""
    with open(f"/proc/{process.pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_Dirty")) * 1024


class Long(Bystander):
    @slow
    def test_a_hundred_thousand_restarts(self):
        process = self.serve(
            "[program:quick]\ncommand=/bin/true\nstartsecs=0\nautorestart=true\nrestart_delay=0\nnumprocs=4\n"
            "process_name=%(process_num)d\nstdout_logfile=NONE\nstderr_logfile=NONE\n",
            daemon="logfile_maxbytes=0")
        offset, seen = 0, 0

        def lives():
            nonlocal offset, seen
            with open(self.path("d.log"), "rb") as file:
                file.seek(offset)
                text = file.read()
            offset += len(text)
            seen += text.count(b"spawned: '")
            return seen
        wait_for(lambda: lives() > 10_000, 300, "the first ten thousand")
        self.ours("stop", "quick:*")
        before, open_before = own_memory(process), self.descriptors(process)
        self.ours("start", "quick:*")
        wait_for(lambda: lives() > 110_000, 900, "a hundred thousand more")
        self.ours("stop", "quick:*")
        self.assertLessEqual(own_memory(process) - before, GROWTH)
        wait_for(lambda: self.descriptors(process) <= open_before, 20, "as few descriptors as before")
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            self.assertEqual(len(file.read().split()), 1)
        self.good_goes_on()
        self.ends_in_order(process)

    @slow
    def test_a_thousand_million_bytes_of_lines(self):
        process = self.serve("[program:much]\ncommand=/bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do "
                             f"yes a line | head -c 100000000; echo >{self.path('done')}.$i; done; exec sleep 1000'\n"
                             f"startsecs=0\nstdout_logfile={self.path('much.log')}\nstdout_logfile_maxbytes=50MB\n"
                             "stdout_logfile_backups=1\n")
        wait_for(lambda: os.path.exists(self.path("done.1")), 300, "the first hundred million")
        before = own_memory(process)
        wait_for(lambda: os.path.exists(self.path("done.10")), 600, "all of them")
        self.assertLessEqual(own_memory(process) - before, GROWTH)
        self.good_goes_on()
        self.ends_in_order(process)

    @slow
    def test_a_line_of_a_thousand_million_bytes(self):
        process = self.serve(f"[program:line]\ncommand=/bin/sh -c 'head -c 1000000000 /dev/zero; echo >{self.path('done')}; "
                             f"exec sleep 1000'\nstartsecs=0\nstdout_logfile={self.path('line.log')}\n"
                             "stdout_logfile_maxbytes=50MB\nstdout_logfile_backups=1\n")
        wait_for(lambda: os.path.exists(self.path("done")), 600, "the end of the line")
        with open(f"/proc/{process.pid}/status") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))
        self.assertLess(peak, 100_000, "KiB")
        self.good_goes_on()
        self.ends_in_order(process)

    @slow
    def test_a_hundred_thousand_signals(self):
        process = self.serve("")
        for _ in range(20_000):
            for number in (signal.SIGUSR1, signal.SIGWINCH, signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM):
                process.send_signal(number)
        self.good_goes_on()
        self.ends_in_order(process)

    @slow
    def test_ten_thousand_programs(self):
        """Or as many as descriptors allow: each program has a pipe and a handle."""
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        count = min(10_000, (most - 500) // 2)
        if count < 5_000:
            self.skipTest(f"{most} descriptors are too few here")
        more = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        process = self.serve(f"[program:many]\ncommand=/bin/sleep 86400\nnumprocs={count}\nprocess_name=%(process_num)d\n"
                             "startsecs=0\nautostart=false\nstdout_logfile=NONE\nstderr_logfile=NONE\n", preexec_fn=more)

        def timed(*words):
            begin = time.monotonic()
            out = self.svinstall(*words, "-c", self.configuration, timeout=600)[1]
            return out, time.monotonic() - begin
        out, span = timed("start", "many:*")
        self.assertEqual(out.count(": started"), count)
        self.assertLess(span, 120)
        out, span = timed("status")
        self.assertEqual(out.count("RUNNING"), count + 1)
        self.assertLess(span, 10)
        self.good_goes_on()
        out, span = timed("stop", "many:*")
        self.assertEqual(out.count(": stopped"), count)
        self.assertLess(span, 120)
        self.ends_in_order(process)

    @slow
    def test_ten_thousand_idle_connections(self):
        count, needed = 10_000, 12_000
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, needed))
        except (OSError, ValueError):
            self.skipTest(f"{needed} descriptors are not allowed here")
        process = self.serve("")
        before, idle = own_memory(process), []
        self.addCleanup(lambda: [connection.close() for connection in idle])
        for number in range(count):
            idle.append(socket.socket(socket.AF_UNIX))
            idle[-1].connect(self.path("s.sock"))
            if number % 2:
                idle[-1].sendall(b"POST /RPC2 HTTP/1.1\r\nContent-")
        self.assertEqual(self.state("good"), "RUNNING")
        self.good_goes_on()
        self.assertLess(own_memory(process) - before, 64 << 20)
        self.ends_in_order(process)
