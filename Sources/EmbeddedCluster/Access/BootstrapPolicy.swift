internal import KubernetesAPI
internal import OrderedJSON

/// The ClusterRoles and ClusterRoleBindings that every cluster has: those of Kubernetes, as far as they are about what
/// this cluster serves.
///
/// Source: k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy.
enum BootstrapPolicy {
    private static let read = ["get", "list", "watch"]
    private static let write = ["create", "delete", "deletecollection", "patch", "update"]
    private static let readAndWrite = (read + write).sorted()
    private static let authorization = "authorization.k8s.io"
    private static let authentication = "authentication.k8s.io"
    private static let rbac = "rbac.authorization.k8s.io"
    private static let coordination = "coordination.k8s.io"
    private static let aggregation = "rbac.authorization.k8s.io/aggregate-to"

    static let clusterRoles: [JSON] = [
        role("cluster-admin", PolicyRule.everything),
        role("system:discovery", [PolicyRule(verbs: ["get"], paths: (discovery + health).sorted())]),
        role("system:public-info-viewer", [PolicyRule(verbs: ["get"], paths: health)]),
        role(
            "system:basic-user",
            [
                rule(["create"], authorization, ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
                rule(["create"], authentication, ["selfsubjectreviews"]),
            ]),
        role(
            "system:service-account-issuer-discovery",
            [
                PolicyRule(
                    verbs: ["get"],
                    paths: [
                        "/.well-known/openid-configuration", "/.well-known/openid-configuration/",
                        "/openid/v1/jwks", "/openid/v1/jwks/",
                    ]),
                // Not in every Kubernetes, but in the one whose answers are the standard here.
                PolicyRule(verbs: ["get"], paths: ["/.well-known", "/.well-known/*"]),
            ]),
        role(
            "system:auth-delegator",
            [
                rule(["create"], authentication, ["tokenreviews"]),
                rule(["create"], authorization, ["subjectaccessreviews"]),
            ]),
        aggregated("admin"),
        aggregated("edit", partOf: "admin"),
        aggregated("view", partOf: "edit"),
        role(
            "system:aggregate-to-admin",
            [
                rule(["create"], authorization, ["localsubjectaccessreviews"]),
                rule(readAndWrite, rbac, ["rolebindings", "roles"]),
            ], partOf: "admin"),
        role(
            "system:aggregate-to-edit",
            [
                rule(read, "", ["secrets"]),
                rule(["impersonate"], "", ["serviceaccounts"]),
                rule(write, "", ["pods"]),
                rule(write, "", ["configmaps", "events", "secrets", "serviceaccounts"]),
                rule(["create"], "", ["serviceaccounts/token"]),
                rule(write, "batch", ["jobs"]),
                rule(readAndWrite, coordination, ["leases"]),
            ], partOf: "edit"),
        role(
            "system:aggregate-to-view",
            [
                rule(read, "", ["configmaps", "pods", "serviceaccounts"]),
                rule(read, "", ["events", "namespaces/status", "pods/log", "pods/status"]),
                // In a namespace: of this namespace.
                rule(read, "", ["namespaces"]),
                rule(read, "batch", ["jobs", "jobs/status"]),
            ], partOf: "view"),
    ]

    static let clusterRoleBindings: [JSON] = [
        binding("cluster-admin", [User.mastersGroup]),
        binding("system:basic-user", [User.authenticatedGroup]),
        binding("system:discovery", [User.authenticatedGroup]),
        binding("system:public-info-viewer", [User.authenticatedGroup, User.unauthenticatedGroup]),
        binding("system:service-account-issuer-discovery", [User.serviceAccountsGroup]),
    ]

    private static let discovery = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"]
    private static let health = ["/healthz", "/livez", "/readyz", "/version", "/version/"]

    private static func rule(_ verbs: [String], _ group: String, _ resources: [String]) -> PolicyRule {
        PolicyRule(verbs: verbs, groups: [group], resources: resources)
    }

    private static func role(_ name: String, _ rules: [PolicyRule], partOf whole: String? = nil) -> JSON {
        ["metadata": metadata(name, partOf: whole), "rules": .array(rules.map(\.json))]
    }

    private static func aggregated(_ name: String, partOf whole: String? = nil) -> JSON {
        [
            "metadata": metadata(name, partOf: whole), "rules": .null,
            "aggregationRule": [
                "clusterRoleSelectors": [["matchLabels": ["\(aggregation)-\(name)": "true"]]]
            ],
        ]
    }

    private static func binding(_ name: String, _ groups: [String]) -> JSON {
        [
            "metadata": metadata(name, partOf: nil),
            "subjects": .array(
                groups.map { ["kind": "Group", "apiGroup": .string(rbac), "name": .string($0)] }),
            "roleRef": ["apiGroup": .string(rbac), "kind": "ClusterRole", "name": .string(name)],
        ]
    }

    /// - Parameter whole: the aggregated role that takes this one's rules.
    private static func metadata(_ name: String, partOf whole: String?) -> JSON {
        var labels = ["kubernetes.io/bootstrapping": "rbac-defaults"]
        if let whole { labels["\(aggregation)-\(whole)"] = "true" }
        return [
            "name": .string(name), "labels": JSON(sorted: labels),
            "annotations": [BootstrapReconciliation.autoupdate: "true"],
        ]
    }
}
