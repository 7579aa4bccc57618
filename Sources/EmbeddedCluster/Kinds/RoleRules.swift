internal import KubernetesAPI
internal import OrderedJSON

/// What the rules of a Role and of a ClusterRole must be like.
///
/// Source: k8s.io/kubernetes/pkg/apis/rbac/validation.
enum RoleRules {
    static func errors(_ role: JSON, isNamespaced: Bool) -> [FieldError] {
        (role["rules"]?.array ?? []).enumerated().flatMap { index, rule in
            errors(rule, "rules[\(index)]", isNamespaced: isNamespaced)
        }
    }

    private static func errors(_ rule: JSON, _ field: String, isNamespaced: Bool) -> [FieldError] {
        func count(_ key: String) -> Int { rule[key]?.array?.count ?? 0 }
        func required(_ key: String, _ detail: String) -> [FieldError] {
            count(key) == 0 ? [.required("\(field).\(key)", detail)] : []
        }
        let verbs = required("verbs", "verbs must contain at least one value")
        guard count("nonResourceURLs") == 0 else {
            func misplaced(_ detail: String) -> FieldError {
                .invalid("\(field).nonResourceURLs", rule["nonResourceURLs"] ?? .null, detail)
            }
            let isMixed = ["apiGroups", "resources", "resourceNames"].contains { count($0) > 0 }
            return verbs
                + (isNamespaced ? [misplaced("namespaced rules cannot apply to non-resource URLs")] : [])
                + (isMixed ? [misplaced("rules cannot apply to both regular resources and non-resource URLs")] : [])
        }
        return verbs + required("apiGroups", "resource rules must supply at least one api group")
            + required("resources", "resource rules must supply at least one resource")
    }
}
