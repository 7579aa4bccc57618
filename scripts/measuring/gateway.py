"""A gateway that listens, and clients that speak to it as engines do."""

import base64
import hashlib
import http.client
import json
import os
import re
import signal
import subprocess
import urllib.parse
import uuid

from .failure import Failure
from .process import Measurement, memory


def state_path(environment):
    return f"/v1/environments/{environment}/state"


class Gateway:
    """One of a namespace, on loopback, without TLS."""

    def __init__(self, tools, namespace):
        self.tools, self.namespace = tools, namespace
        self.log = open(tools.path(f"gateway-{namespace}.log"), "wb")
        self.process = subprocess.Popen(
            [tools.stowage, "gateway", "serve", "--listen", "127.0.0.1:0", "--namespace", namespace],
            env=tools.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        match = re.match(r"http://127\.0\.0\.1:(\d+)/", line)
        if not match:
            raise Failure(f"the gateway did not start; see {self.log.name}")
        self.port = int(match.group(1))

    def token(self, environment):
        created = subprocess.run(
            [self.tools.stowage, "gateway", "token", "create", environment, "--namespace", self.namespace],
            env=self.tools.environment, capture_output=True, text=True, timeout=60)
        if created.returncode != 0:
            raise Failure(f"no token of {environment}: {created.stderr}")
        return created.stdout.strip()

    def url(self, environment):
        return f"http://127.0.0.1:{self.port}{state_path(environment)}"

    def memory(self, field):
        return memory(self.process.pid, field)

    def terraform(self, environment, token, module):
        """`init` and `plan` by stock Terraform in a new folder, with the `http` backend."""
        folder = self.tools.path(f"http-{uuid.uuid4().hex[:6]}")
        os.mkdir(folder)
        with open(os.path.join(folder, "main.tf"), "w") as file:
            file.write('terraform {\n  backend "http" {\n    username = "stowage"\n  }\n}\n' + module)
        address = self.url(environment)
        variables = {**self.tools.environment, "TF_HTTP_ADDRESS": address, "TF_HTTP_LOCK_ADDRESS": address,
                     "TF_HTTP_UNLOCK_ADDRESS": address, "TF_HTTP_PASSWORD": token}
        init = Measurement(["terraform", "init", "-input=false"], variables, folder=folder)
        init.seconds += Measurement(["terraform", "plan", "-input=false"], variables, folder=folder).seconds
        return init

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()


class Client:
    """What an engine's backend does, on one connection."""

    def __init__(self, port, environment, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.path = state_path(environment)
        self.authorization = "Basic " + base64.b64encode(f"stowage:{token}".encode()).decode()
        self.info = {"ID": str(uuid.uuid4()), "Operation": "OperationTypeApply", "Info": "", "Who": "bench@host",
                     "Version": "1.11.4", "Created": "2026-11-30T00:00:00Z", "Path": ""}

    def ask(self, method, body=None, query=""):
        headers = {"Authorization": self.authorization}
        if body is not None:
            headers["Content-Type"] = "application/json"
            headers["Content-MD5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
        self.connection.request(method, self.path + query, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise Failure(f"{method} {self.path}: {response.status} {content[:300]!r}")
        return content

    def get(self):
        return self.ask("GET")

    def lock(self):
        self.ask("LOCK", json.dumps(self.info).encode())

    def unlock(self):
        self.ask("UNLOCK", json.dumps(self.info).encode())

    def post(self, state):
        self.ask("POST", state, "?ID=" + urllib.parse.quote(self.info["ID"]))
