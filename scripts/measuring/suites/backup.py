import os

from ..process import interleaved, median, peak, spread
from ..states import seed
from ..table import MB

TITLE = "Backups"
COUNTS = (100, 1_000)


def measure(bench):
    """Of a hundred environments and of a thousand: time grows with what the cluster has to read, memory does not."""
    tools, table = bench.tools, bench.table
    namespace, path, made = bench.cluster.namespace("backup"), tools.path("backup.tar"), 0

    def back_up():
        if os.path.exists(path):
            os.remove(path)
        return tools.state(namespace, "backup", "--all", path)

    for count in COUNTS:
        seed(bench.cluster, namespace, range(made, count))
        made = count
        results = interleaved(bench.runs, backup=back_up, verify=lambda: tools.ours("state", "verify", path))
        size = os.path.getsize(path)
        table.add(f"backup of {count} environments of 100 KB", median(results["backup"]), "s",
                  detail=f"{size / MB:.0f} MB, {spread(results['backup'])}")
        table.at_most("… peak memory", peak(results["backup"]) / MB, "MB", 80)
        table.add("… its verification", median(results["verify"]), "s")
        table.at_most("… its verification, peak memory", peak(results["verify"]) / MB, "MB", 80)
    bench.cluster.remove(namespace)
