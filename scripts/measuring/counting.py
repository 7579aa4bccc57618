"""What goes over the wire."""

import contextlib
import socket
import threading


class CountingProxy:
    """A proxy as a kubeconfig's `proxy-url` names one, which counts what comes back. TLS stays between the two ends."""

    def __init__(self):
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def counted(self, body):
        """How many bytes came back while the body ran."""
        before = self.count
        body()
        return self.count - before

    def close(self):
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        with contextlib.suppress(OSError, ValueError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            host, port = target.rsplit(":", 1)
            if method != "CONNECT":
                raise ValueError(method)
            server = socket.create_connection((host.strip("[]"), int(port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=self._relay, args=(client, server, False), daemon=True).start()
            self._relay(server, client, True)

    def _relay(self, source, target, counted):
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                if counted:
                    self.count += len(piece)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
