@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

@Suite struct ProtobufTests {
    private static let names = recordedProtobuf.indices.map { recordedProtobuf[$0].name }

    /// Read as a request is, kept as JSON, and written again: not a byte is different.
    @Test(arguments: names) func whatWasRecordedIsReadAndWrittenAlike(name: String) throws {
        let recorded = try #require(recordedProtobuf.first { $0.name == name })
        let bytes = try Base64.decode(recorded.document)
        let document = try ProtobufDocument(parsing: bytes)
        #expect(document.kind == recorded.kind)
        let type = Schema.type(recorded.kind)
        var reader = ObjectReader()
        let kept = try reader.read(try ProtobufDecoder.object(document.message[...], type), as: type)
        #expect(reader.unknownFields.isEmpty)
        let written = ProtobufDocument(
            apiVersion: document.apiVersion, kind: document.kind, message: ProtobufEncoder.message(kept, type))
        #expect(written.bytes == bytes)
    }

    /// Every field of every type, with something in it, comes through protobuf as it was.
    @Test func everyTypePassesThroughProtobuf() throws {
        for (name, type) in try SchemaText(Schema.texts).all {
            let object = Self.example(type)
            let message = ProtobufEncoder.message(object, type)
            #expect(try ProtobufDecoder.object(message[...], type) == object, "\(name)")
            // What is empty is written in full, and read as empty.
            var reader = ObjectReader()
            let empty = try ProtobufDecoder.object(ProtobufEncoder.message([:], type)[...], type)
            #expect(try reader.read(empty, as: type).text == type.zero.text, "\(name)")
        }
    }

    private static func example(_ type: ObjectType) -> JSON {
        .object(JSONObject(type.fields.map { ($0.name, example($0.type)) }))
    }

    private static func example(_ type: FieldType) -> JSON {
        switch type {
        case .string: "text"
        case .int32: -7
        case .int64: 1_234_567_890_123
        case .boolean: true
        case .time: "2026-11-23T23:30:33Z"
        case .microTime: "2026-11-23T23:30:33.250000Z"
        case .bytes: "Yg=="
        case .quantity: "500m"
        case .intOrString: 8080
        case .any: ["f:a": [:]]
        case .list(let element): [example(element), example(element)]
        case .map(let element): ["a": example(element), "b": example(element)]
        case .object(let type): example(type)
        }
    }

    @Test(
        arguments: [
            ([], "empty data"),
            (
                [0x6B, 0x38, 0x73, 1, 2],
                "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
            ),
            ([0x6B, 0x38, 0x73, 0], "empty body"),
            ([0x6B, 0x38, 0x73, 0, 0x0A, 0x05], "unexpected EOF"),
            ([0x6B, 0x38, 0x73, 0, 0x08, 0x05], "proto: wrong wireType = 0 for field TypeMeta"),
            ([0x6B, 0x38, 0x73, 0, 0x0C], "proto: Unknown: wiretype end group for non-group"),
            ([0x6B, 0x38, 0x73, 0, 0x02, 0x00], "proto: Unknown: illegal tag 0 (wire type 2)"),
            ([0x6B, 0x38, 0x73, 0, 0x0F], "proto: illegal wireType 7"),
            ([0x6B, 0x38, 0x73, 0] + [UInt8](repeating: 0xFF, count: 11), "proto: integer overflow"),
            (
                [0x6B, 0x38, 0x73, 0, 0x12] + [UInt8](repeating: 0xFF, count: 9) + [1],
                "proto: negative length found during unmarshaling"
            ),
        ] as [([UInt8], String)])
    func whatIsNoDocumentIsRefused(bytes: [UInt8], message: String) {
        #expect(throws: ProtobufReader.Failure(message: message)) { try ProtobufDocument(parsing: bytes) }
    }

    @Test func groupsInGroupsAreRefused() {
        whatIsNoDocumentIsRefused(
            bytes: [0x6B, 0x38, 0x73, 0] + [UInt8](repeating: 0x2B, count: 5000),
            message: "proto: groups are nested too deeply")
    }

    /// Whatever is done to a document, it is read or refused.
    @Test func damagedDocumentsNeverTrap() throws {
        var random = SeededRandom(seed: 2026)
        for recorded in recordedProtobuf {
            let bytes = try Base64.decode(recorded.document)
            let type = Schema.type(recorded.kind)
            for _ in 0..<2000 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let index = Int.random(in: 4..<damaged.count, using: &random)
                    switch UInt8.random(in: 0..<4, using: &random) {
                    case 0: damaged[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: damaged.insert(0xFF, at: index)
                    case 2 where damaged.count > 6: damaged.remove(at: index)
                    default: damaged[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    }
                }
                do {
                    let document = try ProtobufDocument(parsing: damaged)
                    var reader = ObjectReader()
                    _ = try reader.read(try ProtobufDecoder.object(document.message[...], type), as: type)
                } catch is ProtobufReader.Failure {
                } catch is ObjectReader.Failure {
                }
            }
        }
    }

    private struct SeededRandom: RandomNumberGenerator {
        var state: UInt64

        init(seed: UInt64) { state = seed }

        /// Source: Sebastiano Vigna, SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
