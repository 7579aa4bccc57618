internal import OrderedJSON

/// One rule of a Role or of a ClusterRole.
struct PolicyRule: Sendable, Hashable {
    var verbs: [String]
    var groups: [String]
    var resources: [String]
    var names: [String] = []
    /// Paths that are no resources, such as `/version`; one that ends in `*` stands for all that begin so.
    var paths: [String] = []

    init(verbs: [String], groups: [String] = [], resources: [String] = [], names: [String] = [], paths: [String] = []) {
        self.verbs = verbs
        self.groups = groups
        self.resources = resources
        self.names = names
        self.paths = paths
    }

    init(_ json: JSON) {
        func strings(_ key: String) -> [String] { (json[key]?.array ?? []).compactMap(\.string) }
        self.init(
            verbs: strings("verbs"), groups: strings("apiGroups"), resources: strings("resources"),
            names: strings("resourceNames"), paths: strings("nonResourceURLs"))
    }

    var json: JSON {
        func list(_ values: [String]) -> JSON? {
            values.isEmpty ? JSON?.none : .array(values.map { .string($0) })
        }
        var json: JSON = ["verbs": .array(verbs.map { .string($0) })]
        json["apiGroups"] = list(groups)
        json["resources"] = list(resources)
        json["resourceNames"] = list(names)
        json["nonResourceURLs"] = list(paths)
        return json
    }

    static func rules(ofRole role: JSON) -> [PolicyRule] { (role["rules"]?.array ?? []).map(PolicyRule.init) }

    /// All that there is.
    static let everything = [
        PolicyRule(verbs: ["*"], groups: ["*"], resources: ["*"]), PolicyRule(verbs: ["*"], paths: ["*"]),
    ]
}

extension PolicyRule {
    func allows(_ request: AccessRequest) -> Bool {
        switch request {
        case .resource(let access): allows(access)
        case .path(let path, let verb):
            Self.contains(verbs, verb) && paths.contains { $0 == "*" || Self.covers($0, path) }
        }
    }

    func allows(_ access: ResourceAccess) -> Bool {
        Self.contains(verbs, access.verb) && Self.contains(groups, access.group) && covers(access)
            && (names.isEmpty || names.contains(access.name))
    }

    private func covers(_ access: ResourceAccess) -> Bool {
        resources.contains { resource in
            resource == "*" || resource == access.fullResource
                || (!access.subresource.isEmpty && resource == "*/\(access.subresource)")
        }
    }

    private static func contains(_ list: [String], _ value: String) -> Bool {
        list.contains("*") || list.contains(value)
    }

    private static func covers(_ pattern: String, _ path: String) -> Bool {
        guard pattern.utf8.last == UInt8(ascii: "*") else { return pattern == path }
        return path.hasPrefix(pattern.prefix(while: { $0 != "*" }))
    }

    /// The rule as rules of one group, one resource, one verb and at most one name, or of one path and one verb.
    var single: [PolicyRule] {
        let ofResources = groups.flatMap { group in
            resources.flatMap { resource in
                verbs.flatMap { verb in
                    names.isEmpty
                        ? [PolicyRule(verbs: [verb], groups: [group], resources: [resource])]
                        : names.map { PolicyRule(verbs: [verb], groups: [group], resources: [resource], names: [$0]) }
                }
            }
        }
        return ofResources + paths.flatMap { path in verbs.map { PolicyRule(verbs: [$0], paths: [path]) } }
    }

    /// Whether whoever holds this rule holds all that the other one grants.
    ///
    /// - Parameter other: one of `single`.
    ///
    /// Source: k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go.
    func covers(_ other: PolicyRule) -> Bool {
        func includes(_ own: [String], _ others: [String]) -> Bool {
            own.contains("*") || others.allSatisfy(own.contains)
        }
        let coversResources = other.resources.allSatisfy { resource in
            if resources.contains("*") || resources.contains(resource) { return true }
            guard let slash = resource.firstIndex(of: "/") else { return false }
            return resources.contains("*\(resource[slash...])")
        }
        let coversNames = names.isEmpty || (!other.names.isEmpty && other.names.allSatisfy(names.contains))
        let coversPaths = other.paths.allSatisfy { path in paths.contains { Self.covers($0, path) } }
        return includes(verbs, other.verbs) && includes(groups, other.groups) && coversResources && coversNames
            && coversPaths
    }

    /// What of these rules the held ones do not cover, broken into single rules.
    static func missing(_ rules: [PolicyRule], from held: [PolicyRule]) -> [PolicyRule] {
        rules.flatMap(\.single).filter { rule in !held.contains { $0.covers(rule) } }
    }

    /// As Kubernetes prints a rule in the message about escalation.
    var text: String {
        func list(_ name: String, _ values: [String]) -> String? {
            values.isEmpty ? nil : "\(name):[\(values.map { JSON.string($0).text }.joined(separator: " "))]"
        }
        let parts = [
            list("APIGroups", groups), list("Resources", resources), list("NonResourceURLs", paths),
            list("ResourceNames", names), list("Verbs", verbs),
        ]
        return "{\(parts.compactMap(\.self).joined(separator: ", "))}"
    }
}
