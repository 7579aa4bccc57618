import base64
import json
import os
import threading
import time
import uuid

from ..failure import Failure
from ..gateway import Client, Gateway
from ..process import forget_peak, interleaved, median, spread
from ..states import fleet_uuid, seed, write_state
from ..table import MB
from ..tools import HELLO, environment_uuid, hello
from ..wrk import requests_a_second

TITLE = "The gateway"
ENGINES = 200
WRITERS = 50
SAVES = 20
LARGE = 200_000_000


def measure(bench):
    growth(bench)
    requests(bench)
    large(bench)


def growth(bench):
    """`init` and `plan` of one environment among others, by each backend, in a folder that is initialised anew each time."""
    tools, table = bench.tools, bench.table
    namespace, name, made = bench.cluster.namespace("gateway"), environment_uuid(), 1
    gateway = Gateway(tools, namespace)
    try:
        token = gateway.token(name)

        def run():
            return tools.ours("run", "plan", "--backend", "gateway", "--environment", name, "--namespace", namespace,
                              "--engine", "terraform", HELLO)

        def kubernetes():
            folder = tools.folder(namespace, name, hello())
            init = tools.stock(folder, "init", "-input=false")
            init.seconds += tools.stock(folder, "plan", "-input=false").seconds
            return init

        tools.ours("run", "apply", "--environment", name, "--namespace", namespace, "--engine", "terraform", HELLO)
        first = {}
        for count in [count for count in (1, 1_000, 10_000) if count <= bench.environments]:
            seed(bench.cluster, namespace, range(made, count))
            made = max(made, count)
            measured = {"run": run, "service": lambda: gateway.terraform(name, token, hello())}
            if count == 1_000:
                measured["kubernetes"] = kubernetes
            for measure_one in measured.values():
                measure_one()
            results = interleaved(bench.runs, **measured)
            for key, what in (("run", "`stowage run plan --backend gateway`"),
                              ("service", "`terraform init` and `plan` with the http backend and a gateway")):
                seconds, what = median(results[key]), f"{what}, {count} environment{'s' if count > 1 else ''}"
                first.setdefault(key, seconds)
                if "kubernetes" in results:
                    table.faster(f"{what} of 100 KB, over its kubernetes backend", seconds,
                                 median(results["kubernetes"]), 30, spread(results[key]))
                elif count == 1:
                    table.add(what, seconds, "s", detail=spread(results[key]))
                else:
                    table.at_most(what, seconds, "s", 1.1 * first[key], detail=spread(results[key]))
    finally:
        gateway.stop()
        bench.cluster.remove(namespace)


def requests(bench):
    """What it answers in a second, and what it needs for many at once."""
    tools, table = bench.tools, bench.table
    namespace = bench.cluster.namespace("requests")
    names = [fleet_uuid(number) for number in range(ENGINES)]
    seed(bench.cluster, namespace, range(ENGINES))
    gateway = Gateway(tools, namespace)
    try:
        tokens = {name: gateway.token(name) for name in names}
        token = base64.b64encode(f"stowage:{tokens[names[0]]}".encode()).decode()
        rate = requests_a_second(gateway.url(names[0]), {"Authorization": f"Basic {token}"})
        table.at_least("GET of a state of 100 KB of gzip, on 16 connections", rate, "/s", 2_000)
        writes(table, gateway, names[:WRITERS], tokens)
        forget_peak(gateway.process.pid)
        at_once([Client(gateway.port, name, tokens[name]) for name in names], one_engine)
        table.at_most(f"{ENGINES} engines at once, a state of 100 KB of gzip each: peak memory of the gateway",
                      gateway.memory("VmHWM") / MB, "MB", 150, detail="no error")
    finally:
        gateway.stop()
        bench.cluster.remove(namespace)


def writes(table, gateway, names, tokens):
    """Each environment's engine saves again and again, as fast as it is answered."""
    clients = [Client(gateway.port, name, tokens[name]) for name in names]
    states = {client: json.loads(client.get()) for client in clients}
    for client in clients:
        client.lock()

    def write(client):
        state = states[client]
        for _ in range(SAVES):
            state["serial"] += 1
            client.post(json.dumps(state).encode())

    started = time.perf_counter()
    at_once(clients, write)
    seconds = time.perf_counter() - started
    for client in clients:
        client.unlock()
    table.at_least(f"POST of a state of 100 KB of gzip, durable, over {len(names)} environments",
                   SAVES * len(clients) / seconds, "/s", 200)


def one_engine(client):
    """An apply: everything is connected before anything is asked."""
    client.lock()
    state = json.loads(client.get())
    for _ in range(2):
        state["serial"] += 1
        client.post(json.dumps(state).encode())
    client.unlock()


def at_once(clients, work):
    failures, barrier = [], threading.Barrier(len(clients))

    def run(client):
        try:
            client.connection.connect()
            barrier.wait()
            work(client)
        except (Failure, OSError, threading.BrokenBarrierError) as failure:
            failures.append(failure)
            barrier.abort()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Failure(f"{len(failures)} of {len(clients)} clients failed: {failures[0]}")


def compressible(size):
    """Resources of so many bytes, of which gzip leaves a tenth."""
    while size > 0:
        piece = base64.b64encode(os.urandom(3_600)).decode() * 10
        yield f"blob{size}", piece
        size -= len(piece)


def large(bench):
    """A state that is larger than most, in and out: no more than twice of it may be in memory."""
    tools, table = bench.tools, bench.table
    namespace, name, path = bench.cluster.namespace("large"), environment_uuid(), tools.path("large-state")
    lineage = str(uuid.uuid4())
    gateway = Gateway(tools, namespace)
    try:
        client = Client(gateway.port, name, gateway.token(name))
        client.lock()
        for serial in (1, 2):
            write_state(path, serial, compressible(LARGE), lineage)
            with open(path, "rb") as file:
                state = file.read()
            forget_peak(gateway.process.pid)
            started = time.perf_counter()
            client.post(state)
            what = "first" if serial == 1 else "replaced"
            size = len(state) / MB
            table.add(f"a state of {size:.0f} MB, {what}", time.perf_counter() - started, "s")
            table.at_most("… peak memory of the gateway", gateway.memory("VmHWM") / MB, "MB", 2 * size + 50)
        forget_peak(gateway.process.pid)
        started = time.perf_counter()
        if client.get() != state:
            raise Failure("the large state came back as another")
        table.add(f"a state of {size:.0f} MB, read", time.perf_counter() - started, "s")
        table.at_most("… peak memory of the gateway", gateway.memory("VmHWM") / MB, "MB", 2 * size + 50)
        client.unlock()
    finally:
        gateway.stop()
        bench.cluster.remove(namespace)
