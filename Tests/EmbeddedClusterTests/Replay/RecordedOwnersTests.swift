@testable internal import EmbeddedCluster
internal import OrderedJSON
internal import Testing

struct RecordedOwnersTests {
    /// Sends what was recorded, and compares who owns what in each answer that has owners.
    @Test(arguments: [("cases.jsonl", 20), ("kubectl.jsonl", 3)])
    func ownersAreThoseOfARealServer(file: String, atLeast: Int) async throws {
        try await withTestCluster { cluster in
            // What kubectl makes itself must not be there before.
            if file == "cases.jsonl" {
                try await cluster.prepareRunnerNamespace()
            } else {
                _ = try await cluster.send(
                    "POST", "/api/v1/namespaces", ["metadata": ["name": "humanitec-runner"]])
                _ = try await cluster.send(
                    "POST", "/api/v1/namespaces/humanitec-runner/serviceaccounts",
                    ["metadata": ["name": "humanitec-runner"]])
            }
            let token = TestCluster.Sender.token(try await cluster.token("humanitec-runner", "humanitec-runner"))
            var (substitutions, compared) = (Substitutions(), 0)
            for recorded in try RecordedExchange.all(of: file) where ["POST", "PUT", "PATCH"].contains(recorded.method)
            {
                guard let body = recorded.requestBody, !body.isCut, !recorded.responseBody.isCut else { continue }
                let json = try? JSON(parsing: body.bytes)
                let answer = try await cluster.send(
                    recorded.method, substitutions.apply(path: recorded.path),
                    as: recorded.sender == "admin" ? .administrator : token, headers: recorded.requestHeaders,
                    body: json.map { substitutions.apply($0).bytes } ?? body.bytes)
                guard answer.status == recorded.status, let expected = try? JSON(parsing: recorded.responseBody.bytes),
                    let actual = try? answer.json
                else { continue }
                substitutions.learn(expected, actual)
                guard expected["metadata"]?["managedFields"] != nil else { continue }
                // They stand in the order of their times, and here all have the same.
                #expect(actual.owners.sorted() == expected.owners.sorted(), "\(recorded.title)")
                compared += 1
            }
            #expect(compared >= atLeast)
        }
    }
}

extension JSON {
    /// The owners of the object's fields, each without the time.
    var owners: [String] {
        (self["metadata"]?["managedFields"]?.array ?? []).map { entry in
            var entry = entry
            entry["time"] = nil
            return entry.text
        }
    }
}
