"""The tools that are compared, each in its way of naming a state."""

import os
import subprocess
import uuid

from .failure import Failure
from .process import Measurement
from .table import ROOT

HELLO = os.path.join(ROOT, "examples/hello")


def environment_uuid():
    # Terraform refuses a suffix whose last group is digits only.
    return str(uuid.uuid4())[:-1] + "a"


class Tools:
    """Ours gets a state by arguments, Terraform in an initialised folder."""

    def __init__(self, stowage, cluster, scratch):
        self.stowage, self.cluster, self.scratch = stowage, cluster, scratch
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("TF_", "KUBE", "XDG_"))}
        # What is warm is warm by this run, and the user's own caches stay as they are.
        self.environment.update(
            KUBECONFIG=cluster.kubeconfig, CHECKPOINT_DISABLE="1", XDG_CACHE_HOME=os.path.join(scratch, "cache"),
            XDG_STATE_HOME=os.path.join(scratch, "state"))

    def path(self, name):
        return os.path.join(self.scratch, name)

    def ours(self, *arguments, **options):
        return Measurement([self.stowage, *arguments], self.environment, **options)

    def state(self, namespace, *arguments, **options):
        return self.ours("state", *arguments, "--namespace", namespace, **options)

    def stock(self, folder, *arguments, **options):
        return Measurement(["terraform", *arguments], self.environment, folder=folder, **options)

    def shell(self, script, **options):
        """What people put together of other tools."""
        return Measurement(["bash", "-euo", "pipefail", "-c", script], self.environment, **options)

    def folder(self, namespace, name, module=None):
        """A folder of Terraform with the `kubernetes` backend, not yet initialised."""
        folder = self.path(f"stock-{namespace}-{uuid.uuid4().hex[:6]}")
        os.mkdir(folder)
        with open(os.path.join(folder, "backend.tf"), "w") as file:
            file.write(f'terraform {{\n  backend "kubernetes" {{\n    secret_suffix = "{name}"\n'
                       f'    namespace = "{namespace}"\n    config_path = "{self.cluster.kubeconfig}"\n  }}\n}}\n')
        if module:
            with open(os.path.join(folder, "main.tf"), "w") as file:
                file.write(module)
        return folder

    def initialised(self, namespace, name, module=None):
        folder = self.folder(namespace, name, module)
        self.stock(folder, "init", "-input=false")
        return folder


def hello():
    with open(os.path.join(HELLO, "main.tf")) as file:
        return file.read()


def same(one, other):
    """Ends the measurement unless two files have the same bytes."""
    if subprocess.run(["cmp", "-s", one, other]).returncode != 0:
        raise Failure(f"{one} and {other} are not the same: what was measured did not do the same work")
