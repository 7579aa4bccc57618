public import OrderedJSON

/// One rule of a Role: verbs on resources, of any name or of those that are named.
///
/// Source: Kubernetes API reference, rbac.authorization.k8s.io/v1 `PolicyRule`, as far as it applies to a Role.
public struct PolicyRule: Sendable, Hashable {
    /// API groups; the empty one is the core group, `*` all of them.
    public var groups: [String]
    /// Resources by their plural names, with the subresource where there is one: `pods/log`.
    public var resources: [String]
    /// What may be done to them, such as `get`; `*` for everything.
    public var verbs: [String]
    /// The objects that the rule is about; empty for all of them.
    public var names: [String]

    public init(groups: [String], resources: [String], verbs: [String], names: [String] = []) {
        self.groups = groups
        self.resources = resources
        self.verbs = verbs
        self.names = names
    }

    public init(_ json: JSON) {
        func strings(_ key: String) -> [String] { (json[key]?.array ?? []).compactMap(\.string) }
        self.init(
            groups: strings("apiGroups"), resources: strings("resources"), verbs: strings("verbs"),
            names: strings("resourceNames"))
    }

    /// The rules of a Role as the cluster has it.
    public static func rules(of role: JSON) -> [PolicyRule] { (role["rules"]?.array ?? []).map { PolicyRule($0) } }

    /// The rule as Roles have it.
    public var json: JSON {
        func list(_ values: [String]) -> JSON { .array(values.map(JSON.string)) }
        var json: JSON = ["apiGroups": list(groups), "resources": list(resources)]
        if !names.isEmpty { json["resourceNames"] = list(names) }
        json["verbs"] = list(verbs)
        return json
    }
}
