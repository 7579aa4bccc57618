/// The objects of a set-up as resources of Terraform's `kubernetes` provider, as on the documentation page.
public enum ManifestHCL {
    /// The resources, to be written to a `.tf` file; with a newline at the end.
    public static func text(of request: SetupRequest) -> String {
        var comments = request.notes
        if !request.createsNamespace {
            comments.append(
                "namespace \(request.namespace) is taken to exist; --create-namespace adds a kubernetes_namespace")
        }
        let head = comments.map { "# \($0)" }
        let blocks = [locals(request)] + request.objects.map { resource($0, request) }
        return ([head].filter { !$0.isEmpty } + blocks.map(\.lines)).map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    private static let namespaceLabel = "humanitec_runner_state_storage"

    private static func locals(_ request: SetupRequest) -> HCLBlock {
        HCLBlock(
            "locals",
            [
                .attribute("state_storage_namespace", HCLBlock.string(request.namespace)),
                .attribute("runner_k8s_sa", HCLBlock.string(request.serviceAccount.name)),
                .attribute("runner_k8s_sa_namespace", HCLBlock.string(request.serviceAccount.namespace)),
            ])
    }

    private static func resource(_ object: SetupObject, _ request: SetupRequest) -> HCLBlock {
        // A reference to the resource makes what needs it wait for it.
        let namespace =
            request.createsNamespace
            ? "kubernetes_namespace.\(namespaceLabel).metadata[0].name" : "local.state_storage_namespace"
        let accountNamespace =
            request.serviceAccount.namespace == request.namespace ? namespace : "local.runner_k8s_sa_namespace"
        switch object.content {
        case .namespace:
            return block(
                "kubernetes_namespace", namespaceLabel, [metadata([("name", "local.state_storage_namespace")])])
        case .serviceAccount:
            return block(
                "kubernetes_service_account", "humanitec_runner",
                [metadata([("name", "local.runner_k8s_sa"), ("namespace", accountNamespace)])])
        case .role(let rules, _):
            return block(
                "kubernetes_role", object.name,
                [metadata([("name", HCLBlock.string(object.name)), ("namespace", namespace)])] + rules.map(rule))
        case .binding:
            let reference = HCLBlock(
                "role_ref",
                [
                    .attribute("api_group", HCLBlock.string("rbac.authorization.k8s.io")),
                    .attribute("kind", HCLBlock.string("Role")),
                    .attribute("name", "kubernetes_role.\(object.name).metadata[0].name"),
                ])
            // Left out, the provider takes it to be "default", and the binding is for another ServiceAccount.
            let account =
                request.createsServiceAccount
                ? "kubernetes_service_account.humanitec_runner.metadata[0]." : nil
            let subject = HCLBlock(
                "subject",
                [
                    .attribute("kind", HCLBlock.string("ServiceAccount")),
                    .attribute("name", account.map { "\($0)name" } ?? "local.runner_k8s_sa"),
                    .attribute("namespace", account.map { "\($0)namespace" } ?? "local.runner_k8s_sa_namespace"),
                ])
            return block(
                "kubernetes_role_binding", object.name,
                [
                    metadata([("name", HCLBlock.string(object.name)), ("namespace", namespace)]),
                    .block(reference), .block(subject),
                ])
        }
    }

    private static func block(_ type: String, _ label: String, _ items: [HCLBlock.Item]) -> HCLBlock {
        HCLBlock("resource \(HCLBlock.string(type)) \(HCLBlock.string(label))", items)
    }

    private static func metadata(_ attributes: [(String, String)]) -> HCLBlock.Item {
        .block(HCLBlock("metadata", attributes.map { .attribute($0, $1) }))
    }

    private static func rule(_ rule: PolicyRule) -> HCLBlock.Item {
        var items: [HCLBlock.Item] = [
            .attribute("api_groups", HCLBlock.list(rule.groups)),
            .attribute("resources", HCLBlock.list(rule.resources)),
            .attribute("verbs", HCLBlock.list(rule.verbs)),
        ]
        if !rule.names.isEmpty { items.append(.list("resource_names", rule.names.map(HCLBlock.string))) }
        return .block(HCLBlock("rule", items))
    }
}
