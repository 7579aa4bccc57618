import os
import shutil
import time

from ..process import median
from ..tools import HELLO, environment_uuid

TITLE = "Deployments"
EMBEDDED_ONLY = True  # A real cluster needs an image.
CONFIGURATION = """\
runner_configuration:
  type: kubernetes-agent
  key: |
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=
    -----END PUBLIC KEY-----
  job:
    namespace: {namespace}
    service_account: runner
state_storage_configuration:
  type: kubernetes
  namespace: {namespace}
"""
# An engine that tells when it was started first.
TELLING_ENGINE = """#!/bin/sh
test -e "{folder}/started" || date +%s%N >"{folder}/started"
exec "{terraform}" "$@"
"""


def measure(bench):
    """From submitting a deployment to the start of its engine, and to its end as seen by who follows it."""
    tools, table = bench.tools, bench.table
    namespace, folder, name = bench.cluster.namespace("deployments"), tools.path("deployments"), environment_uuid()
    os.mkdir(folder)
    tools.ours("setup", "--namespace", namespace, "--create-service-account", "--service-account", "runner", "--quiet")
    configuration, engine = os.path.join(folder, "runner-config.yaml"), os.path.join(folder, "terraform")
    with open(configuration, "w") as file:
        file.write(CONFIGURATION.format(namespace=namespace))
    with open(engine, "w") as file:
        file.write(TELLING_ENGINE.format(folder=folder, terraform=shutil.which("terraform")))
    os.chmod(engine, 0o700)
    started, starts, runs = os.path.join(folder, "started"), [], []

    def deploy():
        submitted = time.time_ns()
        run = tools.ours(
            "deploy", "--config", configuration, "--kubeconfig", bench.cluster.kubeconfig, "--environment", name,
            "--engine", engine, "--mode", "plan_only", "--follow", HELLO)
        with open(started) as file:
            starts.append((int(file.read()) - submitted) / 1e9)
        os.remove(started)
        runs.append(run)

    for _ in range(bench.runs + 1):
        deploy()
    # The first finds no plugin cache.
    table.at_most("a deployment of examples/hello, plan only: from submitting it to the start of its engine",
                  sorted(starts[1:])[len(starts[1:]) // 2], "s", 1)
    table.add("… to its end, as seen by who follows it", median(runs[1:]), "s")
    bench.cluster.remove(namespace)
