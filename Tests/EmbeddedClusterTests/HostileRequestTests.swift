@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

/// Requests that are HTTP and make no sense.
@Suite(.timeLimit(.minutes(20))) struct HostileRequestTests {
    @Test(
        arguments: [
            ("", 400), ("{", 400), ("nul", 400), ("[]", 400), ("\"x\"", 400), ("{\"metadata\":{\"name\":\"a\"}}x", 400),
            ("{\"metadata\":{\"name\":\"a\",}}", 400), ("{'metadata':{}}", 400), ("{\"metadata\":{\"name\":01}}", 400),
            ("{\"metadata\":{\"name\":\"\\ud800\"}}", 400), ("{\"metadata\":{\"name\":\"a\nb\"}}", 400),
            ("{\"metadata\":{\"name\":\"a\\u0000b\"}}", 422), ("{\"metadata\":{\"name\":\"../a\"}}", 422),
            ("{\"metadata\":{\"name\":\"..\"}}", 422), ("{\"metadata\":{\"name\":\"a/b\"}}", 422),
            ("{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"a\\u0000\"}}}", 422),
            ("{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\\u0000\":\"a\"}}}", 422),
            ("{\"metadata\":{\"name\":\"a\"},\"data\":{\"..\":\"\"}}", 422),
            ("{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\\u0000\":\"\"}}", 422),
            ("{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"not base64\"}}", 400),
            ("{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\\u0000\"}}", 400),
        ] as [(String, Int)])
    func aBodyThatIsNoSecretIsRefused(body: String, status: Int) async throws {
        try await withTestCluster { try await expectRefusal(of: body, status: status, by: $0) }
    }

    @Test func aBodyThatIsNestedTooDeeplyIsRefused() async throws {
        @Sendable func deep(_ text: String) -> String { String(repeating: text, count: 10_000) }
        try await withTestCluster { cluster in
            for body in [deep("["), deep("[") + deep("]"), "{\"metadata\":" + deep("{\"a\":") + "1" + deep("}") + "}"] {
                try await expectRefusal(of: body, status: 400, by: cluster)
            }
        }
    }

    private func expectRefusal(of body: String, status: Int, by cluster: TestCluster) async throws {
        let answer = try await cluster.send("POST", secrets, body: Array(body.utf8))
        #expect(answer.status == status, "\(answer.text)")
        #expect(try answer.json["kind"]?.string == "Status")
        #expect(try answer.json["message"]?.string?.isEmpty == false)
        #expect(answer.text.utf8.count < 4096)
        #expect(try await cluster.goesOn())
    }

    @Test func bytesThatAreNoTextAreRefused() async throws {
        try await withTestCluster { cluster in
            let invalid = Array("{\"metadata\":{\"name\":\"".utf8) + [0xC3, 0x28] + Array("\"}}".utf8)
            for bytes in [[0xFF, 0xFE], invalid] {
                let answer = try await cluster.send("POST", secrets, body: bytes)
                #expect(answer.status == 400)
            }
            #expect(try await cluster.goesOn())
        }
    }

    @Test func whatIsGivenTwiceIsSaid() async throws {
        try await withTestCluster { cluster in
            let body = Array(#"{"metadata":{"name":"a","name":"b"}}"#.utf8)
            let strict = try await cluster.send("POST", "\(secrets)?fieldValidation=Strict", body: body)
            #expect(strict.status == 400)
            #expect(strict.text.contains(#"duplicate field \"metadata.name\""#))
            let lax = try await cluster.send("POST", secrets, body: body)
            #expect(lax.status == 201)
            #expect(lax.header("Warning")?.contains("duplicate field") == true)
        }
    }

    @Test func aNULInATextThatMayHoldAnythingIsKept() async throws {
        try await withTestCluster { cluster in
            let object: JSON = ["metadata": ["name": "a", "annotations": ["k": "x\0y"]], "stringData": ["k": "x\0y"]]
            #expect(try await cluster.send("POST", secrets, object).status == 201)
            let read = try await cluster.send("GET", "\(secrets)/a").json
            #expect(read["metadata"]?["annotations"]?["k"] == "x\0y")
            #expect(read["data"]?["k"] == "eAB5")
        }
    }

    @Test func pathsThatLeadElsewhereLeadNowhere() async throws {
        try await withTestCluster { cluster in
            try await cluster.store.add("a", namespace: "default")
            for (name, message) in [
                ("..", #"Name parameter invalid: "..": may not be '..'"#),
                ("%2e%2E", #"Name parameter invalid: "..": may not be '..'"#),
                (".", #"Name parameter invalid: ".": may not be '.'"#),
                ("x%2Fa", #"Name parameter invalid: "x/a": may not contain '/'"#),
                ("..%2fsecrets%2Fa", #"Name parameter invalid: "../secrets/a": may not contain '/'"#),
                ("a%25", #"Name parameter invalid: "a%": may not contain '%'"#),
                ("a%00", "the path and the query of a request may not contain NUL bytes"),
                ("a%zz", "the path of the request has an escape that is none, or is not UTF-8"),
                ("a%", "the path of the request has an escape that is none, or is not UTF-8"),
                ("%ff", "the path of the request has an escape that is none, or is not UTF-8"),
            ] {
                for method in ["GET", "PUT", "DELETE"] {
                    let answer = try await cluster.raw(method, "\(secrets)/\(name)")
                    #expect(answer.contains("HTTP/1.1 400 "), "\(method) \(name)")
                    #expect(answer.contains(JSON.string(message).text), "\(method) \(name): \(answer)")
                }
            }
            for path in [
                "/api/v1/namespaces/../secrets", "/api/v1/namespaces/default/../default/secrets/a", "//api/v1/secrets",
                "/api/v1//secrets", "/api/v1/namespaces//secrets/a", "/../etc/passwd",
                "/api/v1/namespaces/default/secrets/a/../a",
            ] {
                let answer = try await cluster.raw("GET", path)
                #expect(["404", "400", "200"].contains { answer.hasPrefix("HTTP/1.1 \($0) ") }, "\(path): \(answer)")
                #expect(!answer.contains(#""name":"a""#), "\(path)")
            }
            #expect(try await cluster.goesOn(secrets: 1))
        }
    }

    @Test(arguments: [
        "fieldSelector=metadata.name%3Da%00b", "labelSelector=a%3Db%00c", "labelSelector=%00", "continue=%00",
        "limit=%00", "%00=1",
    ])
    func aNULInTheQueryIsRefused(query: String) async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("GET", "\(secrets)?\(query)")
            #expect(answer.status == 400)
            #expect(answer.text.contains("NUL"))
        }
    }

    @Test func longQueriesAreAnswered() async throws {
        try await withTestCluster { cluster in
            try await cluster.store.add("a", namespace: "default", labels: ["k": "v7"])
            let requirements = (0..<2000).map { "k!%3Dx\($0)" }.joined(separator: ",")
            let values = (0..<9000).map { "v\($0)" }.joined(separator: ",")
            for (query, count) in [
                ("labelSelector=\(requirements)", 1), ("labelSelector=\(requirements),k%3Dv7", 1),
                ("labelSelector=\(requirements),k%3Dother", 0), ("labelSelector=k%20in%20(\(values))", 1),
                ("labelSelector=k%20notin%20(\(values))", 0), ("limit=10&labelSelector=\(requirements)", 1),
                ("x=\(String(repeating: "y", count: 60_000))", 1),
                (String(repeating: "&", count: 60_000), 1),
                ((0..<7000).map { "a\($0)=1" }.joined(separator: "&"), 1),
            ] {
                let answer = try await cluster.send("GET", "\(secrets)?\(query)")
                #expect(answer.status == 200, "\(query.prefix(60)): \(answer.text)")
                #expect(try answer.json["items"]?.array?.count == count, "\(query.prefix(60))")
            }
            let tooLong = try await cluster.send("GET", "\(secrets)?x=\(String(repeating: "y", count: 100_000))")
            #expect(tooLong.status == 431)
            let fields = (0..<2000).map { "metadata.name!%3Dx\($0)" }.joined(separator: ",")
            #expect(try await cluster.send("GET", "\(secrets)?fieldSelector=\(fields)").status == 200)
        }
    }
}

extension TestCluster {
    /// Sends a path that a proper client would tidy up first.
    func raw(_ method: String, _ path: String) async throws -> String {
        try await exchange(head("\(method) \(path) HTTP/1.1", "Content-Length: 0", "Connection: close") + "\r\n")
    }
}
