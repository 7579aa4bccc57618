import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// The golden corpus: each case is read, repaired or refused as it says.
@Suite struct CorpusTests {
    private static let cases = (try? CorpusCase.all()) ?? []

    @Test func isThere() throws {
        #expect(try CorpusCase.all().count >= 36)
        #expect(Set(Self.cases.map(\.environment)).count == Self.cases.count)
    }

    @Test(arguments: cases) func isReadOrRefused(_ corpus: CorpusCase) async throws {
        let cluster = try MemoryCluster(corpus)
        let store = try testStore(cluster)
        let environment = try EnvironmentID(corpus.environment)
        let before = cluster.objects
        do {
            let file = try await store.pull(environment)?.file
            #expect(file.map { sha256($0.bytes) } == corpus.sha256)
            if let file { #expect(cluster.engineReads(environment) == file.bytes) }
        } catch let error as StateStoreError {
            #expect(corpus.sha256 == nil, "\(error)")
            for word in corpus.words { #expect(error.description.contains(word), "\(error)") }
        }
        if !corpus.isRepaired { #expect(cluster.objects == before) }
        guard corpus.sha256 == nil, !before.isEmpty, corpus.words != ["has no state"] else { return }
        // And nothing is written over what cannot be read.
        let good = try TestState.file(serial: 9)
        await #expect(throws: (any Error).self) { try await store.push(good, to: environment) }
        #expect(cluster.objects == before)
    }

    /// No engine is started where it would fail at the state, or take another for it and overwrite it.
    @Test(arguments: cases) func isGuardedBeforeARun(_ corpus: CorpusCase) async throws {
        let cluster = try MemoryCluster(corpus)
        let store = try testStore(cluster)
        let environment = try EnvironmentID(corpus.environment)
        let before = cluster.objects
        // A Secret that a first write never filled is where engines start, and there is nothing to lose.
        let isBlank = corpus.name == "empty-secret" || corpus.words == ["has no state"]
        guard corpus.sha256 != nil || isBlank else {
            await #expect(throws: StateStoreError.self) {
                _ = try await RunHistory(environment, store, reason: "apply", willWrite: true)
            }
            #expect(cluster.objects == before)
            return
        }
        _ = try await RunHistory(environment, store, reason: "apply", willWrite: true)
        if let digest = corpus.sha256 {
            #expect(try await store.history(environment).map(\.sha256) == [digest])
            #expect(cluster.engineReads(environment).map { sha256($0) } == digest)
        }
    }

    @Test(arguments: cases) func isExamined(_ corpus: CorpusCase) async throws {
        let cluster = try MemoryCluster(corpus)
        let before = cluster.objects
        let doctor = Doctor(try testStore(cluster))
        var found: [DoctorFinding] = []
        try await doctor.examine { findings, _, _ in found += findings }
        #expect(found.map(\.code.rawValue) == corpus.doctor, "\(found)")
        #expect(cluster.objects == before)
    }
}

extension MemoryCluster {
    /// With the objects of a case, as they are after they were created.
    convenience init(_ corpus: CorpusCase) throws {
        self.init()
        for object in corpus.objects {
            var object = object
            if let packed = corpus.packedPayload, object["data"]?["tfstate"] != nil {
                let payload = try Gzip.decompress(try Base64.decode(packed), limit: 2 << 20)
                object["data", "tfstate"] = .string(Base64.encode(payload))
            }
            let path = object["kind"] == "Lease" ? leasesPath : secretsPath
            put(object, at: "\(path)/\(object.objectName ?? "")")
        }
    }
}
