internal import KubernetesAPI
internal import OrderedJSON

extension Discovery {
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
            kinds.flatMap { kind in [resource(kind)] + kind.subresources.map { subresource($0, of: kind) } })
        return list
    }

    private static func resource(_ served: ServedKind) -> JSON {
        let kind = served.kind
        var resource: JSON = [
            "name": .string(kind.resource), "singularName": .string(kind.singular),
            "namespaced": .bool(kind.scope == .namespaced), "kind": .string(kind.kind), "verbs": strings(served.verbs),
        ]
        if !kind.shortNames.isEmpty { resource["shortNames"] = strings(kind.shortNames) }
        return resource
    }

    private static func subresource(_ subresource: Subresource, of served: ServedKind) -> JSON {
        [
            "name": .string("\(served.kind.resource)/\(subresource.name)"), "singularName": "",
            "namespaced": .bool(served.kind.scope == .namespaced), "group": .string(subresource.kind.group),
            "version": .string(subresource.kind.version), "kind": .string(subresource.kind.kind), "verbs": ["create"],
        ]
    }

    /// Source: Kubernetes API reference, apidiscovery.k8s.io/v2 `APIGroupDiscoveryList`.
    static func aggregatedList(_ groups: [(name: String, kinds: [ServedKind])]) -> JSON {
        [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
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
        guard !served.subresources.isEmpty else { return resource }
        resource["subresources"] = .array(
            served.subresources.map { subresource in
                [
                    "subresource": .string(subresource.name),
                    "responseKind": [
                        "group": .string(subresource.kind.group), "version": .string(subresource.kind.version),
                        "kind": .string(subresource.kind.kind),
                    ], "verbs": ["create"],
                ]
            })
        return resource
    }

    private static func strings(_ list: [String]) -> JSON { .array(list.map { .string($0) }) }
}
