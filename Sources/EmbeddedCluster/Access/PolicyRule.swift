internal import OrderedJSON

/// One rule of a Role.
struct PolicyRule: Sendable, Hashable {
    var verbs: [String]
    var groups: [String]
    var resources: [String]
    var names: [String] = []

    init(verbs: [String], groups: [String], resources: [String], names: [String] = []) {
        self.verbs = verbs
        self.groups = groups
        self.resources = resources
        self.names = names
    }

    init(_ json: JSON) {
        func strings(_ key: String) -> [String] { (json[key]?.array ?? []).compactMap(\.string) }
        self.init(
            verbs: strings("verbs"), groups: strings("apiGroups"), resources: strings("resources"),
            names: strings("resourceNames"))
    }

    static func rules(ofRole role: JSON) -> [PolicyRule] { (role["rules"]?.array ?? []).map(PolicyRule.init) }

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

    /// The rule as rules of one verb, one group and one resource, and at most one name.
    var single: [PolicyRule] {
        verbs.flatMap { verb in
            groups.flatMap { group in
                resources.flatMap { resource in
                    names.isEmpty
                        ? [PolicyRule(verbs: [verb], groups: [group], resources: [resource])]
                        : names.map { PolicyRule(verbs: [verb], groups: [group], resources: [resource], names: [$0]) }
                }
            }
        }
    }

    /// Whether whoever holds this rule holds all that the other one grants.
    ///
    /// - Parameter other: a rule of one verb, group and resource.
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
        return includes(verbs, other.verbs) && includes(groups, other.groups) && coversResources && coversNames
    }

    /// As Kubernetes prints a rule in the message about escalation.
    var text: String {
        func list(_ name: String, _ values: [String]) -> String? {
            values.isEmpty ? nil : "\(name):[\(values.map { JSON.string($0).text }.joined(separator: " "))]"
        }
        let parts = [
            list("APIGroups", groups), list("Resources", resources), list("ResourceNames", names), list("Verbs", verbs),
        ]
        return "{\(parts.compactMap(\.self).joined(separator: ", "))}"
    }
}
