@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

/// Bodies in YAML and protobuf that are none, or too much.
@Suite(.timeLimit(.minutes(20))) struct HostileFormsTests {
    @Test(arguments: [
        "metadata: [", "metadata: {name: a", "a: b: c", "\tmetadata: x", "- a\nb", "&a [*a]", "x: *nowhere",
        "%YAML 9\n",
        "metadata: {name: \"a\\x00b\"}", "? [a]\n: b", "a: !!int x\n  b", "a\0b: c", "--- a\n--- b\n",
        "metadata:\n  name: a\n  name: b\n  name",
    ])
    func yamlThatIsNoSecretIsRefused(text: String) async throws {
        try await expectRefusal(Array(text.utf8), "application/yaml")
    }

    @Test(
        arguments: [
            [], [0x6B], [0x6B, 0x38, 0x73, 0], [0x6B, 0x38, 0x73, 0, 0xFF], [0, 0, 0, 0, 0x0A, 0x00],
            // Lengths beyond the end, beyond Int, and negative; a tag of none; an endless number; groups.
            [0x6B, 0x38, 0x73, 0, 0x0A, 0x7F],
            [0x6B, 0x38, 0x73, 0, 0x12] + [UInt8](repeating: 0xFF, count: 9) + [0x01],
            [0x6B, 0x38, 0x73, 0, 0x12] + [UInt8](repeating: 0xFF, count: 8) + [0x7F],
            [0x6B, 0x38, 0x73, 0, 0x00, 0x00],
            [0x6B, 0x38, 0x73, 0] + [UInt8](repeating: 0xFF, count: 20), [0x6B, 0x38, 0x73, 0, 0x2C],
        ] as [[UInt8]])
    func protobufThatIsNoSecretIsRefused(bytes: [UInt8]) async throws {
        try await expectRefusal(bytes, "application/vnd.kubernetes.protobuf")
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func yamlThatIsNestedTooDeeplyIsRefused(level: String) async throws {
        try await expectRefusal(Array(String(repeating: level, count: 10_000).utf8), "application/yaml")
    }

    @Test(arguments: [[0x2B], [0x12, 0x7E], [0xFF]] as [[UInt8]])
    func protobufThatRepeatsItselfIsRefused(piece: [UInt8]) async throws {
        let body: [UInt8] = [0x6B, 0x38, 0x73, 0] + repeatElement(piece, count: 10_000).joined()
        try await expectRefusal(body, "application/vnd.kubernetes.protobuf")
    }

    private func expectRefusal(_ body: [UInt8], _ type: String) async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("POST", secrets, headers: ["Content-Type": type], body: body)
            #expect([400, 422].contains(answer.status), "\(answer.text)")
            #expect(try answer.json["message"]?.string?.isEmpty == false)
            #expect(answer.body.count < 4096)
            #expect(try await cluster.goesOn())
        }
    }

    /// What a message says again and again is added to, not copied each time.
    @Test func aMessageOfAHundredThousandElementsIsRead() throws {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            var length: [UInt8] = []
            var rest = content.count
            while rest > 0x7F {
                length.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            return [number << 3 | 2] + length + [UInt8(rest)] + content
        }
        let count = 100_000
        let labels = (0..<count).flatMap { field(11, field(1, Array("\($0)".utf8))) }
        let finalizers = (0..<count).flatMap { _ in [14 << 3 | 2, 0] as [UInt8] }
        let again = (0..<count).flatMap { field(1, field(12, field(1, Array("\($0)".utf8)))) }
        let message = field(1, labels + finalizers) + again
        let secret = try ProtobufDecoder.object(message[...], Schema.type("Secret"))
        #expect(secret["metadata"]?["labels"]?.object?.count == count)
        #expect(secret["metadata"]?["finalizers"]?.array?.count == count)
        #expect(secret["metadata"]?["annotations"]?.object?.count == count)
    }
}
