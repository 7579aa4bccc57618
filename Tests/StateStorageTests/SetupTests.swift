import KubernetesAPI
import OrderedJSON
import Testing

@testable import StateStorage

/// What a set-up does to objects that are there, and how it prints them.
@Suite struct SetupTests {
    private static let namespace = "states"
    private static let account = ServiceAccountReference(namespace: namespace, name: "runner")

    private func object(_ kind: String, extras: Set<OptionalRight> = []) throws -> SetupObject {
        var request = SetupRequest(namespace: Self.namespace, serviceAccount: Self.account)
        request.extras = extras
        return try #require(request.objects.first { $0.kind.kind == kind })
    }

    private func binding(_ subjects: [JSON], role: String = StorageRights.roleName) -> JSON {
        [
            "metadata": ["name": .string(StorageRights.roleName), "resourceVersion": "7"],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(role)],
            "subjects": .array(subjects),
        ]
    }

    @Test func aRoleThatGrantsSomethingElseIsLeftAlone() throws {
        let wanted = try object("Role")
        var there = wanted.json
        #expect(SetupPlan(wanted, current: there, replaces: false) == .leave)
        there["rules"] = .array(StorageRights.rules(with: [.delete]).map(\.json))
        let differences = ["- leases.coordination.k8s.io: delete", "- secrets: delete"]
        #expect(SetupPlan(wanted, current: there, replaces: false) == .refuse(differences))
        // Everything but the rules stays as it is.
        there["metadata", "labels", "team"] = "a"
        var changed = there
        changed["rules"] = wanted.json["rules"]
        #expect(SetupPlan(wanted, current: there, replaces: true) == .update(changed, differences: differences))

        let more = try object("Role", extras: [.watch])
        #expect(
            SetupPlan(more, current: wanted.json, replaces: false)
                == .refuse(["+ leases.coordination.k8s.io: watch", "+ secrets: watch"]))
    }

    @Test func aBindingKeepsItsOtherSubjects() throws {
        let wanted = try object("RoleBinding")
        let user: JSON = ["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "a"]
        let there = binding([user])
        guard case .update(let changed, let differences) = SetupPlan(wanted, current: there, replaces: false) else {
            Issue.record("no subject is added")
            return
        }
        #expect(changed["subjects"] == [user, ["kind": "ServiceAccount", "name": "runner"]])
        #expect(changed.resourceVersion == "7")
        #expect(differences == ["+ ServiceAccount states/runner"])
    }

    @Test(arguments: [
        (#"{"kind":"ServiceAccount","name":"runner"}"#, true),
        (#"{"kind":"ServiceAccount","name":"runner","namespace":""}"#, true),
        (#"{"kind":"ServiceAccount","name":"runner","namespace":"states"}"#, true),
        (#"{"kind":"ServiceAccount","name":"runner","namespace":"default"}"#, false),
        (#"{"kind":"ServiceAccount","name":"other"}"#, false), (#"{"kind":"User","name":"runner"}"#, false),
    ])
    func aSubjectWithoutANamespaceIsOneOfTheBindings(_ subject: String, _ isBound: Bool) throws {
        let there = binding([try JSON(parsing: subject)])
        #expect((SetupPlan(try object("RoleBinding"), current: there, replaces: false) == .leave) == isBound)
    }

    @Test func whatABindingBindsCannotBeChanged() throws {
        let wanted = try object("RoleBinding")
        let there = binding([["kind": "Group", "name": "all"]], role: "everything")
        let differences = ["+ Role \(StorageRights.roleName)", "- Role everything", "- Group all"]
        #expect(SetupPlan(wanted, current: there, replaces: false) == .refuse(differences))
        #expect(
            SetupPlan(wanted, current: there, replaces: true)
                == .recreate(old: there, new: wanted.json, differences: differences))
    }

    @Test func yamlIsShapedAsOnThePage() {
        let request = SetupRequest(namespace: "humanitec-runner", serviceAccount: Self.account)
        #expect(
            ManifestYAML.text(of: request.objects.map(\.json)) == """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata:
                  name: humanitec-runner-kubernetes-stage-storage
                  namespace: humanitec-runner
                rules:
                  - apiGroups: [""]
                    resources: ["secrets"]
                    verbs: ["create", "get", "list", "update"]
                  - apiGroups: ["coordination.k8s.io"]
                    resources: ["leases"]
                    verbs: ["create", "get", "update"]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata:
                  name: humanitec-runner-kubernetes-stage-storage
                  namespace: humanitec-runner
                roleRef:
                  apiGroup: rbac.authorization.k8s.io
                  kind: Role
                  name: humanitec-runner-kubernetes-stage-storage
                subjects:
                  - kind: ServiceAccount
                    name: runner
                    namespace: states

                """)
    }

    @Test func yamlQuotesWhatIsNoPlainString() {
        let object: JSON = [
            "a": "true", "b": "1e5", "c": "x: y", "no": "4", "e": [], "f": [:], "g": "", "h": "a-b.c/d",
        ]
        #expect(
            ManifestYAML.text(of: [object]) == """
                a: "true"
                b: "1e5"
                c: "x: y"
                "no": "4"
                e: []
                f: {}
                g: ""
                h: a-b.c/d

                """)
    }
}
