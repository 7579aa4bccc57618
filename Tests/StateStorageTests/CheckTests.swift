import KubernetesAPI
import OrderedJSON
import Testing

@testable import StateStorage

/// What a check makes of what a cluster answers.
@Suite struct CheckTests {
    /// Answers by path, and 404 for everything else.
    private struct CannedCluster: Transport {
        let answers: [String: (status: Int, body: JSON)]
        var date = "Sat, 24 Nov 2001 00:48:45 GMT"

        func send(_ request: APIRequest) async throws -> APIResponse {
            let path = String(request.path.prefix { $0 != "?" })
            let answer = answers[path] ?? (404, Status(code: 404, reason: "NotFound", message: "no such thing").json)
            return APIResponse(
                status: answer.status, headers: [("Date", date)], body: APIResponseBody(answer.body.bytes))
        }
    }

    private func check(_ answers: [String: (status: Int, body: JSON)]) throws -> StorageCheck {
        let connection = try ClusterConnection(server: "https://cluster", description: "test")
        return StorageCheck(
            client: KubernetesClient(connection: connection, transport: CannedCluster(answers: answers)),
            request: CheckRequest(namespace: "states"),
            configuration: StateStoreConfiguration(writer: "a@b", programVersion: "1"))
    }

    private func forbidden(_ message: String) -> (Int, JSON) {
        (403, Status(code: 403, reason: "Forbidden", message: message).json)
    }

    @Test func aNamespaceThatGoesIsAProblem() async throws {
        let path = "/api/v1/namespaces/states"
        #expect(try await check([:]).namespaceFinding().level == .problem)
        #expect(try await check([path: (200, ["metadata": ["name": "states"]])]).namespaceFinding().level == .ok)
        let going: JSON = ["metadata": ["name": "states", "deletionTimestamp": "2026-11-25T00:00:00Z"]]
        let finding = try await check([path: (200, going)]).namespaceFinding()
        #expect(finding.level == .problem && finding.text.contains("being deleted"))
        let unknown = try await check([path: forbidden("no")]).namespaceFinding()
        #expect(unknown.level == .unknown && unknown.text.contains("no"))
    }

    @Test func encryptionIsAHintOfTheServersOptions() async throws {
        let path = "/api/v1/namespaces/kube-system/pods"
        func servers(_ arguments: [JSON]) -> [String: (status: Int, body: JSON)] {
            [path: (200, ["items": [["spec": ["containers": [["command": .array(arguments)]]]]]])]
        }
        let with = try check(servers(["kube-apiserver", "--encryption-provider-config=/etc/x"]))
        #expect(await with.encryptionFinding(nil).level == .ok)
        #expect(try await check(servers(["kube-apiserver"])).encryptionFinding(nil).level == .note)
        #expect(try await check([path: (200, ["items": []])]).encryptionFinding(nil).level == .unknown)
        #expect(try await check([path: forbidden("no")]).encryptionFinding(nil).level == .unknown)
    }

    @Test func clocksAreComparedAsFarAsTheyCanBeSeen() async throws {
        let version = try #require(await check(["/version": (200, ["gitVersion": "v1.33.0"])]).version())
        #expect(version.text == "v1.33.0")
        // The canned cluster's clock stands still.
        let skew = try #require(version.clockSkew)
        #expect(skew < -60)
        let finding = try check([:]).clockFinding(version)
        #expect(finding.level == .note && finding.text.contains(" s behind this"))
        let unknown = try await check(["/version": forbidden("no")]).version()
        #expect(unknown == nil)
        #expect(try check([:]).clockFinding(nil).level == .unknown)
    }

    @Test func aQuotaThatIsUsedUpIsAProblem() throws {
        func quota(_ key: String, _ hard: JSON, _ used: JSON) -> JSON {
            let (hard, used) = (JSON.object([key: hard]), JSON.object([key: used]))
            return ["metadata": ["name": "q"], "status": ["hard": hard, "used": used]]
        }
        func level(_ quotas: [JSON], _ consumers: Set<Consumer> = [.run]) -> CheckFinding.Level {
            StorageCheck.quotaFinding(quotas, consumers: consumers).level
        }
        #expect(level([]) == .ok)
        #expect(level([quota("count/secrets", "10", "10")]) == .problem)
        #expect(level([quota("secrets", "10", "9")]) == .note)
        #expect(level([quota("secrets", "1k", "9")]) == .ok)
        #expect(level([quota("count/leases.coordination.k8s.io", "2Ki", "2048")]) == .problem)
        #expect(level([quota("count/jobs.batch", "1", "1")]) == .ok)
        #expect(level([quota("count/jobs.batch", "1", "1")], [.deploy]) == .problem)
        #expect(level([quota("requests.cpu", "1", "1"), quota("secrets", "10", "11")]) == .problem)
    }

    @Test func everyNeedSaysWhatBreaks() {
        for need in AccessNeed.all { #expect(need.breaks.isEmpty == (need.optional != nil), "\(need.access)") }
        #expect(Set(AccessNeed.all.map { "\($0.holder) \($0.access)" }).count == AccessNeed.all.count)
        // The documented Role is what the documented needs ask for, and what setup makes.
        let needed = AccessNeed.documented.map {
            Grant(group: $0.access.kind.group, resource: $0.access.resource, verb: $0.access.verb)
        }
        #expect(Grants(needed) == Grants(StorageRights.rules()))
        let submitting = AccessNeed.submitting.map {
            Grant(group: $0.access.kind.group, resource: $0.access.resource, verb: $0.access.verb)
        }
        #expect(Grants(submitting) == Grants(StorageCheck.submitterRules))
    }
}
