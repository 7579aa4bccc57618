"""The cluster that is measured with: the embedded one, or one that a context names."""

import base64
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import tempfile
import urllib.parse
import uuid

from .failure import Failure


class Cluster:
    """A kubeconfig of its own, a way to send requests, and namespaces that go when it ends."""

    is_embedded = False
    process_identifier = None

    def __init__(self, kubeconfig, description):
        self.kubeconfig, self.description = kubeconfig, description
        view = subprocess.run(
            ["kubectl", "config", "view", "--raw", "--minify", "-o", "json", "--kubeconfig", kubeconfig], check=True,
            capture_output=True, text=True, timeout=60)
        entry = json.loads(view.stdout)["clusters"][0]["cluster"]
        self.server = urllib.parse.urlsplit(entry["server"])
        self.headers = {"Content-Type": "application/json"}
        self.namespaces = []
        # Another run beside this one, or one that was killed, has other names.
        self.mark = uuid.uuid4().hex[:6]

    def request(self, connection, method, path, body=None):
        connection.request(method, path, json.dumps(body) if body else None, self.headers)
        response = connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise Failure(f"{method} {path}: {response.status} {content[:300]!r}")
        return json.loads(content)

    def namespace(self, name):
        """Makes one, and returns its name."""
        name = f"bench-{name}-{self.mark}"
        self.request(self.connect(), "POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        self.namespaces.append(name)
        return name

    def remove(self, name):
        self.namespaces.remove(name)
        self.request(self.connect(), "DELETE", f"/api/v1/namespaces/{name}")

    def secrets(self, namespace, selector):
        items, following = [], ""
        connection = self.connect()
        while True:
            page = self.request(connection, "GET", f"/api/v1/namespaces/{namespace}/secrets?labelSelector="
                                + urllib.parse.quote(selector) + "&limit=50" + following)
            items += page["items"]
            if not page["metadata"].get("continue"):
                return items
            following = "&continue=" + urllib.parse.quote(page["metadata"]["continue"])

    def kubeconfig_through(self, port, path):
        """A kubeconfig whose cluster is reached by a proxy at a port of this machine."""
        with open(self.kubeconfig) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(re.sub(r"^(\s*)server: .*$", rf"\g<0>\n\1proxy-url: http://127.0.0.1:{port}", text, flags=re.MULTILINE))
        return path


class EmbeddedCluster(Cluster):
    """Started for this, and in a process of its own."""

    is_embedded = True

    def __init__(self, stowage, folder):
        self.stowage, self.folder = stowage, folder
        started = subprocess.run([stowage, "cluster", "start", "--dir", folder, "--detach"], capture_output=True,
                                 text=True, timeout=60)
        if started.returncode != 0:
            raise Failure(f"the embedded cluster did not start:\n{started.stderr}")
        super().__init__(started.stdout.strip(), "embedded")
        with open(self.kubeconfig) as file:
            text = file.read()
        self.headers["Authorization"] = "Bearer " + re.search(r'token: "?([0-9a-f]+)', text).group(1)
        self.tls = ssl.create_default_context(
            cadata=base64.b64decode(re.search(r"certificate-authority-data: (\S+)", text).group(1)).decode())
        status = subprocess.run([stowage, "cluster", "status", "--dir", folder, "-o", "json"], capture_output=True,
                                text=True, timeout=60)
        self.process_identifier = json.loads(status.stdout)["pid"]

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.server.port, context=self.tls, timeout=60)

    def stop(self):
        subprocess.run([self.stowage, "cluster", "stop", "--dir", self.folder, "--quiet"], check=False, timeout=60)


class ChosenCluster(Cluster):
    """The one of a context of the user's kubeconfig, reached through `kubectl proxy` with the user's credentials."""

    def __init__(self, context, folder):
        flat = subprocess.run(["kubectl", "config", "view", "--raw", "--minify", "--flatten", "--context", context],
                              capture_output=True, text=True, timeout=60)
        if flat.returncode != 0:
            raise Failure(f"context {context}: {flat.stderr}")
        path = os.path.join(folder, "kubeconfig")
        with open(path, "w") as file:
            file.write(flat.stdout)
        super().__init__(path, f"context {context}")
        self.proxy_log = tempfile.TemporaryFile()
        self.proxy = subprocess.Popen(["kubectl", "proxy", "--port", "0", "--kubeconfig", path],
                                      stdout=subprocess.PIPE, stderr=self.proxy_log, text=True)
        match = re.search(r":(\d+)\s*$", self.proxy.stdout.readline())
        if not match:
            self.proxy.kill()
            raise Failure("kubectl proxy did not start")
        self.port = int(match.group(1))

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def stop(self):
        try:
            for name in list(self.namespaces):
                self.remove(name)
        finally:
            self.proxy.send_signal(signal.SIGTERM)
            self.proxy.wait(timeout=30)
