@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import Testing

struct ImpersonationTests {
    private static let access = AccessRequest.resource(
        ResourceAccess(verb: "list", group: "", resource: "secrets", namespace: "ns"))
    private static let requester = User(name: "sam", groups: [User.authenticatedGroup])

    /// An authorizer by which the requester holds these rules in the whole cluster.
    private func withRules(_ rules: [PolicyRule], _ body: (Impersonation) async throws -> Void) async throws {
        try await withTestStore { store in
            func key(_ kind: ResourceKind) -> ObjectKey {
                ObjectKey(resource: kind.qualifiedResource, namespace: "", name: "x")
            }
            try await store.apply([
                .create(
                    key(.clusterRole),
                    ObjectDraft([
                        "metadata": ["name": "x", "resourceVersion": ""], "rules": .array(rules.map(\.json)),
                    ])),
                .create(
                    key(.clusterRoleBinding),
                    ObjectDraft([
                        "metadata": ["name": "x", "resourceVersion": ""],
                        "subjects": [["kind": "User", "name": .string(Self.requester.name)]],
                        "roleRef": ["kind": "ClusterRole", "name": "x"],
                    ])),
            ])
            try await body(
                Impersonation(
                    authorizer: Authorizer(store: store), requester: Self.requester, access: Self.access))
        }
    }

    private static func rule(_ verb: String, _ resource: String, _ group: String, _ names: [String] = []) -> PolicyRule
    {
        PolicyRule(verbs: [verb], groups: [group], resources: [resource], names: names)
    }

    private static let identity = "authentication.k8s.io"

    @Test func usersGroupsAndExtrasAreGrantedOneByOne() async throws {
        let wanted = WantedUser(name: "jane", uid: "7", groups: ["dev"], extra: ["scopes": ["view"]])
        let rules = [
            Self.rule("impersonate", "users", "", ["jane"]), Self.rule("impersonate", "groups", "", ["dev"]),
            Self.rule("impersonate", "uids", Self.identity),
            Self.rule("impersonate", "userextras/scopes", Self.identity),
        ]
        try await withRules(rules) { impersonation in
            let user = try await impersonation.user(wanted)
            #expect(
                user
                    == User(
                        name: "jane", uid: "7", groups: ["dev", "system:authenticated"], extra: ["scopes": ["view"]]))
        }
        for missing in rules.indices {
            try await withRules(rules.enumerated().filter { $0.offset != missing }.map(\.element)) { impersonation in
                await #expect(throws: Status.self) { try await impersonation.user(wanted) }
            }
        }
    }

    @Test func anAccountBringsItsGroups() async throws {
        let account = "system:serviceaccount:ns:runner"
        try await withRules([Self.rule("impersonate", "serviceaccounts", "", ["runner"])]) { impersonation in
            let user = try await impersonation.user(WantedUser(name: account))
            #expect(
                user.groups == ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"])
            let refusal = await #expect(throws: Status.self) {
                try await impersonation.user(WantedUser(name: "system:serviceaccount:ns:other"))
            }
            #expect(
                refusal?.message
                    == "secrets is forbidden: User \"sam\" cannot impersonate-on:serviceaccount:list resource "
                    + "\"secrets\" in API group \"\" in the namespace \"ns\"")
        }
    }

    @Test func oneMayBeAllowedToActForSomebodyInOneThingOnly() async throws {
        let rules = [
            Self.rule("impersonate:user-info", "users", Self.identity, ["jane"]),
            Self.rule("impersonate-on:user-info:list", "secrets", ""),
        ]
        try await withRules(rules) { impersonation in
            let jane = try await impersonation.user(WantedUser(name: "jane"))
            #expect(jane.name == "jane")
            let elsewhere = Impersonation(
                authorizer: impersonation.authorizer, requester: Self.requester,
                access: .resource(ResourceAccess(verb: "get", group: "", resource: "secrets", namespace: "ns")))
            await #expect(throws: Status.self) { try await elsewhere.user(WantedUser(name: "jane")) }
        }
        let everything = [Self.rule("*", "*", "*")]
        try await withRules(everything) { impersonation in
            // By the old way, which knows no such limit.
            let master = try await impersonation.user(WantedUser(name: "root", groups: [User.mastersGroup]))
            #expect(master.isMaster)
            let anonymous = try await impersonation.user(WantedUser(name: "system:anonymous"))
            #expect(anonymous.groups == ["system:unauthenticated"])
        }
    }

    @Test func theHeadersNameAUser() async throws {
        #expect(try WantedUser([("accept", "*/*")]) == nil)
        let refusal = #expect(throws: Status.self) { try WantedUser([("impersonate-group", "dev")]) }
        #expect(refusal?.code == 400)
        #expect(
            refusal?.message
                == "requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"dev\"}, "
                + "Extra:map[string][]string(nil)} without impersonating a user name")
        let headers = [
            ("impersonate-user", "jane"), ("impersonate-extra-example.com%2fkey", "x"), ("impersonate-group", "a"),
            ("impersonate-group", "b"),
        ]
        #expect(
            try WantedUser(headers)
                == WantedUser(name: "jane", groups: ["a", "b"], extra: ["example.com/key": ["x"]]))
    }

    @Test func whoIsActedForIsWhoAsks() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                headers: ["Impersonate-User": "jane", "Impersonate-Group": "dev", "Impersonate-Extra-Scopes": "view"],
                [:])
            #expect(
                try answer.json["status"]?["userInfo"] == [
                    "username": "jane", "groups": ["dev", "system:authenticated"], "extra": ["scopes": ["view"]],
                ])
        }
    }
}
