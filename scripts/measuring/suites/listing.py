from ..counting import CountingProxy
from ..failure import Failure
from ..process import interleaved, median, peak, spread
from ..states import seed
from ..table import MB

TITLE = "Lists"


def measure(bench):
    tools, table, count = bench.tools, bench.table, bench.environments
    namespace = bench.cluster.namespace("many")
    seed(bench.cluster, namespace, range(count))
    proxy = CountingProxy()
    kubeconfig = bench.cluster.kubeconfig_through(proxy.port, tools.path("counted-kubeconfig"))
    output = tools.path("list")
    transferred = proxy.counted(lambda: tools.state(namespace, "list", "--kubeconfig", kubeconfig, output=output))
    proxy.close()
    with open(output) as file:
        lines = sum(1 for _ in file)
    if lines != count + 1:
        raise Failure(f"the list has {lines} lines")
    kubectl = f"kubectl get secrets --namespace {namespace} --selector tfstate=true"
    results = interleaved(bench.runs, ours=lambda: tools.state(namespace, "list"), theirs=lambda: tools.shell(kubectl))
    what = f"`state list` of {count} environments of 100 KB, over `kubectl get secrets --selector tfstate=true`"
    table.at_most(what, median(results["ours"]), "s", 2, median(results["theirs"]), spread(results["ours"]))
    table.at_most("… peak memory", peak(results["ours"]) / MB, "MB", 80, peak(results["theirs"]) / MB)
    table.at_most("… transferred an environment", transferred / count, "bytes", 2000,
                  detail="its state has 100,000")
    runs = [tools.state(namespace, "list", "--long", output="rows") for _ in range(max(1, bench.runs // 3))]
    table.add("… `--long`, every state read", median(runs), "s", detail=spread(runs))
    table.at_most("… `--long`, until its first row", median(runs, "first_row"), "s", 2)
    table.at_most("… `--long`, peak memory", peak(runs) / MB, "MB", 150)
    bench.cluster.remove(namespace)
