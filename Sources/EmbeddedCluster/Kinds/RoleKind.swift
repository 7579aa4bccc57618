internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, rbac.authorization.k8s.io/v1 `Role`; "Using RBAC Authorization".
    static let role = ServedKind.stored(
        StoredKind(
            kind: .role, type: Schema.type("Role"), nameRule: .pathSegment, createsOnUpdate: true,
            validate: validate,
            admit: { object, old, access in
                if let old, old["rules"] == object["rules"] { return }
                let (namespace, name) = (object.objectNamespace ?? "", object.objectName ?? "")
                let escalate = ResourceAccess(
                    verb: "escalate", group: ResourceKind.role.group, resource: ResourceKind.role.resource,
                    namespace: namespace, name: name)
                if try await access.authorizer.decide(access.user, .resource(escalate)).isAllowed { return }
                try await access.requireToHold(
                    PolicyRule.rules(ofRole: object), in: namespace, granting: .role, name)
            },
            columns: [.createdAt]))

    @Sendable private static func validate(_ object: JSON) -> [FieldError] {
        (object["rules"]?.array ?? []).enumerated().flatMap { index, rule -> [FieldError] in
            let field = "rules[\(index)]"
            func isEmpty(_ key: String) -> Bool { rule[key]?.array?.isEmpty ?? true }
            if !isEmpty("nonResourceURLs") {
                return [
                    .invalid(
                        "\(field).nonResourceURLs", rule["nonResourceURLs"] ?? .null,
                        "namespaced rules cannot apply to non-resource URLs")
                ]
            }
            var errors: [FieldError] = []
            if isEmpty("verbs") { errors.append(.required("\(field).verbs", "verbs must contain at least one value")) }
            if isEmpty("apiGroups") {
                errors.append(.required("\(field).apiGroups", "resource rules must supply at least one api group"))
            }
            if isEmpty("resources") {
                errors.append(.required("\(field).resources", "resource rules must supply at least one resource"))
            }
            return errors
        }
    }
}
