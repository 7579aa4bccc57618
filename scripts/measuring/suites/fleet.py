from ..counting import CountingProxy
from ..process import interleaved, median, peak, spread
from ..states import seed
from ..table import MB
from ..tools import HELLO, environment_uuid, hello

TITLE = "Growth with the number of environments of 100 KB in the namespace"


def measure(bench):
    """`examples/hello` planned in a namespace that fills up; what Terraform does by hand is `init` and `plan`."""
    tools, table = bench.tools, bench.table
    namespace, name, made = bench.cluster.namespace("fleet"), environment_uuid(), 1
    proxy = CountingProxy()
    counted = bench.cluster.kubeconfig_through(proxy.port, tools.path("fleet-kubeconfig"))

    def ours(*more):
        return tools.ours("run", "plan", "--environment", name, "--namespace", namespace, "--engine", "terraform", *more,
                          HELLO)

    def theirs(kubeconfig=None):
        folder = tools.folder(namespace, name, hello())
        more = [f"-backend-config=config_path={kubeconfig}"] if kubeconfig else []
        init = tools.stock(folder, "init", "-input=false", *more)
        plan = tools.stock(folder, "plan", "-input=false")
        init.seconds, init.peak = init.seconds + plan.seconds, max(init.peak, plan.peak)
        return init

    # What both make at their first time: the state, the lock, the plugin cache.
    theirs()
    tools.ours("run", "apply", "--environment", name, "--namespace", namespace, "--engine", "terraform", HELLO)
    for count in [count for count in (1, 100, 1_000, 10_000) if count <= bench.environments]:
        seed(bench.cluster, namespace, range(made, count))
        made = max(made, count)
        results = interleaved(bench.runs, ours=ours, theirs=theirs)
        own, stock = median(results["ours"]), median(results["theirs"])
        what = f"`stowage run plan`, {count} environment{'s' if count > 1 else ''}, over init and plan by hand"
        if count >= 1_000:
            table.faster(what, own, stock, 10, spread(results["ours"]))
        else:
            table.at_most(what, own, "s", stock, stock, spread(results["ours"]))
        table.add("… peak memory of the largest process", peak(results["ours"]) / MB, "MB", peak(results["theirs"]) / MB)
        table.add("… bytes read of the cluster", proxy.counted(lambda: ours("--kubeconfig", counted)), "bytes",
                  proxy.counted(lambda: theirs(counted)))
        lists = [tools.state(namespace, "list") for _ in range(bench.runs)]
        table.add("… `state list`", median(lists), "s")
        table.add("… `state list`, peak memory", peak(lists) / MB, "MB")
    proxy.close()
    bench.cluster.remove(namespace)
