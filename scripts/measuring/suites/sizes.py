import hashlib
import os
import uuid

from ..process import interleaved, median, peak
from ..states import write_state
from ..table import MB
from ..tools import environment_uuid, same

TITLE = "Growth with the size of a state (resources as engines write them, gzip about a fifth)"
# Bytes of JSON, and how often each is measured at most.
SIZES = [(10_000, None), (100_000, None), (1_000_000, None), (20_000_000, 3), (200_000_000, 1)]


def resources(size):
    """Resources whose JSON has about so many bytes, and compresses as identifiers and names do."""
    each = 1_000
    for number in range(max(1, size // each)):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        text = "".join(f"service-{number % 97}.apps.example.com/{digest[index:index + 8]} " for index in range(0, 48, 4))
        yield f"service_{number}", text[:each - 420]


def measure(bench):
    tools, table = bench.tools, bench.table
    for size, most in SIZES:
        runs = min(bench.runs, most or bench.runs)
        path = tools.path("sized")
        write_state(path, 1, resources(size), str(uuid.uuid4()))
        real = os.path.getsize(path)
        pushes = {"ours": [], "theirs": []}
        for run in range(runs):
            namespace = tools.cluster.namespace(f"size-{size}-{run}")
            ours, theirs = environment_uuid(), environment_uuid()
            folder = tools.initialised(namespace, theirs)
            pushes["ours"].append(tools.state(namespace, "push", ours, path))
            pushes["theirs"].append(tools.stock(folder, "state", "push", "-force", path))
            if run < runs - 1:
                tools.cluster.remove(namespace)
        output = tools.path("pulled")
        pulls = interleaved(
            runs, ours=lambda: tools.state(namespace, "pull", ours, output=output),
            theirs=lambda: tools.stock(folder, "state", "pull"))
        same(output, path)
        tools.cluster.remove(namespace)
        label = f"{real / MB:.3g} MB"
        for step, results in (("push", pushes), ("pull", pulls)):
            table.add(f"{step} of {label}", median(results["ours"]), "s", median(results["theirs"]),
                      detail=f"{runs} runs" if runs < bench.runs else "")
            table.add("… peak memory", peak(results["ours"]) / MB, "MB", peak(results["theirs"]) / MB)
