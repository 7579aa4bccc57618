from ..process import interleaved, median, peak, spread
from ..table import MB
from ..tools import environment_uuid, hello

TITLE = "One small state (examples/hello)"


def measure(bench):
    tools, table, runs = bench.tools, bench.table, bench.runs
    namespace, name = bench.cluster.namespace("small"), environment_uuid()
    folder = tools.initialised(namespace, name, hello())
    tools.stock(folder, "apply", "-auto-approve", "-input=false")
    ours, theirs, pipe = (tools.path(f"pulled-{name}") for name in ("ours", "theirs", "pipe"))
    pipeline = (f"kubectl get secret tfstate-default-{name} --namespace {namespace} -o 'jsonpath={{.data.tfstate}}' "
                "| base64 -d | gunzip")
    results = interleaved(
        runs, ours=lambda: tools.state(namespace, "pull", name, output=ours),
        theirs=lambda: tools.stock(folder, "state", "pull", output=theirs),
        pipe=lambda: tools.shell(pipeline, output=pipe))
    bench.same_states(ours, theirs)
    bench.same_states(ours, pipe)
    table.faster("`state pull`, over `terraform state pull` in an initialised folder", median(results["ours"]),
                 median(results["theirs"]), 4, spread(results["ours"]))
    table.add("… over `kubectl get secret | base64 -d | gunzip`, which checks nothing", median(results["ours"]), "s",
              median(results["pipe"]))
    table.add("… peak memory", peak(results["ours"]) / MB, "MB", peak(results["theirs"]) / MB)
