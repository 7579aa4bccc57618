@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import Testing

/// ConfigMaps, Events and Leases: what of them is refused, and in which words.
struct KeptKindsTests {
    private static let configMaps = "/api/v1/namespaces/default/configmaps"
    private static let events = "/api/v1/namespaces/default/events"

    @Test func aConfigMapIsKeptAsItIsGiven() async throws {
        try await withTestCluster { cluster in
            let given: JSON = [
                "metadata": ["name": "a"], "data": ["k": "v", "b.c": ""], "binaryData": ["bin": "AP8="],
            ]
            let created = try await cluster.send("POST", Self.configMaps, given).json
            #expect(created["data"] == ["b.c": "", "k": "v"])
            #expect(created["binaryData"] == ["bin": "AP8="])
            var changed = created
            changed["data"] = ["k": "w"]
            changed["immutable"] = true
            #expect(try await cluster.send("PUT", "\(Self.configMaps)/a", changed).status == 200)
            changed["data"] = ["k": "x"]
            changed["metadata"] = ["name": "a"]
            let refused = try await cluster.send("PUT", "\(Self.configMaps)/a", changed)
            #expect(refused.status == 422)
            #expect(
                try refused.json["message"]?.string
                    == "ConfigMap \"a\" is invalid: data: Forbidden: field is immutable when `immutable` is set")
        }
    }

    @Test func theDataOfAConfigMapHasItsRules() async throws {
        try await withTestCluster { cluster in
            let wrong: JSON = [
                "metadata": ["name": "a"], "data": ["../x": "v", "same": "v"], "binaryData": ["same": "AP8="],
            ]
            let refused = try await cluster.send("POST", Self.configMaps, wrong)
            #expect(refused.status == 422)
            let causes = try refused.json["details"]?["causes"]?.array ?? []
            #expect(causes.compactMap { $0["field"]?.string } == ["data[../x]", "data[../x]", "data[same]"])
            #expect(
                causes.last?["message"]?.string == "Invalid value: \"same\": duplicate of key present in binaryData")
            let large = try await cluster.send(
                "POST", Self.configMaps,
                ["metadata": ["name": "a"], "data": ["k": .string(String(repeating: "x", count: 1_048_577))]])
            #expect(
                try large.json["message"]?.string
                    == "ConfigMap \"a\" is invalid: []: Too long: may not be more than 1048576 bytes")
        }
    }

    private static func event(_ name: String, _ more: JSON = [:]) -> JSON {
        var event: JSON = [
            "metadata": ["name": .string(name)],
            "involvedObject": ["kind": "Pod", "namespace": "default", "name": "p"], "reason": "Started",
            "type": "Normal", "message": " done\n", "source": ["component": "kubelet"],
        ]
        for (key, value) in more.object ?? [:] { event[key] = value }
        return event
    }

    @Test func eventsAreChosenByWhatTheyAreAbout() async throws {
        try await withTestCluster { cluster in
            #expect(try await cluster.send("POST", Self.events, Self.event("a.1")).status == 201)
            let other: JSON = ["involvedObject": ["kind": "Job", "namespace": "default", "name": "j"]]
            #expect(try await cluster.send("POST", Self.events, Self.event("b.1", other)).status == 201)
            for (selector, names) in [
                ("involvedObject.kind%3DPod", ["a.1"]), ("involvedObject.name!%3Dp", ["b.1"]),
                ("source%3Dkubelet,reason%3DStarted", ["a.1", "b.1"]), ("type%3DWarning", []),
            ] {
                let list = try await cluster.send("GET", "\(Self.events)?fieldSelector=\(selector)").json
                #expect((list["items"]?.array ?? []).compactMap(\.objectName) == names, "\(selector)")
            }
            let table = try await cluster.send(
                "GET", "\(Self.events)/a.1", headers: ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"]
            ).json
            #expect(
                table["rows"]?.array?.first?["cells"]
                    == [
                        "<unknown>", "Normal", "Started", "pod/p", "", "kubelet", "done", "<unknown>", 1, "a.1",
                    ])
        }
    }

    @Test func anEventLiesWhereItsObjectDoes() async throws {
        try await withTestCluster { cluster in
            let elsewhere: JSON = ["involvedObject": ["kind": "Pod", "namespace": "other", "name": "p"]]
            let refused = try await cluster.send("POST", Self.events, Self.event("a", elsewhere))
            #expect(
                try refused.json["message"]?.string
                    == "Event \"a\" is invalid: involvedObject.namespace: Invalid value: \"other\": "
                    + "does not match event.namespace")
            // One with an eventTime is of the new sort.
            let incomplete: JSON = ["eventTime": "2026-11-24T00:00:00.000000Z"]
            let causes =
                try await cluster.send("POST", Self.events, Self.event("a", incomplete))
                .json["details"]?["causes"]?.array ?? []
            #expect(
                causes.compactMap { $0["field"]?.string } == [
                    "reportingComponent", "reportingComponent", "reportingComponent", "reportingInstance", "action",
                ])
        }
    }

    @Test func eventsAreForgottenAfterAnHour() async throws {
        let hand = HandClock()
        try await withTestCluster(clock: hand.clock) { cluster in
            #expect(try await cluster.send("POST", Self.events, Self.event("old")).status == 201)
            #expect(try await cluster.send("POST", Self.events, Self.event("written-again")).status == 201)
            hand.advance(.seconds(1800))
            let again = Self.event("written-again", ["count": 2])
            #expect(try await cluster.send("PUT", "\(Self.events)/written-again", again).status == 200)
            hand.advance(.seconds(1800))
            try await cluster.store.expireEvents()
            let left = try await cluster.send("GET", Self.events).json["items"]?.array ?? []
            #expect(left.compactMap(\.objectName) == ["written-again"])
        }
    }

    @Test func aPreferredHolderNeedsAStrategy() async throws {
        try await withTestCluster { cluster in
            let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
            func lease(_ spec: JSON) -> JSON { ["metadata": ["name": "l"], "spec": spec] }
            let refused = try await cluster.send("POST", leases, lease(["preferredHolder": "me"]))
            #expect(
                try refused.json["message"]?.string
                    == "Lease.coordination.k8s.io \"l\" is invalid: spec.preferredHolder: Forbidden: may only be "
                    + "specified if `strategy` is defined")
            #expect(try await cluster.send("POST", leases, lease(["strategy": "Mine"])).status == 422)
            #expect(
                try await cluster.send(
                    "POST", leases, lease(["strategy": "OldestEmulationVersion", "preferredHolder": "me"])
                ).status == 201)
        }
    }

    @Test func aNamespaceHasWhatEveryNamespaceHas() async throws {
        try await withTestCluster { cluster in
            for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
                #expect(try await cluster.send("GET", "/api/v1/namespaces/\(name)").status == 200)
            }
            let created = try await cluster.send("POST", "/api/v1/namespaces", ["metadata": ["generateName": "n-"]])
            let namespace = "/api/v1/namespaces/\(try created.json.objectName ?? "")"
            for path in ["\(namespace)/serviceaccounts/default", "\(namespace)/configmaps/kube-root-ca.crt"] {
                let first = try await cluster.send("GET", path)
                #expect(first.status == 200, "\(path)")
                #expect(try await cluster.send("DELETE", path).status == 200)
                let second = try await cluster.send("GET", path)
                #expect(second.status == 200, "\(path)")
                #expect(try first.json["metadata"]?["uid"] != second.json["metadata"]?["uid"])
            }
            let path = "\(namespace)/configmaps/kube-root-ca.crt"
            let authority = try await cluster.send("GET", path).json["data"]
            #expect(authority == ["ca.crt": .string(cluster.certificateAuthority)])
            #expect(try await cluster.send("PUT", path, ["metadata": ["name": "kube-root-ca.crt"]]).status == 200)
            #expect(try await cluster.send("GET", path).json["data"] == authority)
        }
    }

    @Test func aDeletedNamespaceDoesNotComeBack() async throws {
        try await withTestStore { store in
            try await store.seed()
            let key = ObjectKey(resource: "namespaces", namespace: "", name: "kube-public")
            let found = try #require(try await store.object(key))
            try await store.apply([.delete(key, from: found.revision)])
            try await store.seed()
            #expect(try await store.object(key) == nil)
        }
    }
}
