@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

@Suite struct DiscoveryTests {
    private let aggregated = [
        "Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    ]

    @Test func clientsOfEveryAgeFindTheKinds() async throws {
        try await withTestCluster { cluster in
            let core = try await cluster.send("GET", "/api/v1").json
            #expect(core["kind"]?.string == "APIResourceList")
            let names = (core["resources"]?.array ?? []).compactMap { $0["name"]?.string }
            let expected = [
                "configmaps", "events", "namespaces", "namespaces/finalize", "namespaces/status", "secrets",
                "serviceaccounts",
                "serviceaccounts/token",
            ]
            #expect(expected.filter { !names.contains($0) } == [])
            #expect(names == names.sorted())
            let groups = try await cluster.send("GET", "/apis").json["groups"]?.array ?? []
            let groupNames = groups.compactMap { $0["name"]?.string }
            let expectedGroups = [
                "authentication.k8s.io", "authorization.k8s.io", "rbac.authorization.k8s.io", "coordination.k8s.io",
            ]
            #expect(groupNames.filter(expectedGroups.contains) == expectedGroups)
            for group in groups.compactMap({ $0["name"]?.string }) {
                #expect(try await cluster.send("GET", "/apis/\(group)").json["kind"]?.string == "APIGroup")
                #expect(try await cluster.send("GET", "/apis/\(group)/v1").json["kind"]?.string == "APIResourceList")
            }
            #expect(try await cluster.send("GET", "/apis/nope/v1").status == 404)
        }
    }

    @Test func theAggregatedFormIsAskedForOnce() async throws {
        try await withTestCluster { cluster in
            for path in ["/api", "/apis"] {
                let answer = try await cluster.send("GET", path, headers: aggregated)
                #expect(
                    answer.header("Content-Type")
                        == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                #expect(try answer.json["kind"]?.string == "APIGroupDiscoveryList")
                let tag = try #require(answer.header("ETag"))
                var headers = aggregated
                headers["If-None-Match"] = tag
                let again = try await cluster.send("GET", path, headers: headers)
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
            }
        }
    }

    /// Every kind that is served is told of as Kubernetes tells of it, but for what cannot be done here.
    @Test func kindsAreToldOfAsRecorded() throws {
        let kinds = ServedKind.all
        let discovered = Discovery.aggregatedList(
            Dictionary(grouping: kinds, by: \.kind.group).map { ($0.key, $0.value) }, version: "v2")
        var own: [String: JSON] = [:]
        for group in discovered["items"]?.array ?? [] {
            for resource in group["versions"]?.array?.first?["resources"]?.array ?? [] {
                own["\(group["metadata"]?["name"]?.string ?? "")/\(resource["resource"]?.string ?? "")"] = resource
            }
        }
        for recorded in recordedDiscovery.aggregated {
            var expected = try JSON(parsing: recorded.resource)
            guard let actual = own["\(recorded.group)/\(expected["resource"]?.string ?? "")"] else { continue }
            let served = (actual["subresources"]?.array ?? []).map { $0["subresource"] }
            let subresources = (expected["subresources"]?.array ?? []).filter {
                served.contains($0["subresource"])
            }
            expected["verbs"] = verbs(expected, of: actual)
            expected["subresources"] = subresources.isEmpty ? nil : .array(subresources)
            #expect(actual.text == expected.text)
        }
        let groups = Dictionary(grouping: kinds, by: \.kind.versionPath)
        for recorded in recordedDiscovery.legacy {
            var expected = try JSON(parsing: recorded.resource)
            let resources = Discovery.resources(groups[recorded.path] ?? [])["resources"]?.array ?? []
            guard let actual = resources.first(where: { $0["name"] == expected["name"] }) else { continue }
            expected["verbs"] = verbs(expected, of: actual)
            #expect(actual.text == expected.text)
        }
    }

    private func verbs(_ expected: JSON, of actual: JSON) -> JSON {
        .array((expected["verbs"]?.array ?? []).filter { actual["verbs"]?.array?.contains($0) ?? false })
    }

    /// Clients of before Kubernetes 1.30 know the aggregated form as v2beta1 only.
    @Test func olderClientsGetTheAggregatedFormToo() async throws {
        try await withTestCluster { cluster in
            let type = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
            let answer = try await cluster.send("GET", "/apis", headers: ["Accept": "\(type),application/json"])
            #expect(answer.header("Content-Type") == type)
            #expect(try answer.json["apiVersion"] == "apidiscovery.k8s.io/v2beta1")
        }
    }

    @Test func discoveryIsGivenInEveryMediaType() async throws {
        try await withTestCluster { cluster in
            let protobuf = ["Accept": "application/vnd.kubernetes.protobuf"]
            for (path, kind) in [
                ("/api", "APIVersions"), ("/apis", "APIGroupList"), ("/apis/coordination.k8s.io", "APIGroup"),
                ("/apis/coordination.k8s.io/v1", "APIResourceList"),
            ] {
                let answer = try await cluster.send("GET", path, headers: protobuf)
                #expect(try ProtobufDocument(parsing: answer.body).kind == kind)
                let yaml = try await cluster.send("GET", "\(path)/", headers: ["Accept": "application/yaml"])
                #expect(yaml.text.contains("kind: \(kind)\n"))
            }
        }
    }

    @Test func eachCheckOfHealthCanBeAskedForAlone() async throws {
        try await withTestCluster { cluster in
            for (path, text) in [
                ("/readyz?verbose", "[+]ping ok\n[+]store ok\nreadyz check passed\n"), ("/livez/ping", "ok"),
                ("/livez/nonsense", "404 page not found\n"),
                ("/healthz?verbose=1&exclude=store", "[+]ping ok\n[+]store excluded: ok\nhealthz check passed\n"),
            ] {
                let answer = try await cluster.send("GET", path)
                #expect(answer.text == text)
            }
        }
    }

    @Test func anybodyMayAskForHealthAndVersion() async throws {
        try await withTestCluster { cluster in
            for path in ["/healthz", "/readyz", "/livez"] {
                #expect(try await cluster.send("GET", path, as: .anonymous).text == "ok")
            }
            let version = try await cluster.send("GET", "/version", as: .anonymous).json
            #expect(version["gitVersion"]?.string == "v1.36.2+stowage")
            #expect(try await cluster.send("GET", "/api", as: .anonymous).status == 403)
            #expect(try await cluster.send("GET", "/readyz", as: .token("wrong")).status == 401)
        }
    }

    @Test func tablesHaveTheColumnsOfTheKind() async throws {
        try await withTestCluster { cluster in
            try await cluster.prepareRunnerNamespace()
            let accept = ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"]
            for (path, columns) in [
                ("/api/v1/namespaces", ["Name", "Status", "Age"]),
                ("/api/v1/namespaces/humanitec-runner/secrets", ["Name", "Type", "Data", "Age"]),
                ("/api/v1/namespaces/humanitec-runner/serviceaccounts", ["Name", "Age"]),
                ("/api/v1/configmaps", ["Name", "Data", "Age"]),
                (
                    "/api/v1/events",
                    [
                        "Last Seen", "Type", "Reason", "Object", "Subobject", "Source", "Message", "First Seen",
                        "Count",
                        "Name",
                    ]
                ),
                ("/apis/coordination.k8s.io/v1/leases", ["Name", "Holder", "Age"]),
                ("/apis/rbac.authorization.k8s.io/v1/clusterroles", ["Name", "Created At"]),
                (
                    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                    ["Name", "Role", "Age", "Users", "Groups", "ServiceAccounts"]
                ),
                ("/apis/rbac.authorization.k8s.io/v1/roles", ["Name", "Created At"]),
                (
                    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
                    ["Name", "Role", "Age", "Users", "Groups", "ServiceAccounts"]
                ),
            ] {
                let table = try await cluster.send("GET", path, headers: accept).json
                #expect(table["kind"]?.string == "Table")
                #expect((table["columnDefinitions"]?.array ?? []).compactMap { $0["name"]?.string } == columns)
            }
            let table = try await cluster.send("GET", "/api/v1/namespaces/default", headers: accept).json
            #expect(table["rows"]?.array?.first?["cells"]?.array?.prefix(2) == ["default", "Active"])
        }
    }

    @Test(
        arguments: [
            (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"),
            (11_000, "3h3m"), (28_800, "8h"), (172_800, "2d"), (180_000, "2d2h"), (691_200, "8d"), (63_072_000, "2y"),
            (70_000_000, "2y80d"), (252_288_000, "8y"), (-1, "0s"), (-10, "<invalid>"),
        ] as [(Int64, String)])
    func agesAreShort(seconds: Int64, text: String) { #expect(TableColumn.age(seconds: seconds) == text) }
}
