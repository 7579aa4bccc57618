import OrderedJSON
import Testing

@testable import KubernetesAPI

/// The typed calls, against a script.
@Suite struct KubernetesClientTests {
    private func client(_ steps: [ScriptedTransport.Step]) throws -> (KubernetesClient, ScriptedTransport) {
        let transport = ScriptedTransport(steps)
        let connection = try ClusterConnection(server: "https://cluster.test:6443", description: "test")
        return (KubernetesClient(connection: connection, transport: transport), transport)
    }

    @Test func getsAnObject() async throws {
        let (client, transport) = try client([.status(200, body: #"{"kind":"Secret"}"#)])
        #expect(try await client.get(.secret, namespace: "n", name: "s") == ["kind": "Secret"])
        #expect(transport.requests[0].path == "/api/v1/namespaces/n/secrets/s")
        #expect(transport.requests[0].verb == .get)
    }

    @Test(arguments: [
        (401, "Unauthorized", KubernetesError.Code.unauthorized), (403, "Forbidden", .forbidden),
        (404, "NotFound", .notFound), (409, "AlreadyExists", .alreadyExists), (409, "Conflict", .conflict),
        (410, "Expired", .expired), (422, "Invalid", .invalid), (400, "BadRequest", .invalid),
        (413, "RequestEntityTooLarge", .tooLarge), (429, "TooManyRequests", .tooManyRequests),
        (500, "InternalError", .server), (503, "", .server),
    ])
    func turnsStatusesIntoErrors(code: Int, reason: String, expected: KubernetesError.Code) async throws {
        let status = Status(code: code, reason: reason, message: "the message")
        let (client, _) = try client([.status(code, body: status.json.text)])
        let error = await #expect(throws: KubernetesError.self) {
            try await client.get(.lease, namespace: "n", name: "l")
        }
        #expect(error?.code == expected)
        #expect(error?.status == status)
        #expect(
            error?.description.hasPrefix("GET leases/l in namespace n at https://cluster.test:6443: the message")
                == true)
    }

    @Test func saysWhenAnAnswerIsNotOfTheAPI() async throws {
        let (client, _) = try client([
            .status(502, [("Content-Type", "text/html")], body: "<html>"), .status(200, body: "hello"),
            .status(302),
        ])
        func error() async -> KubernetesError? {
            await #expect(throws: KubernetesError.self) { try await client.get(.secret, namespace: "n", name: "s") }
        }
        let proxy = await error()
        #expect(proxy?.code == .server)
        #expect(proxy?.cause == "the server answered 502 without a Kubernetes Status (text/html)")
        #expect(await error()?.code == .badResponse)
        #expect(await error()?.code == .badResponse)
    }

    @Test func neverOverwritesUnguarded() async throws {
        let (client, transport) = try client([.status(200, body: "{}")])
        let error = await #expect(throws: KubernetesError.self) {
            try await client.update(.secret, namespace: "n", ["metadata": ["name": "s", "resourceVersion": ""]])
        }
        #expect(error?.code == .missingResourceVersion)
        #expect(transport.count == 0)
        _ = try await client.update(.secret, namespace: "n", ["metadata": ["name": "s", "resourceVersion": "7"]])
        #expect(transport.requests[0].verb == .put)
        #expect(transport.requests[0].path == "/api/v1/namespaces/n/secrets/s")
    }

    @Test func createsObjectsAndSubresources() async throws {
        let (client, transport) = try client([.status(201, body: "{}"), .status(201, body: "{}")])
        _ = try await client.create(.secret, namespace: "n", ["metadata": ["name": "s"]])
        _ = try await client.create(.serviceAccount, namespace: "n", subresourceOf: ("a", "token"), ["spec": [:]])
        #expect(transport.requests[0].path == "/api/v1/namespaces/n/secrets")
        #expect(transport.requests[0].headers.contains { $0 == ("Content-Type", "application/json") })
        #expect(transport.requests[1].path == "/api/v1/namespaces/n/serviceaccounts/a/token")
        #expect(transport.requests[1].body == Array(#"{"spec":{}}"#.utf8))
    }

    @Test func deletesWithPreconditions() async throws {
        let (client, transport) = try client([.status(200, body: "{}"), .status(200, body: "{}")])
        try await client.delete(.secret, namespace: "n", name: "s")
        try await client.delete(.secret, namespace: "n", name: "s", resourceVersion: "3", uid: "u")
        #expect(transport.requests[0].body == nil)
        let options = try JSON(parsing: try #require(transport.requests[1].body))
        #expect(options["preconditions"] == ["uid": "u", "resourceVersion": "3"])
    }

    @Test(arguments: ["", "..", "a/b", "a?b", "ä", "."])
    func refusesWhatIsNoName(name: String) async throws {
        let (client, transport) = try client([])
        let error = await #expect(throws: KubernetesError.self) {
            try await client.delete(.secret, namespace: "n", name: name)
        }
        #expect(error?.code == .invalid)
        #expect(transport.count == 0)
    }

    @Test func listsPageByPage() async throws {
        let (client, transport) = try client([
            .status(200, body: #"{"metadata":{"continue":"a+b"},"items":[{"n":1},{"n":2}]}"#),
            .status(200, body: #"{"metadata":{"continue":"c"},"items":[]}"#),
            .status(200, body: #"{"metadata":{},"items":[{"n":3}]}"#),
        ])
        var iterator = client.list(.secret, namespace: "n", labelSelector: "a=b,!c", limit: 2).makeAsyncIterator()
        #expect(try await iterator.next() == ["n": 1])
        #expect(try await iterator.next() == ["n": 2])
        #expect(transport.count == 1)
        #expect(try await iterator.next() == ["n": 3])
        #expect(try await iterator.next() == nil)
        let paths = transport.requests.map(\.path)
        #expect(paths[0] == "/api/v1/namespaces/n/secrets?labelSelector=a%3Db%2C%21c&limit=2")
        #expect(paths[1] == "/api/v1/namespaces/n/secrets?labelSelector=a%3Db%2C%21c&limit=2&continue=a%2Bb")
    }

    @Test func listsNothing() async throws {
        let (client, _) = try client([.status(200, body: #"{"items":null}"#), .status(200, body: "{}")])
        #expect(try await client.list(.secret, namespace: nil).all().isEmpty)
        let error = await #expect(throws: KubernetesError.self) {
            try await client.list(.secret, namespace: nil).all()
        }
        #expect(error?.code == .badResponse)
    }

    @Test func boundsBodies() async throws {
        let response = APIResponse(status: 200, body: APIResponseBody(Array(repeating: 0, count: 11)))
        #expect(try await response.collect(upTo: 11).count == 11)
        let error = await #expect(throws: KubernetesError.self) { try await response.collect(upTo: 10) }
        #expect(error?.code == .badResponse)
    }

    @Test func logsNoQueryValues() {
        #expect(LoggingTransport.loggable("/api/v1/x?continue=secret&limit=5") == "/api/v1/x?continue&limit")
        #expect(LoggingTransport.loggable("/api/v1/x") == "/api/v1/x")
    }
}
