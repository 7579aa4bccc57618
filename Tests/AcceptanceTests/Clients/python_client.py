"""The Python client of Kubernetes, unmodified, against the cluster of a kubeconfig: create, list, patch, watch, delete.

Usage: python_client.py KUBECONFIG. Prints `ok` when everything was as expected.
"""

import base64
import sys

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

NAMESPACE = "python"


def expect(condition, message):
    if not condition:
        sys.exit("expected: " + message)


def events(list_function, since, count):
    """The first events after a revision, without waiting for more."""
    found = []
    stream = watch.Watch()
    for event in stream.stream(list_function, NAMESPACE, resource_version=since, timeout_seconds=60):
        found.append((event["type"], event["object"].metadata.name))
        if len(found) == count:
            stream.stop()
    return found


def secrets(core):
    secret = client.V1Secret(
        metadata=client.V1ObjectMeta(name="one", labels={"app": "test"}), string_data={"key": "value"}
    )
    created = core.create_namespaced_secret(NAMESPACE, secret)
    expect(base64.b64decode(created.data["key"]) == b"value", "stringData as data")
    expect(created.type == "Opaque", "the default type")

    listed = core.list_namespaced_secret(NAMESPACE, label_selector="app=test")
    expect([item.metadata.name for item in listed.items] == ["one"], "one Secret in the list")
    since = listed.metadata.resource_version

    patched = core.patch_namespaced_secret("one", NAMESPACE, {"metadata": {"labels": {"more": "yes"}}})
    expect(patched.metadata.labels == {"app": "test", "more": "yes"}, "a patched label beside the old one")
    by_operations = core.patch_namespaced_secret(
        "one", NAMESPACE, [{"op": "remove", "path": "/metadata/labels/more"}]
    )
    expect(by_operations.metadata.labels == {"app": "test"}, "a label removed by a JSON patch")

    stale = core.read_namespaced_secret("one", NAMESPACE)
    stale.metadata.resource_version = since
    try:
        core.replace_namespaced_secret("one", NAMESPACE, stale)
        expect(False, "a conflict")
    except ApiException as error:
        expect(error.status == 409, "409 for a stale update")

    core.create_namespaced_secret(NAMESPACE, client.V1Secret(metadata=client.V1ObjectMeta(name="two")))
    core.delete_namespaced_secret("one", NAMESPACE)
    expect(
        events(core.list_namespaced_secret, since, 4)
        == [("MODIFIED", "one"), ("MODIFIED", "one"), ("ADDED", "two"), ("DELETED", "one")],
        "four events in their order",
    )
    core.delete_collection_namespaced_secret(NAMESPACE)
    expect(core.list_namespaced_secret(NAMESPACE).items == [], "no Secret left")


def leases(coordination):
    spec = client.V1LeaseSpec(holder_identity="me", lease_duration_seconds=30)
    created = coordination.create_namespaced_lease(
        NAMESPACE, client.V1Lease(metadata=client.V1ObjectMeta(name="lock"), spec=spec)
    )
    since = created.metadata.resource_version
    expect(
        [item.spec.holder_identity for item in coordination.list_namespaced_lease(NAMESPACE).items] == ["me"],
        "the holder in the list",
    )
    patched = coordination.patch_namespaced_lease("lock", NAMESPACE, {"spec": {"holderIdentity": "you"}})
    expect(patched.spec.holder_identity == "you", "another holder")
    expect(patched.spec.lease_duration_seconds == 30, "the rest of the spec")
    coordination.delete_namespaced_lease("lock", NAMESPACE)
    expect(
        events(coordination.list_namespaced_lease, since, 2) == [("MODIFIED", "lock"), ("DELETED", "lock")],
        "two events in their order",
    )


def main():
    config.load_kube_config(sys.argv[1])
    core = client.CoreV1Api()
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))
    secrets(core)
    leases(client.CoordinationV1Api())
    core.delete_namespace(NAMESPACE)
    print("ok")


main()
