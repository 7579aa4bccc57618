#!/usr/bin/env python3
"""Writes the golden corpus: Secrets and Leases as engines, crashes and people leave them, a file a case.

Run once, and again where a case is added; the same input gives the same files. `terraform.json` is not made here: its Secret
was written by Terraform 1.11.4 and recorded from an API server.
"""

import base64
import gzip
import hashlib
import json
import os
import random
import zlib

FOLDER = os.path.dirname(os.path.abspath(__file__))
NAMESPACE = "humanitec-runner"
LINEAGE = "6f1b2c3d-0000-4000-8000-00000000000a"
CUT = 600
number = 0


def state(serial, size=200, version=4, lineage=LINEAGE, seed=0):
    digits = random.Random(serial * 7919 + size + seed)
    text = "".join(digits.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(size))
    resource = {
        "mode": "managed", "type": "terraform_data", "name": "a",
        "provider": 'provider["terraform.io/builtin/terraform"]',
        "instances": [{"schema_version": 0, "attributes": {"id": "i", "input": text}}],
    }
    content = {
        "version": version, "terraform_version": "1.11.4", "serial": serial, "lineage": lineage, "outputs": {},
        "resources": [resource], "check_results": None,
    }
    return (json.dumps(content, indent=2) + "\n").encode()


def packed(data):
    return gzip.compress(data, 6, mtime=0)


def cut(payload, size=CUT):
    return [payload[i:i + size] for i in range(0, len(payload), size)]


class Case:
    def __init__(self, name, about, tail=None):
        global number
        number += 1
        self.name, self.about = name, about
        self.uuid = f"c0{number:06d}-0000-4000-8000-" + (tail or f"00000000{number:03d}a")
        self.secret = f"tfstate-default-{self.uuid}"
        self.objects = []

    def labels(self):
        return {
            "tfstate": "true", "tfstateSecretSuffix": self.uuid, "tfstateWorkspace": "default",
            "app.kubernetes.io/managed-by": "terraform",
        }

    def part_name(self, index):
        return self.secret if index == 0 else f"{self.secret}-part-{index}"

    def add(self, name, labels, annotations=None, data=None, pack=False):
        secret = {
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels}, "type": "Opaque",
        }
        if annotations:
            secret["metadata"]["annotations"] = annotations
        if data is not None:
            secret["data"] = {key: base64.b64encode(value).decode() for key, value in data.items()}
        self.objects.append(secret)
        return secret

    def part(self, index, payload, **more):
        data = None if payload is None else {"tfstate": payload}
        return self.add(self.part_name(index), self.labels(), {"encoding": "gzip"}, data)

    def parts(self, payloads):
        return [self.part(index, payload) for index, payload in enumerate(payloads)]

    def own(self, name, content, annotations=None, data=None):
        labels = {
            "stowage-environment": self.uuid, "stowage-content": content, "app.kubernetes.io/managed-by": "stowage",
        }
        return self.add(name, labels, annotations, data if data is not None else {})

    def lease(self, holder, info):
        self.objects.append({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {
                "name": f"lock-{self.secret}", "namespace": NAMESPACE, "labels": self.labels(),
                "annotations": {"app.terraform.io/lock-info": info},
            },
            "spec": {"holderIdentity": holder},
        })

    def write(self, doctor, good=None, words=None, repaired=False, packed_payload=None):
        """good: the bytes that are read; words: what the refusal says."""
        case = {"about": self.about, "environment": self.uuid, "doctor": doctor, "repaired": repaired}
        if good is not None:
            case["sha256"] = hashlib.sha256(good).hexdigest()
        if words is not None:
            case["words"] = words
        if packed_payload is not None:
            case["packedPayload"] = base64.b64encode(packed_payload).decode()
        case["objects"] = self.objects
        with open(os.path.join(FOLDER, self.name + ".json"), "w") as file:
            json.dump(case, file, indent=1)
            file.write("\n")


def good_ones():
    for name, size, about in [
        ("one-part", 200, "one Secret"), ("many-parts", 2200, "several Secrets"),
        ("twelve-parts", 9500, "more than nine, whose names do not sort as their numbers do"),
    ]:
        case = Case(name, about)
        data = state(7, size)
        case.parts(cut(packed(data)))
        case.write([], good=data)

    case = Case("numeric-tail", "a UUID that Terraform refuses", tail="000000000005")
    data = state(1)
    case.parts(cut(packed(data)))
    case.write(["numeric-tail"], good=data)

    case = Case("encrypted", "encrypted by OpenTofu: serial and lineage are readable, nothing else")
    data = b'{"serial":3,"lineage":"l","meta":{"key_provider.pbkdf2.k":"e30="},"encrypted_data":"aGk=",' \
        b'"encryption_version":"v0"}'
    case.parts([packed(data)])
    case.write([], good=data)

    case = Case("foreign-labels", "labels, annotations and data of others beside the engines'")
    data = state(2)
    secret = case.part(0, packed(data))
    secret["metadata"]["labels"]["team"] = "a"
    secret["metadata"]["annotations"]["note"] = "b"
    secret["data"]["other"] = base64.b64encode(b"hi").decode()
    case.write([], good=data)

    case = Case("not-a-copy", "another Secret with some of the labels, which no engine takes for the state")
    data = state(2)
    case.parts([packed(data)])
    case.add("not-a-copy", {"tfstate": "true", "tfstateSecretSuffix": case.uuid}, data={"tfstate": b"x"})
    case.write([], good=data)

    case = Case("two-members", "a gzip of two members, as gzip programs append")
    data = state(2)
    case.parts([packed(data[:100]) + packed(data[100:])])
    case.write([], good=data)


def damaged_ones():
    old, new = cut(packed(state(1, 2200))), cut(packed(state(2, 2200)))

    case = Case("empty-secret", "the Secret is there and nothing in it: made, not filled")
    case.part(0, None)
    case.write(["empty"], words=["no state is in it"])

    case = Case("empty-part", "a part that was made and not filled")
    case.parts(new[:1])
    case.part(1, None)
    case.write(["torn"], words=["part 1", "is empty"])

    case = Case("torn", "the first part of one state, the others of the one before")
    case.parts(new[:1] + old[1:])
    case.write(["torn"], words=["damaged"])

    case = Case("truncated", "gzip that ends too early")
    case.parts([packed(state(1))[:-9]])
    case.write(["corrupt"], words=["cut off"])

    payload = bytearray(packed(state(1)))
    payload[-6] ^= 1
    case = Case("wrong-checksum", "gzip whose checksum is another's")
    case.parts([bytes(payload)])
    case.write(["corrupt"], words=["checksum"])

    case = Case("not-gzip", "a state that nobody compressed")
    case.parts([state(1)])
    case.write(["corrupt"], words=["not gzip"])

    for name, missing in [("first", 0), ("middle", 1), ("last", len(new) - 1)]:
        case = Case(f"missing-{name}", f"the {name} part is gone")
        for index, part in enumerate(new):
            if index != missing:
                case.part(index, part)
        words = ["cut off"] if name == "last" else [case.part_name(missing)]
        case.write(["torn" if name == "last" else "missing-parts"], words=words)

    short = cut(packed(state(3, 700)))
    case = Case("surplus", "a shorter state was written, and parts of the longer one are left")
    case.parts(short + old[len(short):])
    case.write(["surplus-parts"], words=["too many follow"])

    case = Case("copied", "a copy of the Secret with the same labels")
    case.parts([packed(state(1))])
    case.add("copy-of-a-state", case.labels(), {"encoding": "gzip"}, {"tfstate": packed(state(1))})
    case.write(["copies"], words=["copy-of-a-state"])

    for index in (0, 1):
        case = Case(f"relabelled-{index}", f"somebody changed a label of part {index}")
        secrets = case.parts(cut(packed(state(1, 700))))
        secrets[index]["metadata"]["labels"]["tfstateWorkspace"] = "other"
        case.write(["labels-changed"], words=["kubectl label secret", case.part_name(index)])

    for name, data, words in [
        ("version-3", state(1, version=3), ["version 3"]), ("version-5", state(1, version=5), ["newer engine"]),
        ("not-a-state", b'{"a": 1}', ["no state file"]), ("not-json", b"hello", ["not JSON"]),
        ("two-serials", state(1).replace(b'"outputs"', b'"serial": 2, "outputs"'), ["more than once"]),
        ("not-quite-json", state(1).replace(b"null", b"nan"), ["not JSON"]),
    ]:
        case = Case(name, "gzip of something that is no state of version 4")
        case.parts([packed(data)])
        case.write(["not-a-state"], words=words)

    case = Case("bomb", "1 GiB of zeros in 1 MiB; the payload is kept compressed once more")
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    payload = b"".join(compressor.compress(piece) for _ in range(1024)) + compressor.flush()
    assert len(payload) <= 1 << 20
    case.part(0, b"")
    case.write(["too-large"], words=["inflates to more than"], packed_payload=gzip.compress(payload, 9, mtime=0))


def unfinished_ones():
    old, new = packed(state(1, 700)), packed(state(2, 700))
    over = hashlib.sha256(cut(old)[0]).hexdigest()

    def staged(case, base):
        names = []
        for index, part in enumerate(cut(new)):
            names.append(f"{index:016x}")
            case.own(f"stowage-staged-{case.uuid}-{names[-1]}", "staged", {"stowage-staged": base}, {"part": part})
        return json.dumps(
            {"id": "0123456789abcdef", "over": over, "payload": hashlib.sha256(new).hexdigest(), "staged": names})

    case = Case("half-done", "a write of Stowage that died after its commit: the staged state is the state")
    secrets = case.parts([cut(old)[0], cut(new)[1]])
    secrets[0]["metadata"]["annotations"]["stowage-write"] = staged(case, "1")
    case.write(["half-done-write"], good=state(2, 700), repaired=True)

    case = Case("not-committed", "a write of Stowage that died before its commit: the old state is the state")
    case.parts(cut(old))
    staged(case, "1")
    case.write([], good=state(1, 700))

    case = Case("overwritten", "an engine wrote over a write of Stowage, and kept its annotation")
    data = state(9)
    secret = case.part(0, packed(data))
    secret["metadata"]["annotations"]["stowage-write"] = staged(case, "1")
    case.write(["overwritten-write"], good=data, repaired=True)

    case = Case("staged-lost", "a write is committed, and what it staged is not there")
    secrets = case.parts(cut(old))
    annotation = staged(case, "1")
    case.objects.pop()
    secrets[0]["metadata"]["annotations"]["stowage-write"] = annotation
    case.write(["torn"], words=["was committed"])

    case = Case("grown-back", "an engine filled a part that Stowage had retired, and left its labels")
    first, second = cut(new)
    case.part(0, first)
    case.own(case.part_name(1), "retired", {"encoding": "gzip"}, {"tfstate": second})
    case.write(["hidden-parts"], good=state(2, 700), repaired=True)

    case = Case("leftovers", "Secrets of Stowage for an environment that has no state")
    case.own(f"stowage-staged-{case.uuid}-0000000000000000", "staged", {"stowage-staged": "1"})
    case.own(case.part_name(1), "retired")
    case.write(["nothing-left"], words=["has no state"])

    case = Case("lock-info", "a lock whose info is no JSON")
    data = state(4)
    case.parts([packed(data)])
    case.lease("the-id", "not json")
    case.write(["lock"], good=data)


good_ones()
damaged_ones()
unfinished_ones()
