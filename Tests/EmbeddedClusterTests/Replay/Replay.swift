@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import Testing

/// Sends recorded requests to a cluster and compares its answers with those of the real server.
struct Replay {
    let cluster: TestCluster
    /// The token of the ServiceAccount that some exchanges were recorded with.
    var accountToken = ""
    private var substitutions = Substitutions()
    /// The tags that our answers had, by path.
    private var tags: [String: String] = [:]

    init(_ cluster: TestCluster) { self.cluster = cluster }

    mutating func send(_ recorded: RecordedExchange) async throws {
        let answer = try await cluster.send(
            recorded.method, substitutions.apply(path: recorded.path), as: sender(recorded),
            headers: headers(recorded), body: try await body(recorded))
        #expect(answer.status == recorded.status, "\(recorded.title): \(answer.text.prefix(2000))")
        for (name, value) in recorded.responseHeaders {
            if name == "etag" {
                tags[recorded.path] = answer.header(name)
                #expect(answer.header(name)?.count == value.count, "\(recorded.title): ETag")
            } else {
                #expect(answer.header(name) == value, "\(recorded.title): \(name)")
            }
        }
        guard answer.status == recorded.status else { return }
        try compare(recorded, answer)
    }

    private func sender(_ recorded: RecordedExchange) -> TestCluster.Sender {
        switch recorded.sender {
        case "admin": .administrator
        case "anonymous": .anonymous
        case "an invalid bearer token": .token("not-a-token")
        default: .token(accountToken)
        }
    }

    /// The recordings leave out some headers that follow from what was typed or answered.
    private func headers(_ recorded: RecordedExchange) -> [String: String] {
        var headers = recorded.requestHeaders
        if let user = recorded.step.firstMatch(of: /--as=([^ ]+)/) { headers["impersonate-user"] = String(user.1) }
        if recorded.status == 304 { headers["if-none-match"] = tags[recorded.path] }
        return headers
    }

    private func body(_ recorded: RecordedExchange) async throws -> [UInt8]? {
        guard let body = recorded.requestBody else { return nil }
        if body.isCut { return try await completed(body, recorded) }
        guard let json = try? JSON(parsing: body.bytes) else { return body.bytes }
        return substitutions.apply(json).bytes
    }

    /// A body of which the recording has the beginning only, made as long as it was.
    ///
    /// For a new object the data come last, so that the rest is more of them. A changed one is the object as it is, with as
    /// much of the new data as there is.
    private func completed(_ body: RecordedExchange.Text, _ recorded: RecordedExchange) async throws -> [UInt8] {
        let cut = try #require(CutJSON(body.bytes), "\(recorded.title): where the body was cut")
        let missing = (body.fullLength ?? 0) - body.bytes.count - cut.closing.utf8.count
        guard recorded.method == "PUT" else {
            // The data were the letter x, over and over.
            let start = cut.json["data"]?.object?.values.first?.string?.utf8.count ?? 0
            let filler = (0..<missing - 2).map { Array("eHh4".utf8)[(start + $0) % 4] }
            return body.bytes + filler + Array("==\(cut.closing)".utf8)
        }
        var object = try await cluster.send("GET", recorded.path).json
        var data = cut.json["data"]?.object ?? [:]
        for (key, value) in data {
            let text = value.string ?? ""
            data[key] = .string(text.prefix(text.count / 4 * 4) + String(repeating: "QUJD", count: 6000))
        }
        object["data"] = .object(data)
        return object.bytes
    }

    private mutating func compare(_ recorded: RecordedExchange, _ answer: TestCluster.Answer) throws {
        if let deviation = Deviation.of(recorded) { return try deviation.check(recorded, answer) }
        if recorded.responseBody.bytes.starts(with: Array("k8s\0".utf8)) {
            return compare(
                try Self.json(ofProtobuf: recorded.responseBody.bytes), try Self.json(ofProtobuf: answer.body), recorded
            )
        }
        if recorded.responseBody.isCut { return try compareCut(recorded, answer) }
        let (lines, others) = (Self.lines(recorded.responseBody.bytes), Self.lines(answer.body))
        #expect(lines.count == others.count, "\(recorded.title): lines")
        for (line, other) in zip(lines, others) {
            guard let expected = try? JSON(parsing: line) else {
                #expect(
                    String(decoding: other, as: UTF8.self) == String(decoding: line, as: UTF8.self), "\(recorded.title)"
                )
                continue
            }
            compare(expected, try JSON(parsing: other), recorded)
        }
    }

    /// The text, not the value: fields come in the same order, too.
    private mutating func compare(_ expected: JSON, _ actual: JSON, _ recorded: RecordedExchange) {
        let actual = Deviation.withoutDefaultAccounts(actual, recorded)
        substitutions.learn(expected, actual)
        let expected = substitutions.apply(expected.withoutManagedFields).text
        #expect(
            Self.withoutRevisions(actual.withoutManagedFields.text) == Self.withoutRevisions(expected),
            "\(recorded.title)")
    }

    private mutating func compareCut(_ recorded: RecordedExchange, _ answer: TestCluster.Answer) throws {
        let cut = try #require(CutJSON(recorded.responseBody.bytes), "\(recorded.title): where the answer was cut")
        let actual = try answer.json
        substitutions.learn(cut.json, actual)
        let expected = substitutions.apply(cut.json.withoutManagedFields).text.dropLast(cut.closing.count)
        let text = actual.withoutManagedFields.text
        #expect(text.prefix(expected.count) == expected, "\(recorded.title)")
    }

    /// That the decoder reads what a real server wrote has tests of its own.
    private static func json(ofProtobuf bytes: [UInt8]) throws -> JSON {
        let document = try ProtobufDocument(parsing: bytes)
        let object = try ProtobufDecoder.object(document.message[...], Schema.type(document.kind))
        return ["kind": .string(document.kind), "apiVersion": .string(document.apiVersion), "object": object]
    }

    /// A watch answers with a line an event.
    private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    /// Messages name revisions that are other in each run.
    private static func withoutRevisions(_ text: String) -> String {
        text.replacing(/too old resource version: 1 \([0-9]+\)/, with: "too old resource version: 1")
            .replacing(/Too large resource version: ([0-9]+), current: [0-9]+/, with: "Too large resource version")
    }
}
