"""States to measure with."""

import base64
import gzip
import json
import os
import tempfile
import threading
import uuid

from .failure import Failure


def write_state(path, serial, resources, lineage, version="1.11.4"):
    """A state as an engine writes it. `resources` gives pairs of a name and a text, one after the other."""
    with open(path, "w") as file:
        file.write(f'{{\n  "version": 4,\n  "terraform_version": "{version}",\n  "serial": {serial},\n'
                   f'  "lineage": "{lineage}",\n  "outputs": {{}},\n  "resources": [')
        for index, (name, text) in enumerate(resources):
            instance = {"schema_version": 0, "attributes": {"id": str(uuid.uuid4()), "input": {
                "value": text, "type": "string"}, "output": {"value": "", "type": "string"},
                "triggers_replace": None}, "sensitive_attributes": []}
            file.write(("," if index else "") + "\n" + json.dumps({
                "mode": "managed", "type": "terraform_data", "name": name,
                "provider": 'provider["terraform.io/builtin/terraform"]', "instances": [instance]}, indent=2))
        file.write('\n  ],\n  "check_results": null\n}\n')


def incompressible(size):
    """Resources whose gzip is about so many bytes: random ones, in base64."""
    piece, number = 49_152, 0
    # gzip makes of random base64 one per cent more than was encoded.
    left = int(size / 1.011)
    while left > 0:
        yield f"blob{number}", base64.b64encode(os.urandom(min(piece, left))).decode()
        number, left = number + 1, left - piece


def fleet_uuid(number):
    return f"00000000-0000-4000-8000-{number:011d}a"


def seed(cluster, namespace, numbers, size=100_000):
    """An environment for each number, with a state of so many bytes of gzip."""
    payloads = []
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(8):
            path = os.path.join(scratch, "state")
            write_state(path, 7, incompressible(size), str(uuid.uuid4()))
            with open(path, "rb") as file:
                payloads.append(base64.b64encode(gzip.compress(file.read(), 6)).decode())
    failures = []

    def create(numbers):
        try:
            connection = cluster.connect()
            for number in numbers:
                name = fleet_uuid(number)
                cluster.request(connection, "POST", f"/api/v1/namespaces/{namespace}/secrets", {
                    "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"tfstate": payloads[number % 8]},
                    "metadata": {"name": f"tfstate-default-{name}", "annotations": {"encoding": "gzip"}, "labels": {
                        "tfstate": "true", "tfstateSecretSuffix": name, "tfstateWorkspace": "default",
                        "app.kubernetes.io/managed-by": "terraform"}}})
        except (Failure, OSError) as failure:
            failures.append(failure)

    threads = [threading.Thread(target=create, args=(numbers[first::4],)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Failure(f"the environments were not made: {failures[0]}")
