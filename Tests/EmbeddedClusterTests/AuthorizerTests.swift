@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

@Suite struct AuthorizerTests {
    private static let account = User.serviceAccount(namespace: "ns", name: "runner")

    /// A store with one Role, and one RoleBinding of these subjects to it.
    private func withPolicy(
        _ rules: [PolicyRule], subjects: [JSON], _ body: (Authorizer, Store) async throws -> Void
    ) async throws {
        try await withTestStore { store in
            try await store.apply([
                .create(key("role", resource: ResourceKind.role.qualifiedResource), role(rules)),
                .create(
                    key("binding", resource: ResourceKind.roleBinding.qualifiedResource),
                    ObjectDraft([
                        "metadata": ["name": "binding", "namespace": "ns", "resourceVersion": ""],
                        "subjects": .array(subjects),
                        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "role"],
                    ])),
            ])
            try await body(Authorizer(store: store), store)
        }
    }

    private func role(_ rules: [PolicyRule]) -> ObjectDraft {
        func list(_ strings: [String]) -> JSON { .array(strings.map { .string($0) }) }
        return ObjectDraft([
            "metadata": ["name": "role", "namespace": "ns", "resourceVersion": ""],
            "rules": .array(
                rules.map {
                    [
                        "verbs": list($0.verbs), "apiGroups": list($0.groups), "resources": list($0.resources),
                        "resourceNames": list($0.names),
                    ]
                }),
        ])
    }

    private static let subject: JSON = ["kind": "ServiceAccount", "name": "runner"]

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: PolicyRule
        let access: ResourceAccess
        let isAllowed: Bool
        var testDescription: String {
            "\(rule.text) \(access.verb) \(access.fullResource) \(access.name): \(isAllowed)"
        }
    }

    private static func rule(_ verb: String, _ resource: String, group: String = "", names: [String] = []) -> PolicyRule
    {
        PolicyRule(verbs: [verb], groups: [group], resources: [resource], names: names)
    }

    private static func access(_ verb: String, _ resource: String, _ name: String = "", group: String = "")
        -> ResourceAccess
    {
        let parts = resource.split(separator: "/").map(String.init)
        return ResourceAccess(
            verb: verb, group: group, resource: parts[0], subresource: parts.count > 1 ? parts[1] : "", namespace: "ns",
            name: name)
    }

    private static let group = "coordination.k8s.io"
    static let cases: [Case] = [
        (rule("get", "secrets"), access("get", "secrets", "x"), true),
        (rule("get", "secrets"), access("list", "secrets"), false),
        (rule("get", "secrets"), access("get", "configmaps", "x"), false),
        (rule("get", "leases"), access("get", "leases", "x", group: group), false),
        (rule("get", "leases", group: group), access("get", "leases", "x", group: group), true),
        (rule("*", "*", group: "*"), access("get", "leases", "x", group: group), true),
        (rule("*", "*", group: "*"), access("create", "serviceaccounts/token", "x"), true),
        (rule("create", "serviceaccounts"), access("create", "serviceaccounts/token", "x"), false),
        (rule("create", "serviceaccounts/token"), access("create", "serviceaccounts/token", "x"), true),
        (rule("create", "serviceaccounts/token"), access("create", "serviceaccounts"), false),
        (rule("create", "*/token"), access("create", "serviceaccounts/token", "x"), true),
        (rule("get", "secrets", names: ["x"]), access("get", "secrets", "x"), true),
        (rule("get", "secrets", names: ["x"]), access("get", "secrets", "y"), false),
        (rule("list", "secrets", names: ["x"]), access("list", "secrets"), false),
        (rule("list", "secrets", names: ["x"]), access("list", "secrets", "x"), true),
    ].map { Case(rule: $0.0, access: $0.1, isAllowed: $0.2) }

    @Test(arguments: cases)
    func rulesOfARole(_ example: Case) async throws {
        try await withPolicy([example.rule], subjects: [Self.subject]) { authorizer, _ in
            let decision = try await authorizer.decide(Self.account, .resource(example.access))
            #expect(decision.isAllowed == example.isAllowed)
        }
    }

    @Test(
        arguments: [
            (["kind": "ServiceAccount", "name": "runner"], account, true),
            (["kind": "ServiceAccount", "name": "runner", "namespace": "ns"], account, true),
            (["kind": "ServiceAccount", "name": "runner", "namespace": "other"], account, false),
            (["kind": "ServiceAccount", "name": "other"], account, false),
            (["kind": "User", "name": "system:serviceaccount:ns:runner"], account, true),
            (["kind": "User", "name": "jane"], User(name: "jane", groups: []), true),
            (["kind": "Group", "name": "system:serviceaccounts:ns"], account, true),
            (["kind": "Group", "name": "system:authenticated"], account, true),
            (["kind": "Group", "name": "system:authenticated"], User.anonymous, false),
        ] as [(JSON, User, Bool)])
    func subjectsOfABinding(subject: JSON, user: User, isAllowed: Bool) async throws {
        let rule = PolicyRule(verbs: ["get"], groups: [""], resources: ["secrets"])
        try await withPolicy([rule], subjects: [subject]) { authorizer, _ in
            let access = ResourceAccess(verb: "get", group: "", resource: "secrets", namespace: "ns", name: "x")
            let decision = try await authorizer.decide(user, .resource(access))
            #expect(decision.isAllowed == isAllowed)
            var elsewhere = access
            elsewhere.namespace = "other"
            let other = try await authorizer.decide(user, .resource(elsewhere))
            #expect(other == .denied())
        }
    }

    @Test func aChangedRoleCountsAtOnce() async throws {
        let rule = PolicyRule(verbs: ["get"], groups: [""], resources: ["secrets"])
        try await withPolicy([rule], subjects: [Self.subject]) { authorizer, store in
            let access = ResourceAccess(verb: "delete", group: "", resource: "secrets", namespace: "ns", name: "x")
            let before = try await authorizer.decide(Self.account, .resource(access))
            #expect(before == .denied())
            let stored = try #require(
                try await store.object(key("role", resource: ResourceKind.role.qualifiedResource)))
            let widened = role([PolicyRule(verbs: ["delete"], groups: [""], resources: ["secrets"])])
            try await store.apply([.update(stored.key, from: stored.revision, widened)])
            let after = try await authorizer.decide(Self.account, .resource(access))
            #expect(
                after
                    == .allowed(
                        reason:
                            #"RBAC: allowed by RoleBinding "binding/ns" of Role "role" to ServiceAccount "runner/ns""#))
        }
    }

    @Test func manyAskWhileTheRoleChanges() async throws {
        let read = PolicyRule(verbs: ["get"], groups: [""], resources: ["secrets"])
        try await withPolicy([], subjects: [Self.subject]) { authorizer, store in
            let access = ResourceAccess(verb: "get", group: "", resource: "secrets", namespace: "ns", name: "x")
            let roleKey = key("role", resource: ResourceKind.role.qualifiedResource)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<1000 {
                            _ = try await authorizer.decide(Self.account, .resource(access))
                            await Task.yield()
                        }
                    }
                }
                for round in 1...100 {
                    let isGranted = round.isMultiple(of: 2)
                    let stored = try #require(try await store.object(roleKey))
                    try await store.apply([.update(roleKey, from: stored.revision, role(isGranted ? [read] : []))])
                    // What was written counts for whoever asks from now on.
                    let decision = try await authorizer.decide(Self.account, .resource(access))
                    #expect(decision.isAllowed == isGranted)
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: [
        ("/healthz", User.anonymous, true), ("/readyz", .anonymous, true), ("/version", .anonymous, true),
        ("/api", .anonymous, false), ("/apis/x", .anonymous, false), ("/nope", .anonymous, false),
        ("/api", account, true), ("/apis/batch/v1", account, true), ("/nope", account, false),
        ("/nope", .administrator, true),
    ])
    func pathsThatAreNoResources(path: String, user: User, isAllowed: Bool) async throws {
        try await withTestStore { store in
            try await store.seed()
            let authorizer = Authorizer(store: store)
            let decision = try await authorizer.decide(user, .path(path, verb: "get"))
            #expect(decision.isAllowed == isAllowed)
        }
    }
}
