import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from ..states import incompressible, write_state
from ..tools import environment_uuid

TITLE = "Contention for a lock"
CONTENDERS = 16


def measure(bench):
    """Processes that all want to write one environment, each under its lock, and wait for it."""
    tools, table = bench.tools, bench.table
    namespace, path = bench.cluster.namespace("locks"), tools.path("contended")
    lineage = str(uuid.uuid4())
    write_state(path, 1, incompressible(1_000), lineage)
    ours, theirs = environment_uuid(), environment_uuid()
    tools.state(namespace, "push", ours, path)
    folders = [tools.initialised(namespace, theirs) for _ in range(CONTENDERS)]
    tools.stock(folders[0], "state", "push", "-force", path)

    def all_at_once(contend):
        started = time.perf_counter()
        with ThreadPoolExecutor(CONTENDERS) as pool:
            list(pool.map(contend, range(CONTENDERS)))
        return time.perf_counter() - started

    own, stock = [], []
    for _ in range(max(1, bench.runs // 3)):
        own.append(all_at_once(lambda _: tools.state(namespace, "push", ours, path, "--lock-timeout", "5m")))
        # It gives up where two want the free lock at once, and is started again, as by who waits for it.
        again = f"until terraform state push -force -lock-timeout=5m {path}; do :; done"
        stock.append(all_at_once(lambda number: tools.shell(again, folder=folders[number])))
    table.add(f"{CONTENDERS} pushes at once to one environment, each under the lock", sorted(own)[len(own) // 2], "s",
              sorted(stock)[len(stock) // 2], detail=f"{len(own)} runs")
    bench.cluster.remove(namespace)
