import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct MoveTests: MoveSuite {
    @Test(arguments: [1, 2, 5], [false, true])
    func everythingGoesAndASignpostStays(parts: Int, mayDelete: Bool) async throws {
        let (cluster, environment) = try await seed(parts: parts, mayDelete: mayDelete)
        let state = try file(3, parts: parts)
        let result = try await here(cluster).move(environment, to: try there(cluster))
        #expect(result.isChanged && result.serial == 3 && result.partCount == parts && result.versionCount == 2)
        try await checkMoved(cluster, environment, state, "moved")
        #expect(mayDelete == cluster.objects.keys.allSatisfy { !$0.hasPrefix(secretsPath) })
        // Once more: nothing to do.
        #expect(try await here(cluster).move(environment, to: try there(cluster)).isChanged == false)
        // Whoever looks here is told where it is.
        #expect(try await here(cluster).absence(environment).code == .moved)
        #expect(try await here(cluster).absence(environment).description.contains("namespace \(Self.other) of"))
        await #expect {
            try await RunHistory(environment, try self.here(cluster), reason: "apply", willWrite: true)
        } throws: {
            ($0 as? StateStoreError)?.code == .moved
        }
        await #expect {
            try await self.here(cluster).push(try self.file(9, parts: 1), to: environment)
        } throws: {
            ($0 as? StateRefusal)?.objections == [.locked]
        }
    }

    @Test(arguments: [1, 2, 5], [false, true])
    func aStateComesBackOverItsSignpost(parts: Int, mayDelete: Bool) async throws {
        let (cluster, environment) = try await seed(parts: parts, mayDelete: mayDelete)
        try await here(cluster).move(environment, to: try there(cluster))
        let next = try file(4, parts: 2)
        try await there(cluster).push(next, to: environment)
        try await there(cluster).move(environment, to: try here(cluster))
        #expect(cluster.engineReads(environment) == next.bytes)
        #expect(try await here(cluster).history(environment).map(\.serial) == [3, 2, 1])
        #expect(try await here(cluster).heldLock(environment) == nil)
        let stray = cluster.objects.filter { $0.key.hasPrefix(secretsPath) && $0.value["data"]?.object?.count ?? 0 > 0 }
        #expect(stray.values.allSatisfy { $0.objectAnnotations[OwnSecrets.movedAnnotation] == nil })
        // And goes again, where it has been before.
        try await here(cluster).move(environment, to: try there(cluster))
        #expect(cluster.engineReads(environment, in: Self.other) == next.bytes)
        #expect(try await there(cluster).history(environment).map(\.serial) == [3, 2, 1])
    }

    @Test func twoAddressesOfOneClusterAreOnePlace() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        for store in [try here(cluster), try testStore(cluster, server: "https://10.0.0.1")] {
            await #expect {
                try await self.here(cluster).move(environment, to: store)
            } throws: {
                ($0 as? StateStoreError)?.code == .samePlace
            }
            #expect(try await here(cluster).heldLock(environment) == nil)
            #expect(cluster.engineReads(environment) == (try file(3, parts: 1)).bytes)
        }
    }

    @Test func anEncryptedStateNeedsNoKey() async throws {
        let (cluster, environment) = (MemoryCluster(), try freshEnvironment())
        let text = #"{"serial":1,"lineage":"l","meta":{},"encrypted_data":"x","encryption_version":"v0"}"#
        let payload = Gzip.compress(Array(text.utf8))
        cluster.putAsEngine([payload], environment)
        try await here(cluster).move(environment, to: try there(cluster))
        let path = "/api/v1/namespaces/\(Self.other)/secrets/\(StateNames(environment).secret)"
        // Not compressed anew.
        #expect(cluster.objects[path]?["data"]?["tfstate"]?.string == Base64.encode(payload))
    }

    /// Cut by an engine with other limits than ours, and partly in Secrets that were retired.
    @Test func partsStayAsTheyWereCut() async throws {
        let (cluster, environment) = (MemoryCluster(), try freshEnvironment())
        let payload = Gzip.compress(try file(1, parts: 5).bytes)
        cluster.putAsEngine([Array(payload.prefix(100)), Array(payload.dropFirst(100))], environment)
        let names = StateNames(environment)
        cluster.edit("\(secretsPath)/\(names.part(1))") { secret in
            for key in names.labels.keys { secret.setLabel(key, nil) }
            for (key, value) in OwnSecrets.labels(.retired, environment) { secret.setLabel(key, value) }
        }
        #expect(try await here(cluster).move(environment, to: try there(cluster)).partCount == 2)
        #expect(cluster.engineReads(environment, in: Self.other) == (try file(1, parts: 5)).bytes)
    }

    @Test func whatIsDamagedOrAbsentStays() async throws {
        let (cluster, environment) = (MemoryCluster(), try freshEnvironment())
        await #expect {
            try await self.here(cluster).move(environment, to: try self.there(cluster))
        } throws: {
            ($0 as? StateStoreError)?.code == .absent
        }
        cluster.putAsEngine([[1, 2, 3]], environment)
        await #expect {
            try await self.here(cluster).move(environment, to: try self.there(cluster))
        } throws: {
            ($0 as? StateStoreError)?.code == .damaged
        }
        #expect(try await here(cluster).heldLock(environment) == nil)
        #expect(cluster.objects.keys.allSatisfy { !$0.contains("/\(Self.other)/secrets/") })
    }

    /// Nothing is left behind that the next move would have to deal with.
    @Test(arguments: [1, 2, 5]) func movingToAndFroCostsTheSameEachTime(parts: Int) async throws {
        let (cluster, environment) = try await seed(parts: parts)
        var costs: [Int] = []
        for round in 0..<8 {
            let counting = FaultyTransport(cluster, .conflict, at: -1)
            let (from, to) = (try here(counting), try there(counting))
            _ = try await round % 2 == 0 ? from.move(environment, to: to) : to.move(environment, to: from)
            costs.append(counting.count)
        }
        // What is free to be used again is found from the second visit on.
        #expect(costs[6] <= costs[2] && costs[7] <= costs[3], "\(costs)")
    }
}
