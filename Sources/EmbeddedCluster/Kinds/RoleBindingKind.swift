internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, rbac.authorization.k8s.io/v1 `RoleBinding`; "Using RBAC Authorization".
    static let roleBinding = ServedKind.stored(
        StoredKind(
            kind: .roleBinding, type: Schema.type("RoleBinding"), nameRule: .pathSegment, createsOnUpdate: true,
            setDefaults: setDefaults,
            validate: validate,
            validateChange: { object, old in
                object["roleRef"] == old["roleRef"]
                    ? [] : [.invalid("roleRef", object["roleRef"] ?? .null, "cannot change roleRef")]
            },
            admit: admit, columns: columns))

    private static let group = ResourceKind.roleBinding.group

    @Sendable private static func setDefaults(_ object: inout JSON) {
        if object["roleRef"]?["apiGroup"]?.string == "" {
            var reference = object["roleRef"] ?? [:]
            reference["apiGroup"] = .string(group)
            object["roleRef"] = reference
        }
        guard let subjects = object["subjects"]?.array else { return }
        object["subjects"] = .array(
            subjects.map { subject in
                guard ["User", "Group"].contains(subject["kind"]?.string), subject["apiGroup"] == nil else {
                    return subject
                }
                var completed: JSON = [
                    "kind": subject["kind"] ?? "", "apiGroup": .string(group), "name": subject["name"] ?? "",
                ]
                completed["namespace"] = subject["namespace"]
                return completed
            })
    }

    @Sendable private static func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let reference = object["roleRef"] ?? [:]
        if reference["apiGroup"]?.string != group {
            errors.append(.notSupported("roleRef.apiGroup", reference["apiGroup"] ?? "", supported: [group]))
        }
        if !["Role", "ClusterRole"].contains(reference["kind"]?.string) {
            errors.append(.notSupported("roleRef.kind", reference["kind"] ?? "", supported: ["Role", "ClusterRole"]))
        }
        let name = reference["name"]?.string ?? ""
        if name.isEmpty { errors.append(.required("roleRef.name")) }
        errors += NameRule.pathSegment.problems(name).map { .invalid("roleRef.name", .string(name), $0) }
        for (index, subject) in (object["subjects"]?.array ?? []).enumerated() {
            errors += validate(subject: subject, "subjects[\(index)]")
        }
        return errors
    }

    private static func validate(subject: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let (name, apiGroup) = (subject["name"]?.string ?? "", subject["apiGroup"]?.string ?? "")
        if name.isEmpty { errors.append(.required("\(field).name")) }
        switch subject["kind"]?.string {
        case "ServiceAccount":
            if !name.isEmpty {
                errors += NameRule.subdomain.problems(name).map { .invalid("\(field).name", .string(name), $0) }
            }
            if !apiGroup.isEmpty {
                errors.append(.notSupported("\(field).apiGroup", .string(apiGroup), supported: [""]))
            }
        case "User", "Group":
            if apiGroup != group {
                errors.append(.notSupported("\(field).apiGroup", .string(apiGroup), supported: [group]))
            }
        default:
            errors.append(
                .notSupported("\(field).kind", subject["kind"] ?? "", supported: ["ServiceAccount", "User", "Group"]))
        }
        return errors
    }

    /// Whoever binds a Role holds what it grants, or may `bind` it.
    @Sendable private static func admit(_ object: JSON, _ old: JSON?, _ access: Escalation) async throws {
        if let old, old["roleRef"] == object["roleRef"], old["subjects"] == object["subjects"] { return }
        if access.user.isMaster { return }
        let namespace = object.objectNamespace ?? ""
        let isRole = object["roleRef"]?["kind"]?.string == "Role"
        let roleName = object["roleRef"]?["name"]?.string ?? ""
        let bind = ResourceAccess(
            verb: "bind", group: group, resource: isRole ? "roles" : "clusterroles", namespace: namespace,
            name: roleName)
        if try await access.authorizer.decide(access.user, .resource(bind)).isAllowed { return }
        let key = ObjectKey(resource: ResourceKind.role.qualifiedResource, namespace: namespace, name: roleName)
        guard isRole, let role = try await access.authorizer.policy.store.object(key) else {
            throw Status(
                code: 404, reason: "NotFound",
                message: "\(bind.resource).\(group) \"\(roleName)\" not found",
                details: Status.Details(name: roleName, group: group, kind: bind.resource))
        }
        try await access.requireToHold(
            PolicyRule.rules(ofRole: try role.json()), in: namespace, granting: .roleBinding, object.objectName ?? "")
    }

    private static let columns = [
        TableColumn(
            name: "Role",
            description: """
                RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If \
                the RoleRef \
                cannot be resolved, the Authorizer must return an error.
                """,
            cell: { object, _ in
                .string("\(object["roleRef"]?["kind"]?.string ?? "")/\(object["roleRef"]?["name"]?.string ?? "")")
            }),
        .age,
        subjectsColumn("Users", "User") { $0["name"]?.string ?? "" },
        subjectsColumn("Groups", "Group") { $0["name"]?.string ?? "" },
        subjectsColumn("ServiceAccounts", "ServiceAccount") {
            "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "")"
        },
    ]

    private static func subjectsColumn(
        _ name: String, _ kind: String, _ text: @escaping @Sendable (JSON) -> String
    ) -> TableColumn {
        TableColumn(
            name: name, description: "\(name) in the roleBinding", priority: 1,
            cell: { object, _ in
                let subjects = (object["subjects"]?.array ?? []).filter { $0["kind"]?.string == kind }
                return .string(subjects.map(text).joined(separator: ", "))
            })
    }
}
