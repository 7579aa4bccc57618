@testable internal import EmbeddedCluster
internal import OrderedJSON
internal import Testing

/// Refusals that a cluster which is too kind would hide until production.
@Suite struct RefusalTests {
    private static let configMaps = "/api/v1/namespaces/default/configmaps"

    @Test func anUnknownResourceOfAServedVersionIsToldAsAStatus() async throws {
        try await withTestCluster { cluster in
            for path in ["/api/v1/foo", "/api/v1/namespaces/default/services", "\(Self.configMaps)/a/status"] {
                let answer = try await cluster.send("GET", path)
                #expect(answer.status == 404)
                #expect(try answer.json["message"] == "the server could not find the requested resource", "\(path)")
                #expect(try answer.json["details"] == [:], "\(path)")
            }
            #expect(try await cluster.send("GET", "/apis/nobody.example/v1/foos").text == "404 page not found\n")
        }
    }

    @Test func finalizersAreQualified() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", Self.configMaps, ["metadata": ["name": "a", "finalizers": ["x"]]])
            #expect(answer.status == 422)
            let cause = try answer.json["details"]?["causes"]?.array?.first
            #expect(cause?["field"] == "metadata.finalizers[0]")
        }
    }

    @Test func aDeletionTakesDeleteOptionsOnly() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", Self.configMaps, ["metadata": ["name": "a"]])
            let answer = try await cluster.send("DELETE", "\(Self.configMaps)/a", ["kind": "Foo", "apiVersion": "v1"])
            #expect(answer.status == 400)
            #expect(try await cluster.send("GET", "\(Self.configMaps)/a").status == 200)
        }
    }

    @Test func aLimitIsANumber() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("GET", "\(Self.configMaps)?limit=abc")
            #expect(answer.status == 400)
            #expect(try answer.json["message"] == #"strconv.ParseInt: parsing "abc": invalid syntax"#)
        }
    }
}
