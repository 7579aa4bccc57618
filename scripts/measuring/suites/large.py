import base64
import uuid

from ..process import median, peak, spread
from ..states import incompressible, write_state
from ..table import MB
from ..tools import environment_uuid, same

TITLE = "A state of 20 MiB of gzip, incompressible"
PAYLOAD = 20 << 20
TITLES = {"push": "first push", "overwrite": "push over it", "pull": "pull"}


def measure(bench):
    """Its first push, a push over it, a pull; each run in a namespace of its own."""
    tools, table = bench.tools, bench.table
    files = [tools.path(f"large-{serial}") for serial in (1, 2)]
    lineage = str(uuid.uuid4())
    for serial, path in enumerate(files, start=1):
        write_state(path, serial, incompressible(PAYLOAD), lineage)
    measured = {(tool, step): [] for tool in ("ours", "theirs") for step in TITLES}
    for run in range(bench.runs):
        stored = ours(tools, measured, files, run)
        theirs(tools, measured, files, run)
    for step, title in TITLES.items():
        table.faster(f"{title}, over `terraform state {'pull' if step == 'pull' else 'push'}`",
                     median(measured["ours", step]), median(measured["theirs", step]), 10,
                     spread(measured["ours", step]))
        table.at_most(f"… peak memory ({stored / MB:.1f} MB of gzip)", peak(measured["ours", step]) / MB, "MB",
                      4 * stored / MB, peak(measured["theirs", step]) / MB)


def ours(tools, measured, files, run):
    name, namespace = environment_uuid(), tools.cluster.namespace(f"large-ours-{run}")
    for step, path in zip(("push", "overwrite"), files):
        measured["ours", step].append(tools.state(namespace, "push", name, path))
    output = tools.path("pulled")
    measured["ours", "pull"].append(tools.state(namespace, "pull", name, output=output))
    same(output, files[1])
    stored = sum(len(base64.b64decode(secret["data"]["tfstate"]))
                 for secret in tools.cluster.secrets(namespace, "tfstate=true"))
    tools.cluster.remove(namespace)
    return stored


def theirs(tools, measured, files, run):
    name, namespace = environment_uuid(), tools.cluster.namespace(f"large-theirs-{run}")
    folder = tools.initialised(namespace, name)
    for step, path in zip(("push", "overwrite"), files):
        # The lineage is another one than that of the empty state that `init` wrote.
        measured["theirs", step].append(tools.stock(folder, "state", "push", "-force", path))
    measured["theirs", "pull"].append(tools.stock(folder, "state", "pull"))
    tools.cluster.remove(namespace)
