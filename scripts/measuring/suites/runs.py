import os
import subprocess
import time

from ..failure import Failure
from ..process import interleaved, median, memory, peak, spread
from ..table import MB
from ..tools import HELLO, environment_uuid, hello

TITLE = "Runs"
AT_ONCE = 50
# An engine that does nothing: what is left is ours.
IDLE_ENGINE = "#!/bin/sh\nexit 0\n"


def measure(bench):
    overhead(bench)
    at_once(bench)


def overhead(bench):
    """Beside the engine by hand in a folder that is initialised anew each time, as in CI, and alone."""
    tools, table = bench.tools, bench.table
    namespace, name = bench.cluster.namespace("runs"), environment_uuid()
    engine = tools.path("terraform")
    with open(engine, "w") as file:
        file.write(IDLE_ENGINE)
    os.chmod(engine, 0o700)

    def ours(engine="terraform"):
        return tools.ours("run", "plan", "--environment", name, "--namespace", namespace, "--engine", engine, HELLO)

    def theirs():
        folder = tools.folder(namespace, name, hello())
        init = tools.stock(folder, "init", "-input=false")
        init.seconds += tools.stock(folder, "plan", "-input=false").seconds
        return init

    theirs()
    ours()
    results = interleaved(bench.runs, ours=ours, theirs=theirs, alone=lambda: ours(engine))
    own, stock = median(results["ours"]), median(results["theirs"])
    table.at_most("`stowage run plan` of examples/hello, over init and plan by hand", own, "s", stock, stock,
                  spread(results["ours"]))
    table.at_most("… of which our own (an engine that does nothing)", median(results["alone"]) * 1000, "ms", 60)
    table.at_most("… our own peak memory", peak(results["alone"]) / MB, "MB", 40)


def at_once(bench):
    """As many runs of as many environments at the same time, and the memory of ours at the moment when it was most."""
    tools, table = bench.tools, bench.table
    namespace = bench.cluster.namespace("at-once")
    started, most, largest = time.perf_counter(), 0, 0
    processes = [subprocess.Popen(
        [tools.stowage, "run", "apply", "--environment", environment_uuid(), "--namespace", namespace, "--engine",
         "terraform", HELLO], env=tools.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, start_new_session=True) for _ in range(AT_ONCE)]
    while live := [process for process in processes if process.poll() is None]:
        most = max(most, sum(shared_once(process.pid) for process in live))
        largest = max([largest, *(resident(process.pid) for process in live)])
        time.sleep(0.02)
    failed = [process for process in processes if process.returncode != 0]
    if failed:
        raise Failure(f"{len(failed)} of {AT_ONCE} runs failed: {failed[0].stderr.read().decode()[-2000:]}")
    for process in processes:
        process.stderr.close()
    table.add(f"{AT_ONCE} runs of {AT_ONCE} environments at once, all of them", time.perf_counter() - started, "s",
              detail="none failed")
    table.at_most("… memory of ours a run, pages that all share counted once (PSS)", most / AT_ONCE / MB, "MB", 30)
    table.add("… the largest of ours by itself, shared pages and all (RSS)", largest / MB, "MB")


def shared_once(process_identifier):
    """A process's memory, a page that several have divided among them; 0 for one that has ended."""
    try:
        with open(f"/proc/{process_identifier}/smaps_rollup") as rollup:
            return next((int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:")), 0)
    except OSError:
        return 0


def resident(process_identifier):
    try:
        return memory(process_identifier, "VmHWM")
    except (OSError, StopIteration):
        return 0
