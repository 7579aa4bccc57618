import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

/// The golden corpus in a cluster, and what the commands make of it.
@Suite struct CorpusCommandTests {
    private func state(_ cluster: RunnerCluster, _ arguments: String...) async throws -> ProgramResult {
        var stowage = cluster.stowage
        stowage.folder = cluster.home
        return try await stowage.run(arguments + ["--kubeconfig", cluster.runnerKubeconfig])
    }

    /// Every Secret, by name, without what the cluster keeps about it.
    private func secrets(_ client: KubernetesClient) async throws -> [String: JSON] {
        let secrets = try await client.list(.secret, namespace: RunnerCluster.namespace).all()
        return Dictionary(secrets.map { ($0.objectName ?? "", $0) }) { first, _ in first }
    }

    private func create(_ cases: [CorpusCase], _ client: KubernetesClient) async throws {
        for corpus in cases {
            for object in corpus.objects {
                var object = object
                if let packed = corpus.packedPayload {
                    let payload = try Gzip.decompress(try Base64.decode(packed), limit: 2 << 20)
                    object["data"] = ["tfstate": .string(Base64.encode(payload))]
                }
                let kind: ResourceKind = object["kind"] == "Lease" ? .lease : .secret
                _ = try await client.create(kind, namespace: RunnerCluster.namespace, object)
            }
        }
    }

    @Test(.timeLimit(.minutes(20))) func everyCaseIsReadOrRefused() async throws {
        let cases = try CorpusCase.all()
        let good = #"{"version": 4, "serial": 99, "lineage": "6f1b2c3d-0000-4000-8000-00000000000a", "resources": []}"#
        try await RunnerCluster.with { cluster in
            try write(["good": good], below: cluster.home)
            try await cluster.asAdministrator { client in
                try await create(cases, client)
                let before = try await secrets(client)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    var rest = cases[...]
                    for _ in 0..<4 {
                        if let next = rest.popFirst() { group.addTask { try await check(next, cluster) } }
                    }
                    while try await group.next() != nil {
                        if let next = rest.popFirst() { group.addTask { try await check(next, cluster) } }
                    }
                }
                let list = try await state(cluster, "state", "list", "--long", "-o", "json")
                #expect(list.status == 0, "\(list)")
                let listed = try JSON(parsing: list.output).array ?? []
                for corpus in cases where corpus.sha256 != nil {
                    let entry = listed.first { $0["environment"]?.string == corpus.environment }
                    #expect(entry?["serial"]?.int != nil, "\(corpus)")
                }
                let doctor = try await state(cluster, "doctor", "-o", "json")
                #expect(doctor.status == 65, "\(doctor)")
                let found = try JSON(parsing: doctor.output).array ?? []
                let after = try await secrets(client)
                for corpus in cases {
                    let names = before.keys.filter { $0.contains(corpus.environment) }
                    if !corpus.isRepaired {
                        for name in names { #expect(after[name] == before[name], "\(corpus): \(name) was changed") }
                        let codes = found.filter { $0["environment"]?.string == corpus.environment }
                            .compactMap { $0["code"]?.string }
                        #expect(codes == corpus.doctor, "\(corpus)")
                    }
                }
                #expect(Set(after.keys) == Set(before.keys))
            }
        }
    }

    private func check(_ corpus: CorpusCase, _ cluster: RunnerCluster) async throws {
        let pull = try await state(cluster, "state", "pull", corpus.environment)
        let show = try await state(cluster, "state", "show", corpus.environment)
        guard corpus.sha256 == nil else {
            #expect(pull.status == 0, "\(corpus): \(pull)")
            #expect(show.status == 0, "\(corpus): \(show)")
            return
        }
        #expect(pull.status == 65, "\(corpus): \(pull)")
        #expect(show.status == 65, "\(corpus): \(show)")
        for word in corpus.words { #expect(pull.errors.contains(word), "\(corpus): \(pull)") }
        guard corpus.words != ["has no state"] else { return }
        let push = try await state(cluster, "state", "push", corpus.environment, "good")
        #expect(push.status == 65, "\(corpus): \(push)")
    }
}
