"""An embedded cluster as a child of this process, from the moment that it is started."""

import base64
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time

from .failure import Failure
from .process import memory

NAMESPACE = "/api/v1/namespaces/default/secrets"


def secret(name, revision=None, fill="x"):
    metadata = {"name": name, "labels": {"bench": "true"}}
    if revision:
        metadata["resourceVersion"] = revision
    data = base64.b64encode((fill * 700)[:700].encode()).decode()
    return json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"key": data}}).encode()


class OwnCluster:
    """One run of the program; `start_seconds` is the time until it said that it is ready."""

    def __init__(self, stowage, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = open(folder + ".log", "ab")
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [stowage, "cluster", "start", "--dir", folder, "--port", str(self.port)],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE  # The certificate is made by the start that is timed.
        while not self._is_ready():
            if self.process.poll() is not None or time.perf_counter() - started > 60:
                raise Failure(f"the cluster did not start; see {self.log.name}")
            time.sleep(0.0005)
        self.start_seconds = time.perf_counter() - started
        self.headers = {"Authorization": "Bearer " + self._token(os.path.join(folder, "kubeconfig")),
                        "Content-Type": "application/json"}

    def _is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain:
                with self.tls.wrap_socket(plain) as connection:
                    connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return connection.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def _token(self, kubeconfig):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with open(kubeconfig) as file:
                    if token := re.search(r'token: "?([0-9a-f]+)', file.read()):
                        return token.group(1)
            except FileNotFoundError:
                pass
            time.sleep(0.001)
        raise Failure(f"the cluster left no token in {kubeconfig}")

    def url(self, path):
        return f"https://127.0.0.1:{self.port}{path}"

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=60)

    def send(self, connection, method, path, body=None):
        connection.request(method, path, body, self.headers)
        response = connection.getresponse()
        return response.status, response.read()

    def memory(self, field):
        return memory(self.process.pid, field)

    def idle_memory(self):
        """What it has when it has come to rest: when it does not change any more."""
        last, same = 0, 0
        while same < 5:
            time.sleep(0.1)
            now = self.memory("VmRSS")
            same, last = (same + 1 if now == last else 0), now
        return last

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()

    def seed(self, count):
        """Makes so many Secrets with eight clients. Returns how many a second."""
        failures, started = [], time.perf_counter()

        def create(numbers):
            connection = self.connect()
            for number in numbers:
                status, body = self.send(connection, "POST", NAMESPACE, secret(f"bench-{number:05}"))
                if status != 201:
                    failures.append(body)
                    return

        threads = [threading.Thread(target=create, args=(range(first, count, 8),)) for first in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise Failure(f"a Secret was not created: {failures[0]!r}")
        return count / (time.perf_counter() - started)

    def update_times(self, count):
        """Updates of a Secret named `updated` on one connection, each of the revision before."""
        connection = self.connect()
        status, body = self.send(connection, "POST", NAMESPACE, secret("updated"))
        assert status == 201, body
        times = []
        for number in range(count + 50):
            content = secret("updated", json.loads(body)["metadata"]["resourceVersion"], fill=str(number))
            started = time.perf_counter()
            status, body = self.send(connection, "PUT", NAMESPACE + "/updated", content)
            times.append(time.perf_counter() - started)
            assert status == 200, body
        return times[50:]

    def timed_list(self, accept):
        """Seconds of a list, seconds until its first byte, and its body."""
        connection, started = self.connect(), time.perf_counter()
        connection.request("GET", NAMESPACE, None, {**self.headers, "Accept": accept})
        response = connection.getresponse()
        body = response.read(1)
        first = time.perf_counter() - started
        while piece := response.read(1 << 16):
            body += piece
        connection.close()
        return time.perf_counter() - started, first, body
