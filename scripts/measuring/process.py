"""Runs of programs: how long they took, and what memory they had."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from .failure import Failure

# Runs a program from a process that is small itself: what the kernel accounts to a child begins with its parent's memory.
LAUNCHER = """
import os, sys, time
started = time.perf_counter()
_, status, usage = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
seconds = time.perf_counter() - started
os.write(int(sys.argv[1]), f"{seconds} {usage.ru_maxrss * 1024} {usage.ru_utime + usage.ru_stime}".encode())
sys.exit(os.waitstatus_to_exitcode(status) and 1)
"""


class Measurement:
    """One run of a program.

    `seconds` from its start to its end; `peak`, the most memory in bytes that it or a process which it waited for had;
    `processor`, the seconds that they worked; `first_row`, the seconds to its second line, where output is "rows".
    """

    def __init__(self, command, environment, output=os.devnull, folder=None, limit=600):
        self.first_row = None
        result, result_end = os.pipe()
        read_end, write_end = os.pipe() if output == "rows" else (None, None)
        target = write_end if write_end is not None else os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with tempfile.TemporaryFile() as log:
            started = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", LAUNCHER, str(result_end), *command], stdin=subprocess.DEVNULL,
                stdout=target, stderr=log, env=environment, cwd=folder, pass_fds=[result_end], start_new_session=True)
            os.close(target)
            os.close(result_end)
            guard = threading.Timer(limit, lambda: os.killpg(process.pid, signal.SIGKILL))
            guard.start()
            if read_end is not None:
                self._read_rows(read_end, started)
            process.wait()
            guard.cancel()
            measured = os.read(result, 100).split()
            os.close(result)
            if process.returncode != 0 or len(measured) != 3:
                log.seek(0)
                raise Failure(f"{' '.join(command)} ended with {process.returncode}:\n"
                              + log.read().decode(errors="replace")[-2000:])
        self.seconds, self.peak, self.processor = float(measured[0]), int(measured[1]), float(measured[2])

    def _read_rows(self, read_end, started):
        lines = 0
        while piece := os.read(read_end, 1 << 16):
            lines += piece.count(b"\n")
            if lines > 1 and self.first_row is None:
                self.first_row = time.perf_counter() - started
        os.close(read_end)


def median(measurements, field="seconds"):
    return statistics.median(getattr(one, field) for one in measurements)


def peak(measurements):
    return max(one.peak for one in measurements)


def interleaved(runs, **measured):
    """Runs each of the named functions so often, by turns. Returns their measurements by name."""
    results = {name: [] for name in measured}
    for _ in range(runs):
        for name, measure in measured.items():
            results[name].append(measure())
    return results


def spread(measurements):
    """The fastest and the slowest, for the table."""
    seconds = [one.seconds for one in measurements]
    return f"{min(seconds) * 1000:.0f}–{max(seconds) * 1000:.0f} ms in {len(seconds)} runs"


def memory(process_identifier, field):
    """A line of the kernel's account of a process, in bytes: VmRSS, VmHWM."""
    with open(f"/proc/{process_identifier}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))


def forget_peak(process_identifier):
    """Makes VmHWM begin again at what the process has now."""
    with open(f"/proc/{process_identifier}/clear_refs", "w") as peak:
        peak.write("5")
