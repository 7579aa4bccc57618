import KubernetesAPI
import OrderedJSON
import StateGateway
import StateStorage
import Testing

@testable import Runner

@Suite struct RelayPolicyTests {
    private static let uuid = "4b41bf32-b337-93a4-ad65-1d565c5e25be"
    private static let other = "11111111-b337-93a4-ad65-1d565c5e25be"
    private static let secrets = "/api/v1/namespaces/ns/secrets"
    private static let leases = "/apis/coordination.k8s.io/v1/namespaces/ns/leases"

    private func decide(
        _ verb: HTTPVerb, _ path: String, selector: String? = nil, body: String = ""
    ) throws -> RelayPolicy.Decision {
        RelayPolicy(namespace: "ns", names: StateNames(try EnvironmentID(Self.uuid)))
            .decision(verb: verb, path: path, labelSelector: selector, body: Array(body.utf8))
    }

    @Test func answersTheListingOfWorkspacesItself() throws {
        #expect(try decide(.get, Self.secrets, selector: "tfstate=true") == .emptyList)
    }

    @Test(arguments: [
        (HTTPVerb.get, "\(secrets)/tfstate-default-\(uuid)"), (.put, "\(secrets)/tfstate-default-\(uuid)"),
        (.get, "\(secrets)/tfstate-default-\(uuid)-part-1"), (.put, "\(secrets)/tfstate-default-\(uuid)-part-1"),
        (.delete, "\(secrets)/tfstate-default-\(uuid)-part-1"),
        (.get, "\(leases)/lock-tfstate-default-\(uuid)"), (.put, "\(leases)/lock-tfstate-default-\(uuid)"),
    ])
    func passesWhatBelongsToTheEnvironment(_ verb: HTTPVerb, _ path: String) throws {
        #expect(try decide(verb, path) == .pass)
    }

    @Test func passesTheListOfTheEnvironmentsOwnParts() throws {
        let selector =
            "app.kubernetes.io/managed-by=terraform,tfstate=true,tfstateSecretSuffix=\(Self.uuid),tfstateWorkspace=default"
        #expect(try decide(.get, Self.secrets, selector: selector) == .pass)
    }

    @Test func knowsTheListsThatCanBeReadByName() throws {
        let policy = RelayPolicy(namespace: "ns", names: StateNames(try EnvironmentID(Self.uuid)))
        let own = "tfstate=true,tfstateSecretSuffix=\(Self.uuid),tfstateWorkspace=default"
        #expect(policy.ownList(verb: .get, path: Self.secrets, own) == (try LabelSelector(parsing: own)))
        for (verb, path, selector) in [
            (HTTPVerb.get, Self.secrets, nil), (.get, Self.secrets, "tfstate=true"), (.post, Self.secrets, own),
            (.get, "\(Self.secrets)/x", own), (.get, Self.leases, own),
            (.get, Self.secrets, own.replacing(Self.uuid, with: Self.other)),
        ] as [(HTTPVerb, String, String?)] {
            #expect(policy.ownList(verb: verb, path: path, selector) == nil)
        }
    }

    @Test func passesCreatesByName() throws {
        let secret = #"{"metadata":{"name":"tfstate-default-\#(Self.uuid)"}}"#
        #expect(try decide(.post, Self.secrets, body: secret) == .pass)
        let lease = #"{"metadata":{"name":"lock-tfstate-default-\#(Self.uuid)"}}"#
        #expect(try decide(.post, Self.leases, body: lease) == .pass)
    }

    @Test(
        arguments: [
            (HTTPVerb.get, secrets, nil, ""), (.get, secrets, "", ""), (.get, secrets, "tfstate", ""),
            (.get, secrets, "tfstateWorkspace=default", ""),
            (.get, secrets, "tfstateSecretSuffix in (\(uuid),\(other))", ""),
            (.get, secrets, "tfstateSecretSuffix=\(other),tfstateWorkspace=default", ""),
            (.get, secrets, "tfstateSecretSuffix=\(uuid),tfstateWorkspace=dev", ""),
            (.get, secrets, "tfstateSecretSuffix==,,", ""),
            (.get, "\(secrets)/tfstate-default-\(other)", nil, ""),
            (.put, "\(secrets)/tfstate-default-\(other)", nil, ""),
            (.get, "\(secrets)/tfstate-default-\(uuid)/../x", nil, ""), (.get, "\(secrets)/", nil, ""),
            (.delete, "\(secrets)/tfstate-default-\(uuid)", nil, ""),
            (.patch, "\(secrets)/tfstate-default-\(uuid)", nil, ""),
            (.delete, secrets, "tfstate=true", ""), (.delete, "\(leases)/lock-tfstate-default-\(uuid)", nil, ""),
            (.get, leases, nil, ""), (.get, "/api/v1/namespaces/other/secrets", "tfstate=true", ""),
            (.get, "/api/v1/secrets", "tfstate=true", ""),
            (.post, "/api/v1/namespaces/ns/serviceaccounts/x/token", nil, "{}"),
            (.post, secrets, nil, #"{"metadata":{"name":"tfstate-default-\#(other)"}}"#), (.post, secrets, nil, "{}"),
            (.post, secrets, nil, "k8s\0"), (.post, secrets, nil, #"{"metadata":{"generateName":"tfstate-default-"}}"#),
            (.post, secrets, nil, #"{"metadata":{"name":"x"},"metadata":{"name":"tfstate-default-\#(uuid)"}}"#),
            (.post, leases, nil, #"{"metadata":{"name":"tfstate-default-\#(uuid)"}}"#), (.get, "/version", nil, ""),
        ] as [(HTTPVerb, String, String?, String)])
    func refusesTheRest(_ verb: HTTPVerb, _ path: String, _ selector: String?, _ body: String) throws {
        guard case .refuse = try decide(verb, path, selector: selector, body: body) else {
            Issue.record("\(verb.rawValue) \(path) \(selector ?? "") was let through")
            return
        }
    }
}

@Suite struct RelayObservationTests {
    private let path = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/lock"

    private func lease(_ holder: String?) -> [UInt8] {
        Array((holder.map { #"{"spec":{"holderIdentity":"\#($0)"}}"# } ?? #"{"spec":{}}"#).utf8)
    }

    @Test func aHeldLeaseIsSomebodyElses() {
        var observation = RelayObservation()
        observation.observe(verb: .get, path: path, sent: [], status: 200, answer: lease("them"))
        #expect(observation.lock == .heldByAnother(id: "them"))
    }

    @Test func waitingForItAndGettingItIsNoFailure() {
        var observation = RelayObservation()
        observation.observe(verb: .get, path: path, sent: [], status: 200, answer: lease("them"))
        observation.observe(verb: .get, path: path, sent: [], status: 200, answer: lease(nil))
        observation.observe(verb: .put, path: path, sent: lease("us"), status: 200, answer: lease("us"))
        #expect(observation.lock == .acquired)
        observation.observe(verb: .get, path: path, sent: [], status: 200, answer: lease("us"))
        #expect(observation.lock == .acquired)
        observation.observe(verb: .put, path: path, sent: lease(nil), status: 200, answer: lease(nil))
        #expect(observation.lock == .released)
    }

    @Test func losingTheRaceIsHeldByAnother() {
        var observation = RelayObservation()
        observation.observe(verb: .post, path: path, sent: lease("us"), status: 409, answer: nil)
        #expect(observation.lock == .heldByAnother(id: nil))
    }

    @Test func keepsTheMessageOfADenial() {
        var observation = RelayObservation()
        let status = Status(code: 403, reason: "Forbidden", message: "secrets is forbidden")
        observation.observe(verb: .put, path: "/api/v1/x", sent: [], status: 403, answer: status.json.bytes)
        #expect(observation.denial == "secrets is forbidden")
    }

    @Test func whatTheGatewayDidIsObservedAlike() {
        var observation = RelayObservation()
        observation.observe(.lock, nil)
        #expect(observation.lock == .acquired)
        observation.observe(.write, KubernetesError(.unreachable, target: "", cause: "gone"))
        #expect(observation.unreachable?.hasPrefix("gone") == true)
        observation.observe(.write, nil)
        #expect(observation.unreachable == nil && observation.lock == .acquired)
        let denial = Status(code: 403, reason: "Forbidden", message: "no")
        observation.observe(.write, KubernetesError(.forbidden, status: denial, target: "", cause: "no"))
        #expect(observation.denial == "no" && observation.unreachable == nil)
        observation.observe(.unlock, nil)
        #expect(observation.lock == .released)
    }

    @Test(
        arguments: [
            (Int32(0), nil, nil, RunOutcome.Cause.succeeded), (1, nil, nil, .engineFailed),
            (1, "no", nil, .denied("no")),
            (1, "no", "gone", .unreachable("gone")), (0, "no", nil, .succeeded),
        ] as [(Int32, String?, String?, RunOutcome.Cause)])
    func factsDecideTheOutcome(_ status: Int32, _ denial: String?, _ unreachable: String?, _ cause: RunOutcome.Cause) {
        var observation = RelayObservation()
        if let denial {
            let answer = Status(code: 403, reason: "Forbidden", message: denial).json.bytes
            observation.observe(verb: .get, path: "/x", sent: [], status: 403, answer: answer)
        }
        if let unreachable { observation.observeUnreachable(unreachable) }
        #expect(RunOutcome(status: status, observation: observation, erroredState: nil).cause == cause)
    }
}
