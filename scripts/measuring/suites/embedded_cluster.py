import asyncio
import json
import os
import shutil
import statistics
import time

from ..own_cluster import NAMESPACE, OwnCluster, secret
from ..process import forget_peak
from ..table import MB
from ..wrk import requests_a_second

TITLE = "The embedded cluster"
EMBEDDED_ONLY = True
SECRETS = 10_000
UPDATES = 600
WATCHES = 500
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def measure(bench):
    scratch, table = bench.tools.path("own-clusters"), bench.table
    os.mkdir(scratch)
    empty, many = os.path.join(scratch, "empty"), os.path.join(scratch, "many")
    starts(bench, "new folder", lambda run: os.path.join(scratch, f"empty-{run}"), 0.15)
    starts(bench, "empty store", lambda _: empty, 0.15)
    cluster = OwnCluster(bench.stowage, many)
    table.add(f"creates a second, 8 clients, {SECRETS} Secrets", cluster.seed(SECRETS), "/s")
    cluster.stop()
    starts(bench, f"{SECRETS} Secrets", lambda _: many, 1)
    cluster = OwnCluster(bench.stowage, many)
    try:
        updates(cluster, table, scratch)
        table.at_least("reads of a Secret a second", requests_a_second(cluster.url(f"{NAMESPACE}/updated"), cluster.headers),
                       "/s", 5_000, detail="wrk, 1 process, 16 connections, on the same cores")
        lists(bench, cluster)
        times = asyncio.run(watch_times(cluster, bench.runs))
        table.at_most(f"{WATCHES} watches: a write reaches all", statistics.median(times), "s", 1)
        table.add(f"memory with {WATCHES} watches", cluster.memory("VmHWM") / MB, "MB")
    finally:
        cluster.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def starts(bench, what, folder, limit):
    times, idle = [], []
    for run in range(bench.runs):
        cluster = OwnCluster(bench.stowage, folder(run))
        times.append(cluster.start_seconds)
        idle.append(cluster.idle_memory())
        cluster.stop()
    bench.table.at_most(f"start to ready, {what}", statistics.median(times), "s", limit,
                        detail=f"{min(times) * 1000:.0f}–{max(times) * 1000:.0f} ms in {len(times)} runs")
    bench.table.at_most(f"memory when idle, {what}", statistics.median(idle) / MB, "MB", 40)


def updates(cluster, table, folder):
    times = cluster.update_times(UPDATES)
    bare = statistics.median(fsync_times(folder)) * 1000
    table.at_most("durable update of a Secret, median", statistics.median(times) * 1000, "ms", 2,
                  detail=f"{len(times)} updates; a bare write and fdatasync here takes {bare:.2f} ms")
    table.add("durable update of a Secret, p99", sorted(times)[int(len(times) * 0.99)] * 1000, "ms")


def lists(bench, cluster):
    totals, firsts, growths = [], [], []
    for _ in range(bench.runs):
        forget_peak(cluster.process.pid)
        before = cluster.memory("VmRSS")
        total, first, body = cluster.timed_list(METADATA)
        totals.append(total)
        firsts.append(first)
        growths.append(cluster.memory("VmHWM") - before)
        assert len(json.loads(body)["items"]) >= SECRETS, "the list is not whole"
    bench.table.at_most(f"list of {SECRETS} as PartialObjectMetadata", statistics.median(totals), "s", 1)
    bench.table.add("… until its first byte", statistics.median(firsts), "s")
    bench.table.at_most("… growth of the server's memory, greatest", max(growths) / MB, "MB", 30)


async def watch_times(cluster, runs):
    """From a write to the last of many watches that hears of it."""
    async def open_watch():
        reader, writer = await asyncio.open_connection("127.0.0.1", cluster.port, ssl=cluster.tls)
        writer.write(
            f"GET {NAMESPACE}?watch=true&fieldSelector=metadata.name%3Dwatched&resourceVersion={revision} HTTP/1.1\r\n"
            f"Host: localhost\r\nAuthorization: {cluster.headers['Authorization']}\r\n\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert head.startswith(b"HTTP/1.1 200 "), head
        return reader, writer

    connection = cluster.connect()
    _, body = cluster.send(connection, "POST", NAMESPACE, secret("watched"))
    revision = json.loads(body)["metadata"]["resourceVersion"]
    watches = []
    for _ in range(0, WATCHES, 50):
        watches += await asyncio.gather(*(open_watch() for _ in range(50)))
    times = []
    for number in range(runs):
        content = json.loads(secret("watched"))
        content["metadata"]["annotations"] = {"write": f"number-{number}-"}
        # An event may come in several pieces.
        receivers = [asyncio.create_task(asyncio.wait_for(reader.readuntil(f"number-{number}-".encode()), 60))
                     for reader, _ in watches]
        await asyncio.sleep(0)
        started = asyncio.get_running_loop().time()
        await asyncio.to_thread(cluster.send, connection, "PUT", NAMESPACE + "/watched", json.dumps(content).encode())
        await asyncio.gather(*receivers)
        times.append(asyncio.get_running_loop().time() - started)
    for _, writer in watches:
        writer.close()
    return times


def fsync_times(folder):
    times = []
    with open(os.path.join(folder, "fsync"), "ab", buffering=0) as file:
        for _ in range(300):
            started = time.perf_counter()
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return times
