"""What goes over the wire."""

import contextlib
import socket
import threading


class CountingProxy:
    """Passes connections on to the cluster, and counts what comes back. TLS stays between the two ends."""

    def __init__(self, server):
        self.behind, self.count = (server.hostname, server.port or 443), 0
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
                server = socket.create_connection(self.behind)
                threading.Thread(target=self._relay, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._relay, args=(server, client, True), daemon=True).start()

    def _relay(self, source, target, counted):
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                if counted:
                    self.count += len(piece)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
