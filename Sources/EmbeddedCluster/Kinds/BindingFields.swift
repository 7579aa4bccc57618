internal import KubernetesAPI
internal import OrderedJSON

/// What RoleBindings and ClusterRoleBindings have in common.
///
/// Source: k8s.io/kubernetes/pkg/apis/rbac/v1/defaults.go, /validation.
enum BindingFields {
    private static let group = ResourceKind.role.group

    static func complete(_ binding: inout JSON) {
        if binding["roleRef"]?["apiGroup"]?.string ?? "" == "" {
            var reference = binding["roleRef"] ?? [:]
            reference["apiGroup"] = .string(group)
            binding["roleRef"] = Schema.type("RoleRef").ordered(reference)
        }
        guard let subjects = binding["subjects"]?.array else { return }
        binding["subjects"] = .array(
            subjects.map { subject in
                guard ["User", "Group"].contains(subject["kind"]?.string), subject["apiGroup"] == nil else {
                    return subject
                }
                var subject = subject
                subject["apiGroup"] = .string(group)
                return Schema.type("Subject").ordered(subject)
            })
    }

    static func errors(_ binding: JSON, isNamespaced: Bool) -> [FieldError] {
        let reference = binding["roleRef"] ?? [:]
        let kinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
        var errors: [FieldError] = []
        if reference["apiGroup"]?.string != group {
            errors.append(.notSupported("roleRef.apiGroup", reference["apiGroup"] ?? "", supported: [group]))
        }
        if !kinds.contains(reference["kind"]?.string ?? "") {
            errors.append(.notSupported("roleRef.kind", reference["kind"] ?? "", supported: kinds))
        }
        let name = reference["name"]?.string ?? ""
        if name.isEmpty { errors.append(.required("roleRef.name")) }
        errors += NameRule.pathSegment.problems(name).map { .invalid("roleRef.name", .string(name), $0) }
        for (index, subject) in (binding["subjects"]?.array ?? []).enumerated() {
            errors += subjectErrors(subject, "subjects[\(index)]", isNamespaced: isNamespaced)
        }
        return errors
    }

    private static func subjectErrors(_ subject: JSON, _ field: String, isNamespaced: Bool) -> [FieldError] {
        let (name, apiGroup) = (subject["name"]?.string ?? "", subject["apiGroup"]?.string ?? "")
        var errors: [FieldError] = name.isEmpty ? [.required("\(field).name")] : []
        switch subject["kind"]?.string {
        case "ServiceAccount":
            if !name.isEmpty {
                errors += NameRule.subdomain.problems(name).map { .invalid("\(field).name", .string(name), $0) }
            }
            if !apiGroup.isEmpty {
                errors.append(.notSupported("\(field).apiGroup", .string(apiGroup), supported: [""]))
            }
            if !isNamespaced, subject["namespace"]?.string ?? "" == "" {
                errors.append(.required("\(field).namespace"))
            }
        case "User", "Group":
            if name.isEmpty {
                let kind = subject["kind"]?.string?.lowercased() ?? ""
                errors.append(.invalid("\(field).name", "", "\(kind) name cannot be empty"))
            }
            if apiGroup != group {
                errors.append(.notSupported("\(field).apiGroup", .string(apiGroup), supported: [group]))
            }
        default:
            errors.append(
                .notSupported("\(field).kind", subject["kind"] ?? "", supported: ["ServiceAccount", "User", "Group"]))
        }
        return errors
    }

    @Sendable static func changeErrors(_ binding: JSON, _ old: JSON) -> [FieldError] {
        guard let reference = binding["roleRef"], reference != old["roleRef"] else { return [] }
        // Kubernetes shows the fields under the names that they have inside it.
        let shown: JSON = [
            "APIGroup": reference["apiGroup"] ?? "", "Kind": reference["kind"] ?? "", "Name": reference["name"] ?? "",
        ]
        return [.invalid("roleRef", shown, "cannot change roleRef")]
    }

    /// - Parameters:
    ///   - kind: as it stands in the columns' descriptions.
    ///   - reference: what the reference to the role is.
    static func columns(of kind: String, reference: String) -> [TableColumn] {
        [
            TableColumn(
                name: "Role", description: reference,
                cell: { binding, _ in
                    let reference = binding["roleRef"]
                    return .string("\(reference?["kind"]?.string ?? "")/\(reference?["name"]?.string ?? "")")
                }),
            .age,
            subjects("Users", of: kind, "User") { $0["name"]?.string ?? "" },
            subjects("Groups", of: kind, "Group") { $0["name"]?.string ?? "" },
            subjects("ServiceAccounts", of: kind, "ServiceAccount") { subject in
                let (name, namespace) = (subject["name"]?.string ?? "", subject["namespace"]?.string ?? "")
                return "\(namespace)/\(name)"
            },
        ]
    }

    private static func subjects(
        _ name: String, of kind: String, _ subjectKind: String, _ text: @escaping @Sendable (JSON) -> String
    ) -> TableColumn {
        TableColumn(
            name: name, description: "\(name) in the \(kind)", priority: 1,
            cell: { binding, _ in
                let subjects = (binding["subjects"]?.array ?? []).filter { $0["kind"]?.string == subjectKind }
                return .string(subjects.map(text).joined(separator: ", "))
            })
    }
}
