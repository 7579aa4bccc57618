internal import Crypto
internal import KubernetesAPI
internal import OrderedJSON

extension Discovery {
    /// The groups in the order in which Kubernetes tells of them; those that it does not know come last.
    static func groupOrder(_ left: String, _ right: String) -> Bool {
        func rank(_ group: String) -> Int { knownGroups.firstIndex(of: group) ?? knownGroups.count }
        return (rank(left), left) < (rank(right), right)
    }

    private static let knownGroups = [
        "", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch",
        "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io",
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io",
    ]

    static func group(_ name: String, _ kinds: [ServedKind]) -> JSON {
        let versions = Set(kinds.map(\.kind.version)).sorted().map { version -> JSON in
            ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        }
        return ["name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? .null]
    }

    /// The kinds of one group and version.
    static func resources(_ kinds: [ServedKind]) -> JSON {
        let kinds = kinds.sorted { $0.kind.resource < $1.kind.resource }
        let group = kinds.first?.kind.group ?? ""
        var list: JSON = ["kind": "APIResourceList"]
        if !group.isEmpty { list["apiVersion"] = "v1" }
        list["groupVersion"] = .string(kinds.first?.kind.apiVersion ?? "")
        list["resources"] = .array(
            kinds.flatMap { served in
                [resource(served)] + served.offeredSubresources.map { subresource($0, of: served) }
            })
        return list
    }

    private static func resource(_ served: ServedKind) -> JSON {
        let kind = served.kind
        var resource: JSON = [
            "name": .string(kind.resource), "singularName": .string(kind.singular),
            "namespaced": .bool(kind.scope == .namespaced), "kind": .string(kind.kind), "verbs": strings(served.verbs),
        ]
        if !kind.shortNames.isEmpty { resource["shortNames"] = strings(kind.shortNames) }
        if !kind.categories.isEmpty { resource["categories"] = strings(kind.categories) }
        if case .stored = served { resource["storageVersionHash"] = .string(storageVersionHash(kind)) }
        return resource
    }

    /// Tells clients when objects came to be kept in another version.
    ///
    /// Source: k8s.io/apiserver/pkg/endpoints/discovery/storageversionhash.go.
    private static func storageVersionHash(_ kind: ResourceKind) -> String {
        let name = "\(kind.group)/\(kind.version)/\(kind.kind)"
        return Base64.encode(Array(SHA256.hash(data: Array(name.utf8)).prefix(8)))
    }

    private static func subresource(_ subresource: OfferedSubresource, of served: ServedKind) -> JSON {
        let (kind, parent) = (subresource.kind, served.kind)
        var resource: JSON = [
            "name": .string("\(parent.resource)/\(subresource.name)"), "singularName": "",
            "namespaced": .bool(parent.scope == .namespaced),
        ]
        if kind.apiVersion != parent.apiVersion {
            resource["group"] = .string(kind.group)
            resource["version"] = .string(kind.version)
        }
        resource["kind"] = .string(kind.kind)
        resource["verbs"] = strings(subresource.verbs)
        return resource
    }

    /// Source: Kubernetes API reference, apidiscovery.k8s.io/v2 `APIGroupDiscoveryList`.
    static func aggregatedList(_ groups: [(name: String, kinds: [ServedKind])], version: String) -> JSON {
        [
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"), "metadata": [:],
            "items": .array(
                groups.map { group in
                    [
                        "metadata": group.name.isEmpty ? [:] : ["name": .string(group.name)],
                        "versions": .array(aggregatedVersions(group.kinds)),
                    ]
                }),
        ]
    }

    private static func aggregatedVersions(_ kinds: [ServedKind]) -> [JSON] {
        Dictionary(grouping: kinds, by: \.kind.version).sorted { $0.key < $1.key }.map { version, kinds in
            [
                "version": .string(version),
                "resources": .array(kinds.sorted { $0.kind.resource < $1.kind.resource }.map(aggregatedResource)),
                "freshness": "Current",
            ]
        }
    }

    private static func aggregatedResource(_ served: ServedKind) -> JSON {
        let kind = served.kind
        var resource: JSON = [
            "resource": .string(kind.resource),
            "responseKind": ["group": "", "version": "", "kind": .string(kind.kind)],
            "scope": .string(kind.scope.rawValue), "singularResource": .string(kind.singular),
            "verbs": strings(served.verbs),
        ]
        if !kind.shortNames.isEmpty { resource["shortNames"] = strings(kind.shortNames) }
        if !kind.categories.isEmpty { resource["categories"] = strings(kind.categories) }
        let subresources = served.offeredSubresources
        guard !subresources.isEmpty else { return resource }
        resource["subresources"] = .array(
            subresources.map { subresource in
                let kind = subresource.kind
                let isOwn = kind.apiVersion == served.kind.apiVersion
                return [
                    "subresource": .string(subresource.name),
                    "responseKind": [
                        "group": .string(isOwn ? "" : kind.group), "version": .string(isOwn ? "" : kind.version),
                        "kind": .string(kind.kind),
                    ], "verbs": strings(subresource.verbs),
                ]
            })
        return resource
    }

    private static func strings(_ list: [String]) -> JSON { .array(list.map { .string($0) }) }
}
