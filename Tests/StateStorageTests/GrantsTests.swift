import OrderedJSON
import StateStorage
import Testing

/// Rules are compared by what they grant, not by how they are written.
@Suite struct GrantsTests {
    private static let documented = StorageRights.rules()

    private func rule(
        _ verbs: [String], _ resources: [String] = ["secrets"], groups: [String] = [""], names: [String] = []
    ) -> PolicyRule {
        PolicyRule(groups: groups, resources: resources, verbs: verbs, names: names)
    }

    @Test func theSameRightsWrittenInAnotherWayAreEqual() {
        let split = ["list", "create", "update", "get"].map { rule([$0]) }
        let leases = rule(["update", "create", "get", "get"], ["leases"], groups: ["coordination.k8s.io"])
        #expect(Grants(Self.documented) == Grants([leases] + split))
        // What grants nothing beyond another rule does not count.
        #expect(Grants(Self.documented) == Grants(Self.documented + [rule(["get"], names: ["x"])]))
        #expect(
            Grants(Self.documented) == Grants(Self.documented + [rule([]), rule(["get"], []), rule(["x"], groups: [])]))
    }

    @Test(arguments: [
        (PolicyRule(groups: ["*"], resources: ["*"], verbs: ["*"]), true),
        (PolicyRule(groups: [""], resources: ["*"], verbs: ["get"]), true),
        (PolicyRule(groups: [""], resources: ["secrets"], verbs: ["get"], names: ["a"]), true),
        (PolicyRule(groups: [""], resources: ["secrets"], verbs: ["get"], names: ["b"]), false),
        (PolicyRule(groups: ["apps"], resources: ["*"], verbs: ["*"]), false),
        (PolicyRule(groups: [""], resources: ["secrets/status"], verbs: ["*"]), false),
        (PolicyRule(groups: [""], resources: ["*/status"], verbs: ["*"]), false),
    ])
    func oneSecretIsCovered(by rule: PolicyRule, _ isCovered: Bool) {
        let grant = Grant(group: "", resource: "secrets", verb: "get", name: "a")
        #expect(Grants([rule]).covers(grant) == isCovered)
    }

    @Test func aPatternOfSubresourcesCoversThatOfEveryResource() {
        let pattern = Grants([rule(["get"], ["*/log"])])
        #expect(pattern.covers(Grant(group: "", resource: "pods/log", verb: "get")))
        #expect(!pattern.covers(Grant(group: "", resource: "pods/exec", verb: "get")))
        #expect(!pattern.covers(Grant(group: "", resource: "log", verb: "get")))
    }

    @Test func everythingIsNotCoveredByAnyNumberOfThings() {
        let many = Grants([rule(["create", "delete", "get", "list", "patch", "update", "watch", "deletecollection"])])
        #expect(!many.covers(Grant(group: "", resource: "secrets", verb: "*")))
        let named = Grants([rule(["get"], names: (0..<100).map { "s\($0)" })])
        #expect(!named.covers(Grant(group: "", resource: "secrets", verb: "get")))
    }

    @Test func differencesAreSaidByResource() {
        let there = Grants(Self.documented + [rule(["get", "watch"], ["pods"]), rule(["delete"], names: ["b", "a"])])
        #expect(
            there.subtracting(Grants(Self.documented)).lines == ["pods: get, watch", "secrets a and 1 more: delete"])
        #expect(Grants(Self.documented).subtracting(there).isEmpty)
        #expect(
            Grants(Self.documented).lines
                == ["leases.coordination.k8s.io: create, get, update", "secrets: create, get, list, update"])
    }

    @Test func extrasAddNothingElse() {
        for right in OptionalRight.allCases {
            let added = Grants(StorageRights.rules(with: [right])).subtracting(Grants(Self.documented)).lines
            #expect(Grants(Self.documented).subtracting(Grants(StorageRights.rules(with: [right]))).isEmpty)
            switch right {
            case .locks: #expect(added == ["leases.coordination.k8s.io: list"])
            default: #expect(added == ["leases.coordination.k8s.io: \(right)", "secrets: \(right)"])
            }
        }
    }

    @Test func rulesForOneEnvironmentReachNoOther() throws {
        let environment = try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be")
        let rules = StorageRights.rules(for: environment, with: Set(OptionalRight.allCases))
        let grants = Grants(rules)
        let others = [
            nil, "tfstate-default-5b41bf32-b337-93a4-ad65-1d565c5e25be", "tfstate-default-\(environment)-part-9",
        ]
        for verb in ["get", "list", "update", "delete", "watch", "patch"] {
            #expect(
                grants.covers(Grant(group: "", resource: "secrets", verb: verb, name: "tfstate-default-\(environment)"))
            )
            for name in others {
                #expect(!grants.covers(Grant(group: "", resource: "secrets", verb: verb, name: name)))
            }
        }
        #expect(grants.covers(Grant(group: "", resource: "secrets", verb: "create")))
        #expect(Grants(rules).subtracting(Grants(StorageRights.rules(with: Set(OptionalRight.allCases)))).isEmpty)
    }
}
