import OrderedJSON
import Testing

@testable import KubernetesAPI

/// A Secret with a value apart, against the same Secret as one JSON document.
@Suite struct SecretValueTests {
    private static let bytes = (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 7) }

    @Test(arguments: [0, 1, 2, 3, 49_151, 49_152, 49_153, 100_003])
    func writesWhatTheDocumentWouldBe(count: Int) throws {
        let object: JSON = [
            "apiVersion": "v1", "metadata": ["name": "s", "labels": ["a": "\"b\""]], "data": ["other\"": "eA=="],
            "type": "Opaque",
        ]
        let bytes = Array(Self.bytes.prefix(count))
        let value = SecretValue(object, key: "tfstate", bytes: bytes)
        var expected = object
        var data = object["data"] ?? [:]
        data["tfstate"] = .string(Base64.encode(bytes))
        expected["data"] = data
        #expect(try JSON(parsing: value.json) == expected)
        let back = try SecretValue(parsing: value.json, key: "tfstate")
        #expect(back.bytes == bytes)
        #expect(back.object == object)
    }

    @Test func writesASecretWithoutAValue() throws {
        #expect(SecretValue([:], key: "k", bytes: nil).json == Array(#"{"data":{}}"#.utf8))
        #expect(SecretValue(["a": 1], key: "k", bytes: nil).json == Array(#"{"a":1,"data":{}}"#.utf8))
        // What the object itself has under the key is not the value.
        let stale = SecretValue(["data": ["k": "eA==", "o": "eQ=="]], key: "k", bytes: nil)
        #expect(stale.json == Array(#"{"data":{"o":"eQ=="}}"#.utf8))
    }

    @Test(arguments: [
        (#"{"data":{"k":"QUJD"}}"#, "ABC"), (#"{"data":{"k":"QU\u004aD"}}"#, "ABC"),
        (#"{"data":{"k":"QU\nJD"}}"#, "ABC"),
        (#"{"data":{"k":"eA==","k":"QUJD"}}"#, "ABC"), (#"{"data":{"k":""}}"#, ""),
        (#"{"data":{"k":"QUJD"},"data":{"o":""}}"#, nil), (#"{"data":{"o":""}}"#, nil), ("{}", nil),
        (#"{"data":null}"#, nil), (#"{"data":{"k":null}}"#, nil),
    ])
    func reads(_ text: String, expected: String?) throws {
        let value = try SecretValue(parsing: Array(text.utf8), key: "k")
        #expect(value.bytes == expected.map { Array($0.utf8) })
        #expect(value.object["data"]?["k"] == nil)
    }

    @Test(arguments: [
        #"{"data":{"k":"QU\u0000D"}}"#, #"{"data":{"k":"QUJ"}}"#, #"{"data":{"k":"ü"}}"#, #"{"data":{"k":"QUJD"#, "",
    ])
    func refuses(_ text: String) {
        #expect(throws: (any Error).self) { try SecretValue(parsing: Array(text.utf8), key: "k") }
    }

    @Test func sendsWithoutAskingForItBack() async throws {
        let transport = ScriptedTransport([
            .status(201, body: #"{"kind":"PartialObjectMetadata","metadata":{"resourceVersion":"7"}}"#),
            .status(200, body: #"{"metadata":{"resourceVersion":"8"},"data":{"k":"QUJD"}}"#), .status(200, body: "[]"),
        ])
        let client = KubernetesClient(
            connection: try ClusterConnection(server: "https://cluster.test:6443", description: "test"),
            transport: transport)
        var secret = SecretValue(["metadata": ["name": "s"]], key: "k", bytes: Array("ABC".utf8))
        #expect(try await client.create(secret, namespace: "n") == ["resourceVersion": "7"])
        #expect(
            transport.requests[0].headers.contains { $0.value.hasPrefix("application/json;as=PartialObjectMetadata") })
        #expect(transport.requests[0].body == secret.json)
        let unread = await #expect(throws: KubernetesError.self) { try await client.update(secret, namespace: "n") }
        #expect(unread?.code == .missingResourceVersion)
        secret.object["metadata"] = ["name": "s", "resourceVersion": "7"]
        // A cluster that gives the whole object is understood too.
        #expect(try await client.update(secret, namespace: "n") == ["resourceVersion": "8"])
        let odd = await #expect(throws: KubernetesError.self) { try await client.update(secret, namespace: "n") }
        #expect(odd?.code == .badResponse)
        #expect(odd?.mayHaveHappened == true)
        #expect(
            transport.requests.map(\.path) == ["/api/v1/namespaces/n/secrets"]
                + Array(repeating: "/api/v1/namespaces/n/secrets/s", count: 2))
    }
}
