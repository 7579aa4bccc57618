import base64
import json
import os

from ..failure import Failure
from ..tools import environment_uuid

TITLE = "History"
MODULE = """
variable "revision" { type = number }

locals { services = [for n in range(150) : format("service-%03d", n)] }

resource "terraform_data" "service" {
  for_each         = toset(local.services)
  triggers_replace = { image = sha256(each.key) }
  input = {
    name = each.key
    host = "${each.key}.apps.example.com"
    revision = floor((var.revision + index(local.services, each.key)) / 75)
    token = sha256("${each.key}-${floor((var.revision + index(local.services, each.key)) / 75)}")
    labels = { team = "team-${index(local.services, each.key) % 7}", tier = "backend" }
  }
}

output "hosts" { value = [for service in terraform_data.service : service.input.host] }
"""


def measure(bench):
    """Eleven states in a row of 150 resources of which an apply changes two, so ten versions of history."""
    tools, table = bench.tools, bench.table
    namespace, name = bench.cluster.namespace("history"), environment_uuid()
    folder = tools.path("history")
    os.mkdir(folder)
    with open(os.path.join(folder, "main.tf"), "w") as file:
        file.write(MODULE)
    tools.stock(folder, "init", "-input=false")
    for revision in range(11):
        tools.stock(folder, "apply", "-auto-approve", "-input=false", f"-var=revision={revision}")
        tools.state(namespace, "push", name, os.path.join(folder, "terraform.tfstate"))

    def sizes(selector):
        secrets = tools.cluster.secrets(namespace, selector)
        decoded = sum(len(base64.b64decode(value)) for secret in secrets for value in secret.get("data", {}).values())
        return len(secrets), decoded, sum(len(json.dumps(secret, separators=(",", ":"))) for secret in secrets)

    _, current, current_object = sizes(f"tfstate=true,tfstateSecretSuffix={name}")
    count, kept, kept_objects = sizes(f"stowage-content=history,stowage-environment={name}")
    if count < 10:
        raise Failure(f"the history has {count} versions")
    table.at_most("ten versions of history, against the bytes of the current state", kept / current, "×", 1.5,
                  detail=f"{kept} and {current} bytes; with all metadata {kept_objects} and {current_object}")
    bench.cluster.remove(namespace)
