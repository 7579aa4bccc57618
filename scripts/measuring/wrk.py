"""Requests a second, as `wrk` counts them: a client that is not what limits."""

import os
import re
import shutil
import statistics
import subprocess

from .failure import Failure

SECONDS = 5


def requests_a_second(url, headers, connections=16, rounds=3):
    """The median of several rounds of GET of one URL."""
    install()
    rates = []
    for _ in range(rounds):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s"]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        report = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in report or "Socket errors" in report:
            raise Failure("reads failed\n" + report)
        rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", report).group(1)))
    return statistics.median(rates)


def install():
    if not shutil.which("wrk"):
        root = [] if os.getuid() == 0 else ["sudo"]
        subprocess.run([*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "wrk"],
                       check=False, stdout=subprocess.DEVNULL)
    if not shutil.which("wrk"):
        raise Failure("wrk is missing; install it with your system's package manager")
