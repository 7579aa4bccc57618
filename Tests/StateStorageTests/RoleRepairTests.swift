import KubernetesAPI
import OrderedJSON
import Testing

@testable import StateStorage

/// The least that gives an account what it lacks.
@Suite struct RoleRepairTests {
    private static let name = StorageRights.roleName
    private static let subject: JSON = ["kind": "ServiceAccount", "name": "runner"]

    private func repairer(subject: JSON? = Self.subject) -> RoleRepairer {
        RoleRepairer(namespace: "states", name: Self.name, rules: StorageRights.rules(), subject: subject)
    }

    private func role(_ rules: [PolicyRule]) -> JSON {
        ["metadata": ["name": .string(Self.name)], "rules": .array(rules.map(\.json))]
    }

    private func binding(_ subjects: [JSON] = [subject], to kind: String = "Role") -> JSON {
        [
            "roleRef": [
                "apiGroup": "rbac.authorization.k8s.io", "kind": .string(kind), "name": .string(Self.name),
            ],
            "subjects": .array(subjects),
        ]
    }

    private func kinds(_ repair: RoleRepair) -> [String?] { repair.objects.map { $0["kind"]?.string } }

    @Test func aVerbGoesWhereItWas() throws {
        for (index, rule) in StorageRights.rules().enumerated() {
            for verb in rule.verbs {
                var rules = StorageRights.rules()
                rules[index].verbs.removeAll { $0 == verb }
                let access = Access(verb, index == 0 ? .secret : .lease)
                let repair = repairer().repair([access], role: role(rules), binding: binding(), isReadable: true)
                #expect(kinds(repair) == ["Role"])
                #expect(PolicyRule.rules(of: try #require(repair.objects.first)) == StorageRights.rules())
            }
        }
    }

    @Test func whatTheRoleHasBeyondStays() throws {
        let more = PolicyRule(groups: [""], resources: ["configmaps"], verbs: ["get"])
        let there = [more, PolicyRule(groups: [""], resources: ["secrets"], verbs: ["update", "get"])]
        let repair = repairer().repair(
            [Access("list", .secret), Access("get", .lease)], role: role(there), binding: binding(), isReadable: true)
        #expect(
            PolicyRule.rules(of: try #require(repair.objects.first)) == [
                more, PolicyRule(groups: [""], resources: ["secrets"], verbs: ["update", "get", "list"]),
                PolicyRule(groups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get"]),
            ])
    }

    @Test func aMissingBindingIsAllThatIsPrinted() {
        let rules = StorageRights.rules()
        let missing = AccessNeed.documented.map(\.access)
        let unbound = repairer().repair(missing, role: role(rules), binding: nil, isReadable: true)
        #expect(kinds(unbound) == ["RoleBinding"])
        #expect(unbound.objects.last?["subjects"] == [Self.subject])
        let other: JSON = ["kind": "User", "name": "a"]
        let others = repairer().repair(missing, role: role(rules), binding: binding([other]), isReadable: true)
        #expect(kinds(others) == ["RoleBinding"])
        #expect(others.objects.last?["subjects"] == [other, Self.subject])
    }

    @Test func noRoleIsTheDocumentedOne() throws {
        let repair = repairer().repair([Access("list", .secret)], role: nil, binding: nil, isReadable: true)
        #expect(kinds(repair) == ["Role", "RoleBinding"])
        #expect(PolicyRule.rules(of: try #require(repair.objects.first)) == StorageRights.rules())
        let bound = repairer().repair([Access("list", .secret)], role: nil, binding: binding(), isReadable: true)
        #expect(kinds(bound) == ["Role"])
        let unknown = repairer(subject: nil).repair(
            [Access("list", .secret)], role: nil, binding: nil, isReadable: true)
        #expect(kinds(unknown) == ["Role"])
    }

    @Test func whatCannotBeReadOrBindsSomethingElseIsLeftAlone() throws {
        for (binding, isReadable) in [(nil, false), (binding(to: "ClusterRole"), true)] as [(JSON?, Bool)] {
            let repair = repairer().repair(
                [Access("list", .secret)], role: nil, binding: binding, isReadable: isReadable)
            #expect(kinds(repair) == ["Role", "RoleBinding"])
            #expect(repair.objects.map(\.objectName) == ["\(Self.name)-added", "\(Self.name)-added"])
            #expect(
                PolicyRule.rules(of: try #require(repair.objects.first))
                    == [PolicyRule(groups: [""], resources: ["secrets"], verbs: ["list"])])
            #expect(repair.objects.last?["roleRef"]?["name"]?.string == "\(Self.name)-added")
        }
    }

    @Test func whatIsGrantedAndBoundIsNotForARoleToMend() {
        let all = PolicyRule(groups: ["*"], resources: ["*"], verbs: ["*"])
        let repair = repairer().repair(
            [Access("list", .secret)], role: role([all]), binding: binding(), isReadable: true)
        #expect(repair.objects.isEmpty)
        #expect(repair.explanation.contains("another authorizer"))
    }
}
