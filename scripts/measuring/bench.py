"""One run of all that is measured, or of a part of it."""

import importlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile

from .cluster import ChosenCluster, EmbeddedCluster
from .failure import Failure
from .table import Table, facts
from .tools import Tools

# In this order, so that what is quick comes first.
SUITES = ["embedded_cluster", "pull", "runs", "gateway", "deployments", "history", "locks", "backup", "listing", "fleet",
          "sizes", "large"]

USAGE = f"""usage: scripts/bench PATH-OF-STOWAGE

Measures a release build beside what is used instead, and prints a table; a whole run also leaves it in
Benchmarks/results.md and results.json. Variables change what is measured:
  ONLY=pull,large      these suites alone: {', '.join(SUITES)}
  CLUSTER=CONTEXT      a cluster of your kubeconfig, in namespaces bench-… that are removed, instead of the embedded one
  RUNS=9               how often each is measured
  ENVIRONMENTS=10000   the most environments in a namespace"""


class Bench:
    """What a suite measures with."""

    def __init__(self, stowage, cluster, scratch):
        self.stowage, self.cluster, self.scratch = stowage, cluster, scratch
        self.tools, self.table = Tools(stowage, cluster, scratch), Table()
        self.runs = int(os.environ.get("RUNS", 9))
        self.environments = int(os.environ.get("ENVIRONMENTS", 10_000))

    def same_states(self, one, other):
        """Ends the measurement unless two files say the same."""
        with open(one) as first, open(other) as second:
            if json.load(first) != json.load(second):
                raise Failure(f"{one} and {other} differ: what was measured did not do the same work")


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(USAGE)
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    for name in only:
        if name not in SUITES:
            sys.exit(f"bench: there is no suite {name}; there are {', '.join(SUITES)}")
    for program in ("terraform", "kubectl"):
        if not shutil.which(program):
            sys.exit(f"bench: {program} is missing; it is what Stowage is compared with")
    os.umask(0o077)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = tempfile.mkdtemp(prefix="bench-")
    try:
        run(os.path.realpath(sys.argv[1]), only, scratch)
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def run(stowage, only, scratch):
    context = os.environ.get("CLUSTER")
    cluster = ChosenCluster(context, scratch) if context else EmbeddedCluster(stowage, os.path.join(scratch, "cluster"))
    try:
        bench = Bench(stowage, cluster, scratch)
        known = facts(stowage, cluster.description)
        for name in only or SUITES:
            suite = importlib.import_module(f".suites.{name}", __package__)
            bench.table.begin(name, suite.TITLE)
            if getattr(suite, "EMBEDDED_ONLY", False) and not cluster.is_embedded:
                print("  left out: it is of the embedded cluster", file=sys.stderr)
                continue
            suite.measure(bench)
    finally:
        cluster.stop()
    print(bench.table.text())
    if not only:
        bench.table.write(known)
