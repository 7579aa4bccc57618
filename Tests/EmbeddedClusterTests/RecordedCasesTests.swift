@testable import EmbeddedCluster
import OrderedJSON
import TestScopes
import Testing

/// One exchange with a real API server.
private struct RecordedCase {
    let name: String
    let sender: String
    let method: String
    let path: String
    let headers: [String: String]
    let body: String?
    let status: Int
    let contentType: String?
    let answer: String

    init(_ json: JSON) {
        name = json["case"]?.string ?? ""
        sender = json["as"]?.string ?? ""
        method = json["method"]?.string ?? ""
        path = json["path"]?.string ?? ""
        headers = json["requestHeaders"]?.strings ?? [:]
        body = json["requestBody"]?.string
        status = json["status"]?.int ?? 0
        contentType = json["contentType"]?.string
        answer = json["responseBody"]?.string ?? ""
    }
}

/// What the real server made up, and what ours made up in its place.
private struct Substitutions {
    private static let inventedFields: Set<String> = [
        "uid", "resourceVersion", "creationTimestamp", "expirationTimestamp", "continue", "token",
    ]
    private(set) var pairs: [String: String] = [:]

    /// Goes through both answers side by side and notes what stands for what.
    mutating func learn(_ recorded: JSON, _ actual: JSON) {
        switch (recorded, actual) {
        case (.object(let members), .object(let others)):
            for (key, value) in members {
                guard let other = others[key] else { continue }
                if let text = value.string, let made = other.string,
                    Self.inventedFields.contains(key) || (key == "name" && members["generateName"] != nil)
                {
                    pairs[text] = made
                } else if key == "authentication.kubernetes.io/credential-id", let text = value.array?.first?.string,
                    let made = other.array?.first?.string
                {
                    pairs[text] = made
                } else {
                    learn(value, other)
                }
            }
        case (.array(let elements), .array(let others)):
            for (element, other) in zip(elements, others) { learn(element, other) }
        default: break
        }
    }

    /// The recorded value with ours in the place of what was made up.
    func apply(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): .string(pairs[text] ?? text)
        case .array(let elements): .array(elements.map(apply))
        case .object(let members): .object(JSONObject(members.map { ($0.key, apply($0.value)) }))
        default: json
        }
    }

    func apply(path: String) -> String {
        pairs.reduce(path) { path, pair in
            path.replacing("continue=\(pair.key)", with: "continue=\(pair.value)")
                .replacing("resourceVersion=\(pair.key)&", with: "resourceVersion=\(pair.value)&")
        }
    }
}

@Suite struct RecordedCasesTests {
    @Test func answersAsARealServerDid() async throws {
        // The time stands still, so that ages in tables are those of the recording.
        try await withTestCluster(clock: HandClock().clock) { cluster in
            try await cluster.prepareRunnerNamespace()
            let token = try await cluster.token("humanitec-runner", "humanitec-runner")
            var substitutions = Substitutions()
            for line in recordedCases.split(separator: "\n") {
                let recorded = RecordedCase(try JSON(parsing: String(line)))
                let sender: TestCluster.Sender =
                    switch recorded.sender {
                    case "admin": .administrator
                    case "anonymous": .anonymous
                    case "an invalid bearer token": .token("not-a-token")
                    default: .token(token)
                    }
                var body = recorded.body
                if let text = body, let json = try? JSON(parsing: text) { body = substitutions.apply(json).text }
                let answer = try await cluster.send(
                    recorded.method, substitutions.apply(path: recorded.path), as: sender, headers: recorded.headers,
                    body: body.map { Array($0.utf8) })
                #expect(answer.status == recorded.status, "\(recorded.name): \(answer.text)")
                #expect(answer.header("Content-Type") == recorded.contentType, "\(recorded.name)")
                guard let expected = try? JSON(parsing: recorded.answer) else {
                    #expect(answer.text == recorded.answer, "\(recorded.name)")
                    continue
                }
                let actual = try answer.json
                substitutions.learn(expected, actual)
                // The text, not the value: fields come in the same order, too.
                #expect(actual.text == substitutions.apply(expected).text, "\(recorded.name)")
            }
        }
    }
}
